"""Moving a series from one occurrence on: whatever is moved where, no occurrence is lost and none is doubled."""

from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cadence import LAST, Cadence, occurrences, to_instant
from domain.moving import move_series, shifted

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
WEDNESDAY = datetime(2026, 12, 2, 19, 0)  # noqa: DTZ001 — wall clock

cadences = st.one_of(
    st.builds(
        lambda days, interval: Cadence.weekly(*days, interval=interval),
        st.sets(st.integers(0, 6), min_size=1, max_size=3),
        st.integers(1, 4),
    ),
    st.builds(Cadence.monthly_nth, st.sampled_from((1, 2, 3, 4, LAST)), st.integers(0, 6), st.integers(1, 3)),
    st.builds(Cadence.monthly_day, st.integers(1, 31), st.integers(1, 3)),
)
starts = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(  # noqa: DTZ001 — wall clock
    lambda at: at.replace(second=0, microsecond=0)
)
moves = st.builds(timedelta, days=st.integers(-20, 40), minutes=st.integers(-600, 600))
zones = st.sampled_from((SHANGHAI, BERLIN))


@given(cadence=cadences, start=starts, by=moves, count=st.integers(1, 12), zone=zones)
def test_no_occurrence_is_lost_or_doubled_and_the_next_is_planned_right_after(
    cadence: Cadence, start: datetime, by: timedelta, count: int, zone: ZoneInfo
) -> None:
    begin = to_instant(start, zone) - timedelta(seconds=1)
    planned = list(islice(occurrences(cadence, start, zone, begin), count))
    first, after = planned[0].nominal_local, planned[0].nominal_local + by
    moved = move_series(cadence, first, after, zone, planned[-1].starts_at)
    assert moved.places[first] == after
    for occurrence in planned:
        assert occurrence.nominal_local in moved.places
    places = [moved.places[occurrence.nominal_local] for occurrence in planned]
    assert places == sorted(set(places))
    following = next(occurrences(moved.cadence, after, zone, moved.planned_until))
    assert following.nominal_local > max(places)
    between = occurrences(moved.cadence, after, zone, to_instant(after, zone), until=moved.planned_until)
    assert {to_instant(place, zone) for place in places[1:]} == {at.starts_at for at in between}


def test_another_time_of_the_same_day_leaves_the_rule() -> None:
    last_day = Cadence.monthly_day(31)
    end_of_february = datetime(2027, 2, 28, 19, 0)  # noqa: DTZ001 — wall clock
    assert shifted(last_day, end_of_february, end_of_february.replace(hour=9)) == last_day


@pytest.mark.parametrize(
    ("cadence", "day", "expected"),
    [
        (Cadence.weekly(2), 3, Cadence.weekly(3)),
        (Cadence.weekly(0, 2, interval=2), 3, Cadence.weekly(1, 3, interval=2)),
        (Cadence.monthly_nth(1, 2), 10, Cadence.monthly_nth(2, 3)),
        (Cadence.monthly_nth(1, 2), 31, Cadence.monthly_nth(LAST, 3)),
        (Cadence.monthly_nth(LAST, 2), 24, Cadence.monthly_nth(4, 3)),
        (Cadence.monthly_nth(LAST, 2), 25, Cadence.monthly_nth(LAST, 4)),
        (Cadence.monthly_day(2), 15, Cadence.monthly_day(15)),
    ],
)
def test_another_day_turns_the_rule(cadence: Cadence, day: int, expected: Cadence) -> None:
    assert shifted(cadence, WEDNESDAY, WEDNESDAY.replace(day=day)) == expected
