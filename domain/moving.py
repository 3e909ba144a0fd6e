"""Moving a series from one occurrence on: its new cadence, and where each later occurrence goes. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from domain.cadence import LAST, SHORTEST_MONTH, Cadence, to_instant

DAYS_OF_WEEK = 7
_WEEK = timedelta(days=DAYS_OF_WEEK)


@dataclass(frozen=True, slots=True)
class MovedSeries:
    """A series after a move: its cadence, where each nominal time of before is now, and up to when it is planned."""

    cadence: Cadence
    places: Mapping[datetime, datetime]
    planned_until: datetime


def shifted(cadence: Cadence, before: datetime, after: datetime) -> Cadence:
    """The rule of a series whose occurrence at local time `before` moves to `after`.

    At another time of the same day the rule stays. On another day weekly days move along, a day of the month becomes
    the new one, and an nth weekday the one that the new day is: the last where the rule meant the last or the day is
    past the 28th.
    """
    days = (after.date() - before.date()).days
    if not days:
        return cadence
    if cadence.freq == "weekly":
        return Cadence.weekly(
            *((weekday + days) % DAYS_OF_WEEK for weekday in cadence.weekdays), interval=cadence.interval
        )
    if cadence.day is not None:
        return replace(cadence, day=after.day)
    return Cadence.monthly_nth(_nth(cadence, after), after.weekday(), cadence.interval)


def _nth(cadence: Cadence, local: datetime) -> int:
    is_last = (local.date() + _WEEK).month != local.month
    if local.day > SHORTEST_MONTH or (cadence.nth == LAST and is_last):
        return LAST
    return (local.day - 1) // DAYS_OF_WEEK + 1


def move_series(
    cadence: Cadence, before: datetime, after: datetime, zone: ZoneInfo, planned_until: datetime
) -> MovedSeries:
    """Move a series from its occurrence at local time `before` to `after`, with all that follow.

    The first, second … occurrence of the old rule becomes the first, second … of the new one, so that none is lost
    and none doubled. It counts as planned up to where its last planned occurrence went.
    """
    moved = shifted(cadence, before, after)
    places = {before: after}
    for old, new in zip(_following(cadence, before), _following(moved, after), strict=False):
        if to_instant(old, zone) > planned_until:
            break
        places[old] = new
    return MovedSeries(moved, places, to_instant(places[max(places)], zone))


def _following(cadence: Cadence, local: datetime) -> Iterator[datetime]:
    """The occurrences after one, on the wall clock."""
    return (nominal for nominal in rrulestr(cadence.to_rrule(), dtstart=local) if nominal > local)
