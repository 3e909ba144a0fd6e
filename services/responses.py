"""Going or on leave: answers to a session before it starts, their reasons, and the leader's decision."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import audit
from db.queries import checkins as checkin_queries
from db.queries import responses as queries
from db.queries import sessions as session_queries
from domain.attendance import Moment
from domain.errors import Refusal
from domain.people import Actor
from services import access, deliveries, people
from services.rules import Rules
from services.sessions import refresh_card

REASON, REQUEST, DECIDED = "leave_reason", "leave_request", "leave_decided"

REASONS: Final = ("official", "sick", "personal")
"""公假 病假 事假; a button carries the number."""

TIME_TO_EXPLAIN: Final = timedelta(minutes=1)
"""How long leaders are not asked yet, so that the request mostly arrives with its reason, or is withdrawn."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer came to: whether it changed anything, made somebody a member, and can be talked over."""

    answer: str
    repeated: bool
    joined: bool
    reachable: bool


def answer(
    connection: Connection,
    session_id: int,
    actor: Actor,
    chat_telegram_id: int,
    wanted: str,
    moment: Moment,
    *,
    now: datetime,
    rules: Rules,
) -> Answered:
    """Record that somebody is `going` or on `leave`.

    Whoever answers in the group's own chat and has not joined, joins. It can be changed until the session starts;
    a tap made before that counts, also where we were down. Raises Refusal: session_gone, not_member, answers_closed.
    """
    row = _answerable(connection, session_id, moment)
    person = people.meet(connection, actor, now)
    joined = not queries.membership_of(connection, row.group_id, person.id)
    if joined and row.chat_telegram_id != chat_telegram_id:
        raise Refusal("not_member")
    if joined:
        checkin_queries.join(connection, row.group_id, person.id, now)
    reachable = queries.is_reachable(connection, person.chat_id)
    before = queries.find(connection, session_id, person.id)
    if before is not None and before.answer == wanted:
        if wanted == "leave" and not before.reason:
            _ask_reason(connection, row, person, before.answered_at, now)  # they may have pressed Start since
        return Answered(wanted, repeated=True, joined=joined, reachable=reachable)
    queries.put(connection, session_id, person.id, wanted, now)
    if wanted == "leave":
        _talk_over(connection, row, person, reachable, now)
    refresh_card(connection, row, now, rules.live_every)
    return Answered(wanted, repeated=False, joined=joined, reachable=reachable)


def _talk_over(connection: Connection, row: Any, person: people.Known, reachable: bool, now: datetime) -> None:
    """Ask the person for a reason and the leaders for a decision, each in private, where they can be reached."""
    _ask_reason(connection, row, person, now, now)
    due_at = now + TIME_TO_EXPLAIN if reachable else now
    for leader in checkin_queries.leaders(connection, row.group_id):
        if leader.chat_id is not None and leader.state == "active" and leader.id != person.id:
            _enqueue(connection, row, person.id, REQUEST, leader.chat_id, leader.language, now, due_at)


def _ask_reason(connection: Connection, row: Any, person: people.Known, answered_at: datetime, now: datetime) -> None:
    if person.chat_id is not None and queries.is_reachable(connection, person.chat_id):
        _enqueue(connection, row, person.id, REASON, person.chat_id, person.language, answered_at, now)


def _enqueue(
    connection: Connection,
    row: Any,
    person_id: int,
    kind: str,
    chat_id: int,
    language: str | None,
    answered_at: datetime,
    due_at: datetime,
) -> None:
    deliveries.enqueue(
        connection,
        key=f"session:{row.id}:{row.revision}:{kind}:{person_id}:{answered_at.isoformat()}:{chat_id}",
        kind=kind,
        destination_id=chat_id,
        session_id=row.id,
        payload={
            "session_id": row.id,
            "person_id": person_id,
            "answered_at": answered_at.isoformat(),
            "language": language or row.language,
        },
        due_at=due_at,
        expires_at=max(row.starts_at, due_at + timedelta(hours=1)),
    )


@dataclass(frozen=True, slots=True)
class Leave:
    """The facts of somebody's leave, for their own message and the leaders'."""

    session_id: int
    person_id: int
    person_name: str
    title: str
    starts_at: datetime
    time_zone: str
    reason: str
    approved: bool | None
    language: str


def leave(connection: Connection, payload: Mapping[str, Any], _now: datetime) -> Leave | None:
    """A leave as it stands; None where it was withdrawn, or taken anew, since this message was made due."""
    row = session_queries.session(connection, int(payload["session_id"]))
    found = queries.find(connection, int(payload["session_id"]), int(payload["person_id"]))
    if row is None or row.state != "scheduled" or found is None or found.answer != "leave":
        return None
    if found.answered_at != datetime.fromisoformat(payload["answered_at"]):
        return None
    return _leave(row, found, str(payload["language"]))


