"""Periods of the calendar: the week, month, quarter or year that a day falls into."""

from datetime import date, timedelta
from typing import Final

PERIODS: Final = ("week", "month", "quarter", "year")


def period_of(day: date, period: str) -> tuple[date, date]:
    """The first and the last day. Raises ValueError for a period that is none of PERIODS."""
    match period:
        case "week":
            monday = day - timedelta(days=day.weekday())
            return monday, monday + timedelta(days=6)
        case "month":
            return day.replace(day=1), _last_day(day.year, day.month)
        case "quarter":
            first = (day.month - 1) // 3 * 3 + 1
            return date(day.year, first, 1), _last_day(day.year, first + 2)
        case "year":
            return date(day.year, 1, 1), date(day.year, 12, 31)
    raise ValueError(f"no period is called {period!r}")


def _last_day(year: int, month: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return following - timedelta(days=1)
