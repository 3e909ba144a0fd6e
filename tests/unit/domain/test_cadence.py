"""Recurrence rules: local identity, clock changes, short months, and the text form kept in the database."""

# ruff: noqa: DTZ001 — a nominal local time is naive

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cadence import LAST, Cadence, Form, Occurrence, fitting, is_in_gap, next_weekly, occurrences, to_instant

ZONES = [
    ZoneInfo(name)
    for name in (
        "Asia/Shanghai",
        "Europe/Berlin",
        "America/New_York",
        "Africa/Cairo",
        "Australia/Lord_Howe",
        "America/St_Johns",
        "Pacific/Apia",
    )
]
BERLIN = ZoneInfo("Europe/Berlin")
CAIRO = ZoneInfo("Africa/Cairo")
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

zones = st.sampled_from(ZONES)
locals_ = st.datetimes(datetime(2010, 1, 1), datetime(2035, 1, 1)).map(lambda at: at.replace(second=0, microsecond=0))
intervals = st.integers(1, 6)
weekdays = st.integers(0, 6)
cadences = st.one_of(
    st.builds(
        lambda days, interval: Cadence.weekly(*days, interval=interval),
        st.sets(weekdays, min_size=1),
        intervals,
    ),
    st.builds(Cadence.monthly_nth, st.sampled_from([1, 2, 3, 4, -1]), weekdays, intervals),
    st.builds(Cadence.monthly_day, st.integers(1, 31), intervals),
)


def nominals(cadence: Cadence, first: datetime, count: int) -> list[date]:
    found = occurrences(cadence, first, ZoneInfo("UTC"), LONG_AGO, count=count)
    return [occurrence.nominal_local.date() for occurrence in found]


def last_day(day: date) -> int:
    return ((day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)).day


