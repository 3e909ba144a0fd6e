"""What may not have arrived, and what came too late to be sent: told to whoever can do something about it.

Sending carries no key by which Telegram could tell a repetition, so what is sent at most once may end unconfirmed; a
person looks, and has it sent again or says that it is there. What expired is told in one message after an outage.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import audit
from db.queries import radar as radar_queries
from db.queries import unsent as queries
from domain.deliveries import Policy, State
from domain.errors import Refusal
from domain.people import Actor
from domain.schedule import CARD, CHECKIN_OPEN, GROUP_REMINDER
from services import access, deliveries, people, quiet
from services.reminders import PRIVATE
from services.rules import Rules

UNCONFIRMED: Final = "unconfirmed_notice"
EXPIRED: Final = "expired_digest"
BOARD: Final = "leaderboard"

TOLD: Final = (CARD, GROUP_REMINDER, PRIVATE, CHECKIN_OPEN, BOARD)
"""What a leader is told of when it expired: what the group, or its members, did not learn in time."""

AGAIN_WITHIN: Final = timedelta(days=14)
"""How long after it was due something can be sent again; later it is no news."""

LASTS: Final = timedelta(days=3)

SHOWN: Final = 12
"""Lines of the digest; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """A message whose fate is unknown; `week_start` and `group_name` where it is a group's board."""

    delivery_id: int
    kind: str
    group_name: str
    week_start: date | None
    language: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """What was not sent: of a session, or of a group where there is none; `times` to so many chats."""

    kind: str
    group_name: str
    title: str
    starts_at: datetime | None
    time_zone: str
    times: int


@dataclass(frozen=True, slots=True)
class Expired:
    """All that a reader is told of, and how much more there is."""

    lines: tuple[Line, ...]
    more: int
    language: str | None


def unknown(connection: Connection, claimed: deliveries.Claim, owner: str, reason: str, now: datetime) -> None:
    """Telegram may have it; where it is not sent again by itself, somebody is asked to look."""
    if deliveries.unknown(connection, claimed, owner, reason, now).state is State.UNCONFIRMED:
        tell_unconfirmed(connection, [claimed.id], now)


def recover(connection: Connection, now: datetime, *, owner: str, all_of_others: bool) -> int:
    """Take back what a process that is gone held, as deliveries.recover does, and ask about what it may have sent."""
    became = deliveries.recover(connection, now, owner=owner, all_of_others=all_of_others)
    tell_unconfirmed(connection, [number for number, state in became.items() if state is State.UNCONFIRMED], now)
    return len(became)


def tell_unconfirmed(connection: Connection, delivery_ids: Collection[int], now: datetime) -> None:
    """Ask somebody to look, once for each: in private whose message it is, of a group's who leads it."""
    for delivery_id in delivery_ids:
        row = queries.one(connection, delivery_id)
        if row is None or row.state != State.UNCONFIRMED or row.policy != Policy.ONCE:
            continue
        for chat_id, language in _concerned(connection, row):
            deliveries.enqueue(
                connection,
                key=f"{UNCONFIRMED}:{row.id}:{chat_id}",
                kind=UNCONFIRMED,
                destination_id=chat_id,
                payload={"delivery_id": row.id, "language": language},
                due_at=now,
                expires_at=now + LASTS,
            )


def _concerned(connection: Connection, row: Any) -> list[tuple[int, str | None]]:
    if row.place == "private":
        return [(row.destination_id, row.payload.get("language"))]
    if row.group_id is None:
        return []
    return [(reader.chat_id, reader.language or row.language) for reader in _readers(connection, row.group_id, row)]


def _readers(connection: Connection, group_id: int, group: Any) -> list[Any]:
    """Leaders and deputies who can be written to; where there is none, the nearest admins."""
    leaders = radar_queries.leaders(connection, group_id)
    admins = [] if leaders else radar_queries.admins_above(connection, group.unit_id)
    return [*leaders, *(each for each in admins if each.depth == admins[0].depth)]


def notice(connection: Connection, payload: Mapping[str, Any], _now: datetime) -> Unconfirmed | None:
    """What the question says; None where it is answered already."""
    row = queries.one(connection, int(payload["delivery_id"]))
    if row is None or not _is_open(connection, row):
        return None
    week_start = date.fromisoformat(row.payload["week_start"]) if row.kind == BOARD else None
    return Unconfirmed(row.id, row.kind, row.group_name or "", week_start, payload.get("language"))


def _is_open(connection: Connection, row: Any) -> bool:
    return row.state == State.UNCONFIRMED and not queries.has_key(connection, _again_key(row.id))


