"""Putting sessions on the calendar: one with all the messages it brings, and a series that goes on by itself."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import drafts as draft_queries
from db.queries import joint as joint_queries
from db.queries import long_leaves as leave_queries
from db.queries import sessions as queries
from domain import schedule
from domain.attendance import window_of
from domain.cadence import Cadence, Occurrence, occurrences
from domain.deliveries import Policy
from domain.kinds import Attendees
from domain.schedule import Leads
from services import deliveries, rota
from services.rules import Rules

ZONE_CHANGE: Final = timedelta(days=2)
"""How far planning looks back from where it stopped. An occurrence just after that moment lies before it once a new
release of the time zones sets the clocks otherwise (Samoa left out a whole day in 2011), and would be dropped. What is
planned already is known by the wall clock, so nothing is planned twice."""


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
    link: str = ""
    leads: Leads | None = None  # None: those of the rules
    audience: str = Attendees.GROUP.value
    subgroup: str = ""
    also_kind: str | None = None
    invited: tuple[int, ...] = ()  # whom a session of named people is for
    groups: tuple[int, ...] = ()  # the other groups that hold it


def leads_of(row: Any, rules: Rules) -> Leads:
    """The lead times that a row of a group sets in minutes, else those of the rules."""
    return Leads(
        _lead(row.reminder_minutes, rules.group_reminder),
        _lead(row.leave_minutes, rules.leave_before),
        _lead(row.nudge_minutes, rules.nudge),
    )


def _lead(minutes: int | None, otherwise: timedelta) -> timedelta:
    return otherwise if minutes is None else timedelta(minutes=minutes)


def schedule_session(
    connection: Connection, plan: Plan, at: Occurrence, *, announce_now: bool, now: datetime, rules: Rules
) -> int | None:
    """A session with all messages it brings; its id, None where this occurrence is scheduled already."""
    leads = plan.leads or Leads(rules.group_reminder, rules.leave_before, rules.nudge)
    times = times_of(plan.kind, at.starts_at, plan.length, leads, now=now, rules=rules)
    session_id = queries.add_session(
        connection,
        group_id=plan.group_id,
        series_id=plan.series_id,
        nominal_local=at.nominal_local,
        kind=plan.kind,
        title=plan.title,
        place=plan.place,
        created_by=plan.person_id,
        link=plan.link,
        published_at=now,
        audience=plan.audience,
        subgroup=plan.subgroup,
        also_kind=plan.also_kind,
        **times,
    )
    if session_id is None:
        return None
    joint_queries.invite(connection, session_id, plan.invited)
    joint_queries.add_groups(connection, session_id, plan.groups)
    leave_queries.cover(connection, session_id, at.nominal_local.date(), now)
    rota.assign(connection, session_id, now, rules)
    silent = not announce_now
    announce(
        connection, session_id, 1, plan.chat_id, times, leads, at_once=announce_now, silent=silent, now=now, rules=rules
    )
    announce_elsewhere(
        connection, session_id, 1, plan.groups, times, at_once=announce_now, silent=silent, now=now, rules=rules
    )
    return session_id


def announce_elsewhere(
    connection: Connection,
    session_id: int,
    revision: int,
    group_ids: Collection[int],
    times: Mapping[str, Any],
    *,
    at_once: bool,
    silent: bool,
    now: datetime,
    rules: Rules,
) -> None:
    """The same messages in the chats of the other groups of a joint session, by their own lead times."""
    for group in joint_queries.groups(connection, group_ids) if group_ids else ():
        announce(
            connection,
            session_id,
            revision,
            group.chat_id,
            times,
            leads_of(group, rules),
            at_once=at_once,
            silent=silent,
            now=now,
            rules=rules,
            group_id=group.id,
        )


def times_of(
    kind: str, starts_at: datetime, length: timedelta, leads: Leads, *, now: datetime, rules: Rules
) -> dict[str, Any]:
    """The columns of a session that follow from its start and its length, when it is published and when it is moved."""
    window = window_of(starts_at, starts_at + length, rules.window_for(kind))
    leave_until = schedule.leave_until(starts_at, leads.leave, now)
    return {
        "opens_at": window.opens_at,
        "starts_at": starts_at,
        "late_from": window.late_from,
        "ends_at": starts_at + length,
        "closes_at": window.closes_at,
        "remind_privately_at": schedule.private_reminder_at(starts_at, rules.private_reminder, now),
        "leave_until": leave_until,
        "nudge_at": schedule.nudge_at(starts_at, leads.nudge, leave_until, now),
    }


def announce(
    connection: Connection,
    session_id: int,
    revision: int,
    chat_id: int,
    times: Mapping[str, Any],
    leads: Leads,
    *,
    at_once: bool,
    silent: bool,
    now: datetime,
    rules: Rules,
    group_id: int | None = None,
) -> None:
    """Make the messages of a session due, for each of its revisions anew; `silent` is its card's.

    `group_id` is the group whose chat it is where that is another than the session's own.
    """
    messages = schedule.due_messages(
        times["starts_at"],
        times["opens_at"],
        times["closes_at"],
        reminder=leads.reminder,
        announce_now=at_once,
        now=now,
    )
    for due in messages:
        deliveries.enqueue(
            connection,
            key=delivery_key(session_id, revision, due.kind, due.offset, chat_id),
            kind=due.kind,
            policy=due.policy,
            priority=deliveries.LIVE if due.policy is Policy.REPEAT else deliveries.DUE,
            destination_id=chat_id,
            session_id=session_id,
            payload=_payload(session_id, revision, due.kind, silent, group_id, rules),
            due_at=due.due_at,
            expires_at=due.expires_at,
        )


def _payload(
    session_id: int, revision: int, kind: str, silent: bool, group_id: int | None, rules: Rules
) -> dict[str, Any]:
    """What a message of a session holds; of a series only the first card makes a sound."""
    payload: dict[str, Any] = {"session_id": session_id, "revision": revision}
    if group_id is not None:
        payload["group_id"] = group_id
    if kind == schedule.CARD and silent:
        payload["silent"] = True
    if kind == schedule.GROUP_REMINDER:
        payload["quiet"] = [rules.quiet.from_minute, rules.quiet.to_minute]  # for a group that has none of its own
    return payload


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
    series_id = draft_queries.add_series(
        connection,
        group_id=plan.group_id,
        kind=plan.kind,
        title=plan.title,
        place=plan.place,
        link=plan.link,
        cadence=cadence.to_rrule(),
        first_local=first.nominal_local,
        minutes=schedule.minutes(plan.length),
        time_zone=time_zone,
        planned_until=until,
        extend_at=schedule.extend_at(until, rules.horizon),
        created_by=plan.person_id,
        audience=plan.audience,
        subgroup=plan.subgroup,
    )
    plan = replace(plan, series_id=series_id)
    first_id = schedule_session(connection, plan, first, announce_now=True, now=now, rules=rules)
    later = occurrences(cadence, first.nominal_local, ZoneInfo(time_zone), first.starts_at, until=until)
    for at in later:
        schedule_session(connection, plan, at, announce_now=False, now=now, rules=rules)
    return first_id


def any_to_extend(connection: Connection, now: datetime) -> bool:
    """Whether a series is to be planned further."""
    return draft_queries.any_series_to_extend(connection, now)


def extend_series(connection: Connection, now: datetime, rules: Rules) -> None:
    """Plan the next occurrences of every series that is due for it."""
    for row in draft_queries.series_to_extend(connection, now):
        until = now + rules.horizon
        length = timedelta(minutes=row.minutes)
        plan = Plan(
            row.group_id,
            row.chat_id,
            row.created_by,
            row.kind,
            row.title,
            row.place,
            length,
            row.id,
            row.link,
            leads_of(row, rules),
            row.audience,
            row.subgroup,
            **_as_before(connection, row.id),
        )
        after = max(now, row.planned_until - ZONE_CHANGE)
        cadence = Cadence.from_rrule(row.cadence)
        for at in occurrences(cadence, row.first_local, ZoneInfo(row.time_zone), after, until=until):
            schedule_session(connection, plan, at, announce_now=False, now=now, rules=rules)
        queries.change_series(
            connection,
            row.id,
            planned_until=max(until, row.planned_until),
            extend_at=schedule.extend_at(until, rules.horizon),
        )


def _as_before(connection: Connection, series_id: int) -> dict[str, Any]:
    """Whom the last planned session of a series asks, and which groups hold it with this one."""
    last = joint_queries.last_of_series(connection, series_id)
    if last is None:
        return {}
    invited, groups = joint_queries.invited(connection, last), joint_queries.other_groups(connection, last)
    return {"invited": tuple(invited), "groups": tuple(groups)}
