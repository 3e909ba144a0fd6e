"""The grid of the board's picture: its columns, its sizes of type, and how its height is shared out; in pixels."""

from dataclasses import dataclass
from typing import Final

WIDTH: Final = 1080
HEIGHT: Final = 1350
MOST_GROUPS: Final = 6
MOST_ROWS: Final = 6
"""Rows of the columns: six groups, or five people and a line for the equals that did not fit."""
HIGHEST_FOOT: Final = 180
"""From the foot's line to the baseline of the last line under it, where the next session's title takes two."""

LEFT: Final = 72
RIGHT: Final = WIDTH - LEFT
SECOND: Final = 564
"""Where the second column begins; the first one ends 48 px before."""
FIRST_END: Final = SECOND - 48

TITLE: Final = 60  # font sizes, in px
LESS_TITLE: Final = 48
NUMBER: Final = 46
BODY: Final = 30
SMALL: Final = 26
LABEL: Final = 24


@dataclass(frozen=True, slots=True)
class Heights:
    """How the height of the page is shared out: what rows and foot leave free goes to the ring and to the gaps."""

    row: float
    ring: float
    """The ring's outer radius."""
    middle: float
    """The middle of the ring."""
    columns: float
    foot: float

    @classmethod
    def shared(cls, rows: int, foot: float) -> "Heights":
        """For so many rows in the columns, and a foot so high."""
        row = 66.0 if rows > 4 else 80.0
        free = MOST_ROWS * 66 - rows * row + HIGHEST_FOOT - foot
        ring = 168 + min(free / 4, 48)
        gap = (free - 2 * (ring - 168)) / 3
        middle = 236 + gap + ring
        columns = middle + ring + 84 + gap
        return cls(row, ring, middle, columns, columns + 24 + rows * row + 26 + gap)
