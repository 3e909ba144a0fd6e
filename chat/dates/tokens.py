"""The pieces of a line that say when, and the way a pattern becomes one of them."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from chat.dates.numerals import compiled
from domain.cadence import Cadence


class Day(ABC):
    """A way to name a date."""

    __slots__ = ()

    @abstractmethod
    def candidates(self, today: date) -> tuple[date, ...]:
        """The dates it can mean, the likeliest first; empty when there is no such date."""


class Part(Enum):
    """A part of the day, as far as it tells which half of the clock is meant."""

    DAWN = "dawn"
    AM = "am"
    MORNING = "morning"
    NOON = "noon"
    PM = "pm"
    EVENING = "evening"
    NIGHT = "night"


@dataclass(frozen=True, slots=True)
class Clock:
    """A time as typed; `literal` figures (07:30, 19:00) are of the 24-hour clock if no part is said."""

    hour: int
    minute: int = 0
    part: Part | None = None
    literal: bool = False


@dataclass(frozen=True, slots=True)
class ClockRange:
    """From one time to another."""

    start: Clock
    end: Clock


@dataclass(frozen=True, slots=True)
class Ahead:
    """So many minutes from now: a moment, not a date."""

    minutes: int


@dataclass(frozen=True, slots=True)
class Length:
    """How long it lasts, in minutes."""

    minutes: int


@dataclass(frozen=True, slots=True)
class Repeat:
    """Every so many weeks, on the weekday that is said beside it."""

    weeks: int


@dataclass(frozen=True, slots=True)
class Monthly:
    """Every month, by a rule that names its day itself (每月第一个周三)."""

    cadence: Cadence


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A repetition that no series can have (daily, quarterly, the fifth weekday)."""


Value = Day | Part | Clock | ClockRange | Ahead | Length | Repeat | Monthly | Unsupported


@dataclass(frozen=True, slots=True)
class Token:
    """What was read, and from which characters of the line."""

    values: tuple[Value, ...]
    start: int
    end: int


# Reads one token that begins exactly at the position, given the normalised text; None when there is none.
Reader = Callable[[str, int], Token | None]
Build = Callable[[re.Match[str]], Value | tuple[Value, ...] | None]


def reader(pattern: str, build: Build) -> Reader:
    """A reader of one pattern; `build` may still decline by returning None."""
    compiled_pattern = compiled(pattern)

    def read(text: str, position: int) -> Token | None:
        match = compiled_pattern.match(text, position)
        if match is None:
            return None
        built = build(match)
        if built is None:
            return None
        return Token(built if isinstance(built, tuple) else (built,), position, match.end())

    return read


def longest(readers: tuple[Reader, ...], text: str, position: int) -> Token | None:
    """The longest token that begins at the position; among equals the earlier reader's."""
    best: Token | None = None
    for read in readers:
        token = read(text, position)
        if token is not None and (best is None or token.end > best.end):
            best = token
    return best
