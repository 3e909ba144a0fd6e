"""Long leave: which days it may have, how it is shortened, and what is left of one that ends early.

Days are those of the group's calendar; the first and the last one both belong to it.
"""

from datetime import date, timedelta
from enum import StrEnum
from typing import Final

LONGEST: Final = 366
"""Days of one long leave at most; for more it is asked for again, so that somebody looks at it once a year."""

DAY: Final = timedelta(days=1)


class Objection(StrEnum):
    """Why somebody cannot be away in these days."""

    PAST = "long_leave_past"
    TOO_LONG = "long_leave_too_long"


def objection(first: date, last: date, today: date) -> Objection | None:
    """Why these days cannot be asked for; None where they can. It may have begun already, but not be over."""
    if last < today:
        return Objection.PAST
    return None if 0 <= (last - first).days < LONGEST else Objection.TOO_LONG


def is_over(last: date, today: date) -> bool:
    """Whether the last day has passed, so that nothing about it can be changed any more."""
    return last < today


def shorter_ends(first: date, last: date, today: date) -> tuple[date, date] | None:
    """The earliest and the latest day that can be made the last one; None where none can.

    A day that has passed cannot be given back, and at least one day stays: who is not away at all ends it instead.
    """
    earliest, latest = max(first, today), last - DAY
    return (earliest, latest) if earliest <= latest else None


def ended(first: date, last: date, today: date) -> date | None:
    """The last day of one that ends now, since today its person is back; None where it had not begun."""
    return min(last, today - DAY) if first < today else None
