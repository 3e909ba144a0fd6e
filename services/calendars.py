"""A session as an entry of a calendar."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from db.queries import people as queries
from domain.people import Actor
from services.reminders import lead_of
from services.rules import Rules
from services.session_pages import visible


@dataclass(frozen=True, slots=True)
class Entry:
    """The facts of a calendar's entry; `lead` is how long before the start it rings."""

    session_id: int
    title: str
    group_name: str
    place: str
    link: str
    starts_at: datetime
    ends_at: datetime
    cancelled: bool
    revision: int
    lead: timedelta
    time_zone: str


def entry(connection: Connection, session_id: int, actor: Actor, rules: Rules) -> Entry:
    """A session for one person's calendar. Raises Refusal: session_gone, not_member."""
    row = visible(connection, session_id, actor)
    person = queries.by_telegram_id(connection, actor.telegram_id)
    lead = rules.private_reminder if person is None else lead_of(person, rules)
    return Entry(
        row.id,
        row.title,
        row.group_name,
        row.place,
        row.link,
        row.starts_at,
        row.ends_at,
        row.state == "cancelled",
        row.revision,
        lead,
        row.time_zone,
    )