def request(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Leave | None:
    """The same for a leader who is to decide; None where another one has."""
    facts = leave(connection, payload, now)
    return facts if facts is not None and facts.approved is None else None


def decided(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Leave | None:
    """The same for telling the person; None where nothing is decided any more."""
    facts = leave(connection, payload, now)
    return facts if facts is not None and facts.approved is not None else None


def give_reason(
    connection: Connection, session_id: int, number: int, actor: Actor, moment: Moment, *, now: datetime
) -> Leave:
    """Say why one is on leave; only leaders see it. Raises Refusal: session_gone, answers_closed, no_leave."""
    if number not in range(len(REASONS)):
        raise Refusal("unknown_button")
    row = _answerable(connection, session_id, moment)
    found = _own_leave(connection, session_id, actor)
    queries.change(connection, session_id, found.person_id, reason=REASONS[number])
    return _leave(row, queries.find(connection, session_id, found.person_id), row.language)


def withdraw(
    connection: Connection, session_id: int, actor: Actor, moment: Moment, *, now: datetime, rules: Rules
) -> None:
    """Take one's leave back, as if never answered. Raises Refusal: session_gone, answers_closed, no_leave."""
    row = _answerable(connection, session_id, moment)
    found = _own_leave(connection, session_id, actor)
    queries.remove(connection, session_id, found.person_id)
    refresh_card(connection, row, now, rules.live_every)


def decide(
    connection: Connection,
    session_id: int,
    person_id: int,
    actor: Actor,
    *,
    approved: bool,
    now: datetime,
    rules: Rules,
) -> Leave:
    """A leader's decision on a leave, which the person is told; it may be changed until the session is closed.

    Raises Refusal: session_gone, not_leader, own_leave, no_leave, leave_settled (the session is closed).
    """
    row = session_queries.session(connection, session_id, lock=True)
    if row is None or row.state == "cancelled":
        raise Refusal("session_gone")
    known = people.find(connection, actor.telegram_id)
    access.require_leader(connection, known.id if known else 0, row.group_id)
    if known is not None and known.id == person_id:
        raise Refusal("own_leave")
    if row.state == "closed":
        raise Refusal("leave_settled")
    found = queries.find(connection, session_id, person_id)
    if found is None or found.answer != "leave":
        raise Refusal("no_leave")
    if found.approved is not approved:
        _decide(connection, row, found, approved, now, rules)
        subject = f"session:{session_id}:person:{person_id}"
        action = "approve" if approved else "decline"
        audit.add(connection, now, actor.telegram_id, action, group_id=row.group_id, subject=subject)
    return _leave(row, queries.find(connection, session_id, person_id), row.language)


def _decide(connection: Connection, row: Any, found: Any, approved: bool, now: datetime, rules: Rules) -> None:
    queries.change(connection, row.id, found.person_id, approved=approved)
    refresh_card(connection, row, now, rules.live_every)
    if found.chat_id is None or found.chat_state != "active":
        return
    deliveries.enqueue(
        connection,
        key=f"session:{row.id}:{row.revision}:{DECIDED}:{found.person_id}:{now.isoformat()}:{found.chat_id}",
        kind=DECIDED,
        destination_id=found.chat_id,
        session_id=row.id,
        payload={
            "session_id": row.id,
            "person_id": found.person_id,
            "answered_at": found.answered_at.isoformat(),
            "language": found.language or row.language,
        },
        due_at=now,
        expires_at=max(row.ends_at, now + timedelta(hours=1)),
    )


def _answerable(connection: Connection, session_id: int, moment: Moment) -> Any:
    """A session that can still be answered. Raises Refusal: session_gone, answers_closed."""
    row = session_queries.share_session(connection, session_id)
    if row is None or row.state == "cancelled":
        raise Refusal("session_gone")
    earliest = moment.not_before if moment.not_before is not None else moment.received_at
    if row.state != "scheduled" or earliest >= row.starts_at:
        raise Refusal("answers_closed", starts_at=row.starts_at, zone=row.time_zone)
    return row


def _own_leave(connection: Connection, session_id: int, actor: Actor) -> Any:
    known = people.find(connection, actor.telegram_id)
    found = queries.find(connection, session_id, known.id) if known is not None else None
    if found is None or found.answer != "leave":
        raise Refusal("no_leave")
    return found


def _leave(row: Any, found: Any, language: str) -> Leave:
    return Leave(
        row.id,
        found.person_id,
        found.name,
        row.title,
        row.starts_at,
        row.time_zone,
        found.reason,
        found.approved,
        language,
    )
