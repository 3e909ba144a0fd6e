"""How often something comes round: recurrence in a group's local time, turned into instants one by one.

A rule says "every Wednesday at 19:00" on the wall clock, so its occurrences are named by their nominal local
time and each one is converted on its own. A time that the clocks skip happens later by the length of the gap;
one they show twice happens the first time.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from itertools import islice
from typing import Literal, Self
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
SHORTEST_MONTH = 28
LAST = -1


def to_instant(local: datetime, zone: ZoneInfo) -> datetime:
    """The UTC instant of a naive wall-clock time: shifted forward in a gap, the first of two in a fold."""
    if local.tzinfo is not None:
        raise ValueError("a local time must be naive")
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def is_in_gap(local: datetime, zone: ZoneInfo) -> bool:
    """True when the clocks of `zone` skip the wall-clock time `local`, so that it is never shown."""
    return to_instant(local, zone).astimezone(zone).replace(tzinfo=None) != local


@dataclass(frozen=True, slots=True)
class Cadence:
    """A weekly or monthly rule; build it with `weekly`, `monthly_nth` or `monthly_day`. Monday is weekday 0.

    `interval` counts calendar weeks (Monday-based) or months from the series' first occurrence. `nth` is 1–4,
    or -1 for the last one, which unlike a fifth exists in every month. `day` 29–31 is clamped to the month's
    last day, so that a monthly duty never skips February: day 31 always means the last day.
    """

    freq: Literal["weekly", "monthly"]
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    nth: int | None = None
    day: int | None = None

    @classmethod
    def weekly(cls, *weekdays: int, interval: int = 1) -> Self:
        """Every `interval` weeks on these weekdays."""
        return cls("weekly", interval, tuple(sorted(set(weekdays))))

    @classmethod
    def monthly_nth(cls, nth: int, weekday: int, interval: int = 1) -> Self:
        """The nth (or, with -1, last) such weekday of every `interval`-th month."""
        return cls("monthly", interval, (weekday,), nth=nth)

    @classmethod
    def monthly_day(cls, day: int, interval: int = 1) -> Self:
        """This day of every `interval`-th month, or the last day of a month that is too short for it."""
        return cls("monthly", interval, day=day)

    def __post_init__(self) -> None:
        if not 1 <= self.interval <= 99:
            raise ValueError(f"interval {self.interval} is not within 1–99")
        if any(weekday not in range(7) for weekday in self.weekdays):
            raise ValueError(f"weekdays {self.weekdays} are not within 0–6")
        if self.nth is not None and self.nth not in (1, 2, 3, 4, LAST):
            raise ValueError(f"nth {self.nth} is none of 1, 2, 3, 4, -1")
        if self.day is not None and not 1 <= self.day <= 31:
            raise ValueError(f"day {self.day} is not within 1–31")
        if not self._is_one_form():
            raise ValueError("a cadence is weekly with weekdays, or monthly with an nth weekday or with a day")

    def _is_one_form(self) -> bool:
        if self.freq == "weekly":
            return bool(self.weekdays) and self.nth is None and self.day is None
        by_weekday = len(self.weekdays) == 1 and self.nth is not None and self.day is None
        by_day = not self.weekdays and self.nth is None and self.day is not None
        return by_weekday or by_day

    def to_rrule(self) -> str:
        """The RFC 5545 recurrence rule meaning this: the stable form for the database and calendar files."""
        return f"FREQ={self.freq.upper()};INTERVAL={self.interval};{self._by_part()}"

    def _by_part(self) -> str:
        names = ",".join(WEEKDAYS[weekday] for weekday in self.weekdays)
        if self.freq == "weekly":
            return f"BYDAY={names};WKST=MO"
        if self.day is None:
            return f"BYDAY={self.nth}{names}"
        if self.day <= SHORTEST_MONTH:
            return f"BYMONTHDAY={self.day}"
        # The last that exists of 28…day: RFC 5545 itself would skip a month without the day.
        return f"BYMONTHDAY={','.join(map(str, range(SHORTEST_MONTH, self.day + 1)))};BYSETPOS=-1"

    @classmethod
    def from_rrule(cls, text: str) -> Self:
        """Read what `to_rrule` wrote; ValueError for any other rule, even a valid one."""
        try:
            cadence = cls._from_parts(dict(part.split("=", 1) for part in text.split(";")))
        except (KeyError, ValueError) as error:
            raise ValueError(f"not a cadence: {text!r}") from error
        if cadence.to_rrule() != text:
            raise ValueError(f"not a cadence: {text!r}")
        return cadence

    @classmethod
    def _from_parts(cls, parts: dict[str, str]) -> Self:
        interval = int(parts["INTERVAL"])
        if parts["FREQ"] == "WEEKLY":
            return cls.weekly(*map(WEEKDAYS.index, parts["BYDAY"].split(",")), interval=interval)
        if "BYDAY" in parts:
            return cls.monthly_nth(int(parts["BYDAY"][:-2]), WEEKDAYS.index(parts["BYDAY"][-2:]), interval)
        return cls.monthly_day(int(parts["BYMONTHDAY"].rsplit(",", 1)[-1]), interval)

    def dates(self, since: date) -> Iterator[date]:
        """The dates of this rule from `since` on, if it began then."""
        return (at.date() for at in rrulestr(self.to_rrule(), dtstart=datetime.combine(since, time())))

    def falls_on(self, day: date) -> bool:
        """Whether a series with this rule can begin on that day."""
        return next(self.dates(day)) == day

    def following(self, day: date) -> "Cadence":
        """The same way of recurring for a series that begins on another day."""
        if self.freq == "weekly":
            return Cadence.weekly(day.weekday(), interval=self.interval)
        if self.day is not None:
            return Cadence.monthly_day(day.day, self.interval)
        nth = nth_of(day)
        is_last = nth > 4 or (self.nth == LAST and is_last_of(day))
        return Cadence.monthly_nth(LAST if is_last else nth, day.weekday(), self.interval)


class Form(IntEnum):
    """The ways of recurring that a button can choose; each is made to fit the day that a series begins on."""

    WEEKLY = 1
    FORTNIGHTLY = 2
    NTH = 3
    LAST = 4
    DAY = 5


def fitting(form: Form, day: date) -> Cadence | None:
    """The cadence of a form for a series that begins on a day; None where that day is not the last of its kind,
    or a fifth one, which not every month has.
    """
    weekday = day.weekday()
    match form:
        case Form.WEEKLY:
            return Cadence.weekly(weekday)
        case Form.FORTNIGHTLY:
            return Cadence.weekly(weekday, interval=2)
        case Form.NTH:
            return Cadence.monthly_nth(nth_of(day), weekday) if nth_of(day) < 5 else None
        case Form.LAST:
            return Cadence.monthly_nth(LAST, weekday) if is_last_of(day) else None
        case Form.DAY:
            return Cadence.monthly_day(day.day)


def nth_of(day: date) -> int:
    """The how-manieth of its weekday a day is in its month, 1–5."""
    return (day.day - 1) // 7 + 1


def is_last_of(day: date) -> bool:
    """Whether a day is the last of its weekday in its month."""
    return day.day + 7 > monthrange(day.year, day.month)[1]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that a series comes round: its identity on the wall clock, and the instant it starts (UTC)."""

    nominal_local: datetime
    starts_at: datetime


