"""Sessions from their publishing on: the card, the reminder, what comes next, cancelling."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import minutes as name_queries
from db.queries import sessions as queries
from domain import schedule
from domain.deliveries import Policy
from domain.people import Actor
from domain.quiet import QuietHours
from services import access, deliveries, joint, people

BUTTONS_OFF, MOVED_CARD = "session_buttons_off", "session_moved_card"

SHOWN = 8
"""Sessions in one list."""


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
    link: str = ""
    files: int = 0
    leave_until: datetime | None = None
    moved_from: datetime | None = None
    silent: bool = False
    speaker: str | None = None  # None: nobody is down to lead it; empty: somebody whose name was erased


def card(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Card | None:
    """A session's card as it stands; None where it is not to be held any more."""
    row = seen(connection, payload)
    if row is None or row.state != "scheduled":
        return None
    return replace(card_of(connection, row, now), silent=bool(payload.get("silent")))


def reminder(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Card | None:
    """The same for the group's reminder, which becomes the living card; in its quiet hours it makes no sound."""
    row = seen(connection, payload)
    if row is None or row.state != "scheduled":
        return None
    hours = QuietHours(*payload.get("quiet", ()))
    if row.quiet_from is not None and row.quiet_to is not None:
        hours = QuietHours(row.quiet_from, row.quiet_to)
    silent = hours.covers(now, ZoneInfo(row.time_zone))
    return replace(card_of(connection, row, now), is_reminder=True, silent=silent)


def card_edit(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Card | None:
    """The same for an edit, also of what was cancelled; None until there is a message to edit."""
    row = seen(connection, payload)
    return None if row is None or row.card_message_id is None else card_of(connection, row, now)


def seen(connection: Connection, payload: Mapping[str, Any], *, lock: bool = False) -> Any | None:
    """The session of a message, as the group has it that the message is for."""
    row = queries.session(connection, int(payload["session_id"]), lock=lock)
    return joint.seen_from(connection, row, payload)


def card_hangs(connection: Connection, payload: Mapping[str, Any], message_id: int, now: datetime) -> None:
    """A card or reminder was sent: it is the living one now, and the buttons of the one before go."""
    row = seen(connection, payload, lock=True)
    if row is None:
        return
    if int(payload.get("revision", 1)) != row.revision:
        mark_moved(connection, row, message_id, now)  # it was under way while the session was moved
        return
    if row.card_message_id not in (None, message_id):
        take_buttons_off(connection, row, row.card_message_id, now)
    joint.set_message(connection, row, card_message_id=message_id)
    if row.state == "cancelled":
        refresh_card(connection, row, now, timedelta())


def refresh_card(connection: Connection, row: Any, now: datetime, every: timedelta) -> None:
    """Bring the living card up to date in each chat, soon; what is edited after the start is its final state."""
    for each in joint.everywhere(connection, row):
        deliveries.refresh(
            connection,
            key=f"session:{row.id}:card{joint.suffix_of(each)}",
            kind=schedule.CARD_LIVE,
            destination_id=each.chat_id,
            session_id=row.id,
            payload={"session_id": row.id, **joint.payload_of(each)},
            now=now,
            every=every,
            expires_at=max(row.starts_at, now + timedelta(days=1)),
        )


def mark_moved(connection: Connection, row: Any, message_id: int, now: datetime) -> None:
    """A card of before a session was moved loses its buttons and says so."""
    deliveries.enqueue(
        connection,
        key=f"session:{row.id}:{MOVED_CARD}:{message_id}{joint.suffix_of(row)}",
        kind=MOVED_CARD,
        policy=Policy.REPEAT,
        priority=deliveries.LIVE,
        destination_id=row.chat_id,
        payload={"session_id": row.id, "message_id": message_id, **joint.payload_of(row)},
        due_at=now,
        expires_at=now + timedelta(days=1),
    )


def moved_card(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Card | None:
    """The facts of a card of before a session was moved."""
    row = seen(connection, payload)
    return None if row is None else replace(card_of(connection, row, now), message_id=int(payload["message_id"]))


def take_buttons_off(connection: Connection, row: Any, message_id: int, now: datetime) -> None:
    """Take the buttons off a message of a session that another one has followed."""
    deliveries.enqueue(
        connection,
        key=f"session:{row.id}:{BUTTONS_OFF}:{message_id}{joint.suffix_of(row)}",
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
    return [coming_of(row, now, row.answer) for row in queries.coming_for(connection, person_id, group_ids, now, SHOWN)]


def card_of(connection: Connection, row: Any, now: datetime) -> Card:
    """The facts of a session's card from its row."""
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
        link=row.link,
        files=queries.files(connection, row.id),
        leave_until=row.leave_until,
        moved_from=row.moved_from if row.moved_from != row.starts_at else None,
        speaker=name_queries.names(connection, [row.speaker_id]).get(row.speaker_id, "") if row.speaker_id else None,
    )


def coming_of(row: Any, now: datetime, answer: str | None = None) -> Coming:
    """A row as it stands on a list."""
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
