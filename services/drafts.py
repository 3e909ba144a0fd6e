"""From a typed line to a published session: the draft, its echo, and what its buttons change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import audit
from db.queries import people as people_queries
from db.queries import sessions as queries
from domain import schedule
from domain.cadence import Cadence, Occurrence, occurrences, to_instant
from domain.errors import Refusal
from domain.people import Actor
from services import access, deliveries, people, scheduling
from services.rules import Rules

ECHO, CHOOSE = "session_echo", "session_choose_group"

DATES_SHOWN = 5
"""Dates of a series in its echo."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A session as a leader typed it; `weeks` is None where it does not recur."""

    title: str
    kind: str
    place: str
    starts_local: datetime
    starts_at: datetime
    minutes: int
    weeks: int | None
    bare_hour: bool
    in_gap: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A group somebody may schedule for, and its time zone."""

    group_id: int
    name: str
    time_zone: str


def places(connection: Connection, actor: Actor, chat_telegram_id: int) -> list[Place]:
    """Where somebody may schedule: in a group's chat only there, in private the groups they lead.

    Raises Refusal: not_registered, not_leader, leads_no_group.
    """
    known = people.find(connection, actor.telegram_id)
    person_id = known.id if known else 0
    if chat_telegram_id < 0:
        group = access.group_of_chat(connection, chat_telegram_id)
        access.require_leader(connection, person_id, group.id)
        return [Place(group.id, group.name, group.time_zone)]
    led = access.leads(connection, person_id)
    if not led:
        raise Refusal("leads_no_group")
    return [Place(group.id, group.name, group.time_zone) for group in led]


def add(
    connection: Connection,
    group_id: int,
    actor: Actor,
    chat_telegram_id: int,
    typed: Typed,
    *,
    reply_key: str,
    language: str,
    now: datetime,
) -> int:
    """Keep a draft and echo it where it was typed; its id. Raises Refusal `not_leader`."""
    person = people.meet(connection, actor, now)
    access.require_leader(connection, person.id, group_id)
    draft_id = queries.add_draft(connection, group_id, person.id, _facts(typed), now)
    _answer(connection, ECHO, draft_id, chat_telegram_id, reply_key, language, now)
    return draft_id


def add_unplaced(
    connection: Connection, actor: Actor, text: str, *, reply_key: str, language: str, now: datetime
) -> int:
    """Keep a line whose group is still to be chosen, in private, and ask for it. Raises Refusal `leads_no_group`."""
    person = people.meet(connection, actor, now)
    led = access.leads(connection, person.id)
    if not led:
        raise Refusal("leads_no_group")
    draft_id = queries.add_draft(connection, led[0].id, person.id, {"text": text}, now)
    _answer(connection, CHOOSE, draft_id, actor.telegram_id, reply_key, language, now)
    return draft_id


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A line whose group is being chosen: what was typed, when, and in which zone it is to be read."""

    text: str
    typed_at: datetime
    time_zone: str


def unplaced(connection: Connection, draft_id: int, group_id: int, actor: Actor) -> Unplaced:
    """A line as typed, for the group that was chosen. Raises Refusal: draft_gone, not_leader."""
    row = queries.draft_of(connection, draft_id)
    known = people.find(connection, actor.telegram_id)
    if row is None or known is None or row.person_id != known.id or "text" not in row.facts:
        raise Refusal("draft_gone")
    place = next((group for group in access.leads(connection, known.id) if group.id == group_id), None)
    if place is None:
        access.require_leader(connection, known.id, group_id)
        raise Refusal("draft_gone")
    return Unplaced(row.facts["text"], row.created_at, place.time_zone)


def place_draft(
    connection: Connection, draft_id: int, group_id: int, actor: Actor, typed: Typed, *, now: datetime
) -> "Echo":
    """The group is chosen and the line read. Raises Refusal: draft_gone, not_leader."""
    unplaced(connection, draft_id, group_id, actor)
    queries.change_draft(connection, draft_id, group_id=group_id, facts=_facts(typed))
    row, draft = _load(connection, draft_id)
    return _echo(row, draft, now)


@dataclass(frozen=True, slots=True)
class Echo:
    """A draft as it was understood; `other_at` is the other half of the day where that may have been meant."""

    draft_id: int
    state: str  # open | published | dropped
    group_name: str
    typed: Typed
    time_zone: str
    dates: tuple[datetime, ...]
    other_at: datetime | None
    language: str = ""


