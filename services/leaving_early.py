"""Leaving before the end: said by whoever leaves, kept as such, and taken back within a minute."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from db.queries import checkins as queries
from db.queries import marking as marking_queries
from domain.attendance import Status
from domain.errors import Refusal
from domain.people import Actor
from services import people
from services.checkins import refresh_live
from services.rules import Rules
from services.undo import require_in_time

METHOD = "leaving"


def leave(connection: Connection, session_id: int, actor: Actor, *, now: datetime, rules: Rules) -> None:
    """⟦我先走⟧: present or late becomes left early; a second time changes nothing.

    Raises Refusal: session_gone, not_running (it has not begun, or is over), not_checked_in.
    """
    row = queries.lock_session(connection, session_id)
    if row is None or row.state == "cancelled":
        raise Refusal("session_gone")
    known = people.find(connection, actor.telegram_id)
    found = marking_queries.record_of(connection, session_id, known.id) if known is not None else None
    if known is None or found is None or found.status not in (Status.PRESENT, Status.LATE, Status.LEFT_EARLY):
        raise Refusal("not_checked_in")
    if found.status == Status.LEFT_EARLY:
        return
    if row.state != "scheduled" or not row.starts_at <= now < row.ends_at:
        raise Refusal("not_running")
    _put(connection, row, known.id, found, Status.LEFT_EARLY, METHOD, now, rules)


def undo(connection: Connection, session_id: int, actor: Actor, *, now: datetime, rules: Rules) -> None:
    """Stay after all. Raises Refusal: session_gone, not_checked_in, undo_too_late, undo_overtaken."""
    row = queries.lock_session(connection, session_id)
    if row is None or row.state == "cancelled":
        raise Refusal("session_gone")
    known = people.find(connection, actor.telegram_id)
    found = marking_queries.record_of(connection, session_id, known.id) if known is not None else None
    if known is None or found is None:
        raise Refusal("not_checked_in")
    history = marking_queries.changes(connection, session_id, known.id)
    last = history[0] if history else None
    if last is not None and last.method == "undo" and last.actor_id == known.id:
        return
    if last is None or last.method != METHOD or last.actor_id != known.id:
        raise Refusal("undo_overtaken")
    require_in_time(last.at, now)
    _put(connection, row, known.id, found, Status(last.before), "undo", now, rules)


def _put(
    connection: Connection,
    row: Any,
    person_id: int,
    found: Any,
    status: Status,
    method: str,
    now: datetime,
    rules: Rules,
) -> None:
    """Another status; how and when they came stays, the history says what changed it."""
    values = {"session_id": row.id, "person_id": person_id, "status": status.value}
    queries.record(connection, values, is_new=False)
    change = {"actor_id": person_id, "at": now, "before": found.status, "after": status.value, "method": method}
    queries.note_change(connection, {"session_id": row.id, "person_id": person_id, **change})
    refresh_live(connection, row.id, row.chat_id, row.closes_at, now, rules, joint=row.joint)
