"""The year's plan: for each kind and period what is due, held, planned and missing, and the totals.

A plan has one owner: a unit for its assemblies and lessons, a group for its study, a subgroup for its meetings. The
totals of several owners are added up. Days are of the owner's calendar.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from domain.kinds import Kind, KindRule
from domain.periods import period_of


class SessionState(StrEnum):
    """What became of a session: held (closed), planned (also one that has begun and is still to close), cancelled."""

    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class GivenSession(NamedTuple):
    """A session that there is. One that counts for two kinds (a lesson on a theme day) is given once for each."""

    on: date
    kind: Kind
    state: SessionState


class PeriodState(StrEnum):
    """Where a period stands: 不计 · 应开 · 已安排 · 已开 · 逾期."""

    NOT_DUE = "not_due"
    DUE = "due"
    PLANNED = "planned"
    HELD = "held"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class PlanPeriod:
    """A kind in one period of the year, in sessions.

    `first` and `last` are the period's days, which name it; `since` is the day the duty begins in it. `held` and
    `planned` count all there are, `unclosed` those planned ones whose day is over.
    """

    kind: Kind
    first: date
    last: date
    since: date
    due: int
    held: int
    planned: int
    unclosed: int
    over: bool

    @property
    def kept(self) -> int:
        """Of what is due, how much has been held."""
        return min(self.held, self.due)

    @property
    def arranged(self) -> int:
        """Of what is due, how much is planned and not yet held."""
        return min(self.planned, self.due - self.kept)

    @property
    def missing(self) -> int:
        """Of what is due, how much is neither held nor planned: 待安排, or 逾期 when the period is over."""
        return self.due - self.kept - self.arranged

    @property
    def state(self) -> PeriodState:
        """A session whose day is over counts as planned until it is closed: the miss is then a missing tap."""
        if not self.due:
            return PeriodState.NOT_DUE
        if self.missing:
            return PeriodState.OVERDUE if self.over else PeriodState.DUE
        return PeriodState.PLANNED if self.arranged else PeriodState.HELD


@dataclass(frozen=True, slots=True)
class Totals:
    """A plan in sessions: due 应开 = held 已开 + planned 已排 + missing 待安排 + overdue 逾期; extra: held beyond."""

    due: int = 0
    held: int = 0
    planned: int = 0
    missing: int = 0
    overdue: int = 0
    extra: int = 0

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(
            self.due + other.due,
            self.held + other.held,
            self.planned + other.planned,
            self.missing + other.missing,
            self.overdue + other.overdue,
            self.extra + other.extra,
        )


_ALWAYS: Final[Mapping[Kind, date]] = MappingProxyType({})


def year_plan(
    rules: Iterable[KindRule],
    year: int,
    sessions: Iterable[GivenSession],
    today: date,
    *,
    since: date = date.min,
    since_of: Mapping[Kind, date] = _ALWAYS,
) -> tuple[PlanPeriod, ...]:
    """The periods of a year, kind by kind in the order of the rules; a kind that is off or has no number has none.

    `since` is the day the owner was founded (or began to keep its plan here), `since_of` the day that a kind was
    switched on. Periods before are not due; see `due_in` for the one that such a day falls into.
    """
    by_kind: dict[Kind, list[GivenSession]] = defaultdict(list)
    for session in sessions:
        by_kind[session.kind].append(session)
    return tuple(
        _period(rule, first, last, by_kind[rule.kind], today, max(since, since_of.get(rule.kind, date.min)))
        for rule in rules
        if rule.is_duty
        for first, last in periods_of(year, rule.every)
    )


def periods_of(year: int, every: str) -> list[tuple[date, date]]:
    """The months or quarters of a year. Raises ValueError for a period that is none."""
    found = []
    day, end = date(year, 1, 1), date(year, 12, 31)
    while True:
        first, last = period_of(day, every)
        found.append((first, last))
        if last >= end:
            return found
        day = last + timedelta(days=1)


def due_in(times: int, first: date, last: date, since: date) -> int:
    """How many sessions a period asks for.

    A period that had begun before `since` is due in full when at least half of its days remained, that day included,
    and else not at all: nobody is asked for a month's meeting on its last days.
    """
    if since <= first:
        return times
    remained, length = (last - since).days + 1, (last - first).days + 1
    return times if 2 * remained >= length else 0


def _period(
    rule: KindRule, first: date, last: date, sessions: Iterable[GivenSession], today: date, since: date
) -> PlanPeriod:
    inside = [session for session in sessions if first <= session.on <= last]
    planned = [session for session in inside if session.state is SessionState.PLANNED]
    return PlanPeriod(
        kind=rule.kind,
        first=first,
        last=last,
        since=min(max(first, since), last),
        due=due_in(rule.times, first, last, since),
        held=sum(session.state is SessionState.HELD for session in inside),
        planned=len(planned),
        unclosed=sum(session.on < today for session in planned),
        over=last < today,
    )


def totals(periods: Iterable[PlanPeriod]) -> Totals:
    """The sum of periods, of one owner or of many."""
    return sum((_totals_of(period) for period in periods), Totals())


def _totals_of(period: PlanPeriod) -> Totals:
    return Totals(
        due=period.due,
        held=period.kept,
        planned=period.arranged,
        missing=0 if period.over else period.missing,
        overdue=period.missing if period.over else 0,
        extra=period.held - period.kept,
    )


def in_quarter(periods: Iterable[PlanPeriod], quarter: int) -> tuple[PlanPeriod, ...]:
    """The periods that lie in a quarter (1–4): its months, or itself."""
    return tuple(period for period in periods if (period.first.month - 1) // 3 + 1 == quarter)