def occurrences(
    cadence: Cadence,
    first_local: datetime,
    zone: ZoneInfo,
    after: datetime,
    *,
    count: int | None = None,
    until: datetime | None = None,
) -> Iterator[Occurrence]:
    """The occurrences that start strictly after the instant `after`, in order: `count` of them or to `until`.

    `first_local` (naive) gives the time of day, anchors the interval and bounds the series from below; it is
    itself an occurrence only when the rule falls on it. `until` is inclusive; without both there is no end.
    """
    found = _from_instant(cadence, first_local, zone, after, until)
    return found if count is None else islice(found, count)


def _from_instant(
    cadence: Cadence, first_local: datetime, zone: ZoneInfo, after: datetime, until: datetime | None
) -> Iterator[Occurrence]:
    for nominal in rrulestr(cadence.to_rrule(), dtstart=first_local):
        starts_at = to_instant(nominal, zone)
        if until is not None and starts_at > until:
            return
        if starts_at > after:
            yield Occurrence(nominal, starts_at)


def next_weekly(weekday: int, local_time: time, zone: ZoneInfo, after: datetime) -> datetime:
    """The first instant (UTC) strictly after `after` when it is that weekday (Monday = 0) and time in `zone`.

    Called again with its own result it moves on by one local week, also where the clocks change in between.
    """
    if weekday not in range(7):
        raise ValueError(f"weekday {weekday} is not within 0–6")
    # A week early, because a time in a gap may start on a later date than its nominal one.
    start = after.astimezone(zone).date() - timedelta(weeks=1)
    day = start + timedelta(days=(weekday - start.weekday()) % 7)
    while (instant := _at(day, local_time, zone)) <= after:
        day += timedelta(weeks=1)
    return instant


def next_daily(local_time: time, zone: ZoneInfo, after: datetime) -> datetime:
    """The first instant (UTC) strictly after `after` when it is that time in `zone`; once a local day."""
    day = after.astimezone(zone).date() - timedelta(days=1)
    while (instant := _at(day, local_time, zone)) <= after:
        day += timedelta(days=1)
    return instant


def _at(day: date, local_time: time, zone: ZoneInfo) -> datetime:
    return to_instant(datetime.combine(day, local_time), zone)
