"""Leave: taking it in private, its reason, withdrawing it, and the leader's decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import audit
from db.queries import checkins as checkin_queries
from db.queries import long_leaves as long_leave_queries
from db.queries import responses as queries
from db.queries import sessions as session_queries
from domain.attendance import Moment
from domain.errors import Refusal
from domain.people import Actor
from services import access, own_leaders, people
from services.responses import (
    DECIDED,
    answerable,
    ask_leaders,
    calm_unless_pressing,
    enqueue,
    require_leave_in_time,
)
from services.rules import Rules
from services.sessions import refresh_card

REASONS: Final = ("official", "sick", "personal")
"""公假 病假 事假; a button carries the number."""

SHOWN: Final = 8
"""Sessions that /leave offers, and requests on one page."""


@dataclass(frozen=True, slots=True)
class Leave:
    """The facts of somebody's leave, for their own message and the leaders'."""

    session_id: int
    group_id: int
    person_id: int
    person_name: str
    title: str
    starts_at: datetime
    time_zone: str
    reason: str
    approved: bool | None
    language: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A coming session that somebody may take leave from."""

    session_id: int
    title: str
    starts_at: datetime
    time_zone: str
    group_name: str
    on_leave: bool


def offers(connection: Connection, actor: Actor, now: datetime) -> list[Offer]:
    """The coming sessions of one's groups, the next ones first."""
    return [
        Offer(row.id, row.title, row.starts_at, row.time_zone, row.group_name, row.answer == "leave")
        for row in queries.coming(connection, actor.telegram_id, now, SHOWN)
    ]


def look(connection: Connection, session_id: int, actor: Actor, moment: Moment) -> Leave | Offer:
    """One's leave from a session, or the session to take it from.

    Raises Refusal: session_gone, answers_closed, not_member, leave_too_late.
    """
    row = answerable(connection, session_id, moment, lock=False)
    known = _member(connection, row, actor)
    found = queries.find(connection, session_id, known.id)
    if found is not None and found.answer == "leave":
        return _leave(row, found, row.language)
    require_leave_in_time(row, moment)
    return Offer(row.id, row.title, row.starts_at, row.time_zone, row.group_name, on_leave=False)


def take(
    connection: Connection, session_id: int, number: int, actor: Actor, moment: Moment, *, now: datetime, rules: Rules
) -> Leave:
    """Take leave with its reason, in one step; who is on leave already changes the reason.

    Raises Refusal: session_gone, answers_closed, not_member, leave_too_late.
    """
    if number not in range(len(REASONS)):
        raise Refusal("unknown_button")
    row = answerable(connection, session_id, moment)
    person = _member(connection, row, actor)
    require_leave_in_time(row, moment)
    before = queries.find(connection, session_id, person.id)
    if before is None or before.answer != "leave":
        queries.put(connection, session_id, person.id, "leave", now)
        ask_leaders(connection, row, person, now, rules, explained=True)
        refresh_card(connection, row, now, rules.live_every)
    queries.change(connection, session_id, person.id, reason=REASONS[number])
    return _leave(row, queries.find(connection, session_id, person.id), row.language)


def give_reason(
    connection: Connection, session_id: int, number: int, actor: Actor, moment: Moment, *, now: datetime
) -> Leave:
    """Say why one is on leave; only leaders see it.

    A first reason can be given until the start, another one until the deadline of leave.
    Raises Refusal: session_gone, answers_closed, no_leave, leave_too_late.
    """
    if number not in range(len(REASONS)):
        raise Refusal("unknown_button")
    row = answerable(connection, session_id, moment)
    found = _own_leave(connection, session_id, actor)
    if found.reason and found.reason != REASONS[number]:
        require_leave_in_time(row, moment)
    queries.change(connection, session_id, found.person_id, reason=REASONS[number])
    return _leave(row, queries.find(connection, session_id, found.person_id), row.language)


def withdraw(
    connection: Connection, session_id: int, actor: Actor, moment: Moment, *, now: datetime, rules: Rules
) -> Offer:
    """Take one's leave back, as if never answered. Raises Refusal: session_gone, answers_closed, no_leave."""
    row = answerable(connection, session_id, moment)
    found = _own_leave(connection, session_id, actor)
    queries.remove(connection, session_id, found.person_id)
    refresh_card(connection, row, now, rules.live_every)
    return Offer(row.id, row.title, row.starts_at, row.time_zone, row.group_name, on_leave=False)


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


@dataclass(frozen=True, slots=True)
class Decision:
    """What a leader's tap came to; `before_you` where somebody had decided while the buttons hung there."""

    leave: Leave
    before_you: bool


SEEN: Final = (None, True, False)
"""What the message that was tapped says of the decision; a button carries the number."""


