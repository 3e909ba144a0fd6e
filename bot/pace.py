"""Keeps one person from taking the bot away from the others: so many updates at once, then so many a second."""

from datetime import datetime
from typing import Final

BURST: Final = 60
"""Updates that are handled at once: far more than anybody taps, less than what a program sends."""

A_SECOND: Final = 2.0
"""How fast what was used up comes back."""

REMEMBERED: Final = 10_000
"""People after whom the idle ones are forgotten."""


class Pace:
    """A bucket for each person, by the bot's clock."""

    def __init__(self) -> None:
        self._left: dict[int, tuple[float, datetime]] = {}

    def allows(self, person: int, now: datetime) -> bool:
        """Whether one more update of this person is handled now; it counts if it is."""
        left, since = self._left.get(person, (float(BURST), now))
        left = min(left + max((now - since).total_seconds(), 0.0) * A_SECOND, BURST)
        if left < 1:
            self._left[person] = (left, now)
            return False
        if len(self._left) >= REMEMBERED:
            self._forget(now)
        self._left[person] = (left - 1, now)
        return True

    def _forget(self, now: datetime) -> None:
        """Whose bucket is full by now needs none."""
        self._left = {
            person: (left, since)
            for person, (left, since) in self._left.items()
            if left + (now - since).total_seconds() * A_SECOND < BURST
        }
