"""One person's pace: a burst is handled, a flood is not, others never notice, and it comes back."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.pace import A_SECOND, BURST, REMEMBERED, Pace

NOON = datetime(2026, 12, 2, 4, tzinfo=UTC)


def test_a_burst_is_handled_and_a_flood_is_not() -> None:
    pace = Pace()
    assert [pace.allows(1, NOON) for _ in range(BURST + 5)] == [True] * BURST + [False] * 5
    assert pace.allows(2, NOON)
    a_little_later = NOON + timedelta(seconds=1 / A_SECOND)
    assert pace.allows(1, a_little_later)
    assert not pace.allows(1, a_little_later)


@given(st.lists(st.floats(0, 2), min_size=1, max_size=300))
def test_never_more_than_a_burst_and_what_came_back(waits: list[float]) -> None:
    pace, now, handled = Pace(), NOON, 0
    for wait in waits:
        now += timedelta(seconds=wait)
        handled += pace.allows(1, now)
    assert handled <= BURST + (now - NOON).total_seconds() * A_SECOND + 1


def test_a_clock_that_goes_back_gives_nothing_and_takes_nothing() -> None:
    pace = Pace()
    for _ in range(BURST):
        pace.allows(1, NOON)
    assert not pace.allows(1, NOON - timedelta(hours=1))


def test_the_idle_are_forgotten() -> None:
    pace = Pace()
    for person in range(REMEMBERED):
        pace.allows(person, NOON)
    pace.allows(-1, NOON + timedelta(minutes=5))
    assert len(pace._left) == 1
