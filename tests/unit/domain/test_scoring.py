"""Points come from facts by the table that held on their day, and every point can say why."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.attendance import CAME, Status
from domain.scoring import Deed, Fact, Point, PointRules, PointTable, deeds, parse_rules, points, total
from services.point_rules import STARTER, read_point_rules

NEW_RULES = date(2026, 11, 4)
RULES = PointRules(
    (
        PointTable(1, date(2026, 1, 1), {Deed.PRESENT: 10, Deed.LATE: 6, Deed.LED_STUDY: 15}),
        PointTable(2, NEW_RULES, {Deed.PRESENT: 12}),
    )
)

days = st.dates(date(2025, 12, 1), date(2026, 12, 31))
facts = st.lists(st.builds(Fact, st.sampled_from(Deed), days, st.integers(1, 9), st.integers(1, 99)))


def test_the_starter_table_is_that_of_the_design() -> None:
    (table,) = read_point_rules(STARTER).tables
    assert table.version == 1
    assert table.worth == {Deed.PRESENT: 10, Deed.LATE: 6, Deed.LEFT_EARLY: 6, Deed.LED_STUDY: 15, Deed.MADE_UP: 6}


def test_a_point_tells_its_fact_and_the_version_of_its_table() -> None:
    old, new = Fact(Deed.PRESENT, date(2026, 11, 3)), Fact(Deed.PRESENT, NEW_RULES, times=2)
    assert points([old, new], RULES) == [Point(old, 10, 1), Point(new, 24, 2)]


def test_a_fact_before_the_first_table_or_unknown_to_its_table_gives_nothing() -> None:
    assert points([Fact(Deed.PRESENT, date(2025, 12, 31)), Fact(Deed.LATE, NEW_RULES)], RULES) == []


@pytest.mark.parametrize("status", Status)
def test_only_those_who_came_have_deeds_and_only_then_have_they_led(status: Status) -> None:
    expected = (Deed(status.value), Deed.LED_STUDY) if status in CAME else ()
    assert deeds(status, speaker=True) == expected
    assert deeds(status, speaker=False) == expected[:1]


@given(facts, facts)
def test_points_of_several_facts_are_those_of_each(some: list[Fact], others: list[Fact]) -> None:
    assert points(some + others, RULES) == points(some, RULES) + points(others, RULES)
    assert total(some, RULES) == sum(total([fact], RULES) for fact in some)


@given(facts, st.integers(1, 400))
def test_a_later_table_never_changes_old_points(some: list[Fact], later: int) -> None:
    day = NEW_RULES + timedelta(days=later)
    extended = PointRules((*RULES.tables, PointTable(3, day, {Deed.LATE: 99})))
    old = [fact for fact in some if fact.on < day]
    assert points(old, extended) == points(old, RULES)


@given(days, st.integers(0, 400))
def test_periods_cover_the_days_once_and_hold_one_table_each(start: date, length: int) -> None:
    end = start + timedelta(days=length)
    cut = RULES.periods(start, end)
    covered = [first + timedelta(days=n) for first, last in cut for n in range((last - first).days)]
    assert covered == [start + timedelta(days=n) for n in range(length)]
    for first, last in cut:
        assert all(RULES.on(first + timedelta(days=n)) is RULES.on(first) for n in range((last - first).days))


def test_tables_out_of_order_are_refused() -> None:
    table = {"valid_from": date(2026, 1, 1), "points": {"present": 1}}
    with pytest.raises(ValueError, match="table 1"):
        parse_rules({"table": [{"version": 1, **table}, {"version": 1, **table}]})
    with pytest.raises(ValueError, match="no table"):
        parse_rules({"table": []})


def test_a_deed_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="chatting"):
        parse_rules({"table": [{"version": 1, "valid_from": date(2026, 1, 1), "points": {"chatting": 5}}]})
