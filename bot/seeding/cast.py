"""Reads the unit, its groups and its people from the file of a language."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class CastGroup:
    """A group to be: who is in it, in the order of the file, and what the branch marks of them."""

    name: str
    form: str
    leader: str
    deputy: str
    members: tuple[str, ...]
    committee: frozenset[str]
    probationary: frozenset[str]
    outside: frozenset[str]
    subgroup_of: dict[str, str]


@dataclass(frozen=True, slots=True)
class Cast:
    """The unit with its groups; `people` are all names, each once; `titles` what sessions are called, by kind.

    `agenda` and `decisions` stand in minutes, `note` in make-up study, `reason_note` beside what was missed.
    """

    organisation: str
    unit: str
    places: tuple[str, ...]
    groups: tuple[CastGroup, ...]
    titles: dict[str, Any]
    agenda: str
    decisions: str
    note: str
    reason_note: str

    @property
    def people(self) -> tuple[str, ...]:
        """All names, each once, in the order in which they first come."""
        return tuple(dict.fromkeys(name for group in self.groups for name in group.members))


def read(language: str) -> Cast:
    """The cast of a language: zh-CN or en."""
    data = tomllib.loads((Path(__file__).parent / f"{language}.toml").read_text(encoding="utf-8"))
    return Cast(
        data["organisation"],
        data["unit"],
        tuple(data["places"]),
        tuple(_group(each) for each in data["group"]),
        data["titles"],
        data["agenda"],
        data["decisions"],
        data["note"],
        data["reason_note"],
    )


def _group(data: dict[str, Any]) -> CastGroup:
    subgroup_of = {name: subgroup for subgroup, names in data.get("subgroups", {}).items() for name in names}
    return CastGroup(
        data["name"],
        data["form"],
        data["leader"],
        data["deputy"],
        tuple(data.get("members") or subgroup_of),
        frozenset(data.get("committee", ())),
        frozenset(data.get("probationary", ())),
        frozenset(data.get("outside", ())),
        subgroup_of,
    )
