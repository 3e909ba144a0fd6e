"""Check-in by location: a leader says where a session is, and who shares a place near it is there.

What is kept is where the session is held. Where people were is judged and forgotten.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from db.queries import codes as queries
from domain.attendance import Moment
from domain.errors import Refusal
from domain.people import Actor
from domain.places import Position, Venue, is_there
from services import checkins, inputs
from services.closing import led_session
from services.rules import Rules

VENUE: Final = "venue"
"""The input that is waited for: a place."""

RADII: Final = (100, 200, 500)
"""Metres to choose from; a button carries the place in this list."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a session is held; `metres` None: it has no place to check in at."""

    session_id: int
    title: str
    metres: int | None


def look(connection: Connection, session_id: int, actor: Actor, *, now: datetime) -> Place:
    """From now on a place can be sent. Raises Refusal: session_gone, not_leader."""
    row = led_session(connection, session_id, actor, lock=False)
    inputs.ask(connection, actor.telegram_id, VENUE, session_id, now=now)
    return Place(row.id, row.title, row.venue_metres)


def sent(connection: Connection, session_id: int, where: Position, actor: Actor) -> Place:
    """The place was sent; the radius of before stays. Raises Refusal: session_gone, not_leader."""
    row = led_session(connection, session_id, actor)
    metres = row.venue_metres or RADII[1]
    queries.set_venue(connection, session_id, where.latitude, where.longitude, metres)
    inputs.answered(connection, actor.telegram_id)
    return Place(row.id, row.title, metres)


def set_radius(connection: Connection, session_id: int, number: int, actor: Actor) -> Place:
    """How near is near. Raises Refusal: session_gone, not_leader, unknown_button (no place yet)."""
    row = led_session(connection, session_id, actor)
    if number not in range(len(RADII)) or row.venue_metres is None:
        raise Refusal("unknown_button")
    queries.set_venue(connection, session_id, row.venue_latitude, row.venue_longitude, RADII[number])
    return Place(row.id, row.title, RADII[number])


def clear(connection: Connection, session_id: int, actor: Actor) -> Place:
    """No check-in by location any more. Raises Refusal: session_gone, not_leader."""
    row = led_session(connection, session_id, actor)
    queries.set_venue(connection, session_id, None, None, None)
    inputs.answered(connection, actor.telegram_id)
    return Place(row.id, row.title, None)


def check_in(
    connection: Connection, where: Position, actor: Actor, moment: Moment, *, now: datetime, rules: Rules
) -> checkins.CheckIn:
    """A place was shared in private. Raises Refusal: no_venue_open, not_near (title), and those of `check_in`."""
    open_ids = [one.id for one in checkins.open_now(connection, actor, actor.telegram_id, now)]
    venues = queries.venues(connection, open_ids)
    if not venues:
        raise Refusal("no_venue_open")
    for row in venues.values():
        if is_there(where, Venue(row.venue_latitude, row.venue_longitude, row.venue_metres)):
            return checkins.check_in(
                connection, row.id, actor, actor.telegram_id, moment, now=now, rules=rules, method="location"
            )
    raise Refusal("not_near", title=next(iter(venues.values())).title[:60])
