"""The duty radar: once a day each plan is looked at, and who can do something about it is told, in one message."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import duties as duty_queries
from db.queries import radar as queries
from domain import radar
from domain.cadence import next_daily
from domain.plan import PlanPeriod
from domain.radar import LOOK_BACK, Light, Matter, Watch, Who
from services import access, deliveries, digests, duties, people, quiet
from services.duties import GroupPlan, Line
from services.rules import Rules

RADAR: Final = "radar"

AT_ONCE: Final = 20
"""Plans looked at in one go."""

GATHER: Final = timedelta(minutes=10)
"""How long a message waits, so that what the other groups of its reader bring goes into it too."""

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
    """Look at the plans that are due for it; after a long outage once, not once for each day.

    Messages are written only when all plans were looked at, in the order of their readers: two replicas that look at
    groups of the same people then wait for each other, rather than each for the other.
    """
    mail = _Mail()
    looked_at = []
    for group in queries.take_due(connection, now, AT_ONCE):
        queries.look_again(connection, group.id, next_daily(rules.radar_time, ZoneInfo(group.time_zone), now))
        if group.next_radar_at is not None:  # else it is new, and is looked at for the first time at that hour
            _look_at(connection, group, mail, now, rules)
            looked_at.append(group)
    for reader, language, steps in mail.in_order():
        _post(connection, reader, language, steps, now, rules)
    digests.plan(connection, looked_at, now, rules)


class _Mail:
    """What each reader is to be told, gathered from all plans."""

    def __init__(self) -> None:
        self._steps: dict[int, list[list[Any]]] = {}
        self._readers: dict[int, tuple[Any, str]] = {}

    def add(self, reader: Any, group: Any, due: "Due") -> None:
        """A step that this reader is told of."""
        step = [group.id, due.line.kind.value, due.line.subgroup, due.period.first.isoformat(), due.matter.value]
        self._steps.setdefault(reader.id, []).append(step)
        self._readers.setdefault(reader.id, (reader, reader.language or group.language))

    def in_order(self) -> list[tuple[Any, str, list[list[Any]]]]:
        """Each reader with their language and steps, by id."""
        return [(*self._readers[person_id], self._steps[person_id]) for person_id in sorted(self._steps)]


def _look_at(connection: Connection, group: Any, mail: _Mail, now: datetime, rules: Rules) -> None:
    today = now.astimezone(ZoneInfo(group.time_zone)).date()
    leaders = queries.leaders(connection, group.id)
    admins = queries.admins_above(connection, group.unit_id)
    nearest = [row for row in admins if row.depth == admins[0].depth]
    for due in _due(connection, group, today, now, rules):
        # Where no leader can be written to, who administers the unit is told what the leader would be.
        readers = leaders if _WHO[due.matter] is Who.LEADER and leaders else nearest
        for reader in readers:
            mail.add(reader, group, due)
        if readers:  # a step that nobody can be told of stays due
            queries.tell(
                connection,
                group_id=group.id,
                subgroup=due.line.subgroup,
                kind=due.line.kind.value,
                first_day=due.period.first,
                matter=due.matter.value,
                told_on=today,
            )


def _post(
    connection: Connection, reader: Any, language: str, steps: list[list[Any]], now: datetime, rules: Rules
) -> None:
    """Put steps into somebody's message of today, or of tomorrow where today's is on its way already."""
    zone = ZoneInfo(reader.time_zone or rules.time_zone)
    for at in (now + GATHER, next_daily(rules.radar_time, zone, now)):
        due_at = quiet.calm_at(connection, reader.chat_id, rules, at)
        day = due_at.astimezone(zone).date().isoformat()
        if deliveries.gather(
            connection,
            key=f"{RADAR}:{reader.id}:{day}",
            kind=RADAR,
            destination_id=reader.chat_id,
            payload={"person_id": reader.id, "day": day, "language": language},
            gathered=steps,
            due_at=due_at,
            expires_at=due_at + timedelta(hours=20),
        ):
            return


def _due(connection: Connection, group: Any, today: date, now: datetime, rules: Rules) -> Iterable[Due]:
    """The steps that are due today."""
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
                step = radar.next_step(Watch(period, known, explained), today, rules.radar)
                if step is not None:
                    yield Due(line, period, step.matter)


def _plans(connection: Connection, group: Any, today: date, now: datetime, rules: Rules) -> list[GroupPlan]:
    """The plan of this year, and early in it that of the last one."""
    years = sorted({(today - LOOK_BACK).year, today.year})
    return [duties.plan_of(connection, group, year, now, rules) for year in years]


@dataclass(frozen=True, slots=True)
class Warned:
    """A line of the message: which group, what is missing until when, and how urgent it is."""

    group_id: int
    group_name: str
    line: Line
    period: PlanPeriod
    matter: Matter
    light: Light
    pass_on: bool  # it is the leaders' to do, and none of them can be written to


@dataclass(frozen=True, slots=True)
class Message:
    """Everything somebody is told on one day, most urgent first."""

    day: date
    language: str
    lines: tuple[Warned, ...]


def message(connection: Connection, payload: Mapping[str, Any], now: datetime, rules: Rules) -> Message | None:
    """The message as it is to be said now: what was arranged or explained since is left out; None: nothing is left."""
    person = people.by_id(connection, int(payload["person_id"]))
    leads = {row.id for row in access.leads(connection, person.id)}
    steps: dict[int, dict[tuple[str, str, date], Matter]] = {}
    for group_id, kind, subgroup, first, matter in payload["gathered"]:
        if group_id in leads:
            steps.setdefault(group_id, {})[kind, subgroup, date.fromisoformat(first)] = Matter(matter)
    found = [one for group_id in sorted(steps) for one in _still(connection, group_id, steps[group_id], now, rules)]
    if not found:
        return None
    found.sort(key=lambda one: (-radar.LIGHTS.index(one.light), one.group_id, one.period.last))
    return Message(date.fromisoformat(payload["day"]), str(payload["language"]), tuple(found))


def _still(
    connection: Connection, group_id: int, told: Mapping[tuple[str, str, date], Matter], now: datetime, rules: Rules
) -> Iterable[Warned]:
    """What was said of a group, as far as it still holds."""
    group = duty_queries.group(connection, group_id)
    assert group is not None
    has_leader = bool(queries.leaders(connection, group_id))
    for plan in _plans(connection, group, now.astimezone(ZoneInfo(group.time_zone)).date(), now, rules):
        for line in plan.lines:
            for period in line.periods:
                matter = told.get((line.kind.value, line.subgroup, period.first))
                if matter is None or not period.missing or plan.reason(line, period) is not None:
                    continue
                light = radar.light(period, plan.today, rules.radar)
                pass_on = _WHO[matter] is Who.LEADER and not has_leader
                yield Warned(group.id, group.name, line, period, matter, light, pass_on=pass_on)
