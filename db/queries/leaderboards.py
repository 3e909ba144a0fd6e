"""SQL of leaderboards and of somebody's own record; a board stays on the indexes of session and attendance."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, false, func, literal, select, true, update

from db.queries.expectation import session_groups
from db.tables import attendance, makeup, membership, person, session_group, study_group, study_session
from domain.attendance import CAME, Status

_JOINT = select(session_group.c.session_id).where(session_group.c.group_id == bindparam("group_id"))
_HELD = (study_session.c.group_id == bindparam("group_id")) | study_session.c.id.in_(_JOINT)
_IN_THE_TIME = and_(
    _HELD,
    study_session.c.starts_at >= bindparam("start"),
    study_session.c.starts_at < bindparam("end"),
    study_session.c.state != "cancelled",
)
# A null speaker is nobody's, and never null itself: one person, one row a status.
_LED = case((study_session.c.speaker_id == attendance.c.person_id, true()), else_=false())

_CAME = (
    select(attendance.c.person_id, attendance.c.status, _LED.label("led"), func.count().label("times"))
    .select_from(study_session)
    .join(attendance, attendance.c.session_id == study_session.c.id)
    .where(_IN_THE_TIME, attendance.c.status.in_(sorted(CAME)))
    .group_by(attendance.c.person_id, attendance.c.status, _LED)
)
# What was made up counts on the day it was done, whenever the session was.
_MADE_UP = (
    select(makeup.c.person_id, literal("made_up"), false(), func.count())
    .select_from(makeup)
    .join(study_session, study_session.c.id == makeup.c.session_id)
    .where(_HELD, makeup.c.done_at >= bindparam("start"), makeup.c.done_at < bindparam("end"))
    .group_by(makeup.c.person_id)
)
_DEEDS = _CAME.union_all(_MADE_UP).subquery()
# The name somebody wishes to have on boards; who wishes none counts all the same.
_BOARD_NAME = case(
    (and_(person.c.board_name == "nickname", person.c.nickname.is_not(None)), person.c.nickname),
    else_=func.coalesce(person.c.real_name, person.c.name),
)
_HIDDEN = (person.c.board_name == "hidden") | person.c.forget_at.is_not(None)
_PEOPLES_DEEDS = (
    select(_DEEDS, _BOARD_NAME.label("name"), _HIDDEN.label("hidden"))
    .join(person, person.c.id == _DEEDS.c.person_id)
    .join(
        membership,
        and_(membership.c.group_id == bindparam("group_id"), membership.c.person_id == _DEEDS.c.person_id),
    )
    .where(membership.c.left_at.is_(None))
)
# Of a joint session a group's rate counts its own people.
_OWN_PEOPLE = select(membership.c.person_id).where(membership.c.group_id == bindparam("group_id"))
_STATUSES = (
    select(attendance.c.status, func.count().label("times"))
    .select_from(study_session)
    .join(attendance, attendance.c.session_id == study_session.c.id)
    .where(_IN_THE_TIME, study_session.c.state == "closed", attendance.c.person_id.in_(_OWN_PEOPLE))
    .group_by(attendance.c.status)
)
_SESSIONS = (
    select(study_session.c.state, func.count().label("times"))
    .where(_IN_THE_TIME, study_session.c.starts_at <= bindparam("now"))
    .group_by(study_session.c.state)
)
_GROUP = select(study_group).where(study_group.c.id == bindparam("group_id"))
_RECORD = (
    select(
        study_session.c.id,
        study_session.c.title,
        study_session.c.kind,
        study_session.c.starts_at,
        study_session.c.state,
        study_group.c.time_zone,
        attendance.c.status,
        _LED.label("led"),
    )
    .select_from(attendance)
    .join(study_session, study_session.c.id == attendance.c.session_id)
    .join(study_group, study_group.c.id == study_session.c.group_id)
    .where(attendance.c.person_id == bindparam("person_id"), study_session.c.state != "cancelled")
    .order_by(study_session.c.starts_at.desc(), study_session.c.id.desc())
)
_OWN_MAKEUPS = (
    select(study_session.c.id, study_session.c.title, makeup.c.done_at, study_group.c.time_zone)
    .select_from(makeup)
    .join(study_session, study_session.c.id == makeup.c.session_id)
    .join(study_group, study_group.c.id == study_session.c.group_id)
    .where(makeup.c.person_id == bindparam("person_id"), makeup.c.done_at.is_not(None))
    .order_by(makeup.c.done_at.desc(), makeup.c.id.desc())
)
_ANY_DUE = select(study_group.c.id).where(study_group.c.next_board_at <= bindparam("now")).limit(1)


def group(connection: Connection, group_id: int) -> Any | None:
    """A group's row."""
    return connection.execute(_GROUP, {"group_id": group_id}).one_or_none()


def deeds(connection: Connection, group_id: int, start: datetime, end: datetime) -> Sequence[Any]:
    """How often each member of now came, by status and whether they led.

    Rows of person_id, name (on boards), hidden (not to be listed), status, led, times.
    """
    return connection.execute(_PEOPLES_DEEDS, {"group_id": group_id, "start": start, "end": end}).all()


