"""Changing a published session: proposed, confirmed by what it will be, kept in its history, undone for a minute."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import drafts as draft_queries
from db.queries import editing as queries
from db.queries import sessions as session_queries
from domain import schedule
from domain.cadence import to_instant
from domain.errors import Refusal
from domain.links import LONGEST_LINK, is_link
from domain.names import clean
from domain.people import Actor
from services import deliveries, inputs, people
from services.session_pages import led
from services.undo import UNDO_WITHIN

ECHO, FIELD = "edit_echo", "edit_field"
"""The kind of the delivery that echoes what was typed, and the input that is waited for."""

TITLE, PLACE, LINK, TIME, LENGTH = FIELDS = ("title", "place", "link", "time", "length")
"""What can be changed; a button carries the place in this list."""

LONGEST: Final = {TITLE: 200, PLACE: 100, LINK: LONGEST_LINK}
"""Characters."""

SHORTEST_SESSION, LONGEST_SESSION = 5, 24 * 60
"""Minutes."""


@dataclass(frozen=True, slots=True)
class Editable:
    """A session whose leader is changing it."""

    session_id: int
    title: str
    place: str
    link: str
    starts_at: datetime
    minutes: int
    time_zone: str
    timed: bool  # whether its time and length can still be changed


def editable(connection: Connection, session_id: int, actor: Actor, now: datetime) -> Editable:
    """What can be changed of a session. Raises Refusal: session_gone, not_leader."""
    row = _led(connection, session_id, actor)
    length = schedule.minutes(row.ends_at - row.starts_at)
    timed = is_timed(connection, row, now)
    return Editable(row.id, row.title, row.place, row.link, row.starts_at, length, row.time_zone, timed)


def begin(connection: Connection, session_id: int, actor: Actor, now: datetime) -> Editable:
    """The same at the beginning, and again on the way back: what was to be typed for a field is waited for no more."""
    found, waiting = editable(connection, session_id, actor, now), inputs.awaited(connection, actor.telegram_id, now)
    if waiting is not None and waiting.purpose == FIELD:
        inputs.answered(connection, actor.telegram_id)
    return found


def is_timed(connection: Connection, row: Any, now: datetime) -> bool:
    """Whether time and length can still be changed: it is not over, and nobody has come."""
    return row.state == "scheduled" and now < row.ends_at and not session_queries.anybody_came(connection, row.id)


def ask(connection: Connection, session_id: int, number: int, day: int, actor: Actor, *, now: datetime) -> Editable:
    """From now on wait for a field's new value to be typed; `day` (an ordinal, 0: none) is the one chosen for a time.

    Raises Refusal: session_gone, not_leader, edit_time_fixed.
    """
    field, found = field_of(number), editable(connection, session_id, actor, now)
    if field in (TIME, LENGTH) and not found.timed:
        raise Refusal("edit_time_fixed")
    inputs.ask(connection, actor.telegram_id, FIELD, session_id, number, day, now=now)
    return found


def field_of(number: int) -> str:
    """The field of a button. Raises Refusal `unknown_button`."""
    if number not in range(len(FIELDS)):
        raise Refusal("unknown_button")
    return FIELDS[number]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change as it will be; `outdated` where the session was changed after it was proposed."""

    draft_id: int
    session_id: int
    title: str
    starts_at: datetime
    time_zone: str
    field: str
    before: str
    after: str
    in_series: bool
    minutes: int  # its length as it is
    answered: int  # people who will be asked again
    other_at: datetime | None  # the other half of the day, where that may have been meant
    outdated: bool = False
    language: str = ""


def propose(
    connection: Connection,
    session_id: int,
    field: str,
    value: str | datetime | int,
    actor: Actor,
    *,
    bare_hour: bool = False,
    reply_key: str | None = None,
    language: str = "",
    now: datetime,
) -> Proposal:
    """Keep a change until it is confirmed; with a `reply_key` what was typed is echoed by a message of its own.

    Raises Refusal: session_gone, not_leader, edit_time_fixed, edit_past, edit_same, edit_empty, edit_too_long
    (length, limit), edit_bad_link, edit_bad_length.
    """
    row = _led(connection, session_id, actor)
    after = _checked(field, value, now)
    if field in (TIME, LENGTH) and not is_timed(connection, row, now):
        raise Refusal("edit_time_fixed")
    if after == value_of(row, field):
        raise Refusal("edit_same")
    person = people.meet(connection, actor, now)
    facts = {"edit": session_id, "field": field, "after": after, "bare": bare_hour}
    facts["seen"] = queries.last_change(connection, session_id)
    draft_id = draft_queries.add_draft(connection, row.group_id, person.id, facts, now)
    inputs.answered(connection, actor.telegram_id)
    if reply_key is not None:
        deliveries.enqueue(
            connection,
            key=reply_key,
            kind=ECHO,
            destination_id=people.chat_id(connection, actor.telegram_id, "private"),
            payload={"draft_id": draft_id, "language": language},
            due_at=now,
            expires_at=now + deliveries.REPLY_EXPIRES,
            priority=deliveries.REPLY,
        )
    return proposal(connection, draft_id, row, facts, now)


