"""A period holds its day, and the next one begins the day after it ends."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.periods import PERIODS, period_of


@given(st.dates(date(1970, 1, 1), date(2200, 1, 1)), st.sampled_from(PERIODS))
def test_periods_follow_each_other_without_a_gap(day: date, period: str) -> None:
    first, last = period_of(day, period)
    assert first <= day <= last
    assert period_of(last, period) == (first, last)
    assert period_of(last + timedelta(days=1), period)[0] == last + timedelta(days=1)


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("week", date(2024, 2, 26), date(2024, 3, 3)),
        ("month", date(2024, 2, 1), date(2024, 2, 29)),
        ("quarter", date(2024, 1, 1), date(2024, 3, 31)),
        ("year", date(2024, 1, 1), date(2024, 12, 31)),
    ],
)
def test_the_days_of_a_period(period: str, first: date, last: date) -> None:
    assert period_of(date(2024, 2, 29), period) == (first, last)


def test_another_period_is_refused() -> None:
    with pytest.raises(ValueError, match="fortnight"):
        period_of(date(2024, 2, 29), "fortnight")
