"""SQL of the duty radar: which plans to look at, whom to tell, what was told, and the reasons that people give."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, literal, or_, select, update

from db.queries.expectation import held_by
from db.queries.inbox import upsert
from db.tables import (
    attendance,
    chat,
    duty_reason,
    duty_told,
    membership,
    person,
    study_group,
    study_session,
    unit,
    unit_admin,
)

_DUE = study_group.c.next_radar_at.is_(None)


def any_due(connection: Connection, now: datetime) -> bool:
    """Whether the plan of a group is to be looked at."""
    query = select(study_group.c.id).where(or_(_DUE, study_group.c.next_radar_at <= now)).limit(1)
    return connection.execute(query).first() is not None


def take_due(connection: Connection, now: datetime, limit: int) -> Sequence[Any]:
    """Some of those groups with the names of their units, locked; what another replica holds is left to it."""
    return connection.execute(
        select(study_group, unit.c.name.label("unit_name"))
        .join(unit, unit.c.id == study_group.c.unit_id)
        .where(or_(_DUE, study_group.c.next_radar_at <= now))
        .order_by(study_group.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=study_group)
    ).all()


def look_again(connection: Connection, group_id: int, at: datetime) -> None:
    """When a plan is looked at next."""
    connection.execute(update(study_group).where(study_group.c.id == group_id).values(next_radar_at=at))


def admins_above(connection: Connection, unit_id: int) -> Sequence[Any]:
    """The admins who can be written to of a unit (depth 0) and of those above it, the nearest first; each once."""
    chain = (
        select(unit.c.id, unit.c.parent_id, literal(0).label("depth")).where(unit.c.id == unit_id).cte(recursive=True)
    )
    chain = chain.union_all(
        select(unit.c.id, unit.c.parent_id, chain.c.depth + 1).where(unit.c.id == chain.c.parent_id)
    )
    depth = func.min(chain.c.depth)
    return connection.execute(
        select(person.c.id, person.c.chat_id, person.c.language, person.c.time_zone, depth.label("depth"))
        .select_from(chain)
        .join(unit_admin, unit_admin.c.unit_id == chain.c.id)
        .join(person, person.c.id == unit_admin.c.person_id)
        .join(chat, chat.c.id == person.c.chat_id)
        .where(chat.c.state == "active")
        .group_by(person.c.id, person.c.chat_id, person.c.language, person.c.time_zone)
        .order_by(depth, person.c.id)
    ).all()


def told(connection: Connection, group_id: int, since: date) -> Sequence[Any]:
    """The steps that were taken for periods of a group's plan that begin on a day or later."""
    query = select(duty_told).where(duty_told.c.group_id == group_id, duty_told.c.first_day >= since)
    return connection.execute(query).all()


def tell(connection: Connection, **values: Any) -> None:
    """Note that a step was taken; one that was taken already stays as it was."""
    statement = upsert(connection)(duty_told).values(**values)
    connection.execute(statement.on_conflict_do_nothing())


def put_reason(connection: Connection, **values: Any) -> None:
    """Why a period was missed; another reason takes the place of the first."""
    key = ("group_id", "subgroup", "kind", "first_day")
    changed = {name: value for name, value in values.items() if name not in key}
    statement = upsert(connection)(duty_reason).values(**values)
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changed))


def remove_reason(connection: Connection, group_id: int, subgroup: str, kind: str, first: date) -> None:
    """No reason is given any more."""
    connection.execute(
        delete(duty_reason).where(
            duty_reason.c.group_id == group_id,
            duty_reason.c.subgroup == subgroup,
            duty_reason.c.kind == kind,
            duty_reason.c.first_day == first,
        )
    )


def attendance_of(connection: Connection, group_id: int, since: datetime, before: datetime) -> Any:
    """Of the closed sessions that a group held within a time: how many, who came, and who should have come.

    Of a joint session a group counts its own people.
    """
    status = attendance.c.status
    own = select(membership.c.person_id).where(membership.c.group_id == group_id)
    came = status.in_(("present", "late", "left_early"))
    return connection.execute(
        select(
            func.count(study_session.c.id.distinct()).label("sessions"),
            func.count().filter(came).label("came"),
            func.count().filter(status.not_in(("excused", "sitting_in"))).label("expected"),
        )
        .select_from(study_session)
        .outerjoin(attendance, (attendance.c.session_id == study_session.c.id) & attendance.c.person_id.in_(own))
        .where(
            held_by([group_id]),
            study_session.c.state == "closed",
            study_session.c.starts_at >= since,
            study_session.c.starts_at < before,
        )
    ).one()


def unclosed(connection: Connection, group_id: int, now: datetime) -> int:
    """How many sessions of a group are over and not closed."""
    query = select(func.count()).where(
        study_session.c.group_id == group_id, study_session.c.state == "scheduled", study_session.c.ends_at < now
    )
    return int(connection.execute(query).scalar_one())


def leaders(connection: Connection, group_id: int) -> Sequence[Any]:
    """Those who lead a group and can be written to."""
    return connection.execute(
        select(person.c.id, person.c.chat_id, person.c.language, person.c.time_zone)
        .join(membership, membership.c.person_id == person.c.id)
        .join(chat, chat.c.id == person.c.chat_id)
        .where(
            membership.c.group_id == group_id,
            membership.c.left_at.is_(None),
            membership.c.role.in_(("leader", "deputy")),
            chat.c.state == "active",
        )
        .order_by(person.c.id)
    ).all()
