"""SQL of attendance."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, case, exists, false, func, insert, select, update

from db.queries import groups
from db.queries.expectation import belongs, groups_of, held_by, listed
from db.tables import (
    attendance,
    attendance_change,
    chat,
    delivery,
    invitation,
    membership,
    person,
    response,
    session_group,
    study_group,
    study_session,
)


@cache
def _standing(dialect: str) -> Any:
    """One look for everything a check-in is decided by.

    FOR SHARE on PostgreSQL: many may check in at once, but nobody while a leader closes the session (who locks
    the row for update). On SQLite it also tells whether an edit of the live counter waits already: there the one
    writer makes that answer good until the commit, so that a burst of check-ins asks for the edit once.
    """
    waits = func.coalesce(delivery.c.state, "") == "pending" if dialect == "sqlite" else false()
    query = (
        select(
            waits.label("live_waits"),
            study_session.c.id.label("session_id"),
            study_session.c.group_id,
            study_session.c.state,
            study_session.c.opens_at,
            study_session.c.late_from,
            study_session.c.closes_at,
            study_session.c.audience,
            study_session.c.subgroup.label("of_subgroup"),
            study_session.c.joint,
            study_group.c.chat_id,
            study_group.c.time_zone,
            chat.c.telegram_id.label("chat_telegram_id"),
            person.c.id.label("person_id"),
            person.c.name,
            person.c.language,
            membership.c.id.label("membership_id"),
            membership.c.left_at,
            membership.c.standing,
            membership.c.committee,
            membership.c.subgroup,
            attendance.c.status,
            attendance.c.at,
        )
        .select_from(study_session)
        .join(study_group, study_group.c.id == study_session.c.group_id)
        .join(chat, chat.c.id == study_group.c.chat_id)
        .outerjoin(person, person.c.telegram_id == bindparam("telegram_id"))
        .outerjoin(
            membership,
            and_(membership.c.group_id == study_session.c.group_id, membership.c.person_id == person.c.id),
        )
        .outerjoin(
            attendance,
            and_(attendance.c.session_id == study_session.c.id, attendance.c.person_id == person.c.id),
        )
    )
    if dialect == "sqlite":
        query = query.outerjoin(delivery, delivery.c.dedupe_key == bindparam("live_key"))
    return query.where(study_session.c.id == bindparam("session_id")).with_for_update(read=True, of=study_session)


_ADD = insert(attendance)
_CHANGE = insert(attendance_change)


def standing(connection: Connection, session_id: int, telegram_id: int, live_key: str) -> Any | None:
    """A session, its window and group, and how one account stands to it; None: there is no such session."""
    values = {"session_id": session_id, "telegram_id": telegram_id, "live_key": live_key}
    return connection.execute(_standing(connection.dialect.name), values).one_or_none()


_SESSION = select(
    study_session,
    study_group.c.chat_id,
    study_group.c.time_zone,
    study_group.c.language,
    study_group.c.name.label("group_name"),
).join(study_group, study_group.c.id == study_session.c.group_id)


def session(connection: Connection, session_id: int) -> Any | None:
    """The session with what its group says of place, zone and language."""
    return connection.execute(_SESSION.where(study_session.c.id == session_id)).one_or_none()


def group_name(connection: Connection, group_id: int) -> str:
    """What a group is called."""
    query = select(study_group.c.name).where(study_group.c.id == group_id)
    return str(connection.execute(query).scalar_one())


def lock_session(connection: Connection, session_id: int) -> Any | None:
    """The same, locked until the transaction ends; SQLite has one writer and needs no lock."""
    query = _SESSION.where(study_session.c.id == session_id).with_for_update(of=study_session)
    return connection.execute(query).one_or_none()


def record(connection: Connection, values: dict[str, Any], *, is_new: bool) -> None:
    """Store somebody's attendance; unique by session and person."""
    if is_new:
        connection.execute(_ADD, values)
        return
    key = (attendance.c.session_id == values["session_id"]) & (attendance.c.person_id == values["person_id"])
    connection.execute(update(attendance).where(key).values(**values))


def note_change(connection: Connection, values: dict[str, Any]) -> None:
    """Keep who changed what, when, and from what to what."""
    connection.execute(_CHANGE, values)


