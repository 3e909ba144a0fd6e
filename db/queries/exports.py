"""SQL of the attendance ledger: the sessions, members and records of some groups in a period."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, select

from db.queries.checkins import LEDGER_NAME
from db.queries.expectation import belongs, held_by, was_expected
from db.tables import (
    attendance,
    makeup,
    material,
    membership,
    person,
    response,
    session_group,
    study_group,
    study_session,
    unit,
)


def _held(groups: Collection[int], start: datetime, end: datetime) -> ColumnElement[bool]:
    return and_(
        held_by(groups),
        study_session.c.starts_at >= start,
        study_session.c.starts_at < end,
        study_session.c.state != "cancelled",
    )


_VOTE = exists().where(membership.c.person_id == attendance.c.person_id, belongs(), membership.c.standing == "full")
"""Whether a recorded person is a full member of a group that held the session."""


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
            _VOTE.label("vote"),
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


def unrecorded(connection: Connection, groups: Collection[int], start: datetime, end: datetime) -> Sequence[Any]:
    """Who is expected at a session that is not closed, and of whom nothing is recorded: session, person, name, vote."""
    recorded = exists().where(
        attendance.c.session_id == study_session.c.id, attendance.c.person_id == membership.c.person_id
    )
    return connection.execute(
        select(
            study_session.c.id.label("session_id"),
            membership.c.person_id,
            LEDGER_NAME.label("name"),
            func.max(case((membership.c.standing == "full", 1), else_=0)).label("vote"),
        )
        .select_from(study_session)
        .join(membership, belongs())
        .join(person, person.c.id == membership.c.person_id)
        .where(_held(groups, start, end), study_session.c.state == "scheduled", was_expected(), ~recorded)
        .group_by(study_session.c.id, study_session.c.starts_at, membership.c.person_id, LEDGER_NAME)
        .order_by(study_session.c.starts_at, study_session.c.id, LEDGER_NAME, membership.c.person_id)
    ).all()


def members(connection: Connection, groups: Collection[int]) -> Sequence[Any]:
    """Everybody who is or was a member: group_id, group_name, person_id, name, standing."""
    return connection.execute(
        select(
            membership.c.group_id,
            study_group.c.name.label("group_name"),
            membership.c.person_id,
            LEDGER_NAME.label("name"),
            membership.c.standing,
        )
        .join(person, person.c.id == membership.c.person_id)
        .join(study_group, study_group.c.id == membership.c.group_id)
        .where(membership.c.group_id.in_(groups))
        .order_by(LEDGER_NAME, person.c.id, study_group.c.id)
    ).all()


def makeups(connection: Connection, groups: Collection[int], start: datetime, end: datetime) -> Sequence[Any]:
    """The make-up tasks of those sessions that were not waived: session, person, when done."""
    return connection.execute(
        select(makeup.c.session_id, makeup.c.person_id, makeup.c.done_at, study_group.c.time_zone)
        .join(study_session, study_session.c.id == makeup.c.session_id)
        .join(study_group, study_group.c.id == study_session.c.group_id)
        .where(_held(groups, start, end), makeup.c.waived_at.is_(None))
        .order_by(makeup.c.session_id, makeup.c.person_id)
    ).all()


def evidence(connection: Connection, groups: Collection[int], start: datetime, end: datetime) -> dict[int, int]:
    """How many files the minutes of those sessions have, by session."""
    rows = connection.execute(
        select(material.c.session_id, func.count().label("files"))
        .join(study_session, study_session.c.id == material.c.session_id)
        .where(_held(groups, start, end), material.c.purpose == "minutes")
        .group_by(material.c.session_id)
    )
    return {row.session_id: row.files for row in rows}


def joint_names(connection: Connection, groups: Collection[int], start: datetime, end: datetime) -> Sequence[Any]:
    """The other groups of joint sessions: session_id, name."""
    return connection.execute(
        select(session_group.c.session_id, study_group.c.name)
        .join(study_session, study_session.c.id == session_group.c.session_id)
        .join(study_group, study_group.c.id == session_group.c.group_id)
        .where(_held(groups, start, end))
        .order_by(session_group.c.session_id, study_group.c.id)
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
