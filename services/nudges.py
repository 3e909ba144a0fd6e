"""Nudges: whoever has not answered a session is asked once, in private, some time before it starts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from db.queries import checkins as checkin_queries
from db.queries import nudges as queries
from db.queries import sessions as session_queries
from services import deliveries, quiet
from services.rules import Rules
from services.scheduling import delivery_key

NUDGE, TOLD = "nudge", "nudge_told"


def any_due(connection: Connection, now: datetime) -> bool:
    """Whether it is time to ask those who have not answered a session."""
    return queries.any_due(connection, now)


def plan(connection: Connection, now: datetime, rules: Rules) -> None:
    """Ask each of them in private, and tell the leaders how many; nothing is said in the group."""
    for row in queries.take_due(connection, now):
        if now >= row.starts_at:
            continue
        missing = queries.missing(connection, row.id)
        asked = {person.id for person in missing if person.reachable and _nudge(connection, row, person, now, rules)}
        _tell_leaders(connection, row, asked, {person.id for person in missing} - asked, now, rules)


def _nudge(connection: Connection, row: Any, person: Any, now: datetime, rules: Rules) -> bool:
    """False where their quiet hours end only after the start, so that they cannot be asked any more."""
    payload = {"person_id": person.id, "language": person.language or row.language}
    return _enqueue(connection, row, NUDGE, person.chat_id, payload, now, rules)


def _tell_leaders(
    connection: Connection, row: Any, asked: set[int], unasked: set[int], now: datetime, rules: Rules
) -> None:
    """Tell each of others than themselves; whom nobody else is missing, is told nothing."""
    for leader in checkin_queries.leaders(connection, row.group_id):
        numbers = {"asked": len(asked - {leader.id}), "unreachable": len(unasked - {leader.id})}
        if leader.chat_id is not None and leader.state == "active" and any(numbers.values()):
            payload = {**numbers, "language": leader.language or row.language}
            _enqueue(connection, row, TOLD, leader.chat_id, payload, now, rules)


def _enqueue(
    connection: Connection, row: Any, kind: str, chat_id: int, payload: dict[str, Any], now: datetime, rules: Rules
) -> bool:
    due_at = quiet.calm_at(connection, chat_id, rules, now)
    if due_at >= row.starts_at:
        return False
    deliveries.enqueue(
        connection,
        key=delivery_key(row.id, row.revision, kind, 0, chat_id),
        kind=kind,
        destination_id=chat_id,
        session_id=row.id,
        payload={"session_id": row.id, "revision": row.revision, **payload},
        due_at=due_at,
        expires_at=row.starts_at,
    )
    return True


@dataclass(frozen=True, slots=True)
class Nudge:
    """The facts of the question to one member."""

    session_id: int
    title: str
    place: str
    group_name: str
    starts_at: datetime
    time_zone: str
    language: str


@dataclass(frozen=True, slots=True)
class NudgesTold:
    """What a leader is told: how many were asked, and how many cannot be written to."""

    session_id: int
    title: str
    starts_at: datetime
    time_zone: str
    language: str
    asked: int
    unreachable: int


def nudge(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Nudge | None:
    """A nudge as it is to be said now; None for who has answered since, and for what was cancelled or moved."""
    row = _still_coming(connection, payload, now)
    if row is None or not queries.is_missing(connection, row.id, int(payload["person_id"])):
        return None
    language = str(payload["language"])
    return Nudge(row.id, row.title, row.place, row.group_name, row.starts_at, row.time_zone, language)


def told(connection: Connection, payload: Mapping[str, Any], now: datetime) -> NudgesTold | None:
    """What a leader is told of it; None for what was cancelled or moved."""
    row = _still_coming(connection, payload, now)
    if row is None:
        return None
    return NudgesTold(
        row.id,
        row.title,
        row.starts_at,
        row.time_zone,
        str(payload["language"]),
        int(payload["asked"]),
        int(payload["unreachable"]),
    )


def _still_coming(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Any | None:
    row = session_queries.session(connection, int(payload["session_id"]))
    if row is None or row.state != "scheduled" or row.revision != payload["revision"] or now >= row.starts_at:
        return None
    return row
