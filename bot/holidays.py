"""The public holidays and shifted working days of the calendar, with an override file laid over them."""

import tomllib
from functools import cache
from pathlib import Path

from chinese_calendar import constants

from domain.holidays import Day, Holidays, parse


@cache
def known() -> Holidays:
    """What has been published: every day that is otherwise than its weekday says, with the key of its holiday."""
    names = {holiday.value: holiday.name for holiday in constants.Holiday}
    free = {day: Day(True, names[name]) for day, name in constants.holidays.items()}
    worked = {day: Day(False, names[name]) for day, name in constants.workdays.items()}
    days = free | worked
    return Holidays(days, frozenset(day.year for day in days))


def with_file(path: Path | None) -> Holidays:
    """The same with an override file over it, if there is one.

    Raises ValueError with a line for each fault, OSError where the file cannot be read.
    """
    if path is None:
        return known()
    return parse(tomllib.loads(path.read_text(encoding="utf-8"))).over(known())
