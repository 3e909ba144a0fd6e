"""Distances on the earth, and who is at a place."""

from math import isclose, pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.places import EARTH_METRES, MOST_UNSURE, Position, Venue, distance, is_there

positions = st.builds(Position, st.floats(-90, 90), st.floats(-180, 180))


@given(positions, positions)
def test_a_distance_is_the_same_both_ways_and_never_more_than_half_the_earth(one: Position, other: Position) -> None:
    metres = distance(one, other)
    assert 0 <= metres <= pi * EARTH_METRES + 1
    assert isclose(metres, distance(other, one), abs_tol=1e-6)
    assert distance(one, one) < 1e-3


@given(positions, st.integers(50, 1000), st.floats(0, 10_000))
def test_being_unsure_helps_only_so_far(venue_at: Position, metres: int, unsure: float) -> None:
    venue = Venue(venue_at.latitude, venue_at.longitude, metres)
    assert is_there(venue_at, venue)
    north = min(venue_at.latitude + (metres + MOST_UNSURE + 50) / 111_000, 90)
    away = Position(north, venue_at.longitude, unsure)
    if distance(away, venue) > metres + MOST_UNSURE:
        assert not is_there(away, venue)


@pytest.mark.parametrize(
    ("latitude", "unsure", "there"), [(39.9055, 0, True), (39.908, 0, False), (39.908, 200, True), (39.92, 9999, False)]
)
def test_around_a_square(latitude: float, unsure: float, there: bool) -> None:
    assert is_there(Position(latitude, 116.3912, unsure), Venue(39.9056, 116.3912, 200)) is there


def test_across_the_date_line_it_is_not_far() -> None:
    assert distance(Position(0, 179.999), Position(0, -179.999)) < 300
