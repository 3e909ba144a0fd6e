"""How a session recurs, in words: 每月第1个周三, every other Wednesday."""

from typing import Final

from domain.cadence import LAST, WEEKDAYS, Cadence
from texts import Words

_ORDINALS: Final = {1: "first", 2: "second", 3: "third", 4: "fourth", LAST: "last"}


def cadence_words(cadence: Cadence, spoken: Words) -> str:
    """The rule as people say it."""
    days = spoken("cadence.between").join(spoken(f"weekday.{WEEKDAYS[day].lower()}") for day in cadence.weekdays)
    if cadence.freq == "weekly":
        key = {1: "cadence.weekly", 2: "cadence.fortnightly"}.get(cadence.interval, "cadence.every_weeks")
        return spoken(key, weekday=days, weeks=cadence.interval)
    if cadence.nth is not None:
        text = spoken(f"cadence.{_ORDINALS[cadence.nth]}", weekday=days)
    else:
        text = spoken("cadence.end_of_month") if cadence.day == 31 else spoken("cadence.on_day", day=cadence.day)
    return text if cadence.interval == 1 else spoken("cadence.every_months", rule=text, months=cadence.interval)
