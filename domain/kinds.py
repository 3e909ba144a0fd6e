"""Kinds of session: how often each is due, who attends, and whether it decides; every number a setting.

The starter table is DOMAIN.md's. Sources: trial regulation on branch work (2018), articles 11–13 and 16 (assembly,
committee, subgroup, theme day); the quarterly lesson is local practice. They say "normally": a miss is a warning.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, Literal

from domain import quorum
from domain.quorum import Quorum

COMMITTEE_FROM: Final = 7
"""Full members from which on a branch has a committee; under it, it has a secretary only."""

MOST_TIMES: Final = 31
"""The most sessions of a kind that a month or quarter can make due."""


class Kind(StrEnum):
    """What a session is; the value is how it is kept and named."""

    STUDY = "study"
    ASSEMBLY = "assembly"
    COMMITTEE = "committee"
    SUBGROUP = "subgroup"
    LESSON = "lesson"
    THEME_DAY = "theme_day"
    CENTRE_GROUP = "centre_group"
    TRAINING = "training"
    JOINT = "joint"
    CONTEST = "contest"
    OTHER = "other"


class Attendees(StrEnum):
    """Who is expected: the group, all party members of the unit, a body of it, named people, or whom one invites."""

    GROUP = "group"
    MEMBERS = "members"
    COMMITTEE = "committee"
    SUBGROUP = "subgroup"
    NAMED = "named"
    INVITED = "invited"


Every = Literal["month", "quarter"]


@dataclass(frozen=True, slots=True)
class KindRule:
    """The rule of a kind: at least `times` in `every` period (0: never due), and who attends.

    `day` is the fixed day of the month where there is one (1–31; a shorter month's last day); `quorum` is what it
    takes to decide, None for kinds that decide nothing; one that is not `on` can be neither scheduled nor due.
    """

    kind: Kind
    attendees: Attendees
    times: int = 0
    every: Every = "month"
    quorum: Quorum | None = None
    day: int | None = None
    on: bool = True

    @property
    def decides(self) -> bool:
        """Whether it needs a quorum."""
        return self.quorum is not None

    @property
    def is_duty(self) -> bool:
        """Whether anything of it is ever due."""
        return self.on and self.times > 0


@dataclass(frozen=True, slots=True)
class KindTable:
    """The rules of all kinds, in the order they are shown. Raises ValueError unless each kind has exactly one."""

    rules: tuple[KindRule, ...]

    def __post_init__(self) -> None:
        if sorted(rule.kind for rule in self.rules) != sorted(Kind):
            raise ValueError("a table has exactly one rule for each kind of session")

    def __getitem__(self, kind: Kind) -> KindRule:
        return next(rule for rule in self.rules if rule.kind is kind)

    def __iter__(self) -> Iterator[KindRule]:
        return iter(self.rules)

    def duties(self, there: Collection[Attendees]) -> tuple[KindRule, ...]:
        """The kinds that are due where these attendees exist: no committee, no committee meeting."""
        return tuple(rule for rule in self.rules if rule.is_duty and rule.attendees in there)


STARTER: Final = KindTable(
    (
        KindRule(Kind.STUDY, Attendees.GROUP, 1, "month"),
        KindRule(Kind.ASSEMBLY, Attendees.MEMBERS, 1, "quarter", quorum.ASSEMBLY),
        KindRule(Kind.COMMITTEE, Attendees.COMMITTEE, 1, "month", quorum.COMMITTEE),
        KindRule(Kind.SUBGROUP, Attendees.SUBGROUP, 1, "month"),
        KindRule(Kind.LESSON, Attendees.MEMBERS, 1, "quarter"),
        KindRule(Kind.THEME_DAY, Attendees.MEMBERS, 1, "month"),
        KindRule(Kind.CENTRE_GROUP, Attendees.NAMED, 1, "quarter"),
        KindRule(Kind.TRAINING, Attendees.INVITED),
        KindRule(Kind.JOINT, Attendees.INVITED),
        KindRule(Kind.CONTEST, Attendees.INVITED),
        KindRule(Kind.OTHER, Attendees.INVITED),
    )
)
"""What holds where nothing else is set."""


def lacks_committee(full_members: int, committee: int) -> bool:
    """Whether a branch should have a committee and nobody is marked as one: worth a hint, not a miss."""
    return full_members >= COMMITTEE_FROM and committee == 0


@dataclass(frozen=True, slots=True)
class Fault:
    """A setting that cannot be used: its key (`study.times`), why (`code`), and what would do (`allowed`).

    Codes: unknown_kind, unknown_key, not_allowed.
    """

    key: str
    code: str
    allowed: str


class WrongKinds(ValueError):
    """Settings of kinds that cannot be used, with all their faults."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(f"{fault.key}: {fault.code} ({fault.allowed})" for fault in faults))
        self.faults = faults


def override(base: KindTable, settings: Mapping[str, Any]) -> KindTable:
    """The table with settings laid over it: `{"study": {"times": 2}}`; what they leave out stays as it was.

    First the config's over STARTER, then a unit's over that. Keys of a kind: every ("month", "quarter"), times
    (0–31), attendees, quorum ("> 1/2", ">= 1/2" or "none"), day (1–31, 0: none), on. Raises WrongKinds with all faults.
    """
    faults: list[Fault] = []
    rules = dict(zip((rule.kind for rule in base), base, strict=True))
    for name, keys in settings.items():
        if name not in list(Kind):
            faults.append(Fault(name, "unknown_kind", ", ".join(Kind)))
        elif not isinstance(keys, Mapping):
            faults.append(Fault(name, "not_allowed", ", ".join(_READERS)))
        else:
            read, wrong = _read(name, keys)
            rules[Kind(name)] = replace(rules[Kind(name)], **read)
            faults += wrong
    if faults:
        raise WrongKinds(tuple(faults))
    return KindTable(tuple(rules.values()))


def _read(name: str, keys: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    read: dict[str, Any] = {}
    faults = []
    for key, value in keys.items():
        if key not in _READERS:
            faults.append(Fault(f"{name}.{key}", "unknown_key", ", ".join(_READERS)))
            continue
        reader, allowed = _READERS[key]
        try:
            read[key] = reader(value)
        except ValueError:
            faults.append(Fault(f"{name}.{key}", "not_allowed", allowed))
    return read, faults


def _whole(least: int, most: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        # True is 1 to Python, but no number that anybody meant.
        if type(value) is not int or not least <= value <= most:
            raise ValueError(value)
        return value

    return read


def _one_of(*allowed: object) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if not any(type(value) is type(one) and value == one for one in allowed):
            raise ValueError(value)
        return value

    return read


def _attendees(value: Any) -> Attendees:
    return Attendees(value)


def _quorum(value: Any) -> Quorum | None:
    if not isinstance(value, str):
        raise ValueError(value)
    return None if value == "none" else Quorum.parse(value)


_READERS: Final[Mapping[str, tuple[Callable[[Any], Any], str]]] = MappingProxyType(
    {
        "times": (_whole(0, MOST_TIMES), f"0–{MOST_TIMES}"),
        "every": (_one_of("month", "quarter"), "month, quarter"),
        "attendees": (_attendees, ", ".join(Attendees)),
        "quorum": (_quorum, "> 1/2, >= 1/2, none"),
        "day": (lambda value: _whole(0, 31)(value) or None, "1–31, 0 for none"),
        "on": (_one_of(True, False), "true, false"),
    }
)
