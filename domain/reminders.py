"""Private reminders: how long before a session somebody wants to hear of it, and when that moment is."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from domain.quiet import QuietHours

LEADS: Final = (15, 30, 60, 120, 1440)
"""Minutes before the start that a person may choose."""


def looks(starts_at: datetime, default: timedelta) -> list[datetime]:
    """The moments at which somebody's reminder may fall due: one for each choice, and the organisation's own."""
    leads = {timedelta(minutes=lead) for lead in LEADS} | {default}
    return [starts_at - lead for lead in sorted(leads, reverse=True)]


def first_look(starts_at: datetime, default: timedelta, now: datetime) -> datetime | None:
    """When to look first who is to be reminded: at the longest lead, or at once; None for what has begun."""
    return max(now, looks(starts_at, default)[0]) if now < starts_at else None


def next_look(starts_at: datetime, default: timedelta, now: datetime) -> datetime | None:
    """When to look again; None after the last. Who has joined or changed their lead meanwhile is found then."""
    return next((moment for moment in looks(starts_at, default) if moment > now), None)


def send_at(moment: datetime, starts_at: datetime, quiet: QuietHours, zone: ZoneInfo) -> datetime:
    """When a reminder of this moment is sent: after the quiet hours it falls into, if that is before the start."""
    calm = quiet.after(moment, zone)
    return calm if calm < starts_at else moment