def echo(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Echo | None:
    """The facts of the message that echoes a draft; None once it is dropped."""
    row, typed = _load(connection, int(payload["draft_id"]))
    return None if row.state == "dropped" else _echo(row, typed, now, str(payload["language"]))


@dataclass(frozen=True, slots=True)
class Choice:
    """The groups a typed line may be meant for."""

    draft_id: int
    places: tuple[Place, ...]
    language: str


def choice(connection: Connection, payload: Mapping[str, Any], _now: datetime) -> Choice | None:
    """The facts of the message that asks for the group; None once it is chosen."""
    row = queries.draft_of(connection, int(payload["draft_id"]))
    if row is None or "text" not in row.facts:
        return None
    led = access.leads(connection, row.person_id)
    found = tuple(Place(group.id, group.name, group.time_zone) for group in led)
    return Choice(row.id, found, str(payload["language"]))


def turn_weekly(connection: Connection, draft_id: int, actor: Actor, *, now: datetime) -> Echo:
    """Let a draft recur every week, or not any more. Raises Refusal: draft_gone, not_leader."""
    row, typed = _open(connection, draft_id, actor)
    return _change(connection, row, typed, now, weeks=None if typed.weeks else 1)


def turn_half(connection: Connection, draft_id: int, actor: Actor, *, now: datetime) -> Echo:
    """Move a draft to the other half of its day. Raises Refusal: draft_gone, not_leader, session_past."""
    row, typed = _open(connection, draft_id, actor)
    local = schedule.other_half(typed.starts_local)
    starts_at = to_instant(local, ZoneInfo(row.time_zone))
    if starts_at <= now:
        raise Refusal("session_past", starts_at=starts_at, zone=row.time_zone)
    return _change(connection, row, typed, now, starts_local=local, starts_at=starts_at)


def drop(connection: Connection, draft_id: int, actor: Actor, *, now: datetime) -> None:
    """Nothing is to come of a draft. Raises Refusal: draft_gone, not_leader."""
    row = _authorised(connection, draft_id, actor)
    if row.state == "published":
        raise Refusal("draft_gone")
    queries.change_draft(connection, draft_id, state="dropped")


def publish(connection: Connection, draft_id: int, actor: Actor, *, rules: Rules, now: datetime) -> Echo:
    """Make a draft a session, or a series of them; a second time changes nothing.

    Whoever leads or administers the group may, not only who typed it.
    Raises Refusal: draft_gone, not_leader, session_past.
    """
    row = _authorised(connection, draft_id, actor)
    if row.state == "dropped" or "text" in row.facts:
        raise Refusal("draft_gone")
    typed = _typed(row.facts)
    if row.state == "open":
        if typed.starts_at <= now:
            raise Refusal("session_past", starts_at=typed.starts_at, zone=row.time_zone)
        person = people.meet(connection, actor, now)
        session_id = _schedule(connection, row, typed, person.id, rules, now)
        queries.change_draft(connection, draft_id, state="published")
        subject = f"session:{session_id}"
        audit.add(connection, now, actor.telegram_id, "publish", group_id=row.group_id, subject=subject)
    return _echo(queries.draft_of(connection, draft_id), typed, now)


def _schedule(
    connection: Connection, row: Any, typed: Typed, person_id: int, rules: Rules, now: datetime
) -> int | None:
    """The session of a draft, or the first of its series; its id."""
    plan = scheduling.Plan(
        row.group_id,
        row.chat_id,
        person_id,
        typed.kind,
        typed.title,
        typed.place,
        timedelta(minutes=typed.minutes),
    )
    at = Occurrence(typed.starts_local, typed.starts_at)
    if typed.weeks is None:
        return scheduling.schedule_session(connection, plan, at, announce_now=True, now=now, rules=rules)
    return scheduling.start_series(connection, plan, _cadence(typed), at, row.time_zone, now=now, rules=rules)


def _cadence(typed: Typed) -> Cadence:
    return Cadence.weekly(typed.starts_local.weekday(), interval=typed.weeks or 1)


def _answer(
    connection: Connection, kind: str, draft_id: int, chat_telegram_id: int, key: str, language: str, now: datetime
) -> None:
    place = "group" if chat_telegram_id < 0 else "private"
    deliveries.enqueue(
        connection,
        key=key,
        kind=kind,
        destination_id=people_queries.chat_id(connection, chat_telegram_id, place),
        payload={"draft_id": draft_id, "language": language},
        due_at=now,
        expires_at=now + deliveries.REPLY_EXPIRES,
        priority=deliveries.REPLY,
    )


def _authorised(connection: Connection, draft_id: int, actor: Actor) -> Any:
    """A draft, locked, of a group that the actor leads."""
    row = queries.draft_of(connection, draft_id, lock=True)
    if row is None:
        raise Refusal("draft_gone")
    known = people.find(connection, actor.telegram_id)
    access.require_leader(connection, known.id if known else 0, row.group_id)
    return row


def _open(connection: Connection, draft_id: int, actor: Actor) -> tuple[Any, Typed]:
    row = _authorised(connection, draft_id, actor)
    if row.state != "open" or "text" in row.facts:
        raise Refusal("draft_gone")
    return row, _typed(row.facts)


def _load(connection: Connection, draft_id: int) -> tuple[Any, Typed]:
    row = queries.draft_of(connection, draft_id)
    if row is None:
        raise Refusal("draft_gone")
    return row, _typed(row.facts)


def _change(connection: Connection, row: Any, typed: Typed, now: datetime, **changed: Any) -> Echo:
    typed = _typed(_facts(typed) | _stored(changed))
    queries.change_draft(connection, row.id, facts=_facts(typed))
    return _echo(row, typed, now)


def _echo(row: Any, typed: Typed, now: datetime, language: str = "") -> Echo:
    zone = ZoneInfo(row.time_zone)
    dates: tuple[datetime, ...] = ()
    if typed.weeks is not None:
        found = occurrences(_cadence(typed), typed.starts_local, zone, now, count=DATES_SHOWN)
        dates = tuple(at.starts_at for at in found)
    other = to_instant(schedule.other_half(typed.starts_local), zone)
    other_at = other if typed.bare_hour and other > now else None
    return Echo(row.id, row.state, row.group_name, typed, row.time_zone, dates, other_at, language)


def _facts(typed: Typed) -> dict[str, Any]:
    return _stored({name: getattr(typed, name) for name in Typed.__dataclass_fields__})


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as JSON holds them."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _typed(facts: Mapping[str, Any]) -> Typed:
    read = {name: datetime.fromisoformat(facts[name]) for name in ("starts_local", "starts_at")}
    read["starts_at"] = read["starts_at"].astimezone(UTC)
    return Typed(**{**facts, **read})