def decide(
    connection: Connection,
    session_id: int,
    person_id: int,
    actor: Actor,
    *,
    approved: bool,
    seen: int = 0,
    now: datetime,
    rules: Rules,
) -> Decision:
    """A leader's decision on a leave, which the person is told; it may be changed until the session is closed.

    Where the leave is not as the leader has `seen` it (a number of `SEEN`), nothing is changed: another one was first.
    Raises Refusal: session_gone, not_leader, own_leave, no_leave, leave_settled (the session is closed).
    """
    if seen not in range(len(SEEN)):
        raise Refusal("unknown_button")
    row, found, group_id = _to_decide(connection, session_id, person_id, actor, lock=True)
    before_you = found.approved is not SEEN[seen]
    if not before_you and found.approved is not approved:
        _decide(connection, row, found, approved, now, rules)
        subject = f"session:{session_id}:person:{person_id}"
        action = "approve" if approved else "decline"
        audit.add(connection, now, actor.telegram_id, action, group_id=group_id, subject=subject)
        found = queries.find(connection, session_id, person_id)
    return Decision(replace(_leave(row, found, row.language), group_id=group_id), before_you)


def _to_decide(
    connection: Connection, session_id: int, person_id: int, actor: Actor, *, lock: bool
) -> tuple[Any, Any, int]:
    """A session, somebody's leave from it, and the group on whose list the leader finds it."""
    row = session_queries.session(connection, session_id, lock=lock)
    if row is None or row.state == "cancelled":
        raise Refusal("session_gone")
    known = people.find(connection, actor.telegram_id)
    ids = (session_id, row.group_id, person_id)
    if known is None or not own_leaders.leads(connection, *ids, known.id):
        raise Refusal("not_leader")
    if known.id == person_id:
        raise Refusal("own_leave")
    if row.state == "closed":
        raise Refusal("leave_settled")
    found = queries.find(connection, session_id, person_id)
    if found is None or found.answer != "leave":
        raise Refusal("no_leave")
    return row, found, own_leaders.read_in(connection, *ids, known.id)


def _decide(connection: Connection, row: Any, found: Any, approved: bool, now: datetime, rules: Rules) -> None:
    queries.change(connection, row.id, found.person_id, approved=approved)
    refresh_card(connection, row, now, rules.live_every)
    if found.chat_id is not None and found.chat_state == "active":
        due_at = calm_unless_pressing(connection, row, found.chat_id, rules, now)
        suffix = f":{now.isoformat()}"
        enqueue(
            connection,
            row,
            found.person_id,
            DECIDED,
            found.chat_id,
            found.language,
            found.answered_at,
            due_at,
            suffix,
        )


@dataclass(frozen=True, slots=True)
class Requests:
    """A page of the leaves of a group that wait for a decision."""

    group_id: int
    group_name: str
    entries: tuple[Leave, ...]
    page: int
    pages: int
    count: int
    long_leaves: int = 0  # that wait for a decision too


def requests(connection: Connection, group_id: int, page: int, actor: Actor) -> Requests:
    """What waits for a leader's decision, the next session first. Raises Refusal `not_leader`."""
    known = people.find(connection, actor.telegram_id)
    access.require_leader(connection, known.id if known else 0, group_id)
    count = queries.count_undecided(connection, group_id)
    pages = max(1, -(-count // SHOWN))
    page = min(max(page, 0), pages - 1)
    rows: Sequence[Any] = queries.undecided(connection, group_id, SHOWN, page * SHOWN)
    entries = tuple(replace(_leave(row, row, row.group_language), group_id=group_id) for row in rows)
    long_waiting = long_leave_queries.count_undecided(connection, group_id)
    name = checkin_queries.group_name(connection, group_id)
    return Requests(group_id, name, entries, page, pages, count, long_waiting)


def request_of(connection: Connection, session_id: int, person_id: int, actor: Actor) -> Leave:
    """One leave, for its leader to decide. Raises Refusal as `decide` does."""
    row, found, group_id = _to_decide(connection, session_id, person_id, actor, lock=False)
    return replace(_leave(row, found, row.language), group_id=group_id)


def _member(connection: Connection, row: Any, actor: Actor) -> people.Known:
    known = people.find(connection, actor.telegram_id)
    if known is None or not queries.is_asked(connection, row.id, known.id):
        raise Refusal("not_member")
    return known


def _own_leave(connection: Connection, session_id: int, actor: Actor) -> Any:
    known = people.find(connection, actor.telegram_id)
    found = queries.find(connection, session_id, known.id) if known is not None else None
    if found is None or found.answer != "leave":
        raise Refusal("no_leave")
    return found


def _leave(row: Any, found: Any, language: str) -> Leave:
    return Leave(
        row.id,
        row.group_id,
        found.person_id,
        found.name,
        row.title,
        row.starts_at,
        row.time_zone,
        found.reason,
        found.approved,
        language,
    )
