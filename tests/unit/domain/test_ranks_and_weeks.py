"""Ranks are shared, weeks are those of the group's own calendar, and a board has no bottom."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.leaderboards import MOST_SHOWN, TOP, Score, Tally, Week, board, ranked, top, week_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = tuple(
    ZoneInfo(name) for name in ("Asia/Shanghai", "Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia", "Asia/Amman")
)

scores = st.lists(
    st.builds(Score, st.integers(1, 999), st.text(max_size=3), st.integers(0, 40)),
    unique_by=lambda score: score.person_id,
)


def people(*points: int) -> list[Score]:
    return [Score(number, f"p{number:02}", worth) for number, worth in enumerate(points)]


def test_equal_points_share_a_rank_and_the_next_counts_them_all() -> None:
    assert [place.rank for place in ranked(people(20, 30, 10, 20))] == [1, 2, 2, 4]


@given(scores)
def test_a_rank_is_one_more_than_the_number_of_those_ahead(given_scores: list[Score]) -> None:
    places = ranked(given_scores)
    assert {place.person_id for place in places} == {s.person_id for s in given_scores if s.points > 0}
    for place in places:
        assert place.rank == 1 + sum(other.points > place.points for other in given_scores)


@given(scores)
def test_the_order_of_what_comes_in_does_not_matter(given_scores: list[Score]) -> None:
    assert [(place.rank, place.points) for place in ranked(given_scores)] == [
        (place.rank, place.points) for place in ranked(reversed(given_scores))
    ]


def test_equals_at_the_edge_are_shown_too() -> None:
    shown, left_out = top(ranked(people(9, 8, 7, 6, 5, 5, 5, 4)))
    assert [place.points for place in shown] == [9, 8, 7, 6, 5, 5, 5]
    assert left_out == 0


@given(scores)
def test_a_board_shows_no_more_than_fits_and_says_how_many_equals_are_left_out(given: list[Score]) -> None:
    places = ranked(given)
    shown, left_out = top(places)
    assert list(shown) == places[: len(shown)]
    assert len(shown) <= MOST_SHOWN
    assert len(shown) + left_out == sum(place.rank <= TOP for place in places)


def test_a_week_begins_on_monday_of_the_groups_own_calendar() -> None:
    sunday_evening_utc = datetime(2026, 11, 29, 16, 0, tzinfo=UTC)
    assert week_of(sunday_evening_utc, SHANGHAI).monday == date(2026, 11, 30)
    assert week_of(sunday_evening_utc - timedelta(seconds=1), SHANGHAI).monday == date(2026, 11, 23)
    assert week_of(sunday_evening_utc, SHANGHAI).number == 49


@given(st.integers(0, 20 * 365 * 24 * 60), st.sampled_from(ZONES))
def test_every_moment_falls_into_exactly_its_week(minutes: int, zone: ZoneInfo) -> None:
    moment = datetime(2011, 1, 10, tzinfo=UTC) + timedelta(minutes=minutes)
    week = week_of(moment, zone)
    assert week.starts_at <= moment < week.ends_at
    assert week.before.ends_at == week.starts_at
    assert week.monday.weekday() == 0


def test_a_week_with_a_clock_change_is_longer() -> None:
    week = Week(date(2026, 10, 19), ZoneInfo("Europe/Berlin"))
    assert week.ends_at - week.starts_at == timedelta(weeks=1, hours=1)


def test_a_week_named_by_another_day_is_refused() -> None:
    with pytest.raises(ValueError, match="not a Monday"):
        Week(date(2026, 11, 24), SHANGHAI)


def test_the_rate_leaves_those_on_leave_out() -> None:
    assert Tally(closed_sessions=1, came=9, expected=12, excused=2).rate == 0.9
    assert Tally(closed_sessions=1, came=0, expected=2, excused=2).rate is None


def test_a_board_is_empty_only_where_nothing_happened() -> None:
    week = Week(date(2026, 11, 23), SHANGHAI)
    nothing = Tally(open_sessions=1)
    assert board(1, week, nothing, Tally(), people(0, 0), running=False).is_empty
    assert not board(1, week, nothing, Tally(), people(0, 10), running=False).is_empty
    assert not board(1, week, Tally(closed_sessions=1), Tally(), [], running=False).is_empty
