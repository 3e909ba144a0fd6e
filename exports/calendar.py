"""Sessions as a calendar file (RFC 5545), which every calendar reads."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from icalendar import Alarm, Event

from services.calendars import Entry


def calendar_file(entries: Iterable[Entry], issuer: str, made_at: datetime) -> bytes:
    """The file of one session or of several.

    The same session always has the same UID, so that opening a newer file changes the entry instead of adding
    another. `issuer` names the bot in it; a name of the internet's form keeps it unique (RFC 7986, 5.3).
    """
    from icalendar import Calendar  # 3 MiB and its time zones: loaded with the first file

    calendar = Calendar()
    calendar.add("prodid", f"-//{issuer}//study sessions//")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for entry in entries:
        calendar.add_component(_event(entry, issuer, made_at))
    return bytes(calendar.to_ical())


def _event(entry: Entry, issuer: str, made_at: datetime) -> "Event":
    from icalendar import Event, vUri

    event = Event()
    event.add("uid", f"session-{entry.session_id}@{issuer}")
    event.add("dtstamp", made_at)
    event.add("sequence", entry.revision)
    event.add("dtstart", entry.starts_at)
    event.add("dtend", entry.ends_at)
    event.add("summary", entry.title)
    event.add("description", "\n".join(part for part in (entry.group_name, entry.link) if part))
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    if entry.place or entry.link:
        event.add("location", entry.place or entry.link)
    if entry.link:
        event.add("url", vUri(entry.link))
    if not entry.cancelled:
        event.add_component(_alarm(entry))
    return event


def _alarm(entry: Entry) -> "Alarm":
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", entry.title)
    alarm.add("trigger", -entry.lead)
    return alarm
