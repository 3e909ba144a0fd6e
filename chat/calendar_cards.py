"""Calendar files, and what is said with them."""

from zoneinfo import ZoneInfo

from chat.outgoing import Document
from services.calendars import Coming, Entry
from texts import Words
from texts.words import name


def document(entry: Entry, content: bytes, spoken: Words) -> Document:
    """The file; its name is plain so that every system opens it with its calendar."""
    when = spoken.when(entry.starts_at, ZoneInfo(entry.time_zone))
    key = "sessions.calendar_cancelled" if entry.cancelled else "sessions.calendar"
    return Document(f"session-{entry.session_id}.ics", content, spoken.html(key, title=entry.title[:200], when=when))


def coming(facts: Coming, content: bytes, spoken: Words) -> Document:
    """Everything that comes, of one person or of a group."""
    count = sum(not entry.cancelled for entry in facts.entries)
    if facts.group_name is None:
        return Document("my-sessions.ics", content, spoken.html("calendars.mine", count=count))
    told = spoken.html("calendars.of_group", count=count, group=name(facts.group_name))
    return Document(f"group-{facts.group_id}.ics", content, told)
