"""Sessions as entries of a calendar: one, all that somebody is expected at, or all of a group."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import checkins as checkin_queries
from db.queries import people as queries
from db.queries import sessions as session_queries
from domain.errors import Refusal
from domain.people import Actor
from services import access, people
from services.reminders import lead_of
from services.rules import Rules
from services.session_pages import visible

MOST: Final = 500
"""Entries in one file: years of a group that meets twice a week."""


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


@dataclass(frozen=True, slots=True)
class Coming:
    """What comes, as entries; `group_name` is None where they are one person's."""

    group_id: int | None
    group_name: str | None
    entries: tuple[Entry, ...]


def entry(connection: Connection, session_id: int, actor: Actor, rules: Rules) -> Entry:
    """A session for one person's calendar. Raises Refusal: session_gone, not_member."""
    row = visible(connection, session_id, actor)
    return _entry(row, _lead(connection, actor, rules))


def of_person(connection: Connection, actor: Actor, now: datetime, rules: Rules) -> Coming:
    """Everything that somebody is expected at, over all their groups. Raises Refusal `nothing_in_calendar`."""
    known = people.find(connection, actor.telegram_id)
    rows = session_queries.expecting(connection, known.id, now, MOST) if known is not None else ()
    return _coming(connection, None, None, rows, actor, rules)


def of_group(connection: Connection, group_id: int, actor: Actor, now: datetime, rules: Rules) -> Coming:
    """Everything that a group holds, for its leaders. Raises Refusal: not_leader, nothing_in_calendar."""
    known = people.find(connection, actor.telegram_id)
    access.require_leader(connection, known.id if known else 0, group_id)
    rows = session_queries.all_coming(connection, group_id, now, MOST)
    return _coming(connection, group_id, checkin_queries.group_name(connection, group_id), rows, actor, rules)


def _coming(
    connection: Connection,
    group_id: int | None,
    group_name: str | None,
    rows: Sequence[Any],
    actor: Actor,
    rules: Rules,
) -> Coming:
    if not any(row.state == "scheduled" for row in rows):
        raise Refusal("nothing_in_calendar")
    lead = _lead(connection, actor, rules)
    return Coming(group_id, group_name, tuple(_entry(row, lead) for row in rows))


def _lead(connection: Connection, actor: Actor, rules: Rules) -> timedelta:
    person = queries.by_telegram_id(connection, actor.telegram_id)
    return rules.private_reminder if person is None else lead_of(person, rules)


def _entry(row: Any, lead: timedelta) -> Entry:
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
