"""The year's plan as people look at it: a group's year and quarters, and the groups of a unit side by side."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import access as access_queries
from db.queries import duties as queries
from domain import radar
from domain.errors import Refusal
from domain.leaderboards import midnight
from domain.people import Actor
from domain.plan import PlanPeriod, Totals, totals
from domain.radar import Light
from services import access, duties, people
from services.duties import GroupPlan, Line
from services.rules import Rules

SHOWN: Final = 8
"""Groups on one page."""

YEARS: Final = range(2000, 2200)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the plan with its light and its sums."""

    line: Line
    light: Light
    totals: Totals


@dataclass(frozen=True, slots=True)
class Year:
    """A group's plan of a year; `may_plan` for who schedules its sessions, `others` where there are more groups."""

    plan: GroupPlan
    rows: tuple[Row, ...]
    totals: Totals
    may_plan: bool
    others: bool

    @property
    def schedulable(self) -> int:
        """How many sessions are missing that can still be held."""
        return sum(row.totals.missing for row in self.rows)


@dataclass(frozen=True, slots=True)
class Held:
    """A session as the plan names it."""

    id: int
    title: str
    starts_at: datetime
    closed: bool


@dataclass(frozen=True, slots=True)
class Period:
    """A period of a line with its light, its sessions, and the reason it was missed for."""

    line: Line
    period: PlanPeriod
    light: Light
    reason: duties.Reason | None
    sessions: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of a group's plan, line by line."""

    year: Year
    number: int  # 1–4
    periods: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group on the list: its worst light and its sums."""

    id: int
    name: str
    unit_name: str
    light: Light
    totals: Totals


@dataclass(frozen=True, slots=True)
class Groups:
    """A page of the groups somebody may look at, with the sums of all of them."""

    year: int
    groups: tuple[GroupRow, ...]
    totals: Totals
    count: int
    page: int
    pages: int


def look(connection: Connection, actor: Actor, now: datetime, rules: Rules) -> Year | Groups:
    """/plan: the group's year where there is one group, else the list of them. Raises Refusal `no_group`."""
    found, person_id = _visible(connection, actor)
    if len(found) == 1:
        return _year(connection, found[0].id, person_id, None, now, rules, others=False)
    return _groups(connection, found, None, 0, now, rules)


def groups(connection: Connection, year: int, page: int, actor: Actor, now: datetime, rules: Rules) -> Groups:
    """The list for a year. Raises Refusal: no_group, unknown_button."""
    found, _ = _visible(connection, actor)
    return _groups(connection, found, _checked(year), page, now, rules)


def year(connection: Connection, group_id: int, year: int, actor: Actor, now: datetime, rules: Rules) -> Year:
    """A group's plan of a year (0: this one). Raises Refusal: not_member, unknown_button."""
    person_id = _require(connection, group_id, actor)
    found, _ = _visible(connection, actor)
    return _year(connection, group_id, person_id, _checked(year) or None, now, rules, others=len(found) > 1)


def quarter(
    connection: Connection, group_id: int, year_number: int, number: int, actor: Actor, now: datetime, rules: Rules
) -> Quarter:
    """A quarter of it. Raises Refusal: not_member, unknown_button."""
    if number not in range(1, 5):
        raise Refusal("unknown_button")
    of_year = year(connection, group_id, year_number, actor, now, rules)
    plan = of_year.plan
    zone = ZoneInfo(plan.time_zone)
    first, after = date(plan.year, number * 3 - 2, 1), date(plan.year + number // 4, number * 3 % 12 + 1, 1)
    held = queries.sessions(connection, group_id, midnight(first, zone), midnight(after, zone))
    periods = tuple(
        Period(
            row.line,
            period,
            _light(plan, row.line, period, rules),
            plan.reason(row.line, period),
            tuple(
                Held(each.id, each.title, each.starts_at, each.state == "closed")
                for each in held
                if row.line.kind in (each.kind, each.also_kind)
                and each.subgroup == row.line.subgroup
                and period.first <= each.starts_at.astimezone(zone).date() <= period.last
            ),
        )
        for row in of_year.rows
        for period in row.line.periods
        if first <= period.first < after
    )
    return Quarter(of_year, number, periods)


def _visible(connection: Connection, actor: Actor) -> tuple[list[Any], int]:
    """The groups whose plan somebody may see: led and administered ones first, then those they belong to."""
    known = people.find(connection, actor.telegram_id)
    if known is None:
        raise Refusal("no_group")
    led = list(access.leads(connection, known.id))
    ids = {row.id for row in led}
    found = [*led, *(row for row in access.groups_of(connection, known.id) if row.id not in ids)]
    if not found:
        raise Refusal("no_group")
    return found, known.id


def _require(connection: Connection, group_id: int, actor: Actor) -> int:
    known = people.find(connection, actor.telegram_id)
    person_id = known.id if known else 0
    if access_queries.role(connection, person_id, group_id) is None and not access.administers(
        connection, person_id, group_id
    ):
        raise Refusal("not_member")
    return person_id


def _checked(year: int) -> int:
    if year and year not in YEARS:
        raise Refusal("unknown_button")
    return year


def _year(
    connection: Connection,
    group_id: int,
    person_id: int,
    year: int | None,
    now: datetime,
    rules: Rules,
    *,
    others: bool,
) -> Year:
    group = queries.group(connection, group_id)
    assert group is not None
    plan = duties.plan_of(connection, group, year or _this_year(group, now), now, rules)
    rows = _rows(plan, rules)
    may_plan = access.is_leader(connection, person_id, group_id)
    return Year(plan, rows, totals(plan.periods), may_plan, others)


def _groups(
    connection: Connection, found: list[Any], year: int | None, page: int, now: datetime, rules: Rules
) -> Groups:
    rows, year_shown = [], year or _this_year(found[0], now)
    for each in found:
        group = queries.group(connection, each.id)
        assert group is not None
        plan = duties.plan_of(connection, group, year_shown, now, rules)
        light = radar.worst(row.light for row in _rows(plan, rules))
        rows.append(GroupRow(group.id, group.name, group.unit_name, light, totals(plan.periods)))
    pages = max(1, -(-len(rows) // SHOWN))
    page = min(max(page, 0), pages - 1)
    overall = sum((row.totals for row in rows), Totals())
    return Groups(year_shown, tuple(rows[page * SHOWN : (page + 1) * SHOWN]), overall, len(rows), page, pages)


def _this_year(group: Any, now: datetime) -> int:
    return now.astimezone(ZoneInfo(group.time_zone)).year


def _rows(plan: GroupPlan, rules: Rules) -> tuple[Row, ...]:
    return tuple(
        Row(line, radar.worst(_light(plan, line, period, rules) for period in line.periods), totals(line.periods))
        for line in plan.lines
    )


def _light(plan: GroupPlan, line: Line, period: PlanPeriod, rules: Rules) -> Light:
    return radar.light(period, plan.today, rules.radar, explained=plan.reason(line, period) is not None)
