"""Leaderboards: weeks of a group's calendar, shared ranks, and a board that has no bottom."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.attendance import rate
from domain.cadence import to_instant

TOP = 5
"""Ranks that a board shows."""

MOST_SHOWN = 10
"""People a board shows at most, however many share a rank."""


@dataclass(frozen=True, slots=True)
class Week:
    """A week of a group's calendar, from Monday 00:00 to the next, in local time. `monday` names it."""

    monday: date
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if self.monday.weekday() != 0:
            raise ValueError(f"{self.monday} is not a Monday")

    @property
    def next_monday(self) -> date:
        """The day after its last."""
        return self.monday + timedelta(weeks=1)

    @property
    def starts_at(self) -> datetime:
        """Its first moment, in UTC."""
        return midnight(self.monday, self.zone)

    @property
    def ends_at(self) -> datetime:
        """The first moment after it, in UTC."""
        return midnight(self.next_monday, self.zone)

    @property
    def number(self) -> int:
        """Its number in the year (ISO 8601)."""
        return self.monday.isocalendar().week

    @property
    def before(self) -> "Week":
        """The week before."""
        return Week(self.monday - timedelta(weeks=1), self.zone)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins in a zone, in UTC."""
    return to_instant(datetime.combine(day, time()), zone)


def week_of(moment: datetime, zone: ZoneInfo) -> Week:
    """The week that a moment falls into."""
    day = moment.astimezone(zone).date()
    return Week(day - timedelta(days=day.weekday()), zone)


@dataclass(frozen=True, slots=True)
class Score:
    """Somebody's points."""

    person_id: int
    name: str
    points: int


@dataclass(frozen=True, slots=True)
class Place:
    """A place on a board; equal points share a rank, and the next one counts those before it (1, 2, 2, 4)."""

    rank: int
    person_id: int
    name: str
    points: int


def ranked(scores: Iterable[Score]) -> list[Place]:
    """Everybody who has points, best first, equals by name. Who has none has no rank: there is no bottom."""
    ordered = sorted((score for score in scores if score.points > 0), key=lambda score: (-score.points, score.name))
    places: list[Place] = []
    for position, score in enumerate(ordered, start=1):
        shares = places and places[-1].points == score.points
        rank = places[-1].rank if shares else position
        places.append(Place(rank, score.person_id, score.name, score.points))
    return places


def top(places: list[Place], ranks: int = TOP, most: int = MOST_SHOWN) -> tuple[tuple[Place, ...], int]:
    """Who is shown: the first ranks with all who share them, and how many equals of the last did not fit."""
    inside = [place for place in places if place.rank <= ranks]
    return tuple(inside[:most]), len(inside[most:])


@dataclass(frozen=True, slots=True)
class Tally:
    """A group's week in numbers: closed sessions only make the attendance, `open_sessions` are still to close."""

    closed_sessions: int = 0
    open_sessions: int = 0
    came: int = 0
    expected: int = 0
    excused: int = 0

    @property
    def rate(self) -> float | None:
        """The collective attendance; None where nobody was to come."""
        return rate(self.came, self.expected, self.excused)


@dataclass(frozen=True, slots=True)
class Board:
    """A group's week as it is shown: the group first, then the best, never the last."""

    group_id: int
    week: Week
    tally: Tally
    rate_before: float | None
    shown: tuple[Place, ...]
    equals_left_out: int
    running: bool

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened that could be shown."""
        return not self.shown and not self.tally.closed_sessions


def board(group_id: int, week: Week, tally: Tally, before: Tally, scores: Iterable[Score], *, running: bool) -> Board:
    """Put a week's board together; `before` is the tally of the week before."""
    shown, left_out = top(ranked(scores))
    return Board(group_id, week, tally, before.rate, shown, left_out, running)