def test_a_gap_shifts_forward_and_the_next_week_is_back() -> None:
    first = datetime(2026, 3, 22, 2, 30)
    found = list(occurrences(Cadence.weekly(6), first, BERLIN, LONG_AGO, count=3))
    assert found == [
        Occurrence(datetime(2026, 3, 22, 2, 30), datetime(2026, 3, 22, 1, 30, tzinfo=UTC)),
        Occurrence(datetime(2026, 3, 29, 2, 30), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # shown as 03:30
        Occurrence(datetime(2026, 4, 5, 2, 30), datetime(2026, 4, 5, 0, 30, tzinfo=UTC)),
    ]
    assert is_in_gap(datetime(2026, 3, 29, 2, 30), BERLIN)
    assert not is_in_gap(datetime(2026, 3, 29, 3, 0), BERLIN)


def test_a_fold_fires_once_and_first() -> None:
    first = datetime(2026, 10, 25, 2, 30)
    until = datetime(2026, 10, 26, tzinfo=UTC)
    found = list(occurrences(Cadence.weekly(6), first, BERLIN, LONG_AGO, until=until))
    assert found == [Occurrence(first, datetime(2026, 10, 25, 0, 30, tzinfo=UTC))]
    # Asked again between the two showings of 02:30, it does not come a second time that day.
    later = occurrences(Cadence.weekly(6), first, BERLIN, found[0].starts_at + timedelta(minutes=20), count=1)
    assert next(later).nominal_local == datetime(2026, 11, 1, 2, 30)


def test_a_gap_at_midnight() -> None:
    # Cairo's clocks go from 00:00 to 01:00 on the last Friday of April.
    assert to_instant(datetime(2026, 4, 24, 0, 30), CAIRO) == datetime(2026, 4, 23, 22, 30, tzinfo=UTC)
    assert is_in_gap(datetime(2026, 4, 24, 0, 30), CAIRO)


def test_an_aware_local_time_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        to_instant(datetime(2026, 1, 1, tzinfo=UTC), BERLIN)


def test_every_other_week_counts_calendar_weeks_from_the_first() -> None:
    # Wednesday 25 November 2026; the Monday of that week is past, the next one belongs to a week left out.
    found = nominals(Cadence.weekly(0, 2, interval=2), datetime(2026, 11, 25, 19), 4)
    assert found == [date(2026, 11, 25), date(2026, 12, 7), date(2026, 12, 9), date(2026, 12, 21)]


def test_the_31st_is_the_last_day_of_every_month() -> None:
    found = nominals(Cadence.monthly_day(31), datetime(2027, 12, 31, 9), 4)
    assert found == [date(2027, 12, 31), date(2028, 1, 31), date(2028, 2, 29), date(2028, 3, 31)]
    assert nominals(Cadence.monthly_day(29), datetime(2027, 2, 1, 9), 2) == [
        date(2027, 2, 28),
        date(2027, 3, 29),
    ]


def test_the_nth_and_the_last_weekday_of_a_month() -> None:
    first = datetime(2026, 11, 1, 9)
    assert nominals(Cadence.monthly_nth(2, 2), first, 2) == [date(2026, 11, 11), date(2026, 12, 9)]
    assert nominals(Cadence.monthly_nth(-1, 4), first, 2) == [date(2026, 11, 27), date(2026, 12, 25)]
    assert nominals(Cadence.monthly_nth(1, 0, interval=3), first, 2) == [date(2026, 11, 2), date(2027, 2, 1)]


def test_after_is_exclusive_and_until_inclusive() -> None:
    first = datetime(2026, 11, 25, 19)
    start = to_instant(first, BERLIN)
    found = occurrences(Cadence.weekly(2), first, BERLIN, start, until=start + timedelta(weeks=2))
    assert [at.starts_at - start for at in found] == [timedelta(weeks=1), timedelta(weeks=2)]


@given(cadences, locals_, zones)
def test_occurrences_keep_the_time_of_day_and_come_in_order(cadence: Cadence, first: datetime, zone: ZoneInfo) -> None:
    found = list(occurrences(cadence, first, zone, LONG_AGO, count=12))
    assert len(found) == 12
    assert len({at.nominal_local for at in found}) == 12
    assert [at.starts_at for at in found] == sorted(at.starts_at for at in found)
    for at in found:
        assert at.nominal_local >= first
        assert at.nominal_local.time() == first.time()
        shown = at.starts_at.astimezone(zone).replace(tzinfo=None)
        assert shown >= at.nominal_local  # later only inside a gap, never earlier
        assert (shown == at.nominal_local) or is_in_gap(at.nominal_local, zone)


@given(st.integers(1, 31), locals_)
def test_a_day_of_the_month_never_skips_a_month(day: int, first: datetime) -> None:
    found = nominals(Cadence.monthly_day(day), first, 24)
    months = [at.year * 12 + at.month for at in found]
    assert months == list(range(months[0], months[0] + 24))
    assert all(at.day == min(day, last_day(at)) for at in found)


@given(cadences, locals_, zones, st.integers(0, 400))
def test_going_on_from_an_occurrence_gives_the_next(
    cadence: Cadence, first: datetime, zone: ZoneInfo, days: int
) -> None:
    after = to_instant(first, zone) + timedelta(days=days)
    found = list(occurrences(cadence, first, zone, after, count=3))
    again = list(occurrences(cadence, first, zone, found[0].starts_at, count=3))
    # Two may share an instant only where a zone skipped a whole day (Apia, 30 December 2011).
    assert again[0].starts_at == next(at.starts_at for at in [*found, *again] if at.starts_at > found[0].starts_at)


@given(cadences)
def test_the_text_form_reads_back(cadence: Cadence) -> None:
    assert Cadence.from_rrule(cadence.to_rrule()) == cadence


def test_the_text_form_is_stable() -> None:
    # These strings are in databases and calendar files.
    assert Cadence.weekly(2, 0, interval=2).to_rrule() == "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;WKST=MO"
    assert Cadence.monthly_nth(-1, 4).to_rrule() == "FREQ=MONTHLY;INTERVAL=1;BYDAY=-1FR"
    assert Cadence.monthly_day(5).to_rrule() == "FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=5"
    assert Cadence.monthly_day(30).to_rrule() == "FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=28,29,30;BYSETPOS=-1"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "FREQ=DAILY;INTERVAL=1",
        "FREQ=WEEKLY;BYDAY=MO",
        "FREQ=WEEKLY;INTERVAL=0;BYDAY=MO;WKST=MO",
        "FREQ=WEEKLY;INTERVAL=1;BYDAY=XX;WKST=MO",
        "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO;WKST=SU",
        "FREQ=MONTHLY;INTERVAL=1;BYDAY=5MO",
        "FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=31",
        "FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=5;COUNT=3",
    ],
)
def test_a_rule_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a cadence"):
        Cadence.from_rrule(text)


