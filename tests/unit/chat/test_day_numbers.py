"""Days and times on buttons read back, and forged ones are refused."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.day_numbers import clock_number, clock_of, day_number, day_of
from domain.errors import Refusal


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2199, 12, 31)))
def test_a_day_reads_back(day: date) -> None:
    assert day_of(day_number(day)) == day


@given(st.integers(0, 23), st.integers(0, 59))
def test_a_time_reads_back(hour: int, minute: int) -> None:
    assert clock_of(clock_number(time(hour, minute))) == time(hour, minute)


@given(st.integers(-(2**63), 2**63))
def test_any_other_number_is_refused_as_a_button_that_is_none(number: int) -> None:
    for read in (day_of, clock_of):
        try:
            read(number)
        except Refusal as refusal:
            assert refusal.code == "unknown_button"  # noqa: PT017 — both ends are allowed


@pytest.mark.parametrize("number", [0, -1, 20261301, 20260230, 99991231])
def test_no_day(number: int) -> None:
    with pytest.raises(Refusal):
        day_of(number)


@pytest.mark.parametrize("number", [-1, 2400, 1260])
def test_no_time(number: int) -> None:
    with pytest.raises(Refusal):
        clock_of(number)
