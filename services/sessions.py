"""Sessions from their publishing on: the card, the reminder, what comes next, cancelling."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from db.queries import audit
from db.queries import sessions as queries
from domain import schedule
from domain.deliveries import Policy
from domain.errors import Refusal
from domain.people import Actor
from services import access, deliveries, people
from services.scheduling import delivery_key

CANCELLED, BUTTONS_OFF = "session_cancelled", "session_buttons_off"

SHOWN = 8
"""Sessions in one list."""

CANCELLABLE = timedelta(days=7)
"""How long after its end a session that nobody came to can still be cancelled."""


@dataclass(frozen=True, slots=True)
class Card:
    """The facts of a session's card and of its reminder."""

    session_id: int
    state: str  # scheduled | closed | cancelled
    kind: str
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    language: str
    going: int
    leave: int
    no_reply: int
    answerable: bool  # its buttons go when check-in opens
    started: bool
    is_reminder: bool
    message_id: int | None


def card(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Card | None:
    """A session's card as it stands; None where it is not to be held any more."""
    row = queries.session(connection, int(payload["session_id"]))
    return None if row is None or row.state != "scheduled" else _card(connection, row, now)


def reminder(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Card | None:
    """The same for the group's reminder, which becomes the living card."""
    facts = card(connection, payload, now)
    return None if facts is None else replace(facts, is_reminder=True)


def card_edit(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Card | None:
    """The same for an edit, also of what was cancelled; None until there is a message to edit."""
    row = queries.session(connection, int(payload["session_id"]))
    return None if row is None or row.card_message_id is None else _card(connection, row, now)


@dataclass(frozen=True, slots=True)
class Notice:
    """The facts of the notice that a session is cancelled, with `count` - 1 later ones of its series."""

    title: str
    starts_at: datetime
    time_zone: str
    language: str
    count: int


def cancelled(connection: Connection, payload: Mapping[str, Any], _now: datetime) -> Notice | None:
    """What the group is told when a session will not be held."""
    row = queries.session(connection, int(payload["session_id"]))
    if row is None:
        return None
    return Notice(row.title, row.starts_at, row.time_zone, row.language, int(payload["count"]))


def card_hangs(connection: Connection, payload: Mapping[str, Any], message_id: int, now: datetime) -> None:
    """A card or reminder was sent: it is the living one now, and the buttons of the one before go."""
    row = queries.session(connection, int(payload["session_id"]), lock=True)
    if row is None:
        return
    if row.card_message_id not in (None, message_id):
        take_buttons_off(connection, row, row.card_message_id, now)
    queries.change_session(connection, row.id, card_message_id=message_id)
    if row.state == "cancelled":
        refresh_card(connection, row, now, timedelta())


def refresh_card(connection: Connection, row: Any, now: datetime, every: timedelta) -> None:
    """Bring the living card up to date, soon; what is edited after the start is its final state."""
    deliveries.refresh(
        connection,
        key=f"session:{row.id}:card",
        kind=schedule.CARD_LIVE,
        destination_id=row.chat_id,
        session_id=row.id,
        payload={"session_id": row.id},
        now=now,
        every=every,
        expires_at=max(row.starts_at, now + timedelta(days=1)),
    )


def take_buttons_off(connection: Connection, row: Any, message_id: int, now: datetime) -> None:
    """Take the buttons off a message of a session that another one has followed."""
    deliveries.enqueue(
        connection,
        key=f"session:{row.id}:{BUTTONS_OFF}:{message_id}",
        kind=BUTTONS_OFF,
        policy=Policy.REPEAT,
        priority=deliveries.LIVE,
        destination_id=row.chat_id,
        payload={"message_id": message_id},
        due_at=now,
        expires_at=now + timedelta(days=1),
    )


def buttons_off(_connection: Connection, payload: Mapping[str, Any], _now: datetime) -> int:
    """The message whose buttons go."""
    return int(payload["message_id"])


@dataclass(frozen=True, slots=True)
class Coming:
    """A session on a list of what comes."""

    id: int
    title: str
    place: str
    starts_at: datetime
    time_zone: str
    group_name: str
    answer: str | None
    answerable: bool
    in_series: bool


def upcoming(connection: Connection, actor: Actor, chat_telegram_id: int, now: datetime) -> list[Coming]:
    """What comes next: in a group's chat its own, in private what one's groups hold, with one's answers.

    Raises Refusal `not_registered` in a group that is not registered.
    """
    known = people.find(connection, actor.telegram_id)
    person_id = known.id if known else 0
    if chat_telegram_id < 0:
        group_ids = [access.group_of_chat(connection, chat_telegram_id).id]
        person_id = 0  # what a group reads says nothing of whoever asked
    else:
        group_ids = [row.id for row in access.groups_of(connection, person_id)]
    return [_coming(row, now, row.answer) for row in queries.coming_for(connection, person_id, group_ids, now, SHOWN)]


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
    return [_coming(row, now) for row in queries.coming(connection, group_ids, now - CANCELLABLE, SHOWN)]


def to_cancel(connection: Connection, session_id: int, actor: Actor, now: datetime) -> Coming:
    """What is about to be cancelled. Raises Refusal: session_gone, not_leader, cancel_too_late."""
    return _coming(_cancellable(connection, session_id, actor, lock=False), now)


def cancel(connection: Connection, session_id: int, actor: Actor, *, and_later: bool, now: datetime) -> list[Coming]:
    """Cancel a session, or also the later ones of its series, which then ends; what was cancelled.

    The group is told once. Cancelling again changes nothing.
    Raises Refusal: session_gone, not_leader, cancel_too_late (somebody has come).
    """
    row = queries.session(connection, session_id)
    if row is not None and row.state == "cancelled":
        _require_leader(connection, actor, row.group_id)
        return [_coming(row, now)]
    row = _cancellable(connection, session_id, actor, lock=True)
    rows = [row]
    if and_later and row.series_id is not None:
        queries.lock_series(connection, row.series_id)
        rows = list(queries.later_of_series(connection, row.series_id, row.starts_at))
        queries.change_series(connection, row.series_id, extend_at=None)
    for each in rows:
        _cancel_one(connection, each, now)
    deliveries.enqueue(
        connection,
        key=delivery_key(row.id, row.revision, CANCELLED, len(rows), row.chat_id),
        kind=CANCELLED,
        destination_id=row.chat_id,
        payload={"session_id": row.id, "count": len(rows)},
        due_at=now,
        expires_at=max(row.ends_at, now + timedelta(hours=1)),
    )
    audit.add(connection, now, actor.telegram_id, "cancel", group_id=row.group_id, subject=f"session:{row.id}")
    return [_coming(each, now) for each in rows]


def _cancel_one(connection: Connection, row: Any, now: datetime) -> None:
    deliveries.cancel_for_session(connection, row.id)
    queries.change_session(connection, row.id, state="cancelled", remind_privately_at=None)
    if row.card_message_id is not None:
        refresh_card(connection, row, now, timedelta())
    if row.checkin_message_id is not None:
        take_buttons_off(connection, row, row.checkin_message_id, now)


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


def _card(connection: Connection, row: Any, now: datetime) -> Card:
    counts = queries.answers(connection, row.id)
    return Card(
        row.id,
        row.state,
        row.kind,
        row.title,
        row.place,
        row.starts_at,
        row.ends_at,
        row.time_zone,
        row.language,
        counts.going,
        counts.leave,
        counts.no_reply,
        answerable=row.state == "scheduled" and now < row.opens_at,
        started=now >= row.starts_at,
        is_reminder=queries.is_reminder(connection, row.id, row.card_message_id),
        message_id=row.card_message_id,
    )


def _coming(row: Any, now: datetime, answer: str | None = None) -> Coming:
    return Coming(
        row.id,
        row.title,
        row.place,
        row.starts_at,
        row.time_zone,
        row.group_name,
        answer,
        answerable=row.state == "scheduled" and now < row.starts_at,
        in_series=row.series_id is not None,
    )
