"""The rota: everybody in turn, newcomers last, who was away first and once, and swaps only by consent."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.rota import Away, Objection, Speaker, Swap, Turn, accept, assign, order, preparations

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
FIRST = date(2026, 1, 7)
TODAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)

past_days = st.integers(0, 500).map(lambda count: TODAY - timedelta(days=count))
groups = st.lists(
    st.builds(Speaker, st.integers(1, 50), past_days),
    min_size=1,
    max_size=9,
    unique_by=lambda speaker: speaker.person_id,
)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Speaker], list[Turn]]:
    """A group and any turns its people had since they joined, also some by people who have left."""
    group = draw(groups)
    drawn = draw(st.lists(st.tuples(st.integers(0, len(group)), past_days), max_size=20))
    # The place after the last is somebody who has left.
    turns = [
        Turn(group[place].person_id, max(group[place].joined_on, on)) if place < len(group) else Turn(99, on)
        for place, on in drawn
    ]
    return group, turns


def coming(count: int) -> list[date]:
    return [TODAY + timedelta(weeks=week + 1) for week in range(count)]


@given(histories())
def test_everybody_has_one_place(history: tuple[list[Speaker], list[Turn]]) -> None:
    group, turns = history
    assert sorted(order(group, turns)) == sorted(speaker.person_id for speaker in group)


@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_what_is_given_does_not_matter(history: tuple[list[Speaker], list[Turn]], random: Random) -> None:
    group, turns = history
    expected = order(group, turns)
    random.shuffle(group)
    random.shuffle(turns)
    assert order(group, turns) == expected


@given(histories())
def test_whatever_was_before_soon_everybody_leads_in_turn(history: tuple[list[Speaker], list[Turn]]) -> None:
    group, turns = history
    size = len(group)
    led = [turn.person_id for turn in assign(coming(4 * size), group, turns) if turn]
    assert set(led[: 2 * size]) == {speaker.person_id for speaker in group}
    assert len(set(led[2 * size : 3 * size])) == size
    assert led[2 * size : 3 * size] == led[3 * size :]


@given(histories())
def test_nobody_leads_twice_running(history: tuple[list[Speaker], list[Turn]]) -> None:
    group, turns = history
    led = [turn.person_id for turn in assign(coming(3 * len(group)), group, turns) if turn]
    if len(group) > 1:
        assert all(one != following for one, following in pairwise(led))


@given(histories())
def test_a_newcomer_is_last(history: tuple[list[Speaker], list[Turn]]) -> None:
    group, turns = history
    assert order([*group, Speaker(200, TODAY)], turns)[-1] == 200


@given(histories(), st.data())
def test_who_is_away_is_left_out_and_the_rest_keep_their_order(
    history: tuple[list[Speaker], list[Turn]], data: st.DataObject
) -> None:
    group, turns = history
    away = data.draw(st.sets(st.sampled_from([speaker.person_id for speaker in group])))
    assert order(group, turns, away) == tuple(one for one in order(group, turns) if one not in away)


def settled(size: int) -> tuple[list[Speaker], list[Turn]]:
    """A group of 1 … size that has led in that order, twice round."""
    group = [Speaker(number, date(2025, 1, 1)) for number in range(1, size + 1)]
    days = [FIRST + timedelta(weeks=week) for week in range(2 * size)]
    return group, [Turn(week % size + 1, day) for week, day in enumerate(days)]


@given(st.integers(2, 9), st.integers(1, 40))
def test_who_comes_back_from_leave_leads_next_and_only_once(size: int, weeks_away: int) -> None:
    group, turns = settled(size)
    days = coming(weeks_away + 2 * size)
    led = [turn.person_id for turn in assign(days, group, turns, [Away(1, days[0], days[weeks_away - 1])]) if turn]
    assert 1 not in led[:weeks_away]
    assert led[weeks_away] == 1
    assert Counter(led[weeks_away : weeks_away + size])[1] == 1


@given(histories(), st.data())
def test_nobody_is_asked_for_a_day_they_are_away_or_have_not_joined(
    history: tuple[list[Speaker], list[Turn]], data: st.DataObject
) -> None:
    group, turns = history
    days = coming(8)
    later = data.draw(st.sampled_from(days))
    group = [*group, Speaker(200, later)]
    spans = st.tuples(st.sampled_from(days), st.sampled_from(days)).map(sorted)
    away = [
        Away(data.draw(st.sampled_from(group)).person_id, *data.draw(spans))
        for _ in range(data.draw(st.integers(0, 5)))
    ]
    given_turns = assign(days, group, turns, away)
    assert len(given_turns) == len(days)
    for day, turn in zip(days, given_turns, strict=True):
        here = {
            speaker.person_id
            for speaker in group
            if speaker.joined_on <= day
            and not any(one.person_id == speaker.person_id and one.first <= day <= one.last for one in away)
        }
        assert (turn is None) == (not here)
        assert turn is None or (turn.on == day and turn.person_id in here)


def test_an_extra_turn_counts() -> None:
    group, turns = settled(4)
    # 1 stood in for somebody and has led twice of late: the others are asked before.
    turns += [Turn(1, date(2026, 3, 4)), Turn(1, date(2026, 3, 11)), Turn(2, date(2026, 3, 18))]
    assert order(group, turns) == (3, 4, 2, 1)


def test_a_group_without_any_turn_goes_by_joining_then_number() -> None:
    group = [Speaker(3, FIRST), Speaker(1, FIRST), Speaker(2, date(2025, 1, 1))]
    assert order(group, []) == (2, 1, 3)


def test_turns_already_given_for_later_days_count() -> None:
    group, turns = settled(3)
    assert order(group, turns)[0] == 1
    assert order(group, [*turns, Turn(1, date(2027, 1, 1))])[0] == 2


SWAP = Swap(asker_id=1, mine=10, asked_id=2, theirs=20)
SPEAKERS = {10: 1, 20: 2, 30: 3}
STARTS = {10: NOW + timedelta(days=1), 20: NOW + timedelta(days=8), 30: NOW + timedelta(days=15)}


def test_a_swap_changes_both_sessions_and_no_other() -> None:
    assert accept(SWAP, 2, SPEAKERS, STARTS, NOW) == {10: 2, 20: 1}


def test_taking_over_changes_one() -> None:
    assert accept(Swap(1, 10, 2), 2, SPEAKERS, STARTS, NOW) == {10: 2}


@pytest.mark.parametrize("by", [1, 3])
def test_only_whoever_was_asked_consents(by: int) -> None:
    assert accept(SWAP, by, SPEAKERS, STARTS, NOW) is Objection.NOT_ASKED


@pytest.mark.parametrize("changed", [{10: 3}, {20: 3}])
def test_what_was_changed_meanwhile_is_not_swapped(changed: dict[int, int]) -> None:
    assert accept(SWAP, 2, SPEAKERS | changed, STARTS, NOW) is Objection.OUTDATED


def test_a_session_that_is_gone_is_not_swapped() -> None:
    assert accept(SWAP, 2, SPEAKERS, {10: STARTS[10]}, NOW) is Objection.OUTDATED


@pytest.mark.parametrize("session", [10, 20])
def test_a_session_that_has_begun_is_not_swapped(session: int) -> None:
    assert accept(SWAP, 2, SPEAKERS, STARTS | {session: NOW}, NOW) is Objection.TOO_LATE


def test_preparation_is_reminded_of_on_local_mornings() -> None:
    starts_at = datetime(2026, 4, 1, 17, tzinfo=UTC)  # 2 April 01:00 in Shanghai, 19:00 in Berlin
    long_before = datetime(2026, 1, 1, tzinfo=UTC)
    assert preparations(starts_at, SHANGHAI, long_before) == (
        datetime(2026, 3, 26, 1, tzinfo=UTC),
        datetime(2026, 3, 30, 1, tzinfo=UTC),
        datetime(2026, 4, 1, 1, tzinfo=UTC),
    )
    # Berlin's clocks change on 29 March: nine o'clock is nine o'clock.
    assert preparations(starts_at, BERLIN, long_before) == (
        datetime(2026, 3, 25, 8, tzinfo=UTC),
        datetime(2026, 3, 29, 7, tzinfo=UTC),
        datetime(2026, 3, 31, 7, tzinfo=UTC),
    )


@given(st.integers(0, 20), st.times(), st.lists(st.integers(0, 10), max_size=5))
def test_no_reminder_is_past_or_after_the_start(hours: int, at: time, days: list[int]) -> None:
    starts_at = NOW + timedelta(hours=12 * hours)
    assert all(NOW < moment < starts_at for moment in preparations(starts_at, BERLIN, NOW, days, at))
