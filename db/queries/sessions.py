"""SQL of sessions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, func, select, update

from db.queries.checkins import roster_query
from db.queries.expectation import belongs, expected_now, held_by
from db.queries.inbox import upsert
from db.tables import (
    attendance,
    chat,
    delivery,
    material,
    membership,
    person,
    response,
    series,
    study_group,
    study_session,
)

_OF_GROUP = (
    study_group.c.name.label("group_name"),
    study_group.c.time_zone,
    study_group.c.language,
    study_group.c.chat_id,
    study_group.c.reminder_minutes,
    study_group.c.leave_minutes,
    study_group.c.nudge_minutes,
    study_group.c.quiet_from,
    study_group.c.quiet_to,
)
_SESSION = (
    select(study_session, *_OF_GROUP, chat.c.telegram_id.label("chat_telegram_id"))
    .join(study_group, study_group.c.id == study_session.c.group_id)
    .join(chat, chat.c.id == study_group.c.chat_id)
)
# Built once: /today, the most frequent command, asks them.
_COMING = (
    _SESSION.where(
        held_by(bindparam("group_ids", expanding=True)),
        study_session.c.state == "scheduled",
        study_session.c.ends_at > bindparam("since"),
    )
    .order_by(study_session.c.starts_at, study_session.c.id)
    .limit(bindparam("at_most"))
)
_COMING_FOR = _COMING.outerjoin(
    response, and_(response.c.session_id == study_session.c.id, response.c.person_id == bindparam("answered_by"))
).add_columns(response.c.answer)


def change_series(connection: Connection, series_id: int, **values: Any) -> None:
    """Change columns of a series."""
    connection.execute(update(series).where(series.c.id == series_id).values(**values))


def lock_series(connection: Connection, series_id: int) -> None:
    """Keep a series from being planned further until the transaction ends."""
    connection.execute(select(series.c.id).where(series.c.id == series_id).with_for_update())


def add_session(connection: Connection, **values: Any) -> int | None:
    """A session; its id, None where this occurrence of its series is there already."""
    statement = upsert(connection)(study_session).values(**values).on_conflict_do_nothing()
    found: int | None = connection.execute(statement.returning(study_session.c.id)).scalar()
    return found


def session(connection: Connection, session_id: int, *, lock: bool = False) -> Any | None:
    """A session with its group's name, zone, language and chat; locked, nobody else changes its state."""
    query = _SESSION.where(study_session.c.id == session_id)
    return connection.execute(query.with_for_update(of=study_session) if lock else query).one_or_none()


def share_session(connection: Connection, session_id: int) -> Any | None:
    """The same for an answer to it: many may answer at once, none while it is cancelled or closed."""
    query = _SESSION.where(study_session.c.id == session_id).with_for_update(read=True, of=study_session)
    return connection.execute(query).one_or_none()


def change_session(connection: Connection, session_id: int, **values: Any) -> None:
    """Change columns of a session."""
    connection.execute(update(study_session).where(study_session.c.id == session_id).values(**values))


def answers(connection: Connection, session_id: int) -> Any:
    """How many are going, on leave, and have not replied; a declined leave is none of them."""
    people = roster_query(session_id).subquery()
    leave = (people.c.answer == "leave") & (people.c.approved.is_(None) | people.c.approved)
    return connection.execute(
        select(
            func.count(case((people.c.answer == "going", 1))).label("going"),
            func.count(case((leave, 1))).label("leave"),
            func.count(case((people.c.answer.is_(None), 1))).label("no_reply"),
        ).select_from(people)
    ).one()


def files(connection: Connection, session_id: int) -> int:
    """How many files are handed out for a session."""
    query = select(func.count()).where(material.c.session_id == session_id, material.c.purpose == "material")
    return int(connection.execute(query).scalar_one())


def expected(connection: Connection, session_id: int) -> Sequence[Any]:
    """Everybody expected at a session with their answer and its reason, by name."""
    people = roster_query(session_id).subquery()
    given = (response.c.session_id == session_id) & (response.c.person_id == people.c.person_id)
    return connection.execute(
        select(people, response.c.reason).outerjoin(response, given).order_by(people.c.name, people.c.person_id)
    ).all()


