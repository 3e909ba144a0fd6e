"""Auto-schedule: dates for what a plan still lacks, by habit, on working days, without clashes. A proposal only.

All times are naive wall-clock times of one calendar. The same input always gives the same dates.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import combinations
from typing import Final, NamedTuple

from domain.cadence import SHORTEST_MONTH
from domain.holidays import Holidays
from domain.kinds import Kind
from domain.periods import period_of
from domain.plan import PlanPeriod

TOGETHER_FROM: Final = 2
"""Days on which two kinds must have met for that to be a habit."""


class Reason(StrEnum):
    """Why a date was proposed: by habit; or the habit's day is free, taken, or does not come in time."""

    HABIT = "habit"
    FREE_DAY = "free_day"
    TAKEN = "taken"
    OFF_HABIT = "off_habit"


class Why(StrEnum):
    """Why nothing could be placed: the period is over, no working day is left in it, every one of them is taken."""

    PERIOD_OVER = "period_over"
    NO_WORKDAY = "no_workday"
    ALL_TAKEN = "all_taken"


@dataclass(frozen=True, slots=True)
class Habit:
    """When a kind usually meets: a weekday (Monday = 0) or, where `day` is set, a day of the month (1–31)."""

    weekday: int
    at: time
    day: int | None = None

    def is_on(self, day: date) -> bool:
        """Whether it meets on that day; a month without the day of the month meets on its last one."""
        if self.day is None:
            return day.weekday() == self.weekday
        if self.day <= SHORTEST_MONTH:
            return day.day == self.day
        return day.day == min(self.day, period_of(day, "month")[1].day)


class Meeting(NamedTuple):
    """A session that there is, held or planned."""

    kind: Kind
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """What a period lacks: `missing` sessions of a kind between two days, both within."""

    kind: Kind
    first: date
    last: date
    missing: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """A session to be, and for which gap."""

    kind: Kind
    starts: datetime
    ends: datetime
    gap: Gap
    reason: Reason


@dataclass(frozen=True, slots=True)
class Unplaced:
    """What found no date: how many sessions of a gap, and why."""

    gap: Gap
    count: int
    why: Why


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is proposed, in order of time, and what is not."""

    proposals: tuple[Proposal, ...]
    unplaced: tuple[Unplaced, ...]


@dataclass(frozen=True, slots=True)
class Manner:
    """How sessions are placed: habit and length of each kind, and the pairs of kinds that meet on one day."""

    habits: Mapping[Kind, Habit]
    default: Habit
    length: timedelta
    lengths: Mapping[Kind, timedelta] = field(default_factory=dict)
    together: Collection[frozenset[Kind]] = frozenset()

    def habit(self, kind: Kind) -> Habit:
        """The habit of a kind, else the default."""
        return self.habits.get(kind, self.default)

    def span(self, kind: Kind, day: date) -> tuple[datetime, datetime]:
        """When a session of a kind would begin and end on a day."""
        starts = datetime.combine(day, self.habit(kind).at)
        return starts, starts + self.lengths.get(kind, self.length)


def gaps(periods: Iterable[PlanPeriod]) -> list[Gap]:
    """What the periods of a plan still lack; periods that are over are gone."""
    return [
        Gap(period.kind, period.since, period.last, period.missing)
        for period in periods
        if period.missing and not period.over
    ]


def habits(past: Iterable[Meeting], days: Mapping[Kind, int], default: Habit) -> dict[Kind, Habit]:
    """The habits of the past: for each kind the most frequent weekday and time, of equals the one used last.

    `days` are the fixed days of the month of kinds that have one; such a kind keeps its usual time, or the default's.
    """
    starts: dict[Kind, list[datetime]] = defaultdict(list)
    for meeting in past:
        starts[meeting.kind].append(meeting.starts)
    found = {kind: _usual(times) for kind, times in starts.items()}
    return found | {kind: replace(found.get(kind, default), day=day) for kind, day in days.items()}


def _usual(starts: Iterable[datetime]) -> Habit:
    count: Counter[tuple[int, time]] = Counter()
    latest: dict[tuple[int, time], datetime] = {}
    for moment in sorted(starts):
        slot = moment.weekday(), moment.time()
        count[slot] += 1
        latest[slot] = moment
    weekday, at = max(count, key=lambda slot: (count[slot], latest[slot]))
    return Habit(weekday, at)


def together(past: Iterable[Meeting]) -> frozenset[frozenset[Kind]]:
    """The pairs of kinds that meet on one day: they did so TOGETHER_FROM times at least. A kind alone: twice a day."""
    by_day: dict[date, list[Kind]] = defaultdict(list)
    for meeting in past:
        by_day[meeting.starts.date()].append(meeting.kind)
    pairs = Counter(pair for kinds in by_day.values() for pair in set(map(frozenset, combinations(sorted(kinds), 2))))
    return frozenset(pair for pair, days in pairs.items() if days >= TOGETHER_FROM)


def propose(
    lacking: Iterable[Gap], manner: Manner, holidays: Holidays, meetings: Iterable[Meeting], earliest: date
) -> Schedule:
    """Dates for what is lacking, none before `earliest`, each in its period, on a working day, none clashing.

    A gap of several is spread: its time is cut into as many parts, and each part is asked for the habit's day nearest
    its middle. Where all of those are free or taken it is the working day nearest to that, in the part, then in the
    period; a shifted working day only where no other is left. Two meetings share a day only when their kinds
    have that habit and do not overlap. What ends first is placed first, so that a month goes before its quarter.
    `meetings` are all that those who attend already have, without the cancelled ones; gaps of others who attend
    (another group) are proposed in a call of their own.
    """
    diary = _Diary(manner, holidays, meetings)
    proposals: list[Proposal] = []
    unplaced: list[Unplaced] = []
    order = list(Kind)
    for gap in sorted(lacking, key=lambda gap: (gap.last, -gap.first.toordinal(), order.index(gap.kind))):
        placed = _fill(gap, earliest, diary)
        proposals += placed
        if len(placed) < gap.missing:
            why = _why(max(gap.first, earliest), gap.last, holidays)
            unplaced.append(Unplaced(gap, gap.missing - len(placed), why))
    proposals.sort(key=lambda proposal: (proposal.starts, order.index(proposal.kind)))
    return Schedule(tuple(proposals), tuple(unplaced))


class _Diary:
    """The days as they fill up."""

    def __init__(self, manner: Manner, holidays: Holidays, meetings: Iterable[Meeting]) -> None:
        self.manner = manner
        self.holidays = holidays
        self._by_day: dict[date, list[Meeting]] = defaultdict(list)
        for meeting in meetings:
            self.enter(meeting)

    def enter(self, meeting: Meeting) -> None:
        """Take a meeting's days, mostly one."""
        for day in _days_of(meeting.starts, meeting.ends):
            self._by_day[day].append(meeting)

    def is_taken(self, kind: Kind, day: date) -> bool:
        """Whether a session of a kind cannot be on that day beside what is there."""
        starts, ends = self.manner.span(kind, day)
        return any(
            frozenset((kind, other.kind)) not in self.manner.together or (starts < other.ends and other.starts < ends)
            for taken in _days_of(starts, ends)
            for other in self._by_day.get(taken, ())
        )


