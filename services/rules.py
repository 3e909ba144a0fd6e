"""The rules that an organisation may change; bot/ fills them from the settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta

from domain.attendance import WindowRule
from domain.auto_schedule import Habit
from domain.holidays import PLAIN, Holidays
from domain.kinds import STARTER, KindTable
from domain.quiet import QuietHours
from domain.radar import RadarRule
from domain.rota import PREPARE_DAYS


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
    board_minimum: int = 3  # sessions from which on somebody is on a board of a month or longer
    kinds: KindTable = STARTER  # of the organisation; units and groups lay theirs over it
    radar: RadarRule = field(default_factory=RadarRule)
    radar_time: time = time(9)  # when plans are looked at, by the group's clock
    habit: Habit = field(
        default_factory=lambda: Habit(2, time(15))
    )  # when sessions are proposed where nothing is known of a group's habits
    holidays: Holidays = PLAIN
    screen: str = ""  # root of the page with the check-in code; empty: there is none
    full_font: str = ""  # a font file that has every sign; empty: the bundled one
    makeup_days: int = 7  # a make-up task is due within so many days; 0: no tasks
    makeup_note_suffices: bool = True  # else a leader confirms each
    details_months: int = 24  # personal details such as reasons of leave are kept so long; 0: for ever
    prepare_days: tuple[int, ...] = PREPARE_DAYS  # how many days before a session its speaker is reminded

    def window_for(self, kind: str) -> WindowRule:
        """The check-in window of a kind of session."""
        return self.windows.get(kind, self.window)
