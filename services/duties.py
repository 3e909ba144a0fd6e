"""The year's plan of a group: which kinds of session are due in it, and how each period of them stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import duties as queries
from domain.kinds import Attendees, Kind, KindRule, KindTable, WrongKinds, lacks_committee, override
from domain.leaderboards import midnight
from domain.plan import GivenSession, PlanPeriod, SessionState, year_plan
from services.rules import Rules

BRANCH: Final = "branch"
"""A group of this form holds the meetings of a branch; one of the other form, `group`, only studies."""


class Reason(NamedTuple):
    """Why a period was missed, as its leader said."""

    reason: str
    note: str


@dataclass(frozen=True, slots=True)
class Line:
    """A kind in the plan of a year, or a subgroup's share of it."""

    kind: Kind
    subgroup: str  # empty: the group's
    rule: KindRule
    periods: tuple[PlanPeriod, ...]


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """The plan of a group for a year; `today` is its own day, `reasons` are by kind, subgroup and first day."""

    group_id: int
    group_name: str
    unit_name: str
    time_zone: str
    form: str
    year: int
    today: date
    lines: tuple[Line, ...]
    reasons: Mapping[tuple[str, str, date], Reason]
    lacks_committee: bool

    @property
    def periods(self) -> tuple[PlanPeriod, ...]:
        """The periods of all lines."""
        return tuple(period for line in self.lines for period in line.periods)

    def reason(self, line: Line, period: PlanPeriod) -> Reason | None:
        """Why a period was missed; None where nobody has said so."""
        return self.reasons.get((line.kind.value, line.subgroup, period.first))


def kinds_of(connection: Connection, group: Any, base: KindTable) -> KindTable:
    """The kinds of session as they hold in a group (its row): what its units and it set over the organisation's.

    What no longer fits, because a release changed its meaning, is left out rather than stopping every plan.
    """
    found = base
    for settings in [*queries.kinds_set_above(connection, group.unit_id), group.kinds or {}]:
        try:
            found = override(found, settings)
        except WrongKinds:
            continue
    return found


def duties_of(connection: Connection, group: Any, base: KindTable) -> list[tuple[KindRule, str]]:
    """What is due in a group: each kind once, a subgroup's for each subgroup that there is.

    A group that only studies has no assemblies; without a committee or subgroups there are no meetings of them; named
    people meet where the group's own settings switch that on.
    """
    table, there = kinds_of(connection, group, base), {Attendees.GROUP}
    subgroups: list[str] = []
    if group.form == BRANCH:
        subgroups = list(queries.subgroups(connection, group.id))
        there |= {Attendees.MEMBERS} | ({Attendees.SUBGROUP} if subgroups else set())
        there |= {Attendees.COMMITTEE} if queries.marks(connection, group.id).committee else set()
    duties: list[tuple[KindRule, str]] = []
    for rule in table:
        named = rule.attendees is Attendees.NAMED and (group.kinds or {}).get(rule.kind, {}).get("on") is True
        if rule.is_duty and (rule.attendees in there or named):
            each = subgroups if rule.attendees is Attendees.SUBGROUP else [""]
            duties += [(rule, subgroup) for subgroup in each]
    return duties


def year(connection: Connection, group_id: int, year: int, now: datetime, rules: Rules) -> GroupPlan:
    """The plan of a group for a year as it stands now. Raises LookupError where there is no such group."""
    group = queries.group(connection, group_id)
    if group is None:
        raise LookupError(f"there is no group {group_id}")
    return plan_of(connection, group, year, now, rules)


def plan_of(connection: Connection, group: Any, year: int, now: datetime, rules: Rules) -> GroupPlan:
    """The same from the group's row, as `db.queries.duties` reads it."""
    zone = ZoneInfo(group.time_zone)
    today = now.astimezone(zone).date()
    first, last = date(year, 1, 1), date(year, 12, 31)
    found = queries.sessions(connection, group.id, midnight(first, zone), midnight(last + timedelta(days=1), zone))
    since = group.created_at.astimezone(zone).date()
    lines = tuple(
        Line(
            rule.kind,
            subgroup,
            rule,
            year_plan([rule], year, _given(found, rule.kind, subgroup, zone), today, since=since),
        )
        for rule, subgroup in duties_of(connection, group, rules.kinds)
    )
    reasons = {
        (row.kind, row.subgroup, row.first_day): Reason(row.reason, row.note)
        for row in queries.reasons(connection, [group.id], first, last)
    }
    marks = queries.marks(connection, group.id)
    return GroupPlan(
        group_id=group.id,
        group_name=group.name,
        unit_name=group.unit_name,
        time_zone=group.time_zone,
        form=group.form,
        year=year,
        today=today,
        lines=lines,
        reasons=reasons,
        lacks_committee=group.form == BRANCH and lacks_committee(marks.full_members, marks.committee),
    )


def _given(found: Any, kind: Kind, subgroup: str, zone: ZoneInfo) -> list[GivenSession]:
    """The sessions that count for a line: of its kind, or held as that kind too, and of its subgroup."""
    return [
        GivenSession(
            row.starts_at.astimezone(zone).date(),
            kind,
            SessionState.HELD if row.state == "closed" else SessionState.PLANNED,
        )
        for row in found
        if kind in (row.kind, row.also_kind) and row.subgroup == subgroup
    ]
