"""When the seeded groups met: what each holds in a month, on working days, and what they missed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.seeding.cast import CastGroup
from domain.cadence import to_instant
from domain.holidays import Holidays
from domain.periods import period_of

WEDNESDAY: Final = 2

MISSED: Final = {("committee", 2), ("subgroup", 4), ("subgroup", 7), ("theme_day", 5), ("study", 8)}
"""Kind and month of what was not held: the radar and the plan are to have something to say."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A session to be: of which group (by its place in the cast), of what kind, and when it starts."""

    group: int
    kind: str
    starts_at: datetime
    subgroup: str = ""
    also_kind: str | None = None
    with_groups: tuple[int, ...] = ()


def meetings(
    groups: tuple[CastGroup, ...],
    first: date,
    last: date,
    holidays: Holidays,
    zone: ZoneInfo,
    today: date,
    *,
    weekly: bool = False,
) -> list[Meeting]:
    """All meetings from one day to another, in order of time; last month the branch missed its theme day.

    `weekly`: the groups study every week, instead of twice a month.
    """
    found = []
    lately = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    day = first.replace(day=1)
    while day <= last:
        for number, group in enumerate(groups):
            month = _branch(number, group, day) if group.form == "branch" else _study(number, day, weekly)
            missed = MISSED | ({("theme_day", day.month)} if day == lately else set())
            found += [_at(planned, holidays, zone) for planned in month if (planned.kind, day.month) not in missed]
        day = period_of(day, "month")[1] + timedelta(days=1)
    inside = [meeting for meeting in found if first <= meeting.starts_at.astimezone(zone).date() <= last]
    return sorted(inside, key=lambda meeting: (meeting.starts_at, meeting.group))


@dataclass(frozen=True, slots=True)
class _Planned:
    group: int
    kind: str
    on: date
    at: time
    subgroup: str = ""
    also_kind: str | None = None
    with_groups: tuple[int, ...] = ()


def _study(number: int, first: date, weekly: bool) -> Iterator[_Planned]:
    """Two evenings of study a month; in the last month of a quarter the second one is held together."""
    if weekly:
        for week in (2, 4):
            yield _Planned(number, "study", _nth(first, WEDNESDAY + number % 2, week), time(15))
    yield _Planned(number, "study", _nth(first, WEDNESDAY + number % 2, 1), time(15))
    if first.month % 3 or number == 1:
        joint = first.month % 3 == 0
        others = (2,) if joint else ()
        yield _Planned(number, "joint" if joint else "study", _nth(first, WEDNESDAY, 3), time(15), with_groups=others)


def _branch(number: int, group: CastGroup, first: date) -> Iterator[_Planned]:
    yield _Planned(number, "study", _nth(first, 4, 2), time(15, 30))
    yield _Planned(number, "committee", _nth(first, 0, 1), time(9, 30))
    for place, subgroup in enumerate(dict.fromkeys(group.subgroup_of.values())):
        yield _Planned(number, "subgroup", _nth(first, 1 + place, 3), time(16), subgroup=subgroup)
    lesson = "lesson" if first.month % 3 == 2 else None
    yield _Planned(number, "theme_day", first.replace(day=5), time(14, 30), also_kind=lesson)
    if first.month % 3 == 0:
        yield _Planned(number, "assembly", _nth(first, 3, 4), time(14))


def _nth(first: date, weekday: int, number: int) -> date:
    """The so-manieth weekday of a month."""
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


def _at(planned: _Planned, holidays: Holidays, zone: ZoneInfo) -> Meeting:
    """A meeting whose day is free is held on the next working day."""
    day = planned.on
    while holidays.is_free(day):
        day += timedelta(days=1)
    starts_at = to_instant(datetime.combine(day, planned.at), zone)
    return Meeting(planned.group, planned.kind, starts_at, planned.subgroup, planned.also_kind, planned.with_groups)
