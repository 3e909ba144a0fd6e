"""A month as buttons, to choose a day from; what a day does, and which can be chosen, is for who shows it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from chat.drafts_cards import rows_of
from chat.outgoing import Button
from domain.periods import period_of
from texts import Words

BLANK: Final = "·"


def month_of(day: date) -> int:
    """The number that a button carries for the month of a day."""
    return day.year * 12 + day.month - 1


def begins(month: int) -> date:
    """The first day of a month by its number."""
    return date(month // 12, month % 12 + 1, 1)


def rows(
    month: int, button_of: Callable[[date], Button | None], turn: Callable[[int], str], spoken: Words
) -> list[tuple[Button, ...]]:
    """The weeks of a month, from Monday, and the way to the months beside it.

    `button_of` gives the button of a day, or None for one that cannot be chosen; `turn` the data that shows a month.
    """
    first = begins(month)
    _, last = period_of(first, "month")
    blank = Button(BLANK, turn(month))
    days = [blank] * first.weekday()
    days += [button_of(first + timedelta(days=number)) or blank for number in range(last.day)]
    days += [blank] * (-len(days) % 7)
    earlier, later = first - timedelta(days=1), last + timedelta(days=1)
    return [
        *rows_of(days, 7),
        (
            Button(f"‹ {spoken.month(earlier)}", turn(month - 1)),
            Button(f"{spoken.month(later)} ›", turn(month + 1)),
        ),
    ]
