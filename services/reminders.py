"""Private reminders: one to each member who wishes it, shortly before a session."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from db.queries import responses
from db.queries import sessions as queries
from domain.schedule import REMINDER_GRACE, minutes
from services import deliveries
from services.rules import Rules
from services.scheduling import delivery_key

PRIVATE = "private_reminder"


def any_due(connection: Connection, now: datetime) -> bool:
    """Whether members of a group are to be reminded in private."""
    return queries.any_to_remind(connection, now)


def plan(connection: Connection, now: datetime, rules: Rules) -> None:
    """Make the private reminders due; who joined or turned them on up to now is reminded too."""
    for row in queries.take_to_remind(connection, now):
        if now > row.starts_at + REMINDER_GRACE:
            continue
        for member in queries.to_remind(connection, row.id, row.group_id):
            deliveries.enqueue(
                connection,
                key=delivery_key(row.id, row.revision, PRIVATE, minutes(rules.private_reminder), member.chat_id),
                kind=PRIVATE,
                destination_id=member.chat_id,
                session_id=row.id,
                payload={
                    "session_id": row.id,
                    "person_id": member.id,
                    "language": member.language or row.language,
                },
                due_at=now,
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


def private(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Reminder | None:
    """A private reminder as it is to be said now; None for whoever is on leave since, or a cancelled session."""
    row = queries.session(connection, int(payload["session_id"]))
    if row is None or row.state != "scheduled":
        return None
    answer = responses.find(connection, row.id, int(payload["person_id"]))
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
    )
