"""Words for a day by its place in the month, once or every month: the nth or last weekday, a day, the last day.

The first date of what comes round is the next one that the rule has. A fifth weekday, which not every month has,
is refused.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from re import Match

from chat.dates.days import (
    AFTER,
    BEFORE,
    MONTHS_ZH,
    WEEKDAY_EN,
    WEEKDAY_ZH,
    first_of_month,
    weekday_en,
    weekday_zh,
)
from chat.dates.numerals import NUMBER, number
from chat.dates.tokens import Day, Monthly, Reader, Unsupported, Value, reader
from domain.cadence import LAST, Cadence

LAST_DAY = 31  # a rule for the 31st means the last day of every month


@dataclass(frozen=True, slots=True)
class Recurring(Day):
    """The next day that a monthly rule has."""

    cadence: Cadence

    def candidates(self, today: date) -> tuple[date, ...]:
        """Two of them, for when the time of the first has passed today."""
        return tuple(islice(self.cadence.dates(today), 2))


@dataclass(frozen=True, slots=True)
class WeekdayOfMonth(Day):
    """The nth such weekday (Monday = 0; -1: the last) of the month `months` from this one, once."""

    nth: int
    weekday: int
    months: int

    def candidates(self, today: date) -> tuple[date, ...]:
        """One day, or none where that month has no fifth one."""
        first = first_of_month(today, self.months)
        days = [first + timedelta(days=n) for n in range(monthrange(first.year, first.month)[1])]
        found = [day for day in days if day.weekday() == self.weekday]
        return (found[self.nth - (self.nth > 0)],) if self.nth <= len(found) else ()


_ORDINALS_EN = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "last": LAST}
_ORDINAL_EN = r"(?P<nth>first|1st|second|2nd|third|3rd|fourth|4th|fifth|5th|last)"
_MONTH_ZH = r"每(?:一?个)?月的?"
_DAY_EN = r"(?:the\s+)?(?:(?P<day>\d{1,2})(?:st|nd|rd|th)|(?P<last>last\s+day))"
_EVERY_MONTH = r"(?:(?:every|each)\s+month|monthly)"
_OF_EVERY_MONTH = r"\s+(?:(?:of|in)\s+)?(?:every|each)\s+month"
_OF_THE_MONTH = r"\s+(?:of|in)\s+(?:the|every|each)\s+month"


def _nth(nth: int, weekday: int) -> Value | tuple[Value, ...]:
    if nth not in (1, 2, 3, 4, LAST):
        return Unsupported()
    cadence = Cadence.monthly_nth(nth, weekday)
    return Monthly(cadence), Recurring(cadence)


def _on_day(day: int) -> Value | tuple[Value, ...] | None:
    if not 1 <= day <= LAST_DAY:
        return None
    cadence = Cadence.monthly_day(day)
    return Monthly(cadence), Recurring(cadence)


def _once_zh(found: Match[str]) -> WeekdayOfMonth | None:
    nth = LAST if found["nth"] is None else number(found["nth"])
    return WeekdayOfMonth(nth, weekday_zh(found["weekday"]), MONTHS_ZH[found["which"]]) if nth else None


def _once_en(found: Match[str]) -> WeekdayOfMonth:
    return WeekdayOfMonth(
        _ORDINALS_EN.get(found["nth"], 5), weekday_en(found["weekday"]), 1 if found["which"] == "next" else 0
    )


def _nth_zh(found: Match[str]) -> Value | tuple[Value, ...]:
    nth = LAST if found["nth"] is None else number(found["nth"])
    return _nth(nth, weekday_zh(found["weekday"]))


def _nth_en(found: Match[str]) -> Value | tuple[Value, ...]:
    return _nth(_ORDINALS_EN.get(found["nth"], 5), weekday_en(found["weekday"]))


def _day_en(found: Match[str]) -> Value | tuple[Value, ...] | None:
    return _on_day(LAST_DAY if found["last"] else int(found["day"]))


MONTH_READERS: tuple[Reader, ...] = (
    reader(
        rf"{_MONTH_ZH}(?:第?(?P<nth>{NUMBER})|最后一)个?(?:周|星期|礼拜)(?P<weekday>[{WEEKDAY_ZH}])的?",
        _nth_zh,
    ),
    reader(
        rf"(?P<which>本|这|当|下下|下)个?月的?(?:第(?P<nth>{NUMBER})|最后一)个?(?:周|星期|礼拜)(?P<weekday>[{WEEKDAY_ZH}])的?",
        _once_zh,
    ),
    reader(
        rf"{BEFORE}(?:the\s+)?{_ORDINAL_EN}\s+{WEEKDAY_EN}\s+(?:of|in)\s+(?P<which>this|next)\s+month{AFTER}", _once_en
    ),
    reader(rf"{_MONTH_ZH}(?P<day>{NUMBER})\s*(?:日|号)的?", lambda m: _on_day(number(m["day"]))),
    reader(rf"{_MONTH_ZH}(?:最后一天|月?底|月?末)的?", lambda _: _on_day(LAST_DAY)),
    reader(rf"{BEFORE}(?:the\s+|every\s+|each\s+)?{_ORDINAL_EN}\s+{WEEKDAY_EN}{_OF_THE_MONTH}{AFTER}", _nth_en),
    reader(rf"{BEFORE}(?:every|each)\s+(?!second|2nd){_ORDINAL_EN}\s+{WEEKDAY_EN}{AFTER}", _nth_en),
    reader(rf"{BEFORE}{_EVERY_MONTH},?\s+on\s+(?:the\s+)?{_ORDINAL_EN}\s+{WEEKDAY_EN}{AFTER}", _nth_en),
    reader(rf"{BEFORE}{_EVERY_MONTH},?\s+on\s+{_DAY_EN}{AFTER}", _day_en),
    reader(rf"{BEFORE}(?:on\s+)?{_DAY_EN}{_OF_EVERY_MONTH}{AFTER}", _day_en),
    reader(rf"{BEFORE}(?:on\s+)?{_DAY_EN}\s+(?:of|in)\s+the\s+month{AFTER}", _day_en),
)
