"""What the bot is to reach, each figure a ratio to a baseline of the same run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.measure import Result


@dataclass(frozen=True)
class Goal:
    """`contender`'s figure divided by `against`'s; `at_least` or `at_most` is where it should be.

    `with_latency` is None for a goal that holds for any answer time, True or False for one that is meant with
    or without added latency. `first_step` is the weaker bound that a first release must hold.
    """

    title: str
    figure: Callable[[Result], float]
    contender: str
    against: str
    at_least: float | None = None
    at_most: float | None = None
    first_step: float | None = None
    with_latency: bool | None = None

    def bound(self) -> str:
        """The goal as people write it."""
        return f"≥ {self.at_least:g}×" if self.at_least is not None else f"≤ {self.at_most:g}×"

    def reached(self, ratio: float) -> bool:
        """Tell whether a ratio is on the right side of the bound."""
        if self.at_least is not None:
            return ratio >= self.at_least
        return self.at_most is not None and ratio <= self.at_most

    def ratio(self, medians: Mapping[str, Result]) -> float | None:
        """Divide; None if one of the two was not measured."""
        ours, theirs = medians.get(self.contender), medians.get(self.against)
        if ours is None or theirs is None or not self.figure(theirs):
            return None
        return self.figure(ours) / self.figure(theirs)


def _rate(result: Result) -> float:
    return result.rate


def _cpu(result: Result) -> float:
    return result.cpu_ms


def _idle(result: Result) -> float:
    return result.idle_mib


def _start(result: Result) -> float:
    return result.start_s


BURST = "check-in burst, updates/s"
GOALS: tuple[Goal, ...] = (
    Goal(BURST, _rate, "ours", "ptb_echo_sequential", at_least=1.8, first_step=1.3, with_latency=False),
    Goal(BURST, _rate, "ours", "ptb_typical_256", at_least=6.0, first_step=4.0, with_latency=False),
    Goal(BURST, _rate, "ours", "aiogram_typical", at_least=4.5, with_latency=False),
    Goal(BURST, _rate, "ours", "aiogram_typical", at_least=3.0, with_latency=True),
    Goal("CPU ms per check-in", _cpu, "ours", "ptb_typical_32", at_most=0.2, with_latency=False),
    Goal("idle RSS", _idle, "ours", "aiogram_typical", at_most=0.45),
    Goal("start to first poll", _start, "ours", "aiogram_typical", at_most=0.3, with_latency=False),
)
