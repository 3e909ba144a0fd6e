"""Putting sessions on the calendar: one with all the messages it brings, and a series that goes on by itself."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import sessions as queries
from domain import schedule
from domain.attendance import window_of
from domain.cadence import Cadence, Occurrence, occurrences
from domain.deliveries import Policy
from services import deliveries
from services.rules import Rules


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be scheduled: the same for a single session and for each occurrence of a series."""

    group_id: int
    chat_id: int
    person_id: int
    kind: str
    title: str
    place: str
    length: timedelta
    series_id: int | None = None


def schedule_session(
    connection: Connection, plan: Plan, at: Occurrence, *, announce_now: bool, now: datetime, rules: Rules
) -> int | None:
    """A session with all messages it brings; its id, None where this occurrence is scheduled already."""
    window = window_of(at.starts_at, at.starts_at + plan.length, rules.window_for(plan.kind))
    session_id = queries.add_session(
        connection,
        group_id=plan.group_id,
        series_id=plan.series_id,
        nominal_local=at.nominal_local,
        kind=plan.kind,
        title=plan.title,
        place=plan.place,
        opens_at=window.opens_at,
        starts_at=at.starts_at,
        late_from=window.late_from,
        ends_at=at.starts_at + plan.length,
        closes_at=window.closes_at,
        remind_privately_at=schedule.private_reminder_at(at.starts_at, rules.private_reminder, now),
        created_by=plan.person_id,
    )
    if session_id is None:
        return None
    messages = schedule.due_messages(
        at.starts_at,
        window.opens_at,
        window.closes_at,
        reminder=rules.group_reminder,
        announce_now=announce_now,
        now=now,
    )
    for due in messages:
        deliveries.enqueue(
            connection,
            key=delivery_key(session_id, 1, due.kind, due.offset, plan.chat_id),
            kind=due.kind,
            policy=due.policy,
            priority=deliveries.LIVE if due.policy is Policy.REPEAT else deliveries.DUE,
            destination_id=plan.chat_id,
            session_id=session_id,
            payload={"session_id": session_id},
            due_at=due.due_at,
            expires_at=due.expires_at,
        )
    return session_id


def delivery_key(session_id: int, revision: int, kind: str, offset: int, chat_id: int) -> str:
    """What makes a message of a session unique; a moved session has a new revision and is told anew."""
    return f"session:{session_id}:{revision}:{kind}:{offset}:{chat_id}"


def start_series(
    connection: Connection,
    plan: Plan,
    cadence: Cadence,
    first: Occurrence,
    time_zone: str,
    *,
    now: datetime,
    rules: Rules,
) -> int | None:
    """A series, planned up to the horizon; the id of its first session, whose card alone is due at once."""
    until = schedule.planned_until(first.starts_at, rules.horizon, now)
    series_id = queries.add_series(
        connection,
        group_id=plan.group_id,
        kind=plan.kind,
        title=plan.title,
        place=plan.place,
        cadence=cadence.to_rrule(),
        first_local=first.nominal_local,
        minutes=schedule.minutes(plan.length),
        time_zone=time_zone,
        planned_until=until,
        extend_at=schedule.extend_at(until, rules.horizon),
        created_by=plan.person_id,
    )
    plan = replace(plan, series_id=series_id)
    first_id = schedule_session(connection, plan, first, announce_now=True, now=now, rules=rules)
    later = occurrences(cadence, first.nominal_local, ZoneInfo(time_zone), first.starts_at, until=until)
    for at in later:
        schedule_session(connection, plan, at, announce_now=False, now=now, rules=rules)
    return first_id


def any_to_extend(connection: Connection, now: datetime) -> bool:
    """Whether a series is to be planned further."""
    return queries.any_series_to_extend(connection, now)


def extend_series(connection: Connection, now: datetime, rules: Rules) -> None:
    """Plan the next occurrences of every series that is due for it."""
    for row in queries.series_to_extend(connection, now):
        until = now + rules.horizon
        length = timedelta(minutes=row.minutes)
        plan = Plan(row.group_id, row.chat_id, row.created_by, row.kind, row.title, row.place, length, row.id)
        after = max(now, row.planned_until)
        cadence = Cadence.from_rrule(row.cadence)
        for at in occurrences(cadence, row.first_local, ZoneInfo(row.time_zone), after, until=until):
            schedule_session(connection, plan, at, announce_now=False, now=now, rules=rules)
        queries.change_series(
            connection,
            row.id,
            planned_until=max(until, row.planned_until),
            extend_at=schedule.extend_at(until, rules.horizon),
        )