LEDGER_NAME = func.coalesce(person.c.real_name, person.c.name)
"""How somebody is called on lists for leaders: the name they gave for the ledger, else the one Telegram shows."""


def roster_query(session_id: int) -> Any:
    """Everybody expected at a session, or recorded there, with what they answered and what is recorded."""
    on_list = listed(session_id)
    return (
        select(
            person.c.id.label("person_id"),
            LEDGER_NAME.label("name"),
            attendance.c.status,
            attendance.c.time_uncertain,
            response.c.answer,
            response.c.approved,
        )
        .select_from(on_list)
        .join(person, person.c.id == on_list.c.person_id)
        .outerjoin(attendance, (attendance.c.session_id == session_id) & (attendance.c.person_id == person.c.id))
        .outerjoin(response, (response.c.session_id == session_id) & (response.c.person_id == person.c.id))
    )


def roster(connection: Connection, session_id: int) -> Sequence[Any]:
    """`roster_query`'s people by name."""
    return connection.execute(roster_query(session_id).order_by(LEDGER_NAME, person.c.id)).all()


def summary(connection: Connection, session_id: int) -> Any:
    """Numbers of a session for its messages: expected, by status, and uncertain times."""
    people = roster_query(session_id).subquery()
    status = people.c.status
    return connection.execute(
        select(
            func.count(case((func.coalesce(status, "") != "sitting_in", 1))).label("expected"),
            func.count(case((status == "present", 1))).label("present"),
            func.count(case((status == "late", 1))).label("late"),
            func.count(case((status == "left_early", 1))).label("left_early"),
            func.count(case((status == "excused", 1))).label("excused"),
            func.count(case((status == "absent", 1))).label("absent"),
            func.count(case((status == "sitting_in", 1))).label("sitting_in"),
            func.count(case((status.is_(None), 1))).label("unrecorded"),
            func.count(case((people.c.time_uncertain, 1))).label("uncertain"),
        ).select_from(people)
    ).one()


def finish_session(connection: Connection, session_id: int, now: datetime, person_id: int) -> None:
    """The session is closed."""
    connection.execute(
        update(study_session)
        .where(study_session.c.id == session_id)
        .values(state="closed", closed_at=now, closed_by=person_id)
    )


_TO_PROMPT = (study_session.c.state == "scheduled") & (study_session.c.close_prompted_at.is_(None))


def any_to_prompt(connection: Connection, now: datetime) -> bool:
    """Whether a session has ended whose leaders were not asked yet."""
    query = select(study_session.c.id).where(_TO_PROMPT, study_session.c.closes_at <= now).limit(1)
    return connection.execute(query).first() is not None


def take_to_prompt(connection: Connection, now: datetime) -> Sequence[Any]:
    """The sessions whose leaders are to be asked now; marked as asked."""
    rows = connection.execute(
        select(study_session.c.id, study_session.c.group_id, study_session.c.joint, study_group.c.chat_id)
        .join(study_group, study_group.c.id == study_session.c.group_id)
        .where(_TO_PROMPT, study_session.c.closes_at <= now)
        .with_for_update(skip_locked=True, of=study_session)
    ).all()
    connection.execute(
        update(study_session).where(study_session.c.id.in_([row.id for row in rows])).values(close_prompted_at=now)
    )
    return rows


def membership_elsewhere(
    connection: Connection, session_id: int, person_id: int | None, chat_telegram_id: int
) -> Any | None:
    """How somebody stands to the other groups of a joint session, that of this chat first; None: to none of them.

    `group_id` is the group, the rest its membership's, empty where they have not joined the group of this chat.
    """
    here = case((chat.c.telegram_id == chat_telegram_id, 0), else_=1)
    return connection.execute(
        select(
            study_group.c.id.label("group_id"),
            membership.c.id.label("membership_id"),
            membership.c.left_at,
            membership.c.standing,
            membership.c.committee,
            membership.c.subgroup,
        )
        .select_from(study_group)
        .join(chat, chat.c.id == study_group.c.chat_id)
        .outerjoin(membership, (membership.c.group_id == study_group.c.id) & (membership.c.person_id == person_id))
        .where(
            study_group.c.id.in_(groups_of(session_id)),
            (chat.c.telegram_id == chat_telegram_id) | (membership.c.id.is_not(None) & membership.c.left_at.is_(None)),
        )
        .order_by(case((membership.c.left_at.is_(None) & membership.c.id.is_not(None), 0), else_=1), here)
        .limit(1)
    ).one_or_none()


