"""The monthly digest: how the month before went and what this one asks for, in one message to each leader and admin."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import corrections as correction_queries
from db.queries import duties as duty_queries
from db.queries import long_leaves as long_leave_queries
from db.queries import makeups as makeup_queries
from db.queries import radar as queries
from db.queries import responses as response_queries
from domain.holidays import Holidays
from domain.leaderboards import midnight
from domain.periods import period_of
from domain.plan import Totals, totals
from services import access, deliveries, duties, people, quiet
from services.rules import Rules

DIGEST: Final = "digest"

LATEST: Final = 10
"""Day of the month up to which a digest that was slept through is still sent."""

GATHER: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class GroupMonth:
    """A group in a digest: the month before, what waits, and what this month asks for."""

    id: int
    name: str
    sessions: int
    rate: float | None  # of those who should have come; None: nothing was held
    before: Totals
    this: Totals
    unclosed: int
    leaves: int
    long_leaves: int
    corrections: int
    makeups: int  # neither done nor waived


@dataclass(frozen=True, slots=True)
class Digest:
    """A month's digest; `month` is the first day of the month that is over."""

    month: date
    language: str
    groups: tuple[GroupMonth, ...]


def first_workday(day: date, holidays: Holidays) -> date:
    """The first working day of the month that a day is in."""
    found = day.replace(day=1)
    while holidays.is_free(found):
        found += timedelta(days=1)
    return found


def plan(connection: Connection, groups: Iterable[Any], now: datetime, rules: Rules) -> None:
    """Make the digest of everybody who leads or administers one of these groups due, once a month for each person.

    They are written in the order of their readers, as the radar's messages are.
    """
    readers: dict[int, tuple[Any, Any, date]] = {}
    for group in groups:
        today = now.astimezone(ZoneInfo(group.time_zone)).date()
        if first_workday(today, rules.holidays) <= today <= today.replace(day=LATEST):
            for row in (*queries.leaders(connection, group.id), *queries.admins_above(connection, group.unit_id)):
                readers.setdefault(row.id, (row, group, today))
    for person_id in sorted(readers):
        reader, group, today = readers[person_id]
        due_at = quiet.calm_at(connection, reader.chat_id, rules, now + GATHER)
        deliveries.enqueue(
            connection,
            key=f"{DIGEST}:{person_id}:{today:%Y-%m}",
            kind=DIGEST,
            destination_id=reader.chat_id,
            payload={
                "person_id": person_id,
                "day": today.isoformat(),
                "language": reader.language or group.language,
            },
            due_at=due_at,
            expires_at=due_at + timedelta(days=3),
        )


def digest(connection: Connection, payload: Mapping[str, Any], now: datetime, rules: Rules) -> Digest | None:
    """A digest as it is to be said now; None for who leads and administers nothing any more."""
    person = people.by_id(connection, int(payload["person_id"]))
    this = date.fromisoformat(payload["day"]).replace(day=1)
    before = period_of(this - timedelta(days=1), "month")[0]
    groups = [_of_group(connection, row.id, before, this, now, rules) for row in access.leads(connection, person.id)]
    groups.sort(key=lambda group: not group.before.overdue)  # what lacks most is read first
    return Digest(before, str(payload["language"]), tuple(groups)) if groups else None


def _of_group(
    connection: Connection, group_id: int, before: date, this: date, now: datetime, rules: Rules
) -> GroupMonth:
    group = duty_queries.group(connection, group_id)
    assert group is not None
    zone = ZoneInfo(group.time_zone)
    held = queries.attendance_of(connection, group_id, midnight(before, zone), midnight(this, zone))
    return GroupMonth(
        group.id,
        group.name,
        held.sessions,
        held.came / held.expected if held.expected else None,
        _ending_in(connection, group, before, now, rules),
        _ending_in(connection, group, this, now, rules),
        queries.unclosed(connection, group_id, now),
        response_queries.count_undecided(connection, group_id),
        long_leave_queries.count_undecided(connection, group_id),
        correction_queries.count_open(connection, group_id),
        makeup_queries.count_open(connection, group_id, now)[0],
    )


def _ending_in(connection: Connection, group: Any, month: date, now: datetime, rules: Rules) -> Totals:
    """The periods of the plan that end in a month: months, and quarters with their last month."""
    first, last = period_of(month, "month")
    plan = duties.plan_of(connection, group, first.year, now, rules)
    return totals(period for period in plan.periods if first <= period.last <= last)
