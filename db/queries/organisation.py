"""SQL of the organisation: its root unit, the admins of units, and its size."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, select, update

from db.queries.inbox import upsert
from db.tables import person, study_group, study_session, unit, unit_admin

_ROOT_LOCK: Final = 6_174_002
"""A number of our own among PostgreSQL's advisory locks; db/migrate.py has another."""


def root(connection: Connection) -> Any | None:
    """The unit above all others."""
    return connection.execute(select(unit).where(unit.c.parent_id.is_(None)).order_by(unit.c.id).limit(1)).one_or_none()


def lock_root(connection: Connection) -> None:
    """Let nobody else make the root until the end of this transaction; SQLite has one writer and needs no lock."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_ROOT_LOCK)))


def add_root(connection: Connection, name: str, now: datetime) -> int:
    """Make the root; its id."""
    statement = insert(unit).values(name=name, created_at=now).returning(unit.c.id)
    return int(connection.execute(statement).scalar_one())


def rename(connection: Connection, unit_id: int, name: str) -> None:
    """Give a unit another name."""
    connection.execute(update(unit).where(unit.c.id == unit_id).values(name=name))


def admins(connection: Connection, unit_id: int) -> Sequence[Any]:
    """The unit's own admins: name and Telegram id."""
    return connection.execute(
        select(person.c.name, person.c.telegram_id)
        .join(unit_admin, unit_admin.c.person_id == person.c.id)
        .where(unit_admin.c.unit_id == unit_id, person.c.forgotten_at.is_(None))
        .order_by(unit_admin.c.id)
    ).all()


def add_admin(connection: Connection, unit_id: int, person_id: int, by: int, now: datetime) -> bool:
    """Make somebody an admin of a unit; False where they are one already."""
    statement = upsert(connection)(unit_admin).values(
        unit_id=unit_id, person_id=person_id, granted_at=now, granted_by=by
    )
    statement = statement.on_conflict_do_nothing(index_elements=["unit_id", "person_id"])
    return connection.execute(statement.returning(unit_admin.c.id)).scalar() is not None


def remove_admin(connection: Connection, unit_id: int, person_id: int) -> bool:
    """Take the right away; False where there was none."""
    statement = delete(unit_admin).where(unit_admin.c.unit_id == unit_id, unit_admin.c.person_id == person_id)
    return connection.execute(statement).rowcount == 1


def count_groups(connection: Connection) -> int:
    """How many groups are registered."""
    return connection.execute(select(func.count()).select_from(study_group)).scalar_one()


def names(connection: Connection, telegram_ids: Collection[int]) -> dict[int, str]:
    """The names of those accounts that we have met."""
    rows = connection.execute(select(person.c.telegram_id, person.c.name).where(person.c.telegram_id.in_(telegram_ids)))
    return {row.telegram_id: row.name for row in rows}


def people_names(connection: Connection, ids: Collection[int]) -> dict[int, str]:
    """The names of people by our own ids."""
    rows = connection.execute(select(person.c.id, person.c.name).where(person.c.id.in_(ids)))
    return {row.id: row.name for row in rows}


def group_names(connection: Connection, ids: Collection[int]) -> dict[int, str]:
    """The names of groups by their ids."""
    rows = connection.execute(select(study_group.c.id, study_group.c.name).where(study_group.c.id.in_(ids)))
    return {row.id: row.name for row in rows}


def session_titles(connection: Connection, ids: Collection[int]) -> dict[int, str]:
    """The titles of sessions by their ids."""
    rows = connection.execute(select(study_session.c.id, study_session.c.title).where(study_session.c.id.in_(ids)))
    return {row.id: row.title for row in rows}