def is_invited(connection: Connection, session_id: int, person_id: int | None) -> bool:
    """Whether somebody is asked to a session of named people."""
    query = select(invitation.c.person_id).where(
        invitation.c.session_id == session_id, invitation.c.person_id == person_id
    )
    return connection.execute(query).first() is not None


def other_chats(connection: Connection, session_id: int) -> Sequence[Any]:
    """The chats of the other groups of a joint session, with the messages that hang there."""
    return connection.execute(
        select(
            session_group.c.group_id,
            study_group.c.chat_id,
            study_group.c.language,
            session_group.c.card_message_id,
            session_group.c.checkin_message_id,
        )
        .join(study_group, study_group.c.id == session_group.c.group_id)
        .where(session_group.c.session_id == session_id)
        .order_by(session_group.c.group_id)
    ).all()


def voters(connection: Connection, session_id: int) -> Sequence[Any]:
    """Everybody on a session's list: their status and whether they have a vote, as full members of a group of it."""
    on_list = listed(session_id)
    full = exists().where(
        membership.c.person_id == on_list.c.person_id,
        membership.c.group_id.in_(groups_of(session_id)),
        membership.c.standing == "full",
    )
    return connection.execute(
        select(func.coalesce(attendance.c.status, "unrecorded").label("status"), full.label("vote"))
        .select_from(on_list)
        .outerjoin(
            attendance, (attendance.c.session_id == session_id) & (attendance.c.person_id == on_list.c.person_id)
        )
    ).all()


def leaders(connection: Connection, group_id: int) -> Sequence[Any]:
    """The leaders of a group and their deputies, with their private chats."""
    return connection.execute(
        select(person.c.id, person.c.chat_id, person.c.language, chat.c.state)
        .select_from(membership)
        .join(person, person.c.id == membership.c.person_id)
        .outerjoin(chat, chat.c.id == person.c.chat_id)
        .where(
            membership.c.group_id == group_id,
            membership.c.role.in_(("leader", "deputy")),
            membership.c.left_at.is_(None),
        )
    ).all()


def join(connection: Connection, group_id: int, person_id: int, now: datetime, role: str = "member") -> None:
    """Make somebody a member (again)."""
    groups.join(connection, group_id, person_id, now, role)


def open_sessions(connection: Connection, telegram_id: int, chat_telegram_id: int, now: datetime) -> Sequence[Any]:
    """Sessions whose window is open now: of the group in whose chat this is, or of the person's groups."""
    query = _windows(telegram_id, chat_telegram_id)
    query = query.where(study_session.c.opens_at <= now, study_session.c.closes_at >= now)
    return connection.execute(query.order_by(study_session.c.starts_at).limit(8)).all()


def opens_next(
    connection: Connection, telegram_id: int, chat_telegram_id: int, now: datetime, until: datetime
) -> Any | None:
    """The first of the same sessions whose window opens after `now`, `until` at the latest."""
    query = _windows(telegram_id, chat_telegram_id)
    query = query.where(study_session.c.opens_at > now, study_session.c.opens_at <= until)
    return connection.execute(query.order_by(study_session.c.opens_at, study_session.c.id).limit(1)).one_or_none()


def _windows(telegram_id: int, chat_telegram_id: int) -> Select[Any]:
    """The windows of the scheduled sessions of the group in whose chat this is, or of the person's groups."""
    query = (
        select(
            study_session.c.id,
            study_session.c.title,
            study_session.c.opens_at,
            study_session.c.closes_at,
            study_group.c.time_zone,
        )
        .join(study_group, study_group.c.id == study_session.c.group_id)
        .where(study_session.c.state == "scheduled")
    )
    if chat_telegram_id < 0:
        own = select(study_group.c.id).join(chat, chat.c.id == study_group.c.chat_id)
        return query.where(held_by(own.where(chat.c.telegram_id == chat_telegram_id)))
    who = select(person.c.id).where(person.c.telegram_id == telegram_id).scalar_subquery()
    return query.where(
        exists().where(membership.c.person_id == who, membership.c.left_at.is_(None), belongs())
        | exists().where(invitation.c.session_id == study_session.c.id, invitation.c.person_id == who)
    )
