"""A range of days as people type it: 12月1日到12月20日, 2026-12-01 2026-12-20, 上半年, 三季度, 10月, last month."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from chat.dates.numerals import normalise
from domain.periods import period_of

LONGEST: Final = 3660
"""Days of a range at most: ten years."""

_DAY: Final = re.compile(r"(?:(\d{4})[-/.年])?\s*(\d{1,2})[-/.月]\s*(\d{1,2})(?:\s*[日号])?")
_LAST_DAY_ALONE: Final = re.compile(r"\s*(\d{1,2})(?:\s*[日号])?")
_SEPARATOR: Final = re.compile(r"\s*(?:到|至|~|～|–|—|-|\bto\b|\buntil\b|,|，|\s)\s*")
_MONTH: Final = re.compile(r"(?:(\d{4})[-/.年]?)?\s*(\d{1,2})月")
_QUARTER: Final = re.compile(r"(?:(\d{4})年?)?\s*(?:第?([一二三四1-4])季度|q([1-4]))")
_HALF: Final = re.compile(r"(?:(\d{4})年?)?\s*(?:(上|下)半年|(first|second) half)")
_YEAR: Final = re.compile(r"(\d{4})年?")
_QUARTERS: Final = {"一": 1, "二": 2, "三": 3, "四": 4}

_NAMED: Final[dict[str, Callable[[date], tuple[date, date]]]] = {
    "今天|today": lambda today: (today, today),
    "本周|这周|this week": lambda today: period_of(today, "week"),
    "上周|last week": lambda today: period_of(today - timedelta(weeks=1), "week"),
    "本月|这个月|this month": lambda today: period_of(today, "month"),
    "上月|上个月|last month": lambda today: period_of(today.replace(day=1) - timedelta(days=1), "month"),
    "下月|下个月|next month": lambda today: period_of(period_of(today, "month")[1] + timedelta(days=1), "month"),
    "本季度|this quarter": lambda today: period_of(today, "quarter"),
    "上季度|last quarter": lambda today: period_of(period_of(today, "quarter")[0] - timedelta(days=1), "quarter"),
    "今年|本年|this year": lambda today: period_of(today, "year"),
    "去年|last year": lambda today: period_of(date(today.year - 1, 1, 1), "year"),
}


def parse_range(text: str, today: date, *, ahead: bool = False) -> tuple[date, date] | None:
    """The first and last day that a text names; None where it names no range.

    A day without its year is the one of this year; with `ahead` it is the next one that is not over, as leave is.
    """
    plain = normalise(text).strip().lower()
    for names, span in _NAMED.items():
        if plain in names.split("|"):
            return span(today)
    return _checked(_calendar_period(plain, today) or _two_days(plain, today, ahead))


def _calendar_period(plain: str, today: date) -> tuple[date, date] | None:
    try:
        if found := _HALF.fullmatch(plain):
            year, first = int(found[1] or today.year), 1 if (found[2] or found[3]) in ("上", "first") else 7
            return date(year, first, 1), period_of(date(year, first + 5, 1), "month")[1]
        if found := _QUARTER.fullmatch(plain):
            number = _QUARTERS.get(found[2] or "") or int(found[2] or found[3])
            return period_of(date(int(found[1] or today.year), number * 3, 1), "quarter")
        if found := _MONTH.fullmatch(plain):
            return period_of(date(int(found[1] or today.year), int(found[2]), 1), "month")
        if found := _YEAR.fullmatch(plain):
            return period_of(date(int(found[1]), 1, 1), "year")
    except ValueError:
        return None
    return None


def _two_days(plain: str, today: date, ahead: bool) -> tuple[date, date] | None:
    begin = _DAY.match(plain)
    if begin is None:
        return None
    first = _day(begin[1], begin[2], begin[3], today)
    if first is None:
        return None
    if ahead and not begin[1] and first < today:
        first = _day(str(first.year + 1), begin[2], begin[3], today) or first
    rest = plain[begin.end() :]
    if not rest:
        return first, first
    gap = _SEPARATOR.match(rest)
    if gap is None or not gap[0]:
        return None
    last = _last(rest[gap.end() :], first, today)
    return None if last is None else (first, last)


def _last(text: str, first: date, today: date) -> date | None:
    if found := _DAY.fullmatch(text):
        last = _day(found[1] or str(first.year), found[2], found[3], today)
        if last is not None and last < first and not found[1]:  # over New Year
            last = _day(str(first.year + 1), found[2], found[3], today)
        return last
    if found := _LAST_DAY_ALONE.fullmatch(text):
        return _day(str(first.year), str(first.month), found[1], today)
    return None


def _day(year: str | None, month: str, day: str, today: date) -> date | None:
    try:
        return date(int(year or today.year), int(month), int(day))
    except ValueError:
        return None


def _checked(found: tuple[date, date] | None) -> tuple[date, date] | None:
    if found is None or not 2000 <= found[0].year < 2200 or not 0 <= (found[1] - found[0]).days < LONGEST:
        return None
    return found