def echo(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Proposal | None:
    """The facts of the message that echoes what was typed; None once it is applied or dropped."""
    draft = draft_queries.draft_of(connection, int(payload["draft_id"]))
    row = session_queries.session(connection, draft.facts["edit"]) if draft is not None else None
    if draft is None or row is None or draft.state != "open":
        return None
    return proposal(connection, draft.id, row, draft.facts, now, language=str(payload["language"]))


def other_half(connection: Connection, draft_id: int, actor: Actor, *, now: datetime) -> Proposal:
    """Move a proposed time to the other half of its day. Raises Refusal: edit_gone, not_leader, edit_past."""
    draft, row = open_draft(connection, draft_id, actor)
    other = _other_at(draft.facts, now, row.time_zone)
    if other is None:
        raise Refusal("edit_past")
    facts = {**draft.facts, "after": other.isoformat()}
    draft_queries.change_draft(connection, draft_id, facts=facts)
    return proposal(connection, draft_id, row, facts, now)


def drop(connection: Connection, draft_id: int, actor: Actor) -> int:
    """Nothing is to be changed; the session. Raises Refusal: edit_gone, not_leader."""
    _, row = open_draft(connection, draft_id, actor)
    draft_queries.change_draft(connection, draft_id, state="dropped")
    return int(row.id)


def open_draft(connection: Connection, draft_id: int, actor: Actor) -> tuple[Any, Any]:
    """A change that is not confirmed yet, and its session, both locked. Raises Refusal: edit_gone, not_leader."""
    draft = draft_queries.draft_of(connection, draft_id, lock=True)
    if draft is None or "edit" not in draft.facts or draft.state != "open":
        raise Refusal("edit_gone")
    return draft, _led(connection, draft.facts["edit"], actor, lock=True)


def forget_undone(connection: Connection, now: datetime) -> None:
    """What a change would need to be taken back goes once it cannot be any more: the answers of a move are in it."""
    for draft in queries.applied_drafts(connection):
        if now > datetime.fromisoformat(draft.facts["done_at"]) + UNDO_WITHIN:
            facts = {name: value for name, value in draft.facts.items() if name != "undo"}
            draft_queries.change_draft(connection, draft.id, facts=facts, state="published")


def value_of(row: Any, field: str) -> str:
    """A field's value as the history keeps it: a moment in ISO form, a length in minutes."""
    if field == TIME:
        return str(row.starts_at.isoformat())
    if field == LENGTH:
        return str(schedule.minutes(row.ends_at - row.starts_at))
    return str(getattr(row, field))


def _led(connection: Connection, session_id: int, actor: Actor, *, lock: bool = False) -> Any:
    row = led(connection, session_id, actor, lock=lock)
    if row.state == "cancelled":
        raise Refusal("session_gone")
    return row


def _checked(field: str, value: str | datetime | int, now: datetime) -> str:
    """A new value as the history keeps it."""
    if isinstance(value, datetime):
        if value <= now:
            raise Refusal("edit_past")
        return value.astimezone(UTC).isoformat()
    if isinstance(value, int):
        if not SHORTEST_SESSION <= value <= LONGEST_SESSION:
            raise Refusal("edit_bad_length", shortest=SHORTEST_SESSION)
        return str(value)
    text = value.strip() if field == LINK else clean(value)
    if len(text) > LONGEST[field]:
        raise Refusal("edit_too_long", length=len(text), limit=LONGEST[field])
    if field == TITLE and not text:
        raise Refusal("edit_empty")
    if field == LINK and text and not is_link(text):
        raise Refusal("edit_bad_link")
    return text


def proposal(
    connection: Connection,
    draft_id: int,
    row: Any,
    facts: Mapping[str, Any],
    now: datetime,
    *,
    outdated: bool = False,
    language: str = "",
) -> Proposal:
    """A kept change, seen from the session as it is now."""
    field = str(facts["field"])
    answered = len(queries.answers(connection, row.id)) if field == TIME else 0
    return Proposal(
        draft_id,
        row.id,
        row.title,
        row.starts_at,
        row.time_zone,
        field,
        value_of(row, field),
        str(facts["after"]),
        row.series_id is not None,
        schedule.minutes(row.ends_at - row.starts_at),
        answered,
        _other_at(facts, now, row.time_zone),
        outdated,
        language,
    )


def _other_at(facts: Mapping[str, Any], now: datetime, time_zone: str) -> datetime | None:
    if facts["field"] != TIME or not facts["bare"]:
        return None
    zone = ZoneInfo(time_zone)
    local = datetime.fromisoformat(facts["after"]).astimezone(zone).replace(tzinfo=None, fold=0)
    other = to_instant(schedule.other_half(local), zone)
    return other if other > now else None
