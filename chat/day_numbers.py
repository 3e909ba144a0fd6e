"""Days and times of day as the whole numbers that a button can carry: 20261202 and 1930."""

from datetime import date, time

from domain.errors import Refusal


def day_number(day: date) -> int:
    """The number of a day."""
    return day.year * 10000 + day.month * 100 + day.day


def day_of(number: int) -> date:
    """The day of a number. Raises Refusal `unknown_button` for what no button of ours carries."""
    if not 2000 <= number // 10000 < 2200:  # far from where dates end, so that every zone can reckon with it
        raise Refusal("unknown_button")
    try:
        return date(number // 10000, number // 100 % 100, number % 100)
    except ValueError as error:
        raise Refusal("unknown_button") from error


def clock_number(clock: time) -> int:
    """The number of a time of day, to the minute."""
    return clock.hour * 100 + clock.minute


def clock_of(number: int) -> time:
    """The time of day of a number. Raises Refusal `unknown_button` for what no button of ours carries."""
    try:
        return time(number // 100, number % 100)
    except (ValueError, OverflowError) as error:
        raise Refusal("unknown_button") from error
