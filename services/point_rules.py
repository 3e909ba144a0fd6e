"""Reads the table of points that the rules are applied with."""

import tomllib
from functools import cache
from pathlib import Path

import domain
from domain.scoring import PointRules, parse_rules

STARTER = Path(domain.__file__).with_name("points.toml")


def read_point_rules(path: Path) -> PointRules:
    """The tables in a file of the form of points.toml. Raises ValueError or KeyError where it has another form."""
    with path.open("rb") as file:
        return parse_rules(tomllib.load(file))


@cache
def point_rules() -> PointRules:
    """The tables in force, read once."""
    return read_point_rules(STARTER)
