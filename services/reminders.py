"""Private reminders: one to each member who wishes it, as long before a session as they chose."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import reminders as queries
from db.queries import responses, sessions
from domain import reminders as rule
from domain.schedule import REMINDER_GRACE
from services import deliveries
from services.quiet import quiet_hours
from services.rules import Rules
from services.scheduling import delivery_key

PRIVATE = "private_reminder"


def any_due(connection: Connection, now: datetime) -> bool:
    """Whether a session is to be looked at for its private reminders."""
    return queries.any_due(connection, now)


def plan(connection: Connection, now: datetime, rules: Rules) -> None:
    """Make the private reminders due whose time has come, and set when to look at each session again.

    A session is looked at once for each lead that can be chosen. Whoever has joined, turned reminders on or changed
    their lead meanwhile is found by the next look; nobody is reminded twice.
    """
    for row in queries.due(connection, now):
        queries.look_again(connection, row.id, rule.next_look(row.starts_at, rules.private_reminder, now))
        if now > row.starts_at + REMINDER_GRACE:
            continue
        for member in queries.members(connection, row.id):
            moment = row.starts_at - lead_of(member, rules)
            # Where it was published later than that, the card has just said the same.
            if moment <= now and (row.published_at is None or moment > row.published_at):
                _enqueue(connection, row, member, _send_at(member, row, max(moment, now), rules))


def lead_of(row: Any, rules: Rules) -> timedelta:
    """How long before a session somebody is reminded: as they chose, else as the organisation does."""
    return rules.private_reminder if row.lead_minutes is None else timedelta(minutes=row.lead_minutes)


def _send_at(member: Any, row: Any, moment: datetime, rules: Rules) -> datetime:
    zone = ZoneInfo(member.time_zone or row.time_zone)
    return rule.send_at(moment, row.starts_at, quiet_hours(member, rules), zone)


def _enqueue(connection: Connection, row: Any, member: Any, due_at: datetime) -> None:
    deliveries.enqueue(
        connection,
        key=delivery_key(row.id, row.revision, PRIVATE, 0, member.chat_id),
        kind=PRIVATE,
        destination_id=member.chat_id,
        session_id=row.id,
        payload={
            "session_id": row.id,
            "person_id": member.id,
            "language": member.language or row.language,
        },
        due_at=due_at,
        expires_at=row.starts_at + REMINDER_GRACE,
    )


@dataclass(frozen=True, slots=True)
class Reminder:
    """The facts of a private reminder."""

    session_id: int
    title: str
    place: str
    group_name: str
    starts_at: datetime
    time_zone: str
    language: str
    answer: str | None
    answerable: bool
    started: bool
    link: str = ""


def private(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Reminder | None:
    """A private reminder as it is to be said now.

    None for a cancelled session, and for whoever is on leave, has left or turned reminders off since it was planned.
    """
    person_id = int(payload["person_id"])
    row = sessions.session(connection, int(payload["session_id"]))
    if row is None or row.state != "scheduled" or not queries.wishes(connection, person_id, row.id):
        return None
    answer = responses.find(connection, row.id, person_id)
    if answer is not None and answer.answer == "leave" and answer.approved is not False:
        return None
    return Reminder(
        row.id,
        row.title,
        row.place,
        row.group_name,
        row.starts_at,
        row.time_zone,
        str(payload["language"]),
        answer.answer if answer is not None else None,
        answerable=now < row.starts_at,
        started=now >= row.starts_at,
        link=row.link,
    )
