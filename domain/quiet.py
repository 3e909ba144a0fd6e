"""Quiet hours: when nobody wants to hear from a bot, and when that ends."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.cadence import to_instant

DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one minute of the local day to another, mostly over midnight; both the same: none.

    Raises ValueError for minutes that no day has.
    """

    from_minute: int = 22 * 60
    to_minute: int = 8 * 60

    def __post_init__(self) -> None:
        if not (0 <= self.from_minute < DAY_MINUTES and 0 <= self.to_minute < DAY_MINUTES):
            raise ValueError(f"quiet hours {self.from_minute}–{self.to_minute} are not within a day")

    def covers(self, at: datetime, zone: ZoneInfo) -> bool:
        """Whether the instant lies within them; their end does not."""
        minute = _minute(at, zone)
        if self.from_minute <= self.to_minute:
            return self.from_minute <= minute < self.to_minute
        return minute >= self.from_minute or minute < self.to_minute

    def after(self, at: datetime, zone: ZoneInfo) -> datetime:
        """The instant itself, or the end of the quiet hours that it lies in (UTC)."""
        if not self.covers(at, zone):
            return at
        local = at.astimezone(zone)
        day = local.date()
        if _minute(at, zone) >= self.to_minute:
            day += timedelta(days=1)
        midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001  # wall-clock time, made an instant next
        return max(at, to_instant(midnight + timedelta(minutes=self.to_minute), zone))


def _minute(at: datetime, zone: ZoneInfo) -> int:
    local = at.astimezone(zone)
    return local.hour * 60 + local.minute