@pytest.mark.parametrize(
    "fields",
    [
        {"freq": "weekly"},
        {"freq": "weekly", "weekdays": (7,)},
        {"freq": "weekly", "weekdays": (1,), "day": 3},
        {"freq": "weekly", "weekdays": (1,), "interval": 0},
        {"freq": "monthly"},
        {"freq": "monthly", "weekdays": (1,)},
        {"freq": "monthly", "weekdays": (1, 2), "nth": 1},
        {"freq": "monthly", "weekdays": (1,), "nth": 5},
        {"freq": "monthly", "day": 32},
        {"freq": "monthly", "day": 3, "nth": 1},
    ],
)
def test_an_impossible_cadence_cannot_be_built(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"not within|none of|is weekly with"):
        Cadence(**fields)  # type: ignore[arg-type]


def boards(weekday: int, at: time, zone: ZoneInfo, after: datetime) -> list[datetime]:
    found = []
    for _ in range(60):
        after = next_weekly(weekday, at, zone, after)
        found.append(after)
    return found


def test_the_weekly_board_keeps_its_local_time_across_a_clock_change() -> None:
    found = boards(0, time(8, 30), BERLIN, datetime(2026, 10, 19, 6, 30, tzinfo=UTC))
    assert list(islice(found, 2)) == [
        datetime(2026, 10, 26, 7, 30, tzinfo=UTC),
        datetime(2026, 11, 2, 7, 30, tzinfo=UTC),
    ]
    assert next_weekly(0, time(8, 30), BERLIN, datetime(2026, 10, 19, 6, 29, tzinfo=UTC)) == datetime(
        2026, 10, 19, 6, 30, tzinfo=UTC
    )


def test_a_weekday_out_of_range_is_refused() -> None:
    with pytest.raises(ValueError, match="weekday 7"):
        next_weekly(7, time(8, 30), BERLIN, LONG_AGO)


@given(weekdays, st.times().map(lambda at: at.replace(second=0, microsecond=0)), zones, locals_)
def test_the_weekly_board_comes_once_a_week(weekday: int, at: time, zone: ZoneInfo, start: datetime) -> None:
    after = start.replace(tzinfo=UTC)
    found = boards(weekday, at, zone, after)
    assert after < found[0] <= after + timedelta(days=8, hours=1)
    expected = {to_instant(datetime.combine(day, at), zone) for day in days_of(weekday, found[0], found[-1], zone)}
    assert set(found) == expected


def days_of(weekday: int, first: datetime, last: datetime, zone: ZoneInfo) -> list[date]:
    """The local dates of that weekday whose instant lies within first…last."""
    day = first.astimezone(zone).date() - timedelta(days=2)
    span = [day + timedelta(days=n) for n in range((last - first).days + 6)]
    return [each for each in span if each.weekday() == weekday]


days = st.dates(min_value=date(2015, 1, 1), max_value=date(2040, 12, 31))


@given(days, st.sampled_from(Form))
def test_what_a_button_offers_falls_on_the_day_it_is_offered_for(day: date, form: Form) -> None:
    found = fitting(form, day)
    if found is None:
        assert form in (Form.NTH, Form.LAST)
    else:
        assert found.falls_on(day)
        assert found.following(day).falls_on(day)


@given(days)
def test_one_of_nth_and_last_is_always_offered(day: date) -> None:
    assert fitting(Form.NTH, day) or fitting(Form.LAST, day)
    week_later = day + timedelta(weeks=1)
    assert (fitting(Form.LAST, day) is not None) == (week_later.month != day.month)


@given(days, days, st.sampled_from(Form), st.integers(1, 6))
def test_a_rule_follows_its_session_to_another_day(day: date, other: date, form: Form, interval: int) -> None:
    rule = fitting(form, day)
    if rule is None:
        return
    rule = replace(rule, interval=interval)
    moved = rule.following(other)
    assert moved.falls_on(other)
    assert (moved.freq, moved.interval, moved.day is None) == (rule.freq, rule.interval, rule.day is None)


def test_the_last_weekday_stays_the_last_where_it_can() -> None:
    last = Cadence.monthly_nth(LAST, 2)
    assert last.following(date(2026, 12, 25)) == Cadence.monthly_nth(LAST, 4)
    assert last.following(date(2026, 12, 3)) == Cadence.monthly_nth(1, 3)
    assert Cadence.monthly_nth(4, 2).following(date(2026, 12, 29)) == Cadence.monthly_nth(LAST, 1)


def test_a_rule_for_the_31st_falls_on_the_last_day_of_a_shorter_month() -> None:
    assert list(islice(Cadence.monthly_day(31).dates(date(2027, 1, 31)), 3)) == [
        date(2027, 1, 31),
        date(2027, 2, 28),
        date(2027, 3, 31),
    ]
