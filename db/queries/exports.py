"""SQL of the attendance ledger: the sessions, members and records of some groups in a period."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, select

from db.queries.checkins import LEDGER_NAME
from db.tables import attendance, membership, person, response, study_group, study_session, unit


def _held(groups: Collection[int], start: datetime, end: datetime) -> ColumnElement[bool]:
    return and_(
        study_session.c.group_id.in_(groups),
        study_session.c.starts_at >= start,
        study_session.c.starts_at < end,
        study_session.c.state != "cancelled",
    )


def sessions(connection: Connection, groups: Collection[int], start: datetime, end: datetime) -> Sequence[Any]:
    """Sessions in order of time, with the names of their group and unit."""
    return connection.execute(
        select(
            study_session,
            study_group.c.name.label("group_name"),
            study_group.c.time_zone,
            unit.c.name.label("unit_name"),
        )
        .join(study_group, study_group.c.id == study_session.c.group_id)
        .join(unit, unit.c.id == study_group.c.unit_id)
        .where(_held(groups, start, end))
        .order_by(study_session.c.starts_at, study_session.c.id)
    ).all()


def records(connection: Connection, groups: Collection[int], start: datetime, end: datetime) -> Sequence[Any]:
    """What is recorded at those sessions, in order of time and name, with the reason of a leave."""
    return connection.execute(
        select(
            attendance.c.session_id,
            attendance.c.person_id,
            attendance.c.status,
            attendance.c.at,
            attendance.c.method,
            attendance.c.walk_in,
            attendance.c.time_uncertain,
            response.c.reason,
            LEDGER_NAME.label("name"),
        )
        .select_from(study_session)
        .join(attendance, attendance.c.session_id == study_session.c.id)
        .join(person, person.c.id == attendance.c.person_id)
        .outerjoin(
            response,
            and_(
                response.c.session_id == attendance.c.session_id,
                response.c.person_id == attendance.c.person_id,
                response.c.answer == "leave",
            ),
        )
        .where(_held(groups, start, end))
        .order_by(study_session.c.starts_at, study_session.c.id, LEDGER_NAME, person.c.id)
    ).all()


def members(connection: Connection, groups: Collection[int]) -> Sequence[Any]:
    """Everybody who is or was a member: group_id, group_name, person_id, name, joined_at, left_at."""
    return connection.execute(
        select(
            membership.c.group_id,
            study_group.c.name.label("group_name"),
            membership.c.person_id,
            LEDGER_NAME.label("name"),
            membership.c.joined_at,
            membership.c.left_at,
        )
        .join(person, person.c.id == membership.c.person_id)
        .join(study_group, study_group.c.id == membership.c.group_id)
        .where(membership.c.group_id.in_(groups))
        .order_by(LEDGER_NAME, person.c.id, study_group.c.id)
    ).all()


def group_names(connection: Connection, groups: Collection[int]) -> Sequence[Any]:
    """The groups by name: id, name, time_zone."""
    return connection.execute(
        select(study_group.c.id, study_group.c.name, study_group.c.time_zone)
        .where(study_group.c.id.in_(groups))
        .order_by(study_group.c.name, study_group.c.id)
    ).all()


def group_ids(connection: Connection) -> list[int]:
    """Every group there is."""
    return [int(row.id) for row in connection.execute(select(study_group.c.id).order_by(study_group.c.id))]
