"""Dates that are proposed: in their period, on working days, without clashes, by habit, and always the same."""

# ruff: noqa: DTZ001 — all times of a plan are on its own wall clock

from datetime import date, datetime, time, timedelta
from itertools import combinations
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from domain.auto_schedule import (
    Gap,
    Habit,
    Manner,
    Meeting,
    Proposal,
    Reason,
    Unplaced,
    Why,
    gaps,
    habits,
    propose,
    together,
)
from domain.holidays import PLAIN, Day, Holidays
from domain.kinds import STARTER, Kind
from domain.plan import periods_of, year_plan

YEAR = 2026
LONG_AGO = date(2020, 1, 1)
TWO_HOURS = timedelta(hours=2)
WEDNESDAY = Habit(2, time(15))

days = st.integers(0, 364).map(lambda count: date(YEAR, 1, 1) + timedelta(days=count))
kinds = st.sampled_from([Kind.STUDY, Kind.ASSEMBLY, Kind.LESSON, Kind.THEME_DAY])
times = st.integers(16, 44).map(lambda halves: time(halves // 2, halves % 2 * 30))
calendars = st.builds(Holidays, st.dictionaries(days, st.builds(Day, st.booleans()), max_size=20))
meetings = st.lists(
    st.builds(
        lambda kind, day, at: Meeting(kind, datetime.combine(day, at), datetime.combine(day, at) + TWO_HOURS),
        kinds,
        days,
        times,
    ),
    max_size=12,
)
all_periods = periods_of(YEAR, "month") + periods_of(YEAR, "quarter")
lacking = st.lists(
    st.builds(
        lambda kind, period, missing: Gap(kind, period[0], period[1], missing),
        kinds,
        st.sampled_from(all_periods),
        st.integers(1, 5),
    ),
    max_size=6,
    unique_by=lambda gap: (gap.kind, gap.first, gap.last),
)
habit = st.builds(Habit, st.integers(0, 6), times, st.none() | st.integers(1, 31))
manners = st.builds(
    Manner,
    st.dictionaries(kinds, habit),
    habit,
    st.just(TWO_HOURS),
    st.just({}),
    st.frozensets(st.frozensets(kinds, min_size=1, max_size=2), max_size=3),
)


@given(lacking, manners, calendars, meetings, days)
def test_a_proposal_keeps_every_rule(
    wanted: list[Gap], manner: Manner, holidays: Holidays, existing: list[Meeting], earliest: date
) -> None:
    found = propose(wanted, manner, holidays, existing, earliest)
    for proposal in found.proposals:
        day = proposal.starts.date()
        assert proposal.gap in wanted
        assert proposal.gap.kind is proposal.kind
        assert proposal.gap.first <= day <= proposal.gap.last
        assert day >= earliest
        assert holidays.is_workday(day)
        assert proposal.starts.time() == manner.habit(proposal.kind).at
        assert proposal.ends - proposal.starts == TWO_HOURS
        assert proposal.reason is not Reason.HABIT or manner.habit(proposal.kind).is_on(day)


@given(lacking, manners, calendars, meetings, days)
def test_what_is_new_clashes_with_nothing(
    wanted: list[Gap], manner: Manner, holidays: Holidays, existing: list[Meeting], earliest: date
) -> None:
    new = [
        Meeting(one.kind, one.starts, one.ends)
        for one in propose(wanted, manner, holidays, existing, earliest).proposals
    ]
    pairs = [*combinations(new, 2), *((one, other) for one in new for other in existing)]
    for one, other in pairs:
        if one.starts.date() == other.starts.date():
            assert frozenset((one.kind, other.kind)) in manner.together
        assert one.ends <= other.starts or other.ends <= one.starts


@given(lacking, manners, calendars, meetings, days)
def test_nothing_is_lost(
    wanted: list[Gap], manner: Manner, holidays: Holidays, existing: list[Meeting], earliest: date
) -> None:
    found = propose(wanted, manner, holidays, existing, earliest)
    for gap in wanted:
        placed = sum(one.gap == gap for one in found.proposals)
        assert placed + sum(one.count for one in found.unplaced if one.gap == gap) == gap.missing
    for one in found.unplaced:
        left = [one.gap.first + timedelta(days=n) for n in range((one.gap.last - one.gap.first).days + 1)]
        left = [day for day in left if day >= earliest]
        if one.why is Why.PERIOD_OVER:
            assert not left
        else:
            assert left
            assert any(map(holidays.is_workday, left)) == (one.why is Why.ALL_TAKEN)


@given(lacking, manners, calendars, meetings, days, st.randoms(use_true_random=False))
def test_the_order_of_what_is_given_does_not_matter(
    wanted: list[Gap], manner: Manner, holidays: Holidays, existing: list[Meeting], earliest: date, random: Random
) -> None:
    expected = propose(wanted, manner, holidays, existing, earliest)
    random.shuffle(wanted)
    random.shuffle(existing)
    assert propose(wanted, manner, holidays, existing, earliest) == expected


@given(st.sampled_from(all_periods), st.integers(1, 8), st.integers(0, 4))
def test_an_empty_diary_has_room_for_every_gap(period: tuple[date, date], missing: int, weekday: int) -> None:
    manner = Manner({}, Habit(weekday, time(15)), TWO_HOURS)
    found = propose([Gap(Kind.STUDY, *period, missing)], manner, PLAIN, [], LONG_AGO)
    assert len(found.proposals) == missing
    assert len({one.starts.date() for one in found.proposals}) == missing


@given(st.sampled_from(all_periods), st.integers(1, 4), st.integers(0, 4))
def test_several_of_a_period_are_spread_and_keep_their_weekday(
    period: tuple[date, date], missing: int, weekday: int
) -> None:
    manner = Manner({}, Habit(weekday, time(15)), TWO_HOURS)
    found = propose([Gap(Kind.STUDY, *period, missing)], manner, PLAIN, [], LONG_AGO).proposals
    assert {(one.starts.weekday(), one.reason) for one in found} == {(weekday, Reason.HABIT)}
    length = (period[1] - period[0]).days + 1
    for number, one in enumerate(found):
        part = [period[0] + timedelta(days=length * edge // missing) for edge in (number, number + 1)]
        assert part[0] <= one.starts.date() < part[1]


def month(kind: Kind, number: int, missing: int = 1) -> Gap:
    first, last = periods_of(YEAR, "month")[number - 1]
    return Gap(kind, first, last, missing)


def only(gap: Gap, manner: Manner, holidays: Holidays = PLAIN, existing: tuple[Meeting, ...] = ()) -> Proposal:
    (proposal,) = propose([gap], manner, holidays, existing, LONG_AGO).proposals
    return proposal


def test_the_habits_day_nearest_the_middle() -> None:
    found = only(month(Kind.STUDY, 3), Manner({}, WEDNESDAY, TWO_HOURS))
    assert (found.starts, found.ends) == (datetime(2026, 3, 18, 15), datetime(2026, 3, 18, 17))
    assert found.reason is Reason.HABIT


def test_a_fixed_day_on_a_holiday_moves_to_the_nearest_working_day() -> None:
    manner = Manner({Kind.THEME_DAY: Habit(0, time(9), day=5)}, WEDNESDAY, TWO_HOURS)
    golden_week = Holidays({date(2026, 10, day): Day(True, "national_day") for day in range(1, 8)})
    found = only(month(Kind.THEME_DAY, 10), manner, golden_week)
    assert (found.starts, found.reason) == (datetime(2026, 10, 8, 9), Reason.FREE_DAY)


def test_it_stays_in_its_period_where_the_nearer_day_is_outside() -> None:
    manner = Manner({Kind.THEME_DAY: Habit(0, time(9), day=1)}, WEDNESDAY, TWO_HOURS)
    # 1 March 2026 is a Sunday; Friday 27 February is no nearer than Monday, and of another month.
    assert only(month(Kind.THEME_DAY, 3), manner).starts == datetime(2026, 3, 2, 9)
    # 31 May is a Sunday: back to Friday, because Monday is in June.
    last = Manner({Kind.THEME_DAY: Habit(0, time(9), day=31)}, WEDNESDAY, TWO_HOURS)
    assert only(month(Kind.THEME_DAY, 5), last).starts == datetime(2026, 5, 29, 9)


def test_a_fixed_day_that_a_month_does_not_have_is_its_last() -> None:
    manner = Manner({Kind.THEME_DAY: Habit(0, time(9), day=30)}, WEDNESDAY, TWO_HOURS)
    found = propose([month(Kind.THEME_DAY, 2)], manner, Holidays({date(2026, 2, 28): Day(False)}), [], LONG_AGO)
    assert found.proposals[0].starts == datetime(2026, 2, 28, 9)
    assert found.proposals[0].reason is Reason.HABIT


def test_a_taken_week_gives_way_to_the_next_best() -> None:
    taken = Meeting(Kind.ASSEMBLY, datetime(2026, 3, 18, 9), datetime(2026, 3, 18, 10))
    found = only(month(Kind.STUDY, 3), Manner({}, WEDNESDAY, TWO_HOURS), existing=(taken,))
    assert (found.starts.date(), found.reason) == (date(2026, 3, 11), Reason.HABIT)


def test_a_shifted_saturday_is_the_last_resort() -> None:
    friday = Habit(4, time(15))
    holidays = Holidays({date(2026, 3, 20): Day(True), date(2026, 3, 21): Day(False)})
    week = Gap(Kind.STUDY, date(2026, 3, 20), date(2026, 3, 23), 1)
    assert only(week, Manner({}, friday, TWO_HOURS), holidays).starts.date() == date(2026, 3, 23)
    weekend = Gap(Kind.STUDY, date(2026, 3, 20), date(2026, 3, 22), 1)
    assert only(weekend, Manner({}, friday, TWO_HOURS), holidays).starts.date() == date(2026, 3, 21)


def test_the_last_days_without_the_usual_weekday_are_used_and_told() -> None:
    found = propose([month(Kind.STUDY, 3)], Manner({}, WEDNESDAY, TWO_HOURS), PLAIN, [], date(2026, 3, 26))
    assert [(one.starts.date(), one.reason) for one in found.proposals] == [(date(2026, 3, 30), Reason.OFF_HABIT)]


def test_every_usual_day_taken_moves_to_the_day_beside() -> None:
    taken = tuple(
        Meeting(Kind.ASSEMBLY, datetime(2026, 3, day, 9), datetime(2026, 3, day, 10)) for day in (4, 11, 18, 25)
    )
    found = only(month(Kind.STUDY, 3), Manner({}, WEDNESDAY, TWO_HOURS), existing=taken)
    assert (found.starts.date(), found.reason) == (date(2026, 3, 17), Reason.TAKEN)


def test_a_part_without_room_leaves_its_session_to_the_rest_of_the_period() -> None:
    shut = Holidays({date(2026, 3, day): Day(True) for day in range(1, 17)})
    found = propose([month(Kind.STUDY, 3, missing=2)], Manner({}, WEDNESDAY, TWO_HOURS), shut, [], LONG_AGO)
    assert [one.starts.date() for one in found.proposals] == [date(2026, 3, 18), date(2026, 3, 25)]
    assert not found.unplaced


def test_what_cannot_be_placed_says_why() -> None:
    manner = Manner({}, WEDNESDAY, TWO_HOURS)
    over, weekend = month(Kind.STUDY, 3), Gap(Kind.LESSON, date(2026, 4, 4), date(2026, 4, 5), 2)
    friday = Gap(Kind.ASSEMBLY, date(2026, 4, 3), date(2026, 4, 5), 2)
    found = propose([over, weekend, friday], manner, PLAIN, [], date(2026, 4, 1))
    assert [one.starts.date() for one in found.proposals] == [date(2026, 4, 3)]
    assert set(found.unplaced) == {
        Unplaced(over, 1, Why.PERIOD_OVER),
        Unplaced(weekend, 2, Why.NO_WORKDAY),
        Unplaced(friday, 1, Why.ALL_TAKEN),
    }


def test_kinds_that_meet_on_one_day_by_habit_share_it_without_overlapping() -> None:
    lesson = Meeting(Kind.LESSON, datetime(2026, 3, 18, 13), datetime(2026, 3, 18, 15))
    pair = frozenset({frozenset({Kind.LESSON, Kind.STUDY})})
    manner = Manner({}, WEDNESDAY, TWO_HOURS, together=pair)
    assert only(month(Kind.STUDY, 3), manner, existing=(lesson,)).starts.date() == date(2026, 3, 18)
    overlapping = lesson._replace(ends=datetime(2026, 3, 18, 15, 1))
    assert only(month(Kind.STUDY, 3), manner, existing=(overlapping,)).starts.date() != date(2026, 3, 18)


def test_a_meeting_over_midnight_takes_both_days_and_one_until_midnight_only_its_own() -> None:
    manner = Manner({}, WEDNESDAY, TWO_HOURS)
    late = Meeting(Kind.OTHER, datetime(2026, 3, 17, 22), datetime(2026, 3, 18, 0, 30))
    assert only(month(Kind.STUDY, 3), manner, existing=(late,)).starts.date() != date(2026, 3, 18)
    until = late._replace(ends=datetime(2026, 3, 18))
    assert only(month(Kind.STUDY, 3), manner, existing=(until,)).starts.date() == date(2026, 3, 18)


@given(meetings)
def test_a_habit_is_the_most_frequent_slot(past: list[Meeting]) -> None:
    found = habits(past, {}, WEDNESDAY)
    assert set(found) == {one.kind for one in past}
    for kind, usual in found.items():
        slots = [(one.starts.weekday(), one.starts.time()) for one in past if one.kind is kind]
        mine = slots.count((usual.weekday, usual.at))
        assert mine == max(map(slots.count, slots))
        equals = {slot for slot in slots if slots.count(slot) == mine}
        last = max(
            one.starts for one in past if one.kind is kind and (one.starts.weekday(), one.starts.time()) in equals
        )
        assert (usual.weekday, usual.at) == (last.weekday(), last.time())


def test_a_fixed_day_keeps_the_usual_time() -> None:
    past = [Meeting(Kind.THEME_DAY, datetime(2026, 1, 5, 9, 30), datetime(2026, 1, 5, 11))]
    assert habits(past, {Kind.THEME_DAY: 5}, WEDNESDAY)[Kind.THEME_DAY] == Habit(0, time(9, 30), 5)
    assert habits([], {Kind.THEME_DAY: 5}, WEDNESDAY)[Kind.THEME_DAY] == Habit(2, time(15), 5)


def test_meeting_on_one_day_twice_makes_a_habit_of_two_kinds() -> None:
    def on(day: int, *kinds_met: Kind) -> list[Meeting]:
        return [Meeting(kind, datetime(2026, 3, day, 9), datetime(2026, 3, day, 10)) for kind in kinds_met]

    once = on(4, Kind.ASSEMBLY, Kind.LESSON) + on(5, Kind.STUDY, Kind.STUDY)
    assert together(once) == frozenset()
    twice = once + on(11, Kind.LESSON, Kind.ASSEMBLY) + on(12, Kind.STUDY, Kind.STUDY, Kind.STUDY)
    assert together(twice) == {frozenset({Kind.ASSEMBLY, Kind.LESSON}), frozenset({Kind.STUDY})}


@given(days)
def test_what_is_proposed_for_a_years_gaps_leaves_none(today: date) -> None:
    """The gaps of a branch's whole plan find their place, in months and quarters with days enough."""
    duties = [rule for rule in STARTER if rule.is_duty]
    wanted = gaps(year_plan(duties, YEAR, [], today))
    found = propose(wanted, Manner({}, WEDNESDAY, TWO_HOURS), PLAIN, [], today)
    for one in found.unplaced:
        assert (one.gap.last - today).days < 14
    assert len(found.proposals) + sum(one.count for one in found.unplaced) == sum(gap.missing for gap in wanted)
