"""A session's calendar file, and what is said with it."""

from zoneinfo import ZoneInfo

from chat.outgoing import Document
from services.calendars import Entry
from texts import Words


def document(entry: Entry, content: bytes, spoken: Words) -> Document:
    """The file; its name is plain so that every system opens it with its calendar."""
    when = spoken.when(entry.starts_at, ZoneInfo(entry.time_zone))
    key = "sessions.calendar_cancelled" if entry.cancelled else "sessions.calendar"
    return Document(f"session-{entry.session_id}.ics", content, spoken.html(key, title=entry.title[:200], when=when))
