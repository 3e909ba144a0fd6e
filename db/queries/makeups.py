"""SQL of make-up tasks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, select

from db.queries.checkins import LEDGER_NAME
from db.queries.expectation import concerns
from db.queries.inbox import upsert
from db.tables import attendance, chat, makeup, material, person, study_group, study_session

_COLUMNS = (
    makeup,
    study_session.c.title,
    study_session.c.starts_at,
    study_session.c.group_id,
    study_group.c.name.label("group_name"),
    study_group.c.time_zone,
    study_group.c.language.label("group_language"),
    LEDGER_NAME.label("name"),
    person.c.language,
    person.c.chat_id,
    chat.c.state.label("chat_state"),
)


def _tasks(query: Select[Any]) -> Select[Any]:
    return (
        query.select_from(makeup)
        .join(study_session, study_session.c.id == makeup.c.session_id)
        .join(study_group, study_group.c.id == study_session.c.group_id)
        .join(person, person.c.id == makeup.c.person_id)
        .outerjoin(chat, chat.c.id == person.c.chat_id)
    )


def find(connection: Connection, makeup_id: int, *, lock: bool = False) -> Any | None:
    """A task with its session, group and person."""
    query = _tasks(select(*_COLUMNS)).where(makeup.c.id == makeup_id)
    return connection.execute(query.with_for_update(of=makeup) if lock else query).one_or_none()


def of_person(connection: Connection, session_id: int, person_id: int) -> Any | None:
    """Somebody's task for a session."""
    query = _tasks(select(*_COLUMNS)).where(makeup.c.session_id == session_id, makeup.c.person_id == person_id)
    return connection.execute(query).one_or_none()


def put(connection: Connection, session_id: int, person_id: int, created_at: datetime, **values: Any) -> None:
    """Make a task, or change it as it now stands; what was handed in stays."""
    key = {"session_id": session_id, "person_id": person_id}
    statement = upsert(connection)(makeup).values(**key, created_at=created_at, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))


def owing(connection: Connection, session_id: int, statuses: Sequence[str]) -> Sequence[Any]:
    """Who has one of these statuses at a session."""
    query = select(attendance.c.person_id, attendance.c.status).where(
        attendance.c.session_id == session_id, attendance.c.status.in_(statuses)
    )
    return connection.execute(query.order_by(attendance.c.person_id)).all()


def own(connection: Connection, person_id: int, limit: int, offset: int) -> Sequence[Any]:
    """Somebody's tasks: those that are still open first, the nearest deadline first, then the latest others."""
    query = _tasks(select(*_COLUMNS)).where(makeup.c.person_id == person_id)
    open_until = case((_is_over(), None), else_=makeup.c.due_at)
    order = (_is_over(), open_until, makeup.c.due_at.desc(), makeup.c.id.desc())
    return connection.execute(query.order_by(*order).limit(limit).offset(offset)).all()


def count_own(connection: Connection, person_id: int) -> int:
    """How many of them there are."""
    query = select(func.count()).where(makeup.c.person_id == person_id)
    return int(connection.execute(query).scalar_one())


def count_own_open(connection: Connection, person_id: int) -> int:
    """How many tasks somebody has that are neither done nor waived."""
    query = select(func.count()).where(makeup.c.person_id == person_id, ~_is_over())
    return int(connection.execute(query).scalar_one())


def _is_over() -> ColumnElement[bool]:
    return makeup.c.done_at.is_not(None) | makeup.c.waived_at.is_not(None)


def _lies_with_leader() -> ColumnElement[bool]:
    return makeup.c.submitted_at.is_not(None) & makeup.c.sent_back_at.is_(None)


def open_of_group(connection: Connection, group_id: int, limit: int, offset: int) -> Sequence[Any]:
    """A group's tasks that are neither done nor waived: what was handed in first, then by deadline."""
    query = _open(select(*_COLUMNS), group_id)
    order = (~_lies_with_leader(), makeup.c.due_at, makeup.c.id)
    return connection.execute(query.order_by(*order).limit(limit).offset(offset)).all()


def count_open(connection: Connection, group_id: int, now: datetime) -> tuple[int, int]:
    """How many of them there are, and how many of these are overdue."""
    is_late = (makeup.c.due_at <= now) & ~_lies_with_leader()
    query = select(func.count(), func.coalesce(func.sum(case((is_late, 1), else_=0)), 0))
    row = connection.execute(_open(query, group_id)).one()
    return int(row[0]), int(row[1])


def _open(query: Select[Any], group_id: int) -> Select[Any]:
    return _tasks(query).where(concerns(group_id, makeup.c.person_id), ~_is_over())


def files(connection: Connection, session_id: int) -> int:
    """How many files there are to study from."""
    query = select(func.count()).where(material.c.session_id == session_id, material.c.purpose == "material")
    return int(connection.execute(query).scalar_one())


def days_of(connection: Connection, group_id: int) -> int | None:
    """In how many days a group's tasks are due; None: as the rule says."""
    return connection.execute(select(study_group.c.makeup_days).where(study_group.c.id == group_id)).scalar()
