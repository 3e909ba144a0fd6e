"""SQL of what units and groups set of the kinds of session."""

from typing import Any

from sqlalchemy import Connection, select, update

from db.tables import study_group, unit


def unit_of(connection: Connection, unit_id: int) -> Any | None:
    """A unit that is still there."""
    return connection.execute(select(unit).where(unit.c.id == unit_id, unit.c.removed_at.is_(None))).one_or_none()


def set_unit_kinds(connection: Connection, unit_id: int, kinds: dict[str, Any]) -> None:
    """What a unit sets; nothing is stored as nothing."""
    connection.execute(update(unit).where(unit.c.id == unit_id).values(kinds=kinds or None))


def set_group_kinds(connection: Connection, group_id: int, kinds: dict[str, Any]) -> None:
    """What a group sets; nothing is stored as nothing."""
    connection.execute(update(study_group).where(study_group.c.id == group_id).values(kinds=kinds or None))


def set_form(connection: Connection, group_id: int, form: str) -> None:
    """Whether a group is a branch or only studies."""
    connection.execute(update(study_group).where(study_group.c.id == group_id).values(form=form))
