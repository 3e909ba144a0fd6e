"""What the picture of a board shows, as plain data."""

from dataclasses import dataclass
from datetime import datetime

from domain.leaderboards import Board


@dataclass(frozen=True, slots=True)
class GroupRate:
    """A group of the unit with its attendance in the week, from 0 to 1; `own` is the group that the board is for."""

    name: str
    rate: float
    own: bool = False


@dataclass(frozen=True, slots=True)
class NextSession:
    """The group's next session; `starts_at` is in UTC."""

    title: str
    starts_at: datetime
    place: str = ""


@dataclass(frozen=True, slots=True)
class BoardPicture:
    """What a picture shows. People who hide from boards are in none of it; names are as those people want them.

    `groups` are those of the unit that have a rate for the week, in any order; one alone is not compared. `streak` is
    the number of weeks in a row, up to this one, in which everybody came who was to come.
    """

    group: str
    board: Board
    groups: tuple[GroupRate, ...] = ()
    streak: int = 0
    next_session: NextSession | None = None
    dark: bool = False
