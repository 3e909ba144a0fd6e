"""Cancelling a session, or also the later ones of its series, which then ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from db.queries import audit, editing
from db.queries import sessions as queries
from domain.errors import Refusal
from domain.people import Actor
from services import access, deliveries, joint, people
from services.scheduling import delivery_key
from services.sessions import SHOWN, Coming, coming_of, refresh_card, take_buttons_off

CANCELLED, CANCELLED_TOLD = "session_cancelled", "session_cancelled_told"

CANCELLABLE = timedelta(days=7)
"""How long after its end a session that nobody came to can still be cancelled."""


@dataclass(frozen=True, slots=True)
class Notice:
    """The facts of the notice that a session is cancelled, with `count` - 1 later ones of its series."""

    title: str
    starts_at: datetime
    time_zone: str
    language: str
    count: int
    silent: bool = False


def cancelled(connection: Connection, payload: Mapping[str, Any], _now: datetime) -> Notice | None:
    """What the group is told when a session will not be held."""
    row = queries.session(connection, int(payload["session_id"]))
    if row is None:
        return None
    silent = bool(payload.get("silent"))
    language = str(payload.get("language") or row.language)
    return Notice(row.title, row.starts_at, row.time_zone, language, int(payload["count"]), silent)


def cancellable(connection: Connection, actor: Actor, chat_telegram_id: int, now: datetime) -> list[Coming]:
    """The sessions somebody may cancel: in a group's chat its own. Raises Refusal: not_registered, not_leader."""
    known = people.find(connection, actor.telegram_id)
    person_id = known.id if known else 0
    if chat_telegram_id < 0:
        group = access.group_of_chat(connection, chat_telegram_id)
        access.require_leader(connection, person_id, group.id)
        group_ids = [group.id]
    else:
        group_ids = [row.id for row in access.leads(connection, person_id)]
        if not group_ids:
            raise Refusal("leads_no_group")
    return [coming_of(row, now) for row in queries.coming(connection, group_ids, now - CANCELLABLE, SHOWN)]


def to_cancel(connection: Connection, session_id: int, actor: Actor, now: datetime) -> Coming:
    """What is about to be cancelled. Raises Refusal: session_gone, not_leader, cancel_too_late."""
    return coming_of(_cancellable(connection, session_id, actor, lock=False), now)


def cancel(connection: Connection, session_id: int, actor: Actor, *, and_later: bool, now: datetime) -> list[Coming]:
    """Cancel a session, or also the later ones of its series, which then ends; what was cancelled.

    The group is told once. Cancelling again changes nothing.
    Raises Refusal: session_gone, not_leader, cancel_too_late (somebody has come).
    """
    row = queries.session(connection, session_id)
    if row is not None and row.state == "cancelled":
        _require_leader(connection, actor, row.group_id)
        return [coming_of(row, now)]
    row = _cancellable(connection, session_id, actor, lock=True)
    rows = [row]
    if and_later and row.series_id is not None:
        queries.lock_series(connection, row.series_id)
        rows = list(queries.later_of_series(connection, row.series_id, row.starts_at))
        queries.change_series(connection, row.series_id, extend_at=None)
    person = people.meet(connection, actor, now)
    for each in rows:
        _cancel_one(connection, each, now)
        editing.add_change(connection, each.id, person.id, now, "state", "scheduled", "cancelled")
    _tell_cancelled(connection, row, len(rows), now)
    audit.add(connection, now, actor.telegram_id, "cancel", group_id=row.group_id, subject=f"session:{row.id}")
    return [coming_of(each, now) for each in rows]


def _tell_cancelled(connection: Connection, row: Any, count: int, now: datetime) -> None:
    """The group is told aloud in the reminder's place; after the reminder silently, and who is going in private."""
    reminded = queries.is_reminded(connection, row.id, row.revision)
    told = [(CANCELLED, each.chat_id, each.language, reminded) for each in joint.everywhere(connection, row)]
    if reminded:
        going = queries.going_with_chats(connection, row.id)
        told += [(CANCELLED_TOLD, each.chat_id, each.language or row.language, False) for each in going]
    for kind, chat_id, language, silent in told:
        deliveries.enqueue(
            connection,
            key=delivery_key(row.id, row.revision, kind, count, chat_id),
            kind=kind,
            destination_id=chat_id,
            payload={"session_id": row.id, "count": count, "language": language, "silent": silent},
            due_at=now,
            expires_at=max(row.ends_at, now + timedelta(hours=1)),
        )


def _cancel_one(connection: Connection, row: Any, now: datetime) -> None:
    deliveries.cancel_for_session(connection, row.id)
    queries.change_session(connection, row.id, state="cancelled", remind_privately_at=None, nudge_at=None)
    if row.card_message_id is not None:
        refresh_card(connection, row, now, timedelta())
    for each in joint.everywhere(connection, row):
        if each.checkin_message_id is not None:
            take_buttons_off(connection, each, each.checkin_message_id, now)


def _cancellable(connection: Connection, session_id: int, actor: Actor, *, lock: bool) -> Any:
    row = queries.session(connection, session_id, lock=lock)
    if row is None or row.state == "cancelled":
        raise Refusal("session_gone")
    _require_leader(connection, actor, row.group_id)
    if row.state == "closed" or queries.anybody_came(connection, session_id):
        raise Refusal("cancel_too_late")
    return row


def _require_leader(connection: Connection, actor: Actor, group_id: int) -> None:
    known = people.find(connection, actor.telegram_id)
    access.require_leader(connection, known.id if known else 0, group_id)
