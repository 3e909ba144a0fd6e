"""Quiet hours: when nobody wants to hear from a bot, and when that ends."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from domain.cadence import to_instant

DAY_MINUTES = 24 * 60

_TIME: Final = r"(\d{1,2})\s*(?:[:：点时]\s*(\d{2})?(半)?)?\s*分?"
_TYPED: Final = re.compile(_TIME + r"\s*(?:-|–|—|~|～|至|到|to)\s*" + _TIME, re.IGNORECASE | re.ASCII)


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

    def __bool__(self) -> bool:
        """Whether there are any."""
        return self.from_minute != self.to_minute

    @property
    def start(self) -> str:
        """When they begin: 22:00."""
        return _clock(self.from_minute)

    @property
    def end(self) -> str:
        """When they end: 08:00."""
        return _clock(self.to_minute)

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


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _minute(at: datetime, zone: ZoneInfo) -> int:
    local = at.astimezone(zone)
    return local.hour * 60 + local.minute


def parse(text: str) -> QuietHours | None:
    """What somebody typed as quiet hours: 22:30-7:30, 22–7, 22点至7点半; None for anything else."""
    found = _TYPED.fullmatch(text.strip())
    if found is None:
        return None
    minutes = [_minute_of(found[hour], found[minute], found[half]) for hour, minute, half in ((1, 2, 3), (4, 5, 6))]
    return QuietHours(*minutes) if all(minute < DAY_MINUTES for minute in minutes) else None


def _minute_of(hour: str, minute: str | None, half: str | None) -> int:
    """Minutes of the day, with 24:00 for its end; as many as no day has for what no clock shows."""
    minutes = 30 if half else int(minute or 0)
    if minutes > 59:
        return DAY_MINUTES
    return 0 if (int(hour), minutes) == (24, 0) else int(hour) * 60 + minutes
