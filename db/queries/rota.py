"""SQL of the rota of speakers: who takes turns, the turns there are, and swaps of them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select, update

from db.queries.checkins import LEDGER_NAME
from db.queries.expectation import in_audience
from db.tables import chat, membership, person, response, study_group, study_session, swap


def has_rota(connection: Connection, group_ids: Collection[int]) -> bool:
    """Whether speakers are assigned in turn in one of these groups."""
    query = select(study_group.c.id).where(study_group.c.id.in_(group_ids), study_group.c.rota)
    return connection.execute(query.limit(1)).first() is not None


def speakers(connection: Connection, session_id: int) -> Sequence[Any]:
    """The members of its group who are expected at a session and take turns, with their chats."""
    query = (
        select(
            person.c.id,
            LEDGER_NAME.label("name"),
            membership.c.joined_at,
            person.c.chat_id,
            person.c.language,
            chat.c.state.label("chat_state"),
        )
        .select_from(study_session)
        .join(membership, membership.c.group_id == study_session.c.group_id)
        .join(person, person.c.id == membership.c.person_id)
        .outerjoin(chat, chat.c.id == person.c.chat_id)
        .where(
            study_session.c.id == session_id,
            membership.c.left_at.is_(None),
            membership.c.speaks,
            person.c.forgotten_at.is_(None),
            in_audience(),
        )
        .order_by(person.c.id)
    )
    return connection.execute(query).all()


def turns(connection: Connection, group_id: int, kinds: Collection[str], since: datetime) -> Sequence[Any]:
    """The sessions of these kinds that somebody led or is down to lead: id, person_id, starts_at."""
    query = select(study_session.c.id, study_session.c.speaker_id.label("person_id"), study_session.c.starts_at).where(
        study_session.c.group_id == group_id,
        study_session.c.kind.in_(kinds),
        study_session.c.state != "cancelled",
        study_session.c.speaker_id.is_not(None),
        study_session.c.starts_at >= since,
    )
    return connection.execute(query.order_by(study_session.c.starts_at, study_session.c.id)).all()


def away(connection: Connection, session_id: int) -> set[int]:
    """Who is on leave from a session, approved or not decided yet."""
    return {person_id for _session_id, person_id in leaves(connection, [session_id])}


def leaves(connection: Connection, session_ids: Collection[int]) -> set[tuple[int, int]]:
    """Who is on leave from which of these sessions, approved or not decided yet: session and person."""
    query = select(response.c.session_id, response.c.person_id).where(
        response.c.session_id.in_(session_ids), response.c.answer == "leave", response.c.approved.is_not(False)
    )
    return {(row.session_id, row.person_id) for row in connection.execute(query)}


def without_speaker(connection: Connection, group_id: int, kinds: Collection[str], now: datetime) -> list[int]:
    """The coming sessions of a group that nobody is down to lead, in order of time."""
    query = select(study_session.c.id).where(
        study_session.c.group_id == group_id,
        study_session.c.kind.in_(kinds),
        study_session.c.state == "scheduled",
        study_session.c.speaker_id.is_(None),
        study_session.c.starts_at > now,
    )
    return list(connection.execute(query.order_by(study_session.c.starts_at, study_session.c.id)).scalars())


def coming(
    connection: Connection, group_ids: Collection[int], kinds: Collection[str], now: datetime, limit: int
) -> Sequence[Any]:
    """The coming sessions of groups with a rota, with who is down to lead them, in order of time."""
    query = (
        select(
            study_session.c.id,
            study_session.c.title,
            study_session.c.starts_at,
            study_session.c.group_id,
            study_session.c.speaker_id,
            LEDGER_NAME.label("speaker"),
            study_group.c.name.label("group_name"),
            study_group.c.time_zone,
        )
        .join(study_group, study_group.c.id == study_session.c.group_id)
        .outerjoin(person, person.c.id == study_session.c.speaker_id)
        .where(
            study_group.c.id.in_(group_ids),
            study_group.c.rota,
            study_session.c.kind.in_(kinds),
            study_session.c.state == "scheduled",
            study_session.c.starts_at > now,
        )
    )
    return connection.execute(query.order_by(study_session.c.starts_at, study_session.c.id).limit(limit)).all()


def coming_of(connection: Connection, group_id: int, person_id: int, now: datetime) -> list[int]:
    """The coming sessions of a group that somebody is down to lead."""
    query = select(study_session.c.id).where(
        study_session.c.group_id == group_id,
        study_session.c.speaker_id == person_id,
        study_session.c.state == "scheduled",
        study_session.c.starts_at > now,
    )
    return list(connection.execute(query.order_by(study_session.c.starts_at)).scalars())


_mine, _theirs = study_session.alias("mine"), study_session.alias("theirs")
_asker, _asked = person.alias("asker"), person.alias("asked")
_asker_chat, _asked_chat = chat.alias("asker_chat"), chat.alias("asked_chat")


def _swaps() -> Select[Any]:
    return (
        select(
            swap,
            _mine.c.title.label("mine_title"),
            _mine.c.starts_at.label("mine_at"),
            _mine.c.group_id,
            _theirs.c.title.label("theirs_title"),
            _theirs.c.starts_at.label("theirs_at"),
            study_group.c.time_zone,
            study_group.c.name.label("group_name"),
            study_group.c.language.label("group_language"),
            func.coalesce(_asker.c.real_name, _asker.c.name).label("asker"),
            func.coalesce(_asked.c.real_name, _asked.c.name).label("asked"),
            _asker.c.chat_id.label("asker_chat_id"),
            _asker.c.language.label("asker_language"),
            _asker_chat.c.state.label("asker_chat_state"),
            _asked.c.chat_id.label("asked_chat_id"),
            _asked.c.language.label("asked_language"),
            _asked_chat.c.state.label("asked_chat_state"),
        )
        .select_from(swap)
        .join(_mine, _mine.c.id == swap.c.mine_id)
        .outerjoin(_theirs, _theirs.c.id == swap.c.theirs_id)
        .join(study_group, study_group.c.id == _mine.c.group_id)
        .join(_asker, _asker.c.id == swap.c.asker_id)
        .join(_asked, _asked.c.id == swap.c.asked_id)
        .outerjoin(_asker_chat, _asker_chat.c.id == _asker.c.chat_id)
        .outerjoin(_asked_chat, _asked_chat.c.id == _asked.c.chat_id)
    )


def find_swap(connection: Connection, swap_id: int, *, lock: bool = False) -> Any | None:
    """A swap with its sessions and people."""
    query = _swaps().where(swap.c.id == swap_id)
    return connection.execute(query.with_for_update(of=swap) if lock else query).one_or_none()


def swap_of(connection: Connection, swap_id: int) -> Any:
    """The same of one that there is."""
    return connection.execute(_swaps().where(swap.c.id == swap_id)).one()


def add_swap(connection: Connection, **values: Any) -> int:
    """Somebody is asked; its id."""
    return int(connection.execute(insert(swap).values(**values).returning(swap.c.id)).scalar_one())


def end_swap(connection: Connection, swap_id: int, state: str, now: datetime) -> None:
    """It was accepted, declined or withdrawn."""
    connection.execute(update(swap).where(swap.c.id == swap_id).values(state=state, decided_at=now))


def withdraw_open(connection: Connection, session_ids: Collection[int], now: datetime) -> None:
    """Whatever is still asked about these sessions is withdrawn."""
    open_one = (swap.c.state == "open") & (swap.c.mine_id.in_(session_ids) | swap.c.theirs_id.in_(session_ids))
    connection.execute(update(swap).where(open_one).values(state="withdrawn", decided_at=now))
