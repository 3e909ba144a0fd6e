"""A refusal's values are put into words: moments in the group's zone, days as days."""

from datetime import UTC, date, datetime

import pytest

from bot.errors import refusal_text
from domain.errors import Refusal
from texts import words


@pytest.mark.parametrize(
    ("language", "day", "moment"),
    [("zh-CN", "2026年12月2日 周三", "12月2日 周三 19:00"), ("en", "Wed 2 Dec 2026", "Wed 2 Dec 19:00")],
)
def test_moments_and_days_are_worded(language: str, day: str, moment: str) -> None:
    spoken = words(language)
    at = datetime(2026, 12, 2, 11, 0, tzinfo=UTC)
    assert moment in refusal_text(spoken, Refusal("session_past", starts_at=at, zone="Asia/Shanghai"), "UTC")
    assert day in refusal_text(spoken, Refusal("session_past", starts_at=date(2026, 12, 2)), "Asia/Shanghai")