def going_with_chats(connection: Connection, session_id: int) -> Sequence[Any]:
    """Who has answered that they are going and can be written to."""
    return connection.execute(
        select(person.c.id, person.c.chat_id, person.c.language)
        .join(response, response.c.person_id == person.c.id)
        .join(chat, chat.c.id == person.c.chat_id)
        .where(response.c.session_id == session_id, response.c.answer == "going", chat.c.state == "active")
        .order_by(person.c.id)
    ).all()


def is_reminder(connection: Connection, session_id: int, message_id: int | None) -> bool:
    """Whether this message of a session is its reminder."""
    query = select(delivery.c.id).where(
        delivery.c.session_id == session_id,
        delivery.c.kind == "group_reminder",
        delivery.c.message_id == message_id,
    )
    return message_id is not None and connection.execute(query).first() is not None


def is_reminded(connection: Connection, session_id: int, revision: int) -> bool:
    """Whether the group was reminded of a session as it stands since it was last moved."""
    query = select(delivery.c.id).where(
        delivery.c.session_id == session_id,
        delivery.c.kind == "group_reminder",
        delivery.c.dedupe_key.startswith(f"session:{session_id}:{revision}:"),
        delivery.c.state.in_(("sending", "sent", "unconfirmed")),
    )
    return connection.execute(query.limit(1)).first() is not None


def anybody_came(connection: Connection, session_id: int) -> bool:
    """Whether somebody's attendance is recorded."""
    query = select(attendance.c.id).where(attendance.c.session_id == session_id).limit(1)
    return connection.execute(query).first() is not None


def later_of_series(connection: Connection, series_id: int, starts_at: datetime) -> Sequence[Any]:
    """The sessions of a series from one on that are still to be held, locked, in order."""
    return connection.execute(
        _SESSION.where(
            study_session.c.series_id == series_id,
            study_session.c.starts_at >= starts_at,
            study_session.c.state == "scheduled",
        )
        .order_by(study_session.c.starts_at)
        .with_for_update(of=study_session)
    ).all()


def from_occurrence(connection: Connection, series_id: int, nominal_local: datetime) -> Sequence[Any]:
    """The sessions of a series from one occurrence on, whatever has become of them, locked, in order."""
    return connection.execute(
        _SESSION.where(study_session.c.series_id == series_id, study_session.c.nominal_local >= nominal_local)
        .order_by(study_session.c.nominal_local)
        .with_for_update(of=study_session)
    ).all()


def coming(connection: Connection, group_ids: Sequence[int], since: datetime, limit: int) -> Sequence[Any]:
    """The scheduled sessions of groups that end after a moment, in order."""
    return connection.execute(_COMING, {"group_ids": group_ids, "since": since, "at_most": limit}).all()


def coming_for(
    connection: Connection, person_id: int, group_ids: Sequence[int], since: datetime, limit: int
) -> Sequence[Any]:
    """The same with what somebody answered."""
    return connection.execute(
        _COMING_FOR, {"answered_by": person_id, "group_ids": group_ids, "since": since, "at_most": limit}
    ).all()


def expecting(connection: Connection, person_id: int, since: datetime, limit: int) -> Sequence[Any]:
    """The sessions that are not over and that somebody is expected at in any group, also those that were cancelled."""
    theirs = (
        select(study_session.c.id)
        .select_from(study_session)
        .join(membership, belongs())
        .where(membership.c.person_id == person_id, expected_now(), study_session.c.ends_at > since)
    )
    query = _SESSION.where(study_session.c.id.in_(theirs))
    return connection.execute(query.order_by(study_session.c.starts_at, study_session.c.id).limit(limit)).all()


def all_coming(connection: Connection, group_id: int, since: datetime, limit: int) -> Sequence[Any]:
    """The sessions of a group that are not over, also those that were cancelled."""
    query = _SESSION.where(held_by([group_id]), study_session.c.ends_at > since)
    return connection.execute(query.order_by(study_session.c.starts_at, study_session.c.id).limit(limit)).all()


def past(connection: Connection, group_id: int, now: datetime, limit: int) -> Sequence[Any]:
    """The last sessions of a group that are over or will not be held, the newest first."""
    return connection.execute(
        _SESSION.where(
            held_by([group_id]),
            (study_session.c.ends_at <= now) | (study_session.c.state != "scheduled"),
        )
        .order_by(study_session.c.starts_at.desc(), study_session.c.id.desc())
        .limit(limit)
    ).all()
