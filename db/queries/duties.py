"""SQL of the year's plan: what units and groups set of the kinds, the marks of members, sessions, and reasons."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, literal, select

from db.queries.expectation import held_by
from db.tables import duty_reason, membership, person, study_group, study_session, unit


def group(connection: Connection, group_id: int) -> Any | None:
    """A group with the name of its unit."""
    query = select(study_group, unit.c.name.label("unit_name")).join(unit, unit.c.id == study_group.c.unit_id)
    return connection.execute(query.where(study_group.c.id == group_id)).one_or_none()


def groups_below(connection: Connection, unit_ids: Collection[int]) -> Sequence[Any]:
    """The groups of these units with the names of their units, in order of names."""
    query = select(study_group, unit.c.name.label("unit_name")).join(unit, unit.c.id == study_group.c.unit_id)
    query = query.where(study_group.c.unit_id.in_(unit_ids))
    return connection.execute(query.order_by(unit.c.name, study_group.c.name, study_group.c.id)).all()


def kinds_set_above(connection: Connection, unit_id: int) -> list[dict[str, Any]]:
    """What a unit and those above it set of the kinds of session, the topmost first."""
    chain = (
        select(unit.c.id, unit.c.parent_id, unit.c.kinds, literal(0).label("depth"))
        .where(unit.c.id == unit_id)
        .cte("chain", recursive=True)
    )
    above = select(unit.c.id, unit.c.parent_id, unit.c.kinds, chain.c.depth + 1).where(unit.c.id == chain.c.parent_id)
    chain = chain.union_all(above)
    rows = connection.execute(select(chain.c.kinds).order_by(chain.c.depth.desc())).scalars()
    return [kinds for kinds in rows if kinds]


def marks(connection: Connection, group_id: int) -> Any:
    """How many full members a group has, and how many sit in its committee."""
    return connection.execute(
        _members(
            select(
                func.count().filter(membership.c.standing == "full").label("full_members"),
                func.count().filter(membership.c.committee).label("committee"),
            ),
            group_id,
        )
    ).one()


def subgroups(connection: Connection, group_id: int) -> Sequence[str]:
    """The names of a group's subgroups that somebody is in, in order."""
    query = _members(select(membership.c.subgroup).distinct(), group_id).where(membership.c.subgroup != "")
    return connection.execute(query.order_by(membership.c.subgroup)).scalars().all()


def _members(query: Any, group_id: int) -> Any:
    return (
        query.select_from(membership)
        .join(person, person.c.id == membership.c.person_id)
        .where(membership.c.group_id == group_id, membership.c.left_at.is_(None), person.c.forgotten_at.is_(None))
    )


def subgroup_of(connection: Connection, group_id: int, person_id: int) -> str:
    """The subgroup somebody is in; empty: none."""
    query = select(membership.c.subgroup).where(
        membership.c.group_id == group_id, membership.c.person_id == person_id, membership.c.left_at.is_(None)
    )
    return str(connection.execute(query).scalar() or "")


def sessions(connection: Connection, group_id: int, since: datetime, before: datetime) -> Sequence[Any]:
    """The sessions that a group holds, alone or with others, and that start within a time; cancelled ones not."""
    return connection.execute(
        select(
            study_session.c.id,
            study_session.c.kind,
            study_session.c.also_kind,
            study_session.c.subgroup,
            study_session.c.title,
            study_session.c.starts_at,
            study_session.c.ends_at,
            study_session.c.state,
        )
        .where(
            held_by([group_id]),
            study_session.c.starts_at >= since,
            study_session.c.starts_at < before,
            study_session.c.state != "cancelled",
        )
        .order_by(study_session.c.starts_at, study_session.c.id)
    ).all()


def reasons(connection: Connection, group_ids: Collection[int], first: date, last: date) -> Sequence[Any]:
    """The reasons that were given for periods that begin within these days."""
    return connection.execute(
        select(duty_reason).where(
            duty_reason.c.group_id.in_(group_ids), duty_reason.c.first_day >= first, duty_reason.c.first_day <= last
        )
    ).all()
