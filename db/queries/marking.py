"""SQL of a leader's work on a session's list: one record with its history, what closing made, who can be added."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from db.queries.checkins import LEDGER_NAME, roster_query
from db.tables import attendance, attendance_change, chat, membership, person, study_session

HISTORY = 8
"""Changes that are looked back on; an undone mark is among the last few."""


def record_of(connection: Connection, session_id: int, person_id: int) -> Any | None:
    """What is recorded of somebody at a session."""
    query = select(attendance).where(attendance.c.session_id == session_id, attendance.c.person_id == person_id)
    return connection.execute(query).one_or_none()


def remove_record(connection: Connection, session_id: int, person_id: int) -> None:
    """Nothing is recorded of them any more; the history stays."""
    connection.execute(
        delete(attendance).where(attendance.c.session_id == session_id, attendance.c.person_id == person_id)
    )


def changes(connection: Connection, session_id: int, person_id: int) -> Sequence[Any]:
    """The last changes of somebody's record, the newest first."""
    return connection.execute(
        select(attendance_change)
        .where(attendance_change.c.session_id == session_id, attendance_change.c.person_id == person_id)
        .order_by(attendance_change.c.id.desc())
        .limit(HISTORY)
    ).all()


def told_changes(connection: Connection, session_id: int, person_id: int) -> Sequence[Any]:
    """The same with the name of who made each."""
    return connection.execute(
        select(attendance_change, LEDGER_NAME.label("actor"))
        .join(person, person.c.id == attendance_change.c.actor_id)
        .where(attendance_change.c.session_id == session_id, attendance_change.c.person_id == person_id)
        .order_by(attendance_change.c.id.desc())
        .limit(HISTORY)
    ).all()


def made_by_closing(connection: Connection, session_id: int) -> Sequence[Any]:
    """The records that closing the session made."""
    return connection.execute(
        select(attendance.c.person_id, attendance.c.status)
        .where(attendance.c.session_id == session_id, attendance.c.method == "closing")
        .order_by(attendance.c.person_id)
    ).all()


def reopen_session(connection: Connection, session_id: int) -> None:
    """The session is open again; when it was closed stays, and tells it from one that never was."""
    connection.execute(update(study_session).where(study_session.c.id == session_id).values(state="scheduled"))


def addable(connection: Connection, session_id: int, group_id: int, limit: int, offset: int) -> Sequence[Any]:
    """The members of now who are not on a session's list, by name."""
    query = _addable(select(person.c.id.label("person_id"), LEDGER_NAME.label("name")), session_id, group_id)
    return connection.execute(query.order_by(LEDGER_NAME, person.c.id).limit(limit).offset(offset)).all()


def count_addable(connection: Connection, session_id: int, group_id: int) -> int:
    """How many of them there are."""
    return int(connection.execute(_addable(select(func.count()), session_id, group_id)).scalar_one())


def _addable(query: Any, session_id: int, group_id: int) -> Any:
    listed = roster_query(session_id).subquery()
    return (
        query.select_from(membership)
        .join(person, person.c.id == membership.c.person_id)
        .where(
            membership.c.group_id == group_id,
            membership.c.left_at.is_(None),
            person.c.id.not_in(select(listed.c.person_id)),
        )
    )


def reader_of(connection: Connection, person_id: int) -> Any | None:
    """The private chat and language of somebody who can be written to; None for who cannot."""
    return connection.execute(
        select(person.c.id, person.c.chat_id, person.c.language)
        .join(chat, chat.c.id == person.c.chat_id)
        .where(person.c.id == person_id, chat.c.state == "active")
    ).one_or_none()


def name_of(connection: Connection, person_id: int) -> str:
    """How somebody is called on lists for leaders."""
    return str(connection.execute(select(LEDGER_NAME).where(person.c.id == person_id)).scalar_one())
