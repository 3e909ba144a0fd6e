"""Working days: public holidays and shifted working days as data, and what is known of a day.

The State Council publishes the days of a year in the autumn before it. Until then only the weekends of a year are
known: such a year is answered, never refused, and `knows` lets the caller say so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

SATURDAY: Final = 5
LONGEST: Final = 31
"""The most days a holiday of an override lasts: more is a slip in the month or the year."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day that is otherwise than its weekday says, or has a name.

    `name` is the key of the holiday ("spring_festival") the day belongs to or is worked for; empty: none is known.
    """

    free: bool
    name: str = ""


@dataclass(frozen=True, slots=True)
class Holidays:
    """The days that differ from a plain week of five working days, and the years whose days are all known."""

    days: Mapping[date, Day]
    known_years: frozenset[int] = frozenset()

    def is_free(self, day: date) -> bool:
        """Whether nobody works: a holiday, or a weekend that no working day was shifted to."""
        special = self.days.get(day)
        return day.weekday() >= SATURDAY if special is None else special.free

    def is_workday(self, day: date) -> bool:
        """Whether people work, also on a weekend that a working day was shifted to."""
        return not self.is_free(day)

    def is_shifted(self, day: date) -> bool:
        """Whether it is a Saturday or Sunday that is worked (调休上班)."""
        return day.weekday() >= SATURDAY and self.is_workday(day)

    def name(self, day: date) -> str:
        """The key of the holiday that a day belongs to or is worked for; empty where there is none."""
        special = self.days.get(day)
        return special.name if special is not None else ""

    def knows(self, year: int) -> bool:
        """Whether the days of a year have been published; of another year only the weekends are known."""
        return year in self.known_years

    def unknown_years(self, first: date, last: date) -> tuple[int, ...]:
        """The years from one day to another that are not published yet: what a plan should warn of."""
        return tuple(year for year in range(first.year, last.year + 1) if not self.knows(year))

    def over(self, base: "Holidays") -> "Holidays":
        """These days laid over others: where both name a day, this one holds; what either knows is known."""
        return Holidays({**base.days, **self.days}, base.known_years | self.known_years)


PLAIN: Final = Holidays({})
"""A calendar that knows weekends only."""


def parse(data: Mapping[str, Any]) -> Holidays:
    """The holidays of an override file.

    `years` lists the years that are complete with this file; each `[[holiday]]` has a `name`, its free days `from` …
    `to` (the same day where `to` is left out) and the weekend days worked for it, `work`. Raises ValueError with every
    fault on a line of its own, each with its key.
    """
    days: dict[date, Day] = {}
    faults = [f"{key}: is not known; known are years, holiday" for key in data if key not in ("years", "holiday")]
    years = data.get("years", [])
    if not _are(years, int):
        faults.append("years: must be a list of years, such as [2027]")
    holidays = data.get("holiday", [])
    if not _are(holidays, dict):
        faults.append("holiday: must be written as [[holiday]]")
        holidays = []
    for number, holiday in enumerate(holidays, start=1):
        faults += [f"holiday {number}: {fault}" for fault in _faults(holiday)]
        if not faults:
            days |= _days(holiday)
    if faults:
        raise ValueError("\n".join(faults))
    return Holidays(days, frozenset(years))


def _faults(holiday: Mapping[str, Any]) -> list[str]:
    faults = [f"{key} is not known" for key in holiday if key not in ("name", "from", "to", "work")]
    if not isinstance(holiday.get("name"), str):
        faults.append("name must be a text")
    first, last = holiday.get("from"), holiday.get("to", holiday.get("from"))
    if not (first is None and last is None) and not _is_span(first, last):
        faults.append(f"from and to must be days in order, at most {LONGEST}")
    if not _are(holiday.get("work", []), date):
        faults.append("work must be a list of days")
    return faults


def _is_span(first: object, last: object) -> bool:
    if type(first) is not date or type(last) is not date:
        return False
    return 0 <= (last - first).days < LONGEST


def _are(values: object, kind: type) -> bool:
    # By exact type: True is an int, and a datetime a date, to isinstance.
    return isinstance(values, list) and all(type(value) is kind for value in values)


def _days(holiday: Mapping[str, Any]) -> dict[date, Day]:
    name = holiday["name"]
    days = {day: Day(False, name) for day in holiday.get("work", [])}
    if "from" not in holiday:
        return days
    first: date = holiday["from"]
    last: date = holiday.get("to", first)
    free = {first + timedelta(days=count): Day(True, name) for count in range((last - first).days + 1)}
    return free | days