def statuses(connection: Connection, group_id: int, start: datetime, end: datetime) -> dict[Status, int]:
    """How often each status occurs in the closed sessions."""
    rows = connection.execute(_STATUSES, {"group_id": group_id, "start": start, "end": end})
    return {Status(row.status): row.times for row in rows}


def sessions(connection: Connection, group_id: int, start: datetime, end: datetime, now: datetime) -> dict[str, int]:
    """How many sessions have begun, by state: scheduled or closed."""
    rows = connection.execute(_SESSIONS, {"group_id": group_id, "start": start, "end": end, "now": now})
    return {row.state: row.times for row in rows}


def record(connection: Connection, person_id: int) -> Sequence[Any]:
    """Everything that is recorded of somebody, the latest first."""
    return connection.execute(_RECORD, {"person_id": person_id}).all()


def made_up(connection: Connection, person_id: int) -> Sequence[Any]:
    """The sessions that somebody made up, the latest first."""
    return connection.execute(_OWN_MAKEUPS, {"person_id": person_id}).all()


def groups_beside(connection: Connection, group_id: int) -> Sequence[Any]:
    """The groups of the same unit, this one among them, in order of their ids."""
    own = select(study_group.c.unit_id).where(study_group.c.id == group_id).scalar_subquery()
    query = select(study_group.c.id, study_group.c.name, study_group.c.time_zone).where(study_group.c.unit_id == own)
    return connection.execute(query.order_by(study_group.c.id)).all()


def shares(connection: Connection, group_ids: Sequence[int], start: datetime, end: datetime) -> Sequence[Any]:
    """How often each status occurs in the closed sessions of each of these groups: group_id, status, times."""
    held = session_groups()
    return connection.execute(
        select(held.c.group_id, attendance.c.status, func.count().label("times"))
        .select_from(study_session)
        .join(held, held.c.session_id == study_session.c.id)
        .join(attendance, attendance.c.session_id == study_session.c.id)
        .join(
            membership,
            and_(membership.c.group_id == held.c.group_id, membership.c.person_id == attendance.c.person_id),
        )
        .where(
            held.c.group_id.in_(group_ids),
            study_session.c.state == "closed",
            study_session.c.starts_at >= start,
            study_session.c.starts_at < end,
        )
        .group_by(held.c.group_id, attendance.c.status)
    ).all()


def shares_of_sessions(
    connection: Connection, group_ids: Sequence[int], start: datetime, end: datetime
) -> Sequence[Any]:
    """The same of each session: group_id, session_id, starts_at, status, times."""
    held = session_groups()
    columns = (held.c.group_id, study_session.c.id.label("session_id"), study_session.c.starts_at, attendance.c.status)
    return connection.execute(
        select(*columns, func.count().label("times"))
        .select_from(study_session)
        .join(held, held.c.session_id == study_session.c.id)
        .join(attendance, attendance.c.session_id == study_session.c.id)
        .join(
            membership,
            and_(membership.c.group_id == held.c.group_id, membership.c.person_id == attendance.c.person_id),
        )
        .where(
            held.c.group_id.in_(group_ids),
            study_session.c.state == "closed",
            study_session.c.starts_at >= start,
            study_session.c.starts_at < end,
        )
        .group_by(*columns)
    ).all()


def expected_often(connection: Connection, group_id: int, start: datetime, end: datetime, minimum: int) -> set[int]:
    """Who was expected at so many closed sessions of a group at least; leave counts as expected."""
    query = (
        select(attendance.c.person_id)
        .select_from(study_session)
        .join(attendance, attendance.c.session_id == study_session.c.id)
        .where(_IN_THE_TIME, study_session.c.state == "closed", attendance.c.status != "sitting_in")
        .group_by(attendance.c.person_id)
        .having(func.count() >= minimum)
    )
    return set(connection.execute(query, {"group_id": group_id, "start": start, "end": end}).scalars())


def fullness(connection: Connection, group_id: int, start: datetime, end: datetime) -> Sequence[Any]:
    """The closed sessions of a group within a time, the latest first, each with how many were missing."""
    missing = func.count().filter(attendance.c.status == "absent").label("missing")
    return connection.execute(
        select(study_session.c.starts_at, missing)
        .select_from(study_session)
        .outerjoin(attendance, attendance.c.session_id == study_session.c.id)
        .where(_IN_THE_TIME, study_session.c.state == "closed")
        .group_by(study_session.c.id, study_session.c.starts_at)
        .order_by(study_session.c.starts_at.desc()),
        {"group_id": group_id, "start": start, "end": end},
    ).all()


def any_due(connection: Connection, now: datetime) -> bool:
    """Whether a board is due."""
    return connection.execute(_ANY_DUE, {"now": now}).scalar() is not None


def due(connection: Connection, now: datetime) -> Sequence[Any]:
    """The groups whose board is due; on PostgreSQL locked, and those that another replica has are left to it."""
    return connection.execute(
        select(study_group).where(study_group.c.next_board_at <= now).with_for_update(skip_locked=True)
    ).all()


def set_next(connection: Connection, group_id: int, at: datetime) -> None:
    """When the group's next board is due."""
    connection.execute(update(study_group).where(study_group.c.id == group_id).values(next_board_at=at))
