"""The radar: lights as time runs out, steps that escalate one by one."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kinds import Kind
from domain.plan import PlanPeriod, periods_of
from domain.radar import LIGHTS, Light, Matter, RadarRule, Step, Watch, Who, light, next_step, steps, worst

RULE = RadarRule()
ONE_DAY = timedelta(days=1)

rules = st.builds(
    lambda percents, wait: RadarRule(min(percents), max(percents), wait),
    st.tuples(st.integers(0, 100), st.integers(0, 100)),
    st.integers(1, 30),
)
spans = st.sampled_from(periods_of(2026, "month") + periods_of(2026, "quarter"))


@st.composite
def periods(draw: st.DrawFn) -> PlanPeriod:
    """Any period, with a duty that may have begun within it."""
    first, last = draw(spans)
    since = first + timedelta(days=draw(st.integers(0, (last - first).days)))
    due, held, planned = (draw(st.integers(0, 3)) for _ in range(3))
    over = draw(st.booleans())
    return PlanPeriod(Kind.STUDY, first, last, since, due, held, planned, draw(st.integers(0, planned)), over)


def lacking(first: date, last: date, today: date, since: date | None = None) -> PlanPeriod:
    return PlanPeriod(Kind.STUDY, first, last, since or first, 1, 0, 0, 0, last < today)


def november(today: date) -> PlanPeriod:
    return lacking(date(2026, 11, 1), date(2026, 11, 30), today)


def at(day: date, period: PlanPeriod) -> PlanPeriod:
    return replace(period, over=period.last < day)


@given(periods(), rules)
def test_the_light_of_an_open_period_only_gets_worse(period: PlanPeriod, rule: RadarRule) -> None:
    day, seen = period.first - ONE_DAY, []
    while day <= period.last + 3 * ONE_DAY:
        seen.append(LIGHTS.index(light(at(day, period), day, rule)))
        day += ONE_DAY
    assert seen == sorted(seen)
    assert seen[0] == LIGHTS.index(Light.GREEN)
    if period.missing:
        assert seen[-1] == LIGHTS.index(Light.RED)
    else:
        assert Light.RED not in [LIGHTS[index] for index in seen]


@given(periods(), rules, st.integers(-5, 100))
def test_a_recorded_reason_never_makes_it_green_and_never_leaves_it_red(
    period: PlanPeriod, rule: RadarRule, days_in: int
) -> None:
    today = min(period.first + timedelta(days=days_in), period.last + ONE_DAY)
    period = at(today, period)
    before, after = light(period, today, rule), light(period, today, rule, explained=True)
    assert after is not Light.RED
    assert (after is Light.GREEN) == (before is Light.GREEN)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 11, 15), Light.GREEN),  # 14 of 30 days are gone
        (date(2026, 11, 16), Light.AMBER),  # just half
        (date(2026, 11, 24), Light.AMBER),
        (date(2026, 11, 25), Light.RED),  # 24 of 30: the last fifth
        (date(2026, 12, 1), Light.RED),
    ],
)
def test_a_month_without_a_plan(today: date, expected: Light) -> None:
    assert light(november(today), today, RULE) is expected


def test_more_than_half_of_an_odd_number_of_days() -> None:
    october = lacking(date(2026, 10, 1), date(2026, 10, 31), date(2026, 10, 1))
    assert RULE.amber_from(october) == date(2026, 10, 17)  # 16 of 31 days are gone
    assert RULE.red_from(october) == date(2026, 10, 26)  # 25 of 31


def test_a_reason_given_beforehand_keeps_it_amber() -> None:
    today = date(2026, 11, 29)
    assert light(november(today), today, RULE, explained=True) is Light.AMBER


def test_a_planned_session_calms_it_until_the_period_is_over() -> None:
    planned = replace(november(date(2026, 11, 29)), planned=1, unclosed=1)
    assert light(planned, date(2026, 11, 29), RULE) is Light.GREEN
    assert light(at(date(2026, 12, 1), planned), date(2026, 12, 1), RULE) is Light.AMBER
    held = replace(planned, planned=0, unclosed=0, held=1, over=True)
    assert light(held, date(2026, 12, 1), RULE) is Light.GREEN


def test_a_period_that_began_late_is_measured_from_there() -> None:
    today = date(2026, 11, 16)
    assert light(lacking(date(2026, 11, 1), date(2026, 11, 30), today, since=today), today, RULE) is Light.GREEN


def test_the_worst_of_many() -> None:
    assert worst([Light.AMBER, Light.RED, Light.GREEN]) is Light.RED
    assert worst([]) is Light.GREEN


def test_the_steps_of_a_month() -> None:
    assert steps(november(date(2026, 11, 1)), RULE) == (
        Step(Who.LEADER, date(2026, 11, 16), Matter.ARRANGE),
        Step(Who.ADMIN, date(2026, 11, 25), Matter.URGENT),
        Step(Who.LEADER, date(2026, 12, 1), Matter.REASON),
        Step(Who.ADMIN, date(2026, 12, 8), Matter.MISSED),
    )


@given(periods(), rules)
def test_steps_rise_one_by_one_from_leader_to_admin(period: PlanPeriod, rule: RadarRule) -> None:
    found = steps(period, rule)
    assert all(one.on < following.on for one, following in pairwise(found))
    matters = [step.matter for step in found]
    assert matters == [matter for matter in Matter if matter in matters]
    assert {Matter.ARRANGE, Matter.REASON, Matter.MISSED} <= set(matters)
    for step in found:
        assert step.who is (Who.LEADER if step.matter in (Matter.ARRANGE, Matter.REASON) else Who.ADMIN)
        assert (step.on > period.last) == (step.matter in (Matter.REASON, Matter.MISSED))
        assert step.on >= period.since


@given(periods(), rules, st.sets(st.integers(0, 200)))
def test_each_step_is_said_once_and_the_leader_hears_first(
    period: PlanPeriod, rule: RadarRule, days_awake: set[int]
) -> None:
    """Whatever days the bot was running."""
    told: dict[Matter, date] = {}
    for days_in in sorted(days_awake):
        today = period.first + timedelta(days=days_in)
        step = next_step(Watch(at(today, period), told), today, rule)
        if step is None:
            continue
        assert step.matter not in told
        assert step.on <= today
        assert period.missing
        if step.matter is Matter.URGENT:
            assert told[Matter.ARRANGE] < today
        if step.matter is Matter.MISSED:
            assert (today - told[Matter.REASON]).days >= rule.reason_days
        told[step.matter] = today


@given(periods(), rules)
def test_awake_every_day_every_step_is_taken_on_its_day(period: PlanPeriod, rule: RadarRule) -> None:
    told: dict[Matter, date] = {}
    for days_in in range(150):
        today = period.first + timedelta(days=days_in)
        step = next_step(Watch(at(today, period), told), today, rule)
        if step is not None:
            told[step.matter] = today
    assert told == ({step.matter: step.on for step in steps(period, rule)} if period.missing else {})


@given(periods(), rules, st.integers(0, 200))
def test_an_explained_miss_is_left_in_peace(period: PlanPeriod, rule: RadarRule, days_in: int) -> None:
    today = period.first + timedelta(days=days_in)
    assert next_step(Watch(at(today, period), {}, explained=True), today, rule) is None


def test_what_was_slept_through_is_left_out() -> None:
    today = date(2026, 12, 3)
    step = next_step(Watch(november(today), {}), today, RULE)
    assert step is not None
    assert step.matter is Matter.REASON


def test_the_admin_is_told_on_no_day_that_the_leader_first_was() -> None:
    today = date(2026, 11, 26)
    watch = Watch(november(today), {})
    assert next_step(watch, today, RULE) == Step(Who.LEADER, date(2026, 11, 16), Matter.ARRANGE)
    watch = replace(watch, told={Matter.ARRANGE: today})
    assert next_step(watch, today, RULE) is None
    assert next_step(watch, today + ONE_DAY, RULE) == Step(Who.ADMIN, date(2026, 11, 25), Matter.URGENT)


def test_a_leader_asked_late_for_a_reason_has_as_long_as_any() -> None:
    asked = date(2026, 12, 20)
    watch = Watch(november(asked), {Matter.REASON: asked})
    assert next_step(watch, asked + 6 * ONE_DAY, RULE) is None
    assert next_step(watch, asked + 7 * ONE_DAY, RULE) == Step(Who.ADMIN, date(2026, 12, 8), Matter.MISSED)
