"""SQL of the seeded year: what no button does in one step, and what is not to be sent of the past."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, or_, select, update

from db.tables import attendance, delivery, makeup, membership, person, study_group, study_session, unit, unit_admin


def is_empty(connection: Connection) -> bool:
    """Whether nobody and nothing is in the database yet."""
    return connection.execute(select(person.c.id).limit(1)).first() is None


def settle(
    connection: Connection, root_id: int, name: str, group_ids: Sequence[int], admin_id: int, now: datetime
) -> None:
    """Put the groups in a unit below the root, and somebody in charge of it."""
    made = insert(unit).values(parent_id=root_id, name=name, created_at=now).returning(unit.c.id)
    unit_id = int(connection.execute(made).scalar_one())
    connection.execute(update(study_group).where(study_group.c.id.in_(group_ids)).values(unit_id=unit_id))
    granted = {"granted_at": now, "granted_by": admin_id}
    connection.execute(insert(unit_admin).values(unit_id=unit_id, person_id=admin_id, **granted))


def mark(connection: Connection, group_id: int, person_id: int, **marks: Any) -> None:
    """A member's role and marks."""
    key = (membership.c.group_id == group_id) & (membership.c.person_id == person_id)
    connection.execute(update(membership).where(key).values(**marks))


def set_form(connection: Connection, group_id: int, form: str) -> None:
    """Whether a group is a branch."""
    connection.execute(update(study_group).where(study_group.c.id == group_id).values(form=form))


def group(connection: Connection, group_id: int) -> Any:
    """A group."""
    return connection.execute(select(study_group).where(study_group.c.id == group_id)).one()


def session_of(connection: Connection, group_id: int, starts_at: datetime) -> int:
    """The session of a group that starts at a moment, the newest of them."""
    query = select(study_session.c.id).where(
        study_session.c.group_id == group_id, study_session.c.starts_at == starts_at
    )
    return int(connection.execute(query.order_by(study_session.c.id.desc()).limit(1)).scalar_one())


def with_status(connection: Connection, session_id: int, status: str) -> Sequence[int]:
    """Who has a status at a session, by id."""
    query = select(attendance.c.person_id).where(attendance.c.session_id == session_id, attendance.c.status == status)
    return connection.execute(query.order_by(attendance.c.person_id)).scalars().all()


def owed(connection: Connection, session_id: int) -> Sequence[Any]:
    """The make-up tasks of a session with whose they are, by id."""
    query = select(makeup.c.id, makeup.c.person_id).where(makeup.c.session_id == session_id)
    return connection.execute(query.order_by(makeup.c.id)).all()


def leave_the_past_unsent(connection: Connection, now: datetime) -> None:
    """Messages of what is over are not sent any more; those of sessions to come, and what is due later, are."""
    over = select(study_session.c.id).where(or_(study_session.c.ends_at <= now, study_session.c.state != "scheduled"))
    past = (delivery.c.due_at <= now) & (delivery.c.session_id.is_(None) | delivery.c.session_id.in_(over))
    connection.execute(update(delivery).where(delivery.c.state == "pending", past).values(state="cancelled"))


def counts(connection: Connection) -> dict[str, int]:
    """How many rows there are of what one looks at."""
    tables = {"groups": study_group, "people": person, "sessions": study_session, "records": attendance}
    return {
        name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
        for name, table in tables.items()
    }
