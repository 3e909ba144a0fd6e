"""Ranges of days as people type them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.dates.ranges import LONGEST, parse_range

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("12月1日到12月20日", date(2026, 12, 1), date(2026, 12, 20)),
        ("12月1日至20日", date(2026, 12, 1), date(2026, 12, 20)),
        ("2026-12-01 2026-12-20", date(2026, 12, 1), date(2026, 12, 20)),
        ("12/1-12/20", date(2026, 12, 1), date(2026, 12, 20)),
        ("12.1~12.20", date(2026, 12, 1), date(2026, 12, 20)),
        ("１２月１日－１２月２０日", date(2026, 12, 1), date(2026, 12, 20)),
        ("2026年12月28日到1月3日", date(2026, 12, 28), date(2027, 1, 3)),
        ("2026-01-01 to 2026-06-30", date(2026, 1, 1), date(2026, 6, 30)),
        ("3月8日", date(2026, 3, 8), date(2026, 3, 8)),
        ("上半年", date(2026, 1, 1), date(2026, 6, 30)),
        ("2025年下半年", date(2025, 7, 1), date(2025, 12, 31)),
        ("第三季度", date(2026, 7, 1), date(2026, 9, 30)),
        ("2025 Q1", date(2025, 1, 1), date(2025, 3, 31)),
        ("2月", date(2026, 2, 1), date(2026, 2, 28)),
        ("2024年2月", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("上个月", date(2026, 10, 1), date(2026, 10, 31)),
        ("last quarter", date(2026, 7, 1), date(2026, 9, 30)),
        ("今年", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_what_people_type(text: str, first: date, last: date) -> None:
    assert parse_range(text, TODAY) == (first, last)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "13月",
        "2月30日",
        "12月1日到",
        "12月20日到12月1日2025",
        "2026-12-01 2020-01-01",
        "1月1日到明天",
        "9999",
    ],
)
def test_what_is_no_range(text: str) -> None:
    assert parse_range(text, TODAY) is None


def test_leave_lies_ahead() -> None:
    assert parse_range("1月5日到1月9日", TODAY, ahead=True) == (date(2027, 1, 5), date(2027, 1, 9))
    assert parse_range("12月30日到1月2日", TODAY, ahead=True) == (date(2026, 12, 30), date(2027, 1, 2))


@given(st.dates(date(2000, 1, 1), date(2190, 1, 1)), st.integers(0, LONGEST - 1))
def test_a_range_that_is_written_out_is_read_back(first: date, days: int) -> None:
    last = first + timedelta(days=days)
    assert parse_range(f"{first:%Y-%m-%d} {last:%Y-%m-%d}", TODAY) == (first, last)
    written = f"{first.year}年{first.month}月{first.day}日至{last.year}年{last.month}月{last.day}日"
    assert parse_range(written, TODAY) == (first, last)


@given(st.text(max_size=40))
def test_nothing_that_is_typed_breaks_it(text: str) -> None:
    found = parse_range(text, TODAY)
    assert found is None or found[0] <= found[1]
