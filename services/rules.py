"""The rules that an organisation may change; bot/ fills them from the settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta

from domain.attendance import WindowRule
from domain.quiet import QuietHours


@dataclass(frozen=True, slots=True)
class Rules:
    """Defaults of DOMAIN: every number is a setting."""

    window: WindowRule = field(default_factory=WindowRule)
    windows: Mapping[str, WindowRule] = field(default_factory=dict)  # by kind of session, else `window`
    session_length: timedelta = timedelta(minutes=90)
    group_reminder: timedelta = timedelta(days=1)
    private_reminder: timedelta = timedelta(hours=1)
    nudge: timedelta = timedelta(hours=6)  # who has not answered is asked so long before the start; zero: never
    leave_before: timedelta = timedelta()  # leave is asked for until so long before the start
    quiet: QuietHours = field(default_factory=QuietHours)
    board_weekday: int = 0  # Monday
    board_time: time = time(8, 30)
    horizon: timedelta = timedelta(weeks=5)  # how far ahead a series is planned
    time_zone: str = "Asia/Shanghai"
    language: str = "zh-CN"
    organisation: str = ""
    live_every: timedelta = timedelta(seconds=6)

    def window_for(self, kind: str) -> WindowRule:
        """The check-in window of a kind of session."""
        return self.windows.get(kind, self.window)
