"""Quiet hours: what lies in them, when they end, and what somebody may type for them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import quiet
from domain.quiet import DAY_MINUTES, QuietHours

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
MINUTES = st.integers(0, DAY_MINUTES - 1)


@given(MOMENTS, MINUTES, MINUTES)
def test_after_them_it_is_not_quiet_any_more_and_never_earlier(at: datetime, start: int, end: int) -> None:
    hours = QuietHours(start, end)
    calm = hours.after(at, SHANGHAI)
    assert not hours.covers(calm, SHANGHAI)
    assert timedelta() <= calm - at < timedelta(days=1)


@pytest.mark.parametrize(
    ("clock", "covered"), [("21:59", False), ("22:00", True), ("00:00", True), ("07:59", True), ("08:00", False)]
)
def test_they_go_over_midnight_and_their_end_is_not_part_of_them(clock: str, covered: bool) -> None:
    at = datetime.fromisoformat(f"2026-12-02T{clock}").replace(tzinfo=SHANGHAI)
    assert QuietHours().covers(at, SHANGHAI) is covered


def test_they_end_by_the_clock_also_when_it_is_put_back() -> None:
    night = datetime(2026, 10, 24, 22, 0, tzinfo=UTC)  # midnight in Berlin, an hour before the clocks go back
    assert QuietHours().after(night, BERLIN) == datetime(2026, 10, 25, 7, 0, tzinfo=UTC)  # 08:00, in winter time


def test_both_the_same_means_none() -> None:
    none = QuietHours(0, 0)
    assert not none
    assert not none.covers(datetime(2026, 12, 2, tzinfo=UTC), SHANGHAI)
    assert (QuietHours().start, QuietHours().end) == ("22:00", "08:00")


@pytest.mark.parametrize("minute", [-1, DAY_MINUTES])
def test_a_minute_that_no_day_has_is_refused(minute: int) -> None:
    with pytest.raises(ValueError, match="within a day"):
        QuietHours(minute, 0)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("22:30-7:30", "22:30", "07:30"),
        (" 22 – 7 ", "22:00", "07:00"),
        ("22：30至7：30", "22:30", "07:30"),
        ("22点到7点半", "22:00", "07:30"),
        ("23点15分～6点", "23:15", "06:00"),
        ("10:00 to 11:00", "10:00", "11:00"),
        ("24:00-6:00", "00:00", "06:00"),
    ],
)
def test_what_may_be_typed(text: str, start: str, end: str) -> None:
    found = quiet.parse(text)
    assert found is not None
    assert (found.start, found.end) == (start, end)


@pytest.mark.parametrize("text", ["", "22", "25-7", "22:60-7", "22-", "-7", "24:30-6", "十点到七点", "22-7-8", "٢٢-٧"])
def test_what_is_not_understood(text: str) -> None:
    assert quiet.parse(text) is None


@given(MINUTES, MINUTES)
def test_what_is_shown_can_be_typed(start: int, end: int) -> None:
    hours = QuietHours(start, end)
    assert quiet.parse(f"{hours.start}-{hours.end}") == hours
