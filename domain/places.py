"""Whether somebody is at a place: the distance of two positions on the earth, with what the telephone is unsure of."""

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from typing import Final

EARTH_METRES: Final = 6_371_008.8
"""The mean radius of the earth (IUGG)."""

MOST_UNSURE: Final = 150
"""Metres of a telephone's own uncertainty that count in its favour, at most."""


@dataclass(frozen=True, slots=True)
class Position:
    """A position in degrees; `unsure` is the radius in metres within which the telephone believes to be."""

    latitude: float
    longitude: float
    unsure: float = 0


@dataclass(frozen=True, slots=True)
class Venue:
    """Where a session is held, and how far from it somebody is still there, in metres."""

    latitude: float
    longitude: float
    metres: int


def distance(one: Position | Venue, other: Position | Venue) -> float:
    """Metres between two positions along the ground (haversine)."""
    first, second = radians(one.latitude), radians(other.latitude)
    up = sin((second - first) / 2) ** 2
    across = sin(radians(other.longitude - one.longitude) / 2) ** 2
    return 2 * EARTH_METRES * asin(min(1.0, sqrt(up + cos(first) * cos(second) * across)))


def is_there(position: Position, venue: Venue) -> bool:
    """Whether a position is at the venue, its uncertainty counted in favour up to MOST_UNSURE."""
    return distance(position, venue) - min(max(position.unsure, 0), MOST_UNSURE) <= venue.metres
