"""The duty radar: once a day each plan is looked at, and who can do something about it is told, in one message."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import access as access_queries
from db.queries import duties as duty_queries
from db.queries import radar as queries
from domain import radar
from domain.cadence import next_daily
from domain.plan import PlanPeriod
from domain.radar import Light, Matter, Watch, Who
from services import access, deliveries, digests, duties, people, quiet
from services.duties import GroupPlan, Line
from services.rules import Rules

RADAR: Final = "radar"

AT_ONCE: Final = 20
"""Plans looked at in one go."""

GATHER: Final = timedelta(minutes=10)
"""How long a message waits, so that what the other groups of its reader bring goes into it too."""

LOOK_BACK: Final = timedelta(days=62)
"""How long after its end a miss is still told of."""

_WHO: Final = {
    Matter.ARRANGE: Who.LEADER,
    Matter.URGENT: Who.ADMIN,
    Matter.REASON: Who.LEADER,
    Matter.MISSED: Who.ADMIN,
}


class Due(NamedTuple):
    """A step that is due: of which line and period of the plan, and what is said."""

    line: Line
    period: PlanPeriod
    matter: Matter


def any_due(connection: Connection, now: datetime) -> bool:
    """Whether the plan of a group is to be looked at."""
    return queries.any_due(connection, now)


def look(connection: Connection, now: datetime, rules: Rules) -> None:
    """Look at the plans that are due for it; after a long outage once, not once for each day."""
    for group in queries.take_due(connection, now, AT_ONCE):
        zone = ZoneInfo(group.time_zone)
        queries.look_again(connection, group.id, next_daily(rules.radar_time, zone, now))
        _look_at(connection, group, now, rules)
        digests.plan(connection, group, now, rules)


def _look_at(connection: Connection, group: Any, now: datetime, rules: Rules) -> None:
    today = now.astimezone(ZoneInfo(group.time_zone)).date()
    leaders = queries.leaders(connection, group.id)
    admins = queries.admins_above(connection, group.unit_id)
    for due in _due(connection, group, today, now, rules):
        # Where no leader can be written to, who administers the unit is told what the leader would be.
        readers = leaders if _WHO[due.matter] is Who.LEADER and leaders else admins
        taken = [_ask_for_message(connection, reader, group, today, now, rules) for reader in readers]
        if any(taken):
            queries.tell(
                connection,
                group_id=group.id,
                subgroup=due.line.subgroup,
                kind=due.line.kind.value,
                first_day=due.period.first,
                matter=due.matter.value,
                told_on=today,
            )


def _due(connection: Connection, group: Any, today: date, now: datetime, rules: Rules) -> Iterable[Due]:
    """The steps that are due today; a step that nobody could be told of stays due."""
    since = today - LOOK_BACK
    told: dict[tuple[str, str, date], dict[Matter, date]] = {}
    for row in queries.told(connection, group.id, since - timedelta(days=92)):
        told.setdefault((row.kind, row.subgroup, row.first_day), {})[Matter(row.matter)] = row.told_on
    for plan in _plans(connection, group, today, now, rules):
        for line in plan.lines:
            for period in line.periods:
                if period.last < since:
                    continue
                known = told.get((line.kind.value, line.subgroup, period.first), {})
                explained = plan.reason(line, period) is not None
                step = radar.next_step(Watch(group.id, period, known, explained), today, rules.radar)
                if step is not None:
                    yield Due(line, period, step.matter)


def _plans(connection: Connection, group: Any, today: date, now: datetime, rules: Rules) -> list[GroupPlan]:
    """The plan of this year, and early in it that of the last one."""
    years = sorted({(today - LOOK_BACK).year, today.year})
    return [duties.plan_of(connection, group, year, now, rules) for year in years]


def _ask_for_message(connection: Connection, reader: Any, group: Any, today: date, now: datetime, rules: Rules) -> bool:
    """Make today's message of somebody due; False where they had one already, so that it waits for tomorrow."""
    key = f"{RADAR}:{reader.id}:{today.isoformat()}"
    due_at = quiet.calm_at(connection, reader.chat_id, rules, now + GATHER)
    is_new = deliveries.enqueue(
        connection,
        key=key,
        kind=RADAR,
        destination_id=reader.chat_id,
        payload={"person_id": reader.id, "day": today.isoformat(), "language": reader.language or group.language},
        due_at=due_at,
        expires_at=due_at + timedelta(hours=20),
    )
    return is_new or queries.waits(connection, key)


@dataclass(frozen=True, slots=True)
class Warned:
    """A line of the message: which group, what is missing until when, and how urgent it is."""

    group_id: int
    group_name: str
    line: Line
    period: PlanPeriod
    matter: Matter
    light: Light


@dataclass(frozen=True, slots=True)
class Message:
    """Everything somebody is told on one day, most urgent first."""

    day: date
    language: str
    lines: tuple[Warned, ...]
    only_admin: bool  # reads as an admin of all of it


def message(connection: Connection, payload: Mapping[str, Any], now: datetime, rules: Rules) -> Message | None:
    """The message as it is to be said now: what was arranged or explained since is left out; None: nothing is left."""
    person = people.by_id(connection, int(payload["person_id"]))
    day = date.fromisoformat(payload["day"])
    found: list[Warned] = []
    leading: set[int] = set()
    for group_id in sorted(row.id for row in access.leads(connection, person.id)):
        rows = queries.told_on(connection, [group_id], day)
        if not rows:
            continue
        leads = access_queries.role(connection, person.id, group_id) in (access.LEADER, access.DEPUTY)
        leading |= {group_id} if leads else set()
        group = duty_queries.group(connection, group_id)
        concerns = {Who.LEADER: leads, Who.ADMIN: access.administers(connection, person.id, group_id)}
        concerns[Who.LEADER] |= not queries.leaders(connection, group_id)
        found += _still(connection, group, rows, concerns, day, now, rules)
    if not found:
        return None
    found.sort(key=lambda one: (-radar.LIGHTS.index(one.light), one.group_id, one.period.last))
    return Message(day, str(payload["language"]), tuple(found), only_admin=not leading)


def _still(
    connection: Connection,
    group: Any,
    rows: Iterable[Any],
    concerns: Mapping[Who, bool],
    day: date,
    now: datetime,
    rules: Rules,
) -> Iterable[Warned]:
    """What was told of a group on a day, as far as it concerns the reader and still holds."""
    told = {(row.kind, row.subgroup, row.first_day): Matter(row.matter) for row in rows}
    for plan in _plans(connection, group, day, now, rules):
        for line in plan.lines:
            for period in line.periods:
                matter = told.get((line.kind.value, line.subgroup, period.first))
                if matter is None or not concerns[_WHO[matter]]:
                    continue
                if period.missing and plan.reason(line, period) is None:
                    light = radar.light(period, plan.today, rules.radar)
                    yield Warned(group.id, group.name, line, period, matter, light)
