"""The one clock: real time, plus what the sandbox has moved it by."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Gives `now` in UTC; only the sandbox ever shifts it."""

    def __init__(self) -> None:
        self._offset = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def shift_to(self, offset_seconds: float) -> None:
        """Be this far ahead of real time."""
        self._offset = timedelta(seconds=offset_seconds)
