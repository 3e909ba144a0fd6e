"""What becomes of long leave: the leader's decision and list, entering it for a member, shortening and ending it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import audit
from db.queries import long_leaves as queries
from db.queries import sessions as session_queries
from domain import long_leave as rule
from domain.errors import Refusal
from domain.people import Actor
from services import access, people, rota
from services.long_leave_asking import add, asking, stop_waiting
from services.long_leaves import SHOWN, LongLeave, covered, leave_of, mine_or_led, of_payload, send, today_in
from services.rules import Rules
from services.sessions import refresh_card

DECIDED, ENTERED, ENDED = "long_leave_decided", "long_leave_entered", "long_leave_ended"


@dataclass(frozen=True, slots=True)
class Page:
    """The long leaves of a group: what waits for a decision, then who is away or will be."""

    group_id: int
    leaves: tuple[LongLeave, ...]
    page: int
    pages: int


def of_group(connection: Connection, group_id: int, page: int, actor: Actor, now: datetime) -> Page:
    """A page of those of a group. Raises Refusal `not_leader`."""
    known = people.find(connection, actor.telegram_id)
    access.require_leader(connection, known.id if known else 0, group_id)
    today = today_in(connection, group_id, now)
    pages = max(1, -(-queries.count_current(connection, group_id, today) // SHOWN))
    page = min(max(page, 0), pages - 1)
    rows = queries.current(connection, group_id, today, SHOWN, page * SHOWN)
    return Page(group_id, tuple(leave_of(connection, row, now) for row in rows), page, pages)


def decide(
    connection: Connection, leave_id: int, actor: Actor, *, approved: bool, now: datetime, rules: Rules
) -> LongLeave:
    """A leader's decision; once approved, every session in it that is still to come is answered with leave.

    A second decision changes the first, until the leave is over.
    Raises Refusal: long_leave_gone, not_leader, own_leave, long_leave_over.
    """
    row = queries.find(connection, leave_id, lock=True)
    if row is None or row.state == "withdrawn":
        raise Refusal("long_leave_gone")
    known = people.find(connection, actor.telegram_id)
    access.require_leader(connection, known.id if known else 0, row.group_id)
    if known is not None and known.id == row.person_id:
        raise Refusal("own_leave")
    state = "approved" if approved else "declined"
    if row.state != state:
        if row.state != "open" and rule.is_over(row.last_day, _today(row, now)):
            raise Refusal("long_leave_over")
        if approved and row.state == "declined":
            _require_free(connection, row)
        values = {"state": state, "decided_at": now, "decided_by": known.id if known else None}
        queries.change(connection, leave_id, **values)
        if approved or row.state == "approved":  # one that never held has kept nobody away
            _answer_sessions(connection, row, covered(connection, row, now), on_leave=approved, now=now, rules=rules)
        _note(connection, row, f"long_leave_{state}", actor, now)
        _tell(connection, row, DECIDED, now, rules)
    return leave_of(connection, queries.find(connection, leave_id), now)


def enter(
    connection: Connection,
    group_id: int,
    person_id: int,
    first: date,
    last: date,
    reason: int,
    actor: Actor,
    *,
    now: datetime,
    rules: Rules,
) -> LongLeave:
    """A leader enters it for a member who has told them: approved at once, and the member is told.

    Raises Refusal: not_leader, person_left, own_leave, unknown_button, long_leave_past, long_leave_too_long,
    long_leave_overlaps.
    """
    asking(connection, group_id, person_id, actor, now)
    leader = people.meet(connection, actor, now)
    row, is_new = add(connection, group_id, person_id, first, last, reason, now)
    stop_waiting(connection, actor, now)
    if is_new:
        queries.change(connection, row.id, state="approved", decided_at=now, decided_by=leader.id)
        _answer_sessions(connection, row, covered(connection, row, now), on_leave=True, now=now, rules=rules)
        _note(connection, row, "long_leave_entered", actor, now)
        _tell(connection, row, ENTERED, now, rules)
    return leave_of(connection, queries.find(connection, row.id), now)


def shorten(
    connection: Connection, leave_id: int, last: date, actor: Actor, *, now: datetime, rules: Rules
) -> LongLeave:
    """Make an earlier day the last one, by its person or a leader: expected again at what comes after it.

    Raises Refusal: long_leave_gone, long_leave_undecided (a leader decides on it first), long_leave_no_shorter (only
    its last day is left), long_leave_not_then (first, last: between which days it can end).
    """
    row, is_own = _theirs_or_decided(connection, leave_id, actor)
    if row.state not in ("open", "approved"):
        raise Refusal("long_leave_gone")
    if last != row.last_day:
        ends = rule.shorter_ends(row.first_day, row.last_day, _today(row, now))
        if ends is None:
            raise Refusal("long_leave_no_shorter")
        if not ends[0] <= last <= ends[1]:
            raise Refusal("long_leave_not_then", first=ends[0].isoformat(), last=ends[1].isoformat())
        after = covered(connection, row, now, since=last + timedelta(days=1))
        queries.change(connection, leave_id, last_day=last)
        if row.state == "approved":
            _answer_sessions(connection, row, after, on_leave=False, now=now, rules=rules)
        _note(connection, row, "long_leave_shorten", actor, now)
        if not is_own:
            _tell(connection, row, ENDED, now, rules)
    return replace(leave_of(connection, queries.find(connection, leave_id), now), is_own=is_own)


def withdraw(connection: Connection, leave_id: int, actor: Actor, *, now: datetime, rules: Rules) -> LongLeave:
    """Back earlier, or not away at all: expected again at what is still to come.

    One that is over, declined or withdrawn stays as it is. Raises Refusal: long_leave_gone, long_leave_undecided.
    """
    row, is_own = _theirs_or_decided(connection, leave_id, actor)
    today = _today(row, now)
    if row.state == "open" or (row.state == "approved" and not rule.is_over(row.last_day, today)):
        sessions = covered(connection, row, now)
        # What was taken of it stays: it ends the day before, unless it had not begun.
        end = rule.ended(row.first_day, row.last_day, today) if row.state == "approved" else None
        values = {"last_day": end} if end is not None else {"state": "withdrawn"}
        queries.change(connection, leave_id, **values)
        if row.state == "approved":
            _answer_sessions(connection, row, sessions, on_leave=False, now=now, rules=rules)
        _note(connection, row, "long_leave_end", actor, now)
        if not is_own:
            _tell(connection, row, ENDED, now, rules)
    return replace(leave_of(connection, queries.find(connection, leave_id), now), is_own=is_own)


def decided(connection: Connection, payload: Mapping[str, Any], now: datetime) -> LongLeave | None:
    """What became of it, for its person."""
    return of_payload(connection, payload, ("approved", "declined"), now)


def entered(connection: Connection, payload: Mapping[str, Any], now: datetime) -> LongLeave | None:
    """A leader entered it: for its person."""
    return of_payload(connection, payload, ("approved",), now)


def ended(connection: Connection, payload: Mapping[str, Any], now: datetime) -> LongLeave | None:
    """A leader ended or shortened it: for its person."""
    return of_payload(connection, payload, ("approved", "withdrawn"), now)


def _theirs_or_decided(connection: Connection, leave_id: int, actor: Actor) -> tuple[Any, bool]:
    """One's own, or one that a leader can change since it is decided; whether it is one's own."""
    row, is_own = mine_or_led(connection, leave_id, actor)
    if row.state == "open" and not is_own:
        raise Refusal("long_leave_undecided")
    return row, is_own


def _answer_sessions(
    connection: Connection, row: Any, sessions: Any, *, on_leave: bool, now: datetime, rules: Rules
) -> None:
    """Whom another long leave keeps away from a joint session, of another of its groups, stays away."""
    if not on_leave:
        queries.take_off_leave(connection, [each.id for each in sessions], row.id)
    for each in sessions:
        session = session_queries.session(connection, each.id)
        assert session is not None
        if on_leave:
            queries.put_on_leave(connection, each.id, row.person_id, row.reason, row.id, now)
            rota.away(connection, session, row.person_id, now, rules)
        else:
            day = session.starts_at.astimezone(ZoneInfo(session.time_zone)).date()
            queries.cover(connection, each.id, day, now, row.person_id)
        if session.card_message_id is not None:
            refresh_card(connection, session, now, rules.live_every)


def _require_free(connection: Connection, row: Any) -> None:
    """Raises Refusal `long_leave_taken` where another long leave has come into these days meanwhile."""
    other = queries.overlapping(connection, row.group_id, row.person_id, row.first_day, row.last_day)
    if other is not None:
        raise Refusal("long_leave_taken", first=other.first_day.isoformat(), last=other.last_day.isoformat())


def _note(connection: Connection, row: Any, action: str, actor: Actor, now: datetime) -> None:
    subject = f"person:{row.person_id}"
    audit.add(connection, now, actor.telegram_id, action, group_id=row.group_id, subject=subject)


def _tell(connection: Connection, row: Any, kind: str, now: datetime, rules: Rules) -> None:
    """Tell its person, where they can be written to."""
    if row.chat_id is not None and row.chat_state == "active":
        send(connection, row, kind, row.chat_id, row.language, now, rules, suffix=f":{now.isoformat()}")


def _today(row: Any, now: datetime) -> date:
    return now.astimezone(ZoneInfo(row.time_zone)).date()
