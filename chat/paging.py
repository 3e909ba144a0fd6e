"""The row of buttons that turns the pages of a list."""

from collections.abc import Callable

from chat.outgoing import Button, Keyboard
from texts import Words


def turning(page: int, pages: int, data_of: Callable[[int], str], spoken: Words) -> Keyboard:
    """One row with ⟦‹ 上一页⟧ and ⟦下一页 ›⟧ where there are such pages, or none; pages count from 0."""
    row = []
    if page > 0:
        row.append(Button(spoken("button.previous"), data_of(page - 1)))
    if page < pages - 1:
        row.append(Button(spoken("button.next"), data_of(page + 1)))
    return (tuple(row),) if row else ()
