"""SQL of rights: who leads which group, who administers which units."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from db.tables import chat, membership, person, study_group, unit, unit_admin

# Built once: every command that reads asks it.
_GROUPS_AS = (
    select(study_group)
    .join(membership, membership.c.group_id == study_group.c.id)
    .where(
        membership.c.person_id == bindparam("person_id"),
        membership.c.left_at.is_(None),
        membership.c.role.in_(bindparam("roles", expanding=True)),
    )
    .order_by(study_group.c.name, study_group.c.id)
)


def role(connection: Connection, person_id: int, group_id: int) -> str | None:
    """What somebody is in a group now; None: no member."""
    return connection.execute(
        select(membership.c.role).where(
            membership.c.person_id == person_id,
            membership.c.group_id == group_id,
            membership.c.left_at.is_(None),
        )
    ).scalar()


def units_below(person_id: int) -> Select[tuple[int]]:
    """The units that somebody administers, with all below them."""
    tree = (
        select(unit_admin.c.unit_id.label("id")).where(unit_admin.c.person_id == person_id).cte("tree", recursive=True)
    )
    tree = tree.union(select(unit.c.id).where(unit.c.parent_id == tree.c.id))
    return select(tree.c.id)


def administered_units(connection: Connection, person_id: int) -> list[int]:
    """The ids of those units."""
    return [int(row.id) for row in connection.execute(units_below(person_id))]


def administers_group(connection: Connection, person_id: int, group_id: int) -> bool:
    """Whether the group's unit or one above it is the person's to administer."""
    query = select(study_group.c.id).where(
        study_group.c.id == group_id, study_group.c.unit_id.in_(units_below(person_id))
    )
    return connection.execute(query).first() is not None


def groups_as(connection: Connection, person_id: int, roles: Sequence[str]) -> Sequence[Any]:
    """The groups in which somebody has one of the roles now."""
    return connection.execute(_GROUPS_AS, {"person_id": person_id, "roles": roles}).all()


def groups_below(connection: Connection, person_id: int) -> Sequence[Any]:
    """The groups of all units that somebody administers."""
    return connection.execute(
        select(study_group)
        .where(study_group.c.unit_id.in_(units_below(person_id)))
        .order_by(study_group.c.name, study_group.c.id)
    ).all()


def group_of_chat(connection: Connection, chat_telegram_id: int) -> Any | None:
    """The group registered in a chat."""
    return connection.execute(
        select(study_group).join(chat, chat.c.id == study_group.c.chat_id).where(chat.c.telegram_id == chat_telegram_id)
    ).one_or_none()


def group(connection: Connection, group_id: int) -> Any | None:
    """A group by our own id, with Telegram's number of its chat."""
    return connection.execute(
        select(study_group, chat.c.telegram_id.label("chat_telegram_id"))
        .join(chat, chat.c.id == study_group.c.chat_id)
        .where(study_group.c.id == group_id)
    ).one_or_none()


def last_group(connection: Connection, person_id: int) -> int | None:
    """The group that somebody chose last where several applied."""
    return connection.execute(select(person.c.last_group_id).where(person.c.id == person_id)).scalar()
