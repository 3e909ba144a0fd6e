"""What the bot is to reach, each figure in proportion to a baseline of the same run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter

from benchmarks.measure import Result

Figure = Callable[[Result], float]


@dataclass(frozen=True)
class Goal:
    """`contender`'s figure divided by `against`'s; `at_least` or `at_most` is where it should be.

    An `unit` makes it a difference in that unit instead of a ratio; without `against` it is the figure itself.
    """

    title: str
    figure: Figure
    contender: str
    against: str = ""
    at_least: float | None = None
    at_most: float | None = None
    unit: str = "×"

    def bound(self) -> str:
        """The goal as people write it."""
        return f"≥ {self.at_least:g}{self.unit}" if self.at_least is not None else f"≤ {self.at_most:g}{self.unit}"

    def reached(self, value: float) -> bool:
        """Tell whether a value is on the right side of the bound."""
        if self.at_least is not None:
            return value >= self.at_least
        return self.at_most is not None and value <= self.at_most

    def value(self, medians: Mapping[str, Result]) -> float | None:
        """The ratio, difference or figure; None if what it needs was not measured."""
        ours, theirs = medians.get(self.contender), medians.get(self.against)
        if ours is None:
            return None
        if not self.against:
            return self.figure(ours)
        if theirs is None or not self.figure(theirs):
            return None
        if self.unit != "×":
            return self.figure(ours) - self.figure(theirs)
        return self.figure(ours) / self.figure(theirs)


_rate: Figure = attrgetter("rate")
_cpu: Figure = attrgetter("cpu_ms")
_p99: Figure = attrgetter("p99_ms")
_idle: Figure = attrgetter("idle_mib")
_peak: Figure = attrgetter("peak_mib")
_start: Figure = attrgetter("start_s")
_seconds: Figure = attrgetter("seconds")
_share: Figure = attrgetter("share_of_limit")
_refused: Figure = attrgetter("refused")

BURST = "check-in burst, updates/s"
GOALS: tuple[Goal, ...] = (
    Goal(BURST, _rate, "ours", "ptb_echo_sequential", at_least=1.8),
    Goal(BURST, _rate, "ours", "ptb_typical_256", at_least=6.0),
    Goal(BURST, _rate, "ours", "aiogram_typical", at_least=4.5),
    Goal("the same, 50 ms to Telegram", _rate, "ours_distant", "aiogram_distant", at_least=3.0),
    Goal("the same by webhook", _rate, "ours_webhook", "ptb_echo_sequential", at_least=3.0),
    Goal("the same by webhook", _rate, "ours_webhook", "ptb_echo_webhook", at_least=1.8),
    Goal("a command that reads, updates/s", _rate, "ours_command", "ptb_echo_command", at_least=1.8),
    Goal("CPU ms per check-in", _cpu, "ours", "ptb_typical_32", at_most=0.2),
    Goal("idle RSS", _idle, "ours", "aiogram_typical", at_most=0.45),
    Goal("start to first poll", _start, "ours", "aiogram_typical", at_most=0.3),
    Goal("messages at Telegram's limits, of 30/s", _share, "ours_reminders", at_least=0.95, unit=""),
    Goal("the same, 429s earned", _refused, "ours_reminders", at_most=0, unit=""),
    Goal("board of 2,000 over a million check-ins", _seconds, "board_ours", "board_sql", at_most=1.5),
    Goal("board of 20 over a million check-ins", _seconds, "small_board_ours", "small_board_sql", at_most=1.5),
    Goal("XLSX of 100,000 rows, time", _seconds, "export_ours", "export_xlsxwriter", at_most=1.3),
    Goal("the same, memory", _peak, "export_ours", "export_xlsxwriter", at_most=64, unit=" MiB"),
    Goal("p99 of check-ins beside an export", _p99, "ours_paced_exporting", "ours_paced", at_most=1.5),
)