def _again_key(delivery_id: int) -> str:
    return f"again:{delivery_id}"


def send_again(connection: Connection, delivery_id: int, actor: Actor, *, now: datetime) -> None:
    """Make the same due once more, at most once.

    Raises Refusal: unknown_button, not_leader, unconfirmed_settled, unconfirmed_too_old.
    """
    row = _mine(connection, delivery_id, actor)
    if now - row.due_at > AGAIN_WITHIN:
        raise Refusal("unconfirmed_too_old")
    deliveries.enqueue(
        connection,
        key=_again_key(row.id),
        kind=row.kind,
        destination_id=row.destination_id,
        payload=row.payload,
        due_at=now,
        expires_at=now + timedelta(hours=24),
        policy=Policy(row.policy),
        priority=deliveries.REPLY,
    )
    audit.add(connection, now, actor.telegram_id, "send_again", group_id=row.group_id, subject=row.kind)


def is_there(connection: Connection, delivery_id: int, actor: Actor) -> None:
    """Somebody saw that it arrived. Raises Refusal: unknown_button, not_leader, unconfirmed_settled."""
    row = _mine(connection, delivery_id, actor)
    queries.arrived(connection, row.id)


def _mine(connection: Connection, delivery_id: int, actor: Actor) -> Any:
    """The delivery, locked; for whoever was asked only, and as long as it is open."""
    row, known = queries.one(connection, delivery_id, lock=True), people.find(connection, actor.telegram_id)
    if row is None or known is None or row.policy != Policy.ONCE:
        raise Refusal("unknown_button")
    if row.place == "private":
        if row.telegram_id != actor.telegram_id:
            raise Refusal("unknown_button")
    elif row.group_id is None:
        raise Refusal("unknown_button")
    else:
        access.require_leader(connection, known.id, row.group_id)
    if not _is_open(connection, row):
        raise Refusal("unconfirmed_settled")
    return row


def skip_expired(connection: Connection, now: datetime, rules: Rules) -> None:
    """What is past its usefulness is not sent any more; who leads the groups concerned is told, once for all of it."""
    rows = queries.skip_expired(connection, now)
    missed = [row for row in rows if row.kind in TOLD]
    if missed:
        _tell_expired(connection, missed, now, rules)


def _tell_expired(connection: Connection, missed: Collection[Any], now: datetime, rules: Rules) -> None:
    there = queries.reachable(connection, {row.destination_id for row in missed})
    counts = Counter(
        (row.kind, row.session_id, None if row.session_id else row.destination_id)
        for row in missed
        if row.destination_id in there
    )
    sessions = queries.sessions(connection, {session for _, session, _ in counts if session})
    of_chats = queries.groups_of_chats(connection, {place for _, _, place in counts if place})
    by_group: dict[int, list[list[Any]]] = {}
    for (kind, session_id, place), times in counts.items():
        group_id = sessions[session_id].group_id if session_id in sessions else of_chats.get(place or 0)
        if group_id is not None:
            by_group.setdefault(group_id, []).append([kind, group_id, session_id, times])
    mail: dict[int, tuple[str | None, list[list[Any]]]] = {}
    for group_id, group in queries.groups(connection, by_group).items():
        for reader in _readers(connection, group_id, group):
            language, lines = mail.setdefault(reader.chat_id, (reader.language or group.language, []))
            lines += by_group[group_id]
    for chat_id, (language, lines) in sorted(mail.items()):
        deliveries.enqueue(
            connection,
            key=f"{EXPIRED}:{chat_id}:{now.isoformat()}",
            kind=EXPIRED,
            destination_id=chat_id,
            payload={"lines": lines[:SHOWN], "more": max(len(lines) - SHOWN, 0), "language": language},
            due_at=quiet.calm_at(connection, chat_id, rules, now),
            expires_at=now + LASTS,
        )


def expired(connection: Connection, payload: Mapping[str, Any], _now: datetime) -> Expired:
    """What the digest says, with titles and times as they are now."""
    given = payload["lines"]
    groups = queries.groups(connection, {group_id for _, group_id, _, _ in given})
    sessions = queries.sessions(connection, {session_id for _, _, session_id, _ in given if session_id})
    lines = []
    for kind, group_id, session_id, times in given:
        group, session = groups[group_id], sessions.get(session_id)
        title, starts_at = (session.title, session.starts_at) if session else ("", None)
        lines.append(Line(kind, group.name, title, starts_at, group.time_zone, times))
    return Expired(tuple(lines), payload["more"], payload.get("language"))
