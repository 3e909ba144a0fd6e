"""Quorum: whether enough of those who may vote are there to decide.

Source: trial regulation on branch work (2018), article 11: an assembly votes with half of the members who have a vote
present; article 12: a committee meets with at least half of its members. The starter asks more than half of an
assembly, as receiving members does. Both are settings.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

from domain.attendance import Status

_WRITTEN: Final = re.compile(r"\s*(>=?)\s*(\d{1,4})\s*/\s*(\d{1,4})\s*", re.ASCII)

THERE: Final = frozenset({Status.PRESENT, Status.LATE})
"""Who can still raise a hand: whoever left early came, but decides nothing any more."""


@dataclass(frozen=True, slots=True)
class Quorum:
    """A share of those who should attend and may vote: more than it (`strict`), or at least it.

    Raises ValueError for a share that is nothing, more than all, or more than all could be.
    """

    numerator: int
    denominator: int
    strict: bool

    def __post_init__(self) -> None:
        if not 0 < self.numerator <= self.denominator:
            raise ValueError(f"a quorum of {self.numerator}/{self.denominator} is not within 0–1")
        if self.strict and self.numerator == self.denominator:
            raise ValueError("more than everybody can never be there")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `> 1/2` (more than half) or `>= 1/2` (at least half). Raises ValueError for anything else."""
        found = _WRITTEN.fullmatch(text)
        if found is None:
            raise ValueError(f"not a quorum: {text!r}")
        return cls(int(found[2]), int(found[3]), strict=found[1] == ">")

    def __str__(self) -> str:
        return f"{'>' if self.strict else '>='} {self.numerator}/{self.denominator}"

    def needed(self, voters: int) -> int:
        """How many of so many voters must be there; never none, for nobody cannot decide."""
        share = voters * self.numerator
        least = share // self.denominator + 1 if self.strict else -(-share // self.denominator)
        return max(least, 1)


ASSEMBLY: Final = Quorum(1, 2, strict=True)
COMMITTEE: Final = Quorum(1, 2, strict=False)


@dataclass(frozen=True, slots=True)
class Attender:
    """Somebody on a session's list. Probationary members and those whose vote is suspended have no `vote`.

    `counted` is False only for those whom the assembly itself, with the consent of the body above, leaves out of the
    number (long illness, half a year abroad …): never by the bot, and never because of leave.
    """

    vote: bool
    status: Status
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """A session's quorum at one moment, in people: 应到 · 在场 · 有表决权应到 · 有表决权在场, and how many it takes."""

    expected: int
    there: int
    voters: int
    voters_there: int
    needed: int

    @property
    def can_decide(self) -> bool:
        """Whether a vote would count now."""
        return not self.short

    @property
    def short(self) -> int:
        """How many voters are missing; 0 when it can decide."""
        return max(self.needed - self.voters_there, 0)


def standing(people: Iterable[Attender], quorum: Quorum) -> Standing:
    """Count a session's people.

    Who is excused still should attend: leave makes nobody's vote disappear, or leave could make any handful a quorum.
    Who sits in (列席) neither should attend nor votes. Whoever is not counted but came counts on both sides.
    """
    due = [one for one in people if one.status is not Status.SITTING_IN and (one.counted or one.status in THERE)]
    voters = [one for one in due if one.vote]
    return Standing(
        expected=len(due),
        there=sum(one.status in THERE for one in due),
        voters=len(voters),
        voters_there=sum(one.status in THERE for one in voters),
        needed=quorum.needed(len(voters)),
    )
