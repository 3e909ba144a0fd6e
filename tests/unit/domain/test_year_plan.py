"""The year's plan: every period once, sums that always agree, and units that begin within the year."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kinds import STARTER, Kind, KindRule, override
from domain.plan import (
    GivenSession,
    PeriodState,
    PlanPeriod,
    SessionState,
    Totals,
    due_in,
    in_quarter,
    periods_of,
    totals,
    year_plan,
)

YEAR = 2026
DUTIES = [rule for rule in STARTER if rule.is_duty]
HELD, PLANNED, CANCELLED = SessionState.HELD, SessionState.PLANNED, SessionState.CANCELLED

days = st.integers(-90, 455).map(lambda count: date(YEAR, 1, 1) + timedelta(days=count))
sessions = st.lists(st.builds(GivenSession, days, st.sampled_from(Kind), st.sampled_from(SessionState)), max_size=25)
tables = st.dictionaries(
    st.sampled_from(["study", "lesson", "assembly"]),
    st.fixed_dictionaries({}, optional={"times": st.integers(0, 4), "on": st.booleans()}),
).map(lambda settings: tuple(override(STARTER, settings)))


@given(tables, sessions, days, days)
def test_the_sums_always_agree(
    rules: tuple[KindRule, ...], given_sessions: list[GivenSession], today: date, since: date
) -> None:
    plan = year_plan(rules, YEAR, given_sessions, today, since=since)
    for period in plan:
        assert period.due == period.kept + period.arranged + period.missing
        assert min(period.kept, period.arranged, period.missing) >= 0
    total = totals(plan)
    assert total.due == total.held + total.planned + total.missing + total.overdue
    assert total.held + total.extra == sum(period.held for period in plan)
    assert total == totals(plan[::2]) + totals(plan[1::2])


@given(tables, sessions, days, days)
def test_a_period_is_in_exactly_one_state(
    rules: tuple[KindRule, ...], given_sessions: list[GivenSession], today: date, since: date
) -> None:
    for period in year_plan(rules, YEAR, given_sessions, today, since=since):
        expected = {
            PeriodState.NOT_DUE: not period.due,
            PeriodState.HELD: bool(period.due) and period.held >= period.due,
            PeriodState.PLANNED: period.held < period.due <= period.held + period.planned,
            PeriodState.OVERDUE: period.held + period.planned < period.due and period.last < today,
            PeriodState.DUE: period.held + period.planned < period.due and period.last >= today,
        }
        assert [state for state, holds in expected.items() if holds] == [period.state]


@given(sessions, days)
def test_every_session_that_took_place_in_the_year_counts_once(given_sessions: list[GivenSession], today: date) -> None:
    plan = year_plan(DUTIES, YEAR, given_sessions, today)
    kinds = {rule.kind for rule in DUTIES}
    for state, counted in ((HELD, sum(one.held for one in plan)), (PLANNED, sum(one.planned for one in plan))):
        assert counted == sum(
            one.state is state and one.on.year == YEAR and one.kind in kinds for one in given_sessions
        )


@given(sessions, days)
def test_cancelled_sessions_are_as_if_they_had_never_been(given_sessions: list[GivenSession], today: date) -> None:
    without = [one for one in given_sessions if one.state is not CANCELLED]
    assert year_plan(DUTIES, YEAR, given_sessions, today) == year_plan(DUTIES, YEAR, without, today)


@given(st.integers(2000, 2100), st.sampled_from(["month", "quarter"]))
def test_the_periods_cover_the_year(year: int, every: str) -> None:
    periods = periods_of(year, every)
    assert len(periods) == (12 if every == "month" else 4)
    assert periods[0][0] == date(year, 1, 1)
    assert periods[-1][1] == date(year, 12, 31)
    assert all(last + timedelta(days=1) == first for (_, last), (first, _) in pairwise(periods))


@given(st.integers(1, 5), st.sampled_from(periods_of(YEAR, "month") + periods_of(YEAR, "quarter")), days)
def test_half_a_period_must_remain(times: int, period: tuple[date, date], since: date) -> None:
    first, last = period
    inside = [first + timedelta(days=count) for count in range((last - first).days + 1)]
    remained = sum(day >= since for day in inside)
    assert due_in(times, first, last, since) == (times if remained * 2 >= len(inside) else 0)


@pytest.mark.parametrize(
    ("since", "months", "quarters"),
    [
        (date(2026, 1, 1), 12, 4),
        (date(2026, 6, 15), 7, 2),  # 16 of June's 30 days remain; of April–June too few
        (date(2026, 6, 16), 7, 2),  # 15 of 30: just half
        (date(2026, 6, 17), 6, 2),
        (date(2026, 12, 31), 0, 0),
        (date(2027, 5, 1), 0, 0),
    ],
)
def test_a_unit_founded_within_the_year(since: date, months: int, quarters: int) -> None:
    plan = year_plan(DUTIES, YEAR, [], date(2027, 6, 1), since=since)
    study = [period for period in plan if period.kind is Kind.STUDY]
    assert len(study) == 12
    assert sum(period.due for period in study) == months
    assert sum(period.due for period in plan if period.kind is Kind.ASSEMBLY) == quarters
    assert all(period.since >= min(since, period.last) for period in plan)


def test_a_kind_switched_on_later_is_due_from_then() -> None:
    plan = year_plan(DUTIES, YEAR, [], date(2026, 12, 1), since_of={Kind.LESSON: date(2026, 7, 1)})
    assert sum(period.due for period in plan if period.kind is Kind.LESSON) == 2
    assert sum(period.due for period in plan if period.kind is Kind.ASSEMBLY) == 4


def test_what_is_off_or_has_no_number_has_no_periods() -> None:
    table = override(STARTER, {"study": {"on": False}, "lesson": {"times": 0}})
    kinds = {period.kind for period in year_plan(table, YEAR, [], date(2026, 1, 1))}
    assert kinds == {Kind.ASSEMBLY, Kind.COMMITTEE, Kind.SUBGROUP, Kind.THEME_DAY, Kind.CENTRE_GROUP}


def month(*given_sessions: GivenSession, today: date, times: int = 1) -> PlanPeriod:
    rules = [rule for rule in override(STARTER, {"study": {"times": times}}) if rule.kind is Kind.STUDY]
    return year_plan(rules, YEAR, given_sessions, today)[2]


def test_a_session_that_nobody_closed_is_planned_still() -> None:
    period = month(GivenSession(date(2026, 3, 30), Kind.STUDY, PLANNED), today=date(2026, 4, 2))
    assert (period.state, period.unclosed, period.missing) == (PeriodState.PLANNED, 1, 0)
    on_the_day = month(GivenSession(date(2026, 3, 30), Kind.STUDY, PLANNED), today=date(2026, 3, 30))
    assert on_the_day.unclosed == 0


def test_the_last_day_of_a_period_is_not_overdue_and_the_next_is() -> None:
    assert month(today=date(2026, 3, 31)).state is PeriodState.DUE
    assert month(today=date(2026, 4, 1)).state is PeriodState.OVERDUE


def test_more_than_is_due_is_extra() -> None:
    held = [GivenSession(date(2026, 3, day), Kind.STUDY, HELD) for day in (3, 10, 17)]
    period = month(*held, today=date(2026, 4, 1), times=2)
    assert totals([period]) == Totals(due=2, held=2, extra=1)


def test_a_quarter_of_the_plan() -> None:
    plan = year_plan(DUTIES, YEAR, [], date(2026, 1, 1))
    second = in_quarter(plan, 2)
    assert {period.first.month for period in second} == {4, 5, 6}
    assert sum(len(in_quarter(plan, quarter)) for quarter in (1, 2, 3, 4)) == len(plan)


def test_another_period_is_refused() -> None:
    with pytest.raises(ValueError, match="fortnight"):
        periods_of(YEAR, "fortnight")
