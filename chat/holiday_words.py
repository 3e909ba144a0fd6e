"""What is unusual about a day, in words: nobody works on it, or a weekend is worked."""

from datetime import date

from domain.holidays import Holidays
from texts import Words


def holiday_words(day: date, holidays: Holidays, spoken: Words) -> str:
    """Why a day is not like others of its weekday, or that it is a weekend; empty for a plain working day."""
    key = holidays.name(day)
    named = spoken(f"holiday.{key}") if key and spoken.has(f"holiday.{key}") else key
    if holidays.is_shifted(day):
        return spoken("plans.shifted", name=named)
    if not holidays.is_free(day):
        return ""
    return spoken("plans.holiday", name=named) if named else spoken("plans.weekend")
