"""What is a working day: weekends, holidays, shifted days, unpublished years, and files that lie over others."""

import tomllib
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.holidays import PLAIN, Day, Holidays, parse

days = st.integers(0, 4000).map(lambda count: date(2020, 1, 1) + timedelta(days=count))
calendars = st.builds(
    Holidays,
    st.dictionaries(days, st.builds(Day, st.booleans(), st.sampled_from(["", "national_day"])), max_size=10),
    st.frozensets(st.integers(2020, 2030)),
)
NATIONAL_DAY = """
years = [2027]

[[holiday]]
name = "national_day"
from = 2027-10-01
to = 2027-10-07
work = [2027-09-26, 2027-10-09]
"""


@given(days)
def test_without_data_only_weekends_are_free(day: date) -> None:
    assert PLAIN.is_free(day) == (day.isoweekday() > 5)
    assert not PLAIN.knows(day.year)
    assert PLAIN.name(day) == ""
    assert not PLAIN.is_shifted(day)


@given(calendars, days)
def test_a_day_is_either_free_or_worked(calendar: Holidays, day: date) -> None:
    assert calendar.is_free(day) != calendar.is_workday(day)
    special = calendar.days.get(day)
    assert calendar.is_free(day) == (special.free if special else day.isoweekday() > 5)
    assert calendar.is_shifted(day) <= calendar.is_workday(day)


@given(calendars, calendars, days)
def test_what_lies_over_holds_and_what_it_leaves_out_stays(override: Holidays, base: Holidays, day: date) -> None:
    both = override.over(base)
    source = override if day in override.days else base
    assert both.is_free(day) == source.is_free(day)
    assert both.name(day) == source.name(day)
    assert both.knows(day.year) == (override.knows(day.year) or base.knows(day.year))


@given(calendars)
def test_laid_over_itself_or_over_nothing_it_is_the_same(calendar: Holidays) -> None:
    assert calendar.over(calendar) == calendar == calendar.over(PLAIN) == PLAIN.over(calendar)


def test_a_file_of_a_holiday() -> None:
    calendar = parse(tomllib.loads(NATIONAL_DAY))
    assert all(calendar.is_free(date(2027, 10, day)) for day in range(1, 8))
    assert calendar.is_workday(date(2027, 10, 8))
    assert calendar.is_shifted(date(2027, 10, 9))
    assert calendar.is_shifted(date(2027, 9, 26))
    assert calendar.is_free(date(2027, 10, 10))
    assert calendar.name(date(2027, 10, 9)) == calendar.name(date(2027, 10, 7)) == "national_day"
    assert calendar.name(date(2027, 10, 8)) == ""


def test_years_that_are_not_published_are_named() -> None:
    calendar = Holidays({}, frozenset({2026, 2028}))
    assert calendar.unknown_years(date(2026, 12, 31), date(2029, 1, 1)) == (2027, 2029)
    assert calendar.unknown_years(date(2026, 1, 1), date(2026, 12, 31)) == ()


def test_one_free_day_and_one_worked_day_alone() -> None:
    company = parse(
        {"holiday": [{"name": "anniversary", "from": date(2026, 5, 20)}, {"name": "", "work": [_SATURDAY]}]}
    )
    assert company.is_free(date(2026, 5, 20))
    assert company.is_workday(date(2026, 5, 21))
    assert company.is_shifted(_SATURDAY)


_SATURDAY = date(2026, 5, 23)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("year = [2027]", ["year: is not known"]),
        ("years = 2027", ["years: must be a list"]),
        ("years = [true]", ["years: must be a list"]),
        ("[holiday]\nname = 'x'", ["holiday: must be written as [[holiday]]"]),
        ("[[holiday]]\nfrom = 2027-01-01", ["holiday 1: name must be a text"]),
        ("[[holiday]]\nname = 'x'\nto = 2027-01-01", ["holiday 1: from and to"]),
        ("[[holiday]]\nname = 'x'\nfrom = 2027-01-03\nto = 2027-01-01", ["holiday 1: from and to"]),
        ("[[holiday]]\nname = 'x'\nfrom = 2027-01-01\nto = 2028-01-01", ["holiday 1: from and to"]),
        ("[[holiday]]\nname = 'x'\nfrom = 2027-01-01T10:00:00", ["holiday 1: from and to"]),
        ("[[holiday]]\nname = 'x'\nwork = ['2027-01-01']", ["holiday 1: work must be a list of days"]),
        ("years = 1\n[[holiday]]\nname = 1\nform = 2", ["years: ", "holiday 1: form is not", "holiday 1: name must"]),
    ],
)
def test_every_fault_of_a_file_is_told_with_its_key(text: str, wrong: list[str]) -> None:
    with pytest.raises(ValueError) as refused:
        parse(tomllib.loads(text))
    lines = str(refused.value).split("\n")
    assert len(lines) == len(wrong)
    assert all(line.startswith(start) for line, start in zip(lines, wrong, strict=True))


@given(days, st.integers(0, 30))
def test_a_holiday_of_a_file_is_free_from_end_to_end(first: date, more: int) -> None:
    last = first + timedelta(days=more)
    calendar = parse({"holiday": [{"name": "x", "from": first, "to": last}]})
    assert len(calendar.days) == more + 1
    assert all(calendar.is_free(first + timedelta(days=count)) for count in range(more + 1))