def _fill(gap: Gap, earliest: date, diary: _Diary) -> list[Proposal]:
    proposals: list[Proposal] = []
    window = list(_days(max(gap.first, earliest), gap.last))
    for number in range(gap.missing if window else 0):
        part = window[len(window) * number // gap.missing : len(window) * (number + 1) // gap.missing]
        found = _pick(gap.kind, part, diary) or _pick(gap.kind, window, diary)
        if found is None:
            break
        day, reason = found
        starts, ends = diary.manner.span(gap.kind, day)
        diary.enter(Meeting(gap.kind, starts, ends))
        proposals.append(Proposal(gap.kind, starts, ends, gap, reason))
    return proposals


def _pick(kind: Kind, window: list[date], diary: _Diary) -> tuple[date, Reason] | None:
    """The best day of a window, and why; None when none of its days will do."""
    if not window:
        return None
    habit, middle = diary.manner.habit(kind), window[len(window) // 2]
    wanted = sorted(filter(habit.is_on, window), key=lambda day: (abs(day - middle), day))
    workdays = [day for day in window if diary.holidays.is_workday(day)]
    possible = [day for day in workdays if not diary.is_taken(kind, day)]
    if not possible:
        return None
    for day in wanted:
        if day in possible:
            return day, Reason.HABIT
    goal = wanted[0] if wanted else middle
    best = min(possible, key=lambda day: (diary.holidays.is_shifted(day), abs(day - goal), day))
    if not wanted:
        return best, Reason.OFF_HABIT
    return best, Reason.TAKEN if goal in workdays else Reason.FREE_DAY


def _why(first: date, last: date, holidays: Holidays) -> Why:
    if first > last:
        return Why.PERIOD_OVER
    return Why.ALL_TAKEN if any(map(holidays.is_workday, _days(first, last))) else Why.NO_WORKDAY


def _days_of(starts: datetime, ends: datetime) -> Iterator[date]:
    """The days of a meeting; one that ends at midnight takes nothing of the next day."""
    return _days(starts.date(), max(starts, ends - timedelta.resolution).date())


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=count) for count in range((last - first).days + 1))
