"""Days of long leave: what can be asked for, how it is shortened, what is left of one that ends."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.long_leave import LONGEST, Objection, ended, is_over, objection, shorter_ends

TODAY = date(2026, 12, 1)

days = st.integers(-800, 800).map(lambda number: TODAY + timedelta(days=number))
leaves = st.tuples(days, days).filter(lambda pair: pair[0] <= pair[1])


@given(days, days)
def test_what_can_be_asked_for_is_not_over_and_not_endless(first: date, last: date) -> None:
    found = objection(first, last, TODAY)
    if found is None:
        assert last >= TODAY
        assert 1 <= (last - first).days + 1 <= LONGEST
    else:
        assert (found is Objection.PAST) == (last < TODAY)


@given(leaves, days)
def test_a_shorter_one_ends_today_or_later_and_keeps_its_first_day(leave: tuple[date, date], today: date) -> None:
    first, last = leave
    found = shorter_ends(first, last, today)
    every = [first + timedelta(days=n) for n in range((last - first).days)]  # the last day is no shorter one
    assert [day for day in every if day >= today] == (
        [] if found is None else [found[0] + timedelta(days=n) for n in range((found[1] - found[0]).days + 1)]
    )


@given(leaves, days)
def test_one_that_ends_keeps_what_was_taken_and_never_grows(leave: tuple[date, date], today: date) -> None:
    first, last = leave
    end = ended(first, last, today)
    if end is None:
        assert first >= today
    else:
        assert first <= end <= last
        assert is_over(end, today)
        assert (end == last) == is_over(last, today)
