"""SQL of units: the tree, what is in each, and who administers it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, insert, or_, select, update

from db.queries.checkins import LEDGER_NAME
from db.tables import audit, chat, membership, person, study_group, unit, unit_admin

_THERE = unit.c.removed_at.is_(None)


def find(connection: Connection, unit_id: int, *, lock: bool = False) -> Any | None:
    """A unit that is still there."""
    query = select(unit).where(unit.c.id == unit_id, _THERE)
    return connection.execute(query.with_for_update() if lock else query).one_or_none()


def below(unit_ids: Collection[int]) -> Select[Any]:
    """These units with all below them."""
    tree = select(unit.c.id).where(unit.c.id.in_(unit_ids), _THERE).cte("below", recursive=True)
    tree = tree.union(select(unit.c.id).where(unit.c.parent_id == tree.c.id, _THERE))
    return select(tree.c.id)


def ids_below(connection: Connection, unit_ids: Collection[int]) -> set[int]:
    """The ids of those."""
    query = below(unit_ids)
    return {int(number) for (number,) in connection.execute(query)}


def height(connection: Connection, unit_id: int) -> int:
    """The levels of a unit with all below it: 1 where nothing is below."""
    levels, ids = 0, {unit_id}
    while ids:
        levels += 1
        ids = set(connection.execute(select(unit.c.id).where(unit.c.parent_id.in_(ids), _THERE)).scalars())
    return levels


def path(connection: Connection, unit_id: int) -> list[str]:
    """The names of the units above one and its own, the topmost first."""
    names: list[str] = []
    row = find(connection, unit_id)
    while row is not None:
        names.insert(0, row.name)
        row = find(connection, row.parent_id) if row.parent_id is not None else None
    return names


def children(connection: Connection, unit_id: int) -> Sequence[Any]:
    """The units right below one, by name."""
    query = select(unit.c.id, unit.c.name).where(unit.c.parent_id == unit_id, _THERE)
    return connection.execute(query.order_by(unit.c.name, unit.c.id)).all()


def named(connection: Connection, unit_ids: Collection[int]) -> Sequence[Any]:
    """These units by name."""
    query = select(unit.c.id, unit.c.name, unit.c.parent_id).where(unit.c.id.in_(unit_ids), _THERE)
    return connection.execute(query.order_by(unit.c.name, unit.c.id)).all()


def groups(connection: Connection, unit_id: int) -> Sequence[Any]:
    """The groups of a unit itself, by name."""
    query = select(study_group.c.id, study_group.c.name).where(study_group.c.unit_id == unit_id)
    return connection.execute(query.order_by(study_group.c.name, study_group.c.id)).all()


def counts(connection: Connection, unit_id: int) -> Any:
    """How many groups and people there are in a unit and all below it."""
    return connection.execute(
        select(
            func.count(study_group.c.id.distinct()).label("groups"),
            func.count(membership.c.person_id.distinct()).label("people"),
        )
        .select_from(study_group)
        .outerjoin(membership, (membership.c.group_id == study_group.c.id) & membership.c.left_at.is_(None))
        .where(study_group.c.unit_id.in_(below([unit_id])))
    ).one()


def add(connection: Connection, parent_id: int, name: str, now: datetime) -> int:
    """A unit below another; its id."""
    statement = insert(unit).values(parent_id=parent_id, name=name, created_at=now).returning(unit.c.id)
    return int(connection.execute(statement).scalar_one())


def change(connection: Connection, unit_id: int, **values: Any) -> None:
    """Change columns of a unit."""
    connection.execute(update(unit).where(unit.c.id == unit_id).values(**values))


def move_group(connection: Connection, group_id: int, unit_id: int) -> None:
    """Put a group into another unit."""
    connection.execute(update(study_group).where(study_group.c.id == group_id).values(unit_id=unit_id))


def admins(connection: Connection, unit_id: int) -> Sequence[Any]:
    """A unit's own admins, the longest in office first."""
    return connection.execute(
        select(person.c.id, LEDGER_NAME.label("name"), person.c.telegram_id)
        .join(unit_admin, unit_admin.c.person_id == person.c.id)
        .where(unit_admin.c.unit_id == unit_id, person.c.forgotten_at.is_(None))
        .order_by(unit_admin.c.id)
    ).all()


def reachable_named(connection: Connection, text: str, limit: int) -> Sequence[Any]:
    """The people who can be written to and whose name holds a text."""
    pattern = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return connection.execute(
        select(person.c.id, LEDGER_NAME.label("name"))
        .join(chat, chat.c.id == person.c.chat_id)
        .where(
            chat.c.state == "active",
            person.c.forgotten_at.is_(None),
            or_(person.c.name.like(pattern, escape="\\"), person.c.real_name.like(pattern, escape="\\")),
        )
        .order_by(LEDGER_NAME, person.c.id)
        .limit(limit)
    ).all()


def acts(connection: Connection, unit_id: int, limit: int, offset: int) -> Sequence[Any]:
    """The newest acts in a unit and all below it."""
    inside = below([unit_id])
    groups_inside = select(study_group.c.id).where(study_group.c.unit_id.in_(inside))
    return connection.execute(
        select(audit)
        .where(or_(audit.c.unit_id.in_(inside), audit.c.group_id.in_(groups_inside)))
        .order_by(audit.c.id.desc())
        .limit(limit)
        .offset(offset)
    ).all()
