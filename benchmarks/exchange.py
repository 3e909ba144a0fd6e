"""What a benchmark gives to a bot, and what comes back."""

from __future__ import annotations

import time
from typing import Any

from benchmarks.limits import OVERALL, Limits
from benchmarks.updates import PreparedUpdate


class Exchange:
    """What is waiting for the bot, what it was given and what it answered.

    `pace` is how many updates a second become available, 0 for all at once. Where `messages` are expected, the
    bot is judged by those it sends within `limits`, and updates do not count.
    """

    def __init__(self) -> None:
        self.waiting: list[PreparedUpdate] = []
        self.pace = 0.0
        self.messages = 0
        self.limits: Limits | None = None
        self.released_at: float | None = None
        self.position = 0
        self.delivered: dict[str, float] = {}
        self.answered: dict[str, float] = {}
        self.duplicates = 0
        self.redelivered = 0
        self.calls: dict[str, int] = {}
        self.polled = False

    def take(self, offset: int, limit: int) -> list[PreparedUpdate]:
        """Forget what `offset` confirms and hand out the next updates, oldest first, as getUpdates does."""
        while self.position < len(self.waiting) and self.waiting[self.position].update_id < offset:
            self.position += 1
        now = time.monotonic()
        batch = self.waiting[self.position : min(self.position + limit, self._available(now))]
        for update in batch:
            self.deliver(update, now)
        return batch

    def deliver(self, update: PreparedUpdate, now: float) -> None:
        """Note that the bot is given an update."""
        if self.delivered.setdefault(update.key, now) != now:
            self.redelivered += 1

    def _available(self, now: float) -> int:
        if self.released_at is None:
            return 0
        return int((now - self.released_at) * self.pace) + 1 if self.pace else len(self.waiting)

    def next_in(self) -> float | None:
        """Seconds until there is one more to hand out; None where that is not a matter of time."""
        if self.released_at is None or not self.pace or self.position >= len(self.waiting):
            return None
        return max(self.released_at + self.position / self.pace - time.monotonic(), 0.0) + 0.0005

    def answer(self, key: str) -> bool:
        """Note an answer; tell whether it was the last one missing."""
        if key not in self.delivered:
            return False
        if key in self.answered:
            self.duplicates += 1
            return False
        self.answered[key] = time.monotonic()
        return not self.messages and len(self.answered) == len(self.waiting)

    def send(self, chat_id: int) -> tuple[int, bool]:
        """Note a message: the seconds of its 429, 0 where it is taken, and whether it was the last one expected."""
        if self.limits is None:
            return 0, False
        wait = self.limits.take(chat_id, time.monotonic())
        return wait, not wait and len(self.limits.sent) == self.messages

    def report(self) -> dict[str, Any]:
        """Give the figures so far; p50 and p99 in ms from an update's first delivery to its answer."""
        if self.limits is not None:
            return {"event": "report", "updates": self.messages, "calls": self.calls} | _of_limits(self.limits)
        waits = sorted((at - self.delivered[key]) * 1000 for key, at in self.answered.items())
        seconds = max(self.answered.values()) - min(self.delivered.values()) if waits else 0.0
        return {
            "event": "report",
            "updates": len(self.waiting),
            "answered": len(waits),
            "duplicates": self.duplicates,
            "redelivered": self.redelivered,
            "rate": len(waits) / seconds if seconds else 0.0,
            "p50_ms": _share(waits, 0.50),
            "p99_ms": _share(waits, 0.99),
            "calls": self.calls,
        }


def _of_limits(limits: Limits) -> dict[str, Any]:
    rate = limits.rate()
    return {
        "answered": len(limits.sent),
        "rate": rate,
        "share_of_limit": rate / (OVERALL[0] / OVERALL[1]),
        "refused": limits.refused,
    }


def _share(ordered: list[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0
