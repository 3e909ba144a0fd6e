"""When the messages of a session are due, and what dates a recurring one has next."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.cadence import Cadence, Occurrence, occurrences

STARTED_GRACE = timedelta(minutes=15)
"""How long after the start a reminder is still worth sending."""

CARD_AHEAD = timedelta(days=7)
"""How long before it a session of a series is announced."""


@dataclass(frozen=True, slots=True)
class Due:
    """A message of a session: when it is due and until when it is of use."""

    kind: str
    at: datetime
    expires_at: datetime


def duties(
    *,
    now: datetime,
    opens_at: datetime,
    starts_at: datetime,
    closes_at: datetime,
    group_reminder: timedelta,
    in_series: bool,
    first: bool,
) -> list[Due]:
    """What is sent in the group for a session, in the order of time.

    A single session and the first of a series are announced at once, later ones a week ahead. A reminder whose
    time has gone by is left out: the announcement just told it.
    """
    card_at = now if first or not in_series else max(now, starts_at - CARD_AHEAD)
    found = [Due("session_card", card_at, starts_at + STARTED_GRACE)]
    reminder_at = starts_at - group_reminder
    if reminder_at > card_at:
        found.append(Due("group_reminder", reminder_at, starts_at + STARTED_GRACE))
    found.append(Due("checkin_open", max(now, opens_at), closes_at))
    return found


def upcoming(cadence: Cadence, first_local: datetime, zone: ZoneInfo, after: datetime, count: int) -> list[datetime]:
    """The next starts of a series, as instants."""
    return [found.starts_at for found in occurrences(cadence, first_local, zone, after, count=count)]


def until(
    cadence: Cadence, first_local: datetime, zone: ZoneInfo, after: datetime, horizon: datetime
) -> Iterator[Occurrence]:
    """The occurrences of a series after one moment and up to another."""
    return occurrences(cadence, first_local, zone, after, until=horizon)
