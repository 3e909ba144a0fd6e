"""The sandbox's time: the computer's clock plus an offset that the control side moves."""

import time

from sandbox.pulse import Pulse


class Clock:
    """Seconds since 1970 as everyone in the sandbox sees them."""

    def __init__(self, offset_seconds: float = 0.0) -> None:
        self.offset_seconds = offset_seconds
        self.moved = Pulse()

    def now(self) -> float:
        """Seconds since 1970, with fractions."""
        return time.time() + self.offset_seconds

    def date(self) -> int:
        """The whole second that messages carry."""
        return int(self.now())

    def shift(self, seconds: float) -> None:
        """Move by `seconds`, forwards or backwards."""
        self.offset_seconds += seconds
        self.moved.beat()

    def set(self, now: float) -> None:
        """Make it `now` (seconds since 1970)."""
        self.shift(now - self.now())
