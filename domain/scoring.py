"""Points: what each fact is worth by a versioned table, so that every point can say why it was given.

A table comes in as data (`domain/points.toml` is the starter). A fact counts by the table that held on its day,
so a new table never changes old points.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Any

from domain.attendance import CAME, Status


class Deed(StrEnum):
    """What earns points."""

    PRESENT = "present"
    LATE = "late"
    LEFT_EARLY = "left_early"
    LED_STUDY = "led_study"
    MADE_UP = "made_up"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that somebody did on a day of the group's calendar, `times` over; `session_id` says where."""

    deed: Deed
    on: date
    times: int = 1
    session_id: int | None = None


@dataclass(frozen=True, slots=True)
class PointTable:
    """What deeds are worth from `valid_from` on; a deed it does not name is worth nothing."""

    version: int
    valid_from: date
    worth: Mapping[Deed, int]


@dataclass(frozen=True, slots=True)
class PointRules:
    """The tables in order of their days. Raises ValueError unless versions and days both go up."""

    tables: tuple[PointTable, ...]

    def __post_init__(self) -> None:
        if not self.tables:
            raise ValueError("there is no table of points")
        for one, following in pairwise(self.tables):
            if following.version <= one.version or following.valid_from <= one.valid_from:
                raise ValueError(f"table {following.version} of points must come after table {one.version}")

    def on(self, day: date) -> PointTable | None:
        """The table that holds on a day; None before the first."""
        index = bisect_right(self.tables, day, key=lambda table: table.valid_from)
        return self.tables[index - 1] if index else None

    def periods(self, start: date, end: date) -> list[tuple[date, date]]:
        """The days from `start` to before `end`, cut where another table begins to hold."""
        cuts = [table.valid_from for table in self.tables if start < table.valid_from < end]
        edges = [start, *cuts, end]
        return list(pairwise(edges))


@dataclass(frozen=True, slots=True)
class Point:
    """Points given: for which fact, how many, and by which version of the table."""

    fact: Fact
    points: int
    version: int


def parse_rules(data: Mapping[str, Any]) -> PointRules:
    """The rules in the form of points.toml. Raises ValueError (KeyError) where the form is another."""
    return PointRules(
        tuple(
            PointTable(
                int(table["version"]),
                table["valid_from"],
                {Deed(deed): int(points) for deed, points in table["points"].items()},
            )
            for table in data["table"]
        )
    )


def deeds(status: Status, speaker: bool) -> tuple[Deed, ...]:
    """What an attendance record shows: having come, and having led the study where the speaker came."""
    if status not in CAME:
        return ()
    came = Deed(status.value)
    return (came, Deed.LED_STUDY) if speaker else (came,)


def earned(status: str, speaker: bool) -> tuple[Deed, ...]:
    """The deeds of a row that a board counts: an attendance record, or a session that was made up."""
    return (Deed.MADE_UP,) if status == Deed.MADE_UP else deeds(Status(status), speaker)


def points(facts: Iterable[Fact], rules: PointRules) -> list[Point]:
    """The points of facts, in their order; a fact that is worth nothing gives none."""
    given = []
    for fact in facts:
        table = rules.on(fact.on)
        worth = table.worth.get(fact.deed, 0) * fact.times if table else 0
        if table and worth:
            given.append(Point(fact, worth, table.version))
    return given


def total(facts: Iterable[Fact], rules: PointRules) -> int:
    """The sum of the points of facts."""
    return sum(point.points for point in points(facts, rules))
