"""Long leave: days on end for which somebody is on leave from every session of a group, once it is approved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import access as access_queries
from db.queries import audit
from db.queries import checkins as checkin_queries
from db.queries import long_leaves as queries
from db.queries import sessions as session_queries
from domain.errors import Refusal
from domain.leaderboards import midnight
from domain.people import Actor
from services import access, deliveries, inputs, people, quiet, rota
from services.leaves import REASONS
from services.rules import Rules
from services.sessions import refresh_card

DAYS: Final = "long_leave_days"
"""What is waited for: from when to when."""

REQUEST, DECIDED, ENDED = "long_leave_request", "long_leave_decided", "long_leave_ended"

LONGEST: Final = 366
"""Days of one long leave."""

SHOWN: Final = 8

KEPT: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class LongLeave:
    """A long leave as its person and the leaders read it; days are of the group's calendar, both included."""

    id: int
    group_id: int
    group_name: str
    name: str
    first: date
    last: date
    reason: str
    state: str  # open | approved | declined | withdrawn
    sessions: int  # coming ones that it covers
    language: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """The groups somebody can take a long leave from, and the leaves that they have."""

    groups: tuple[tuple[int, str], ...]
    leaves: tuple[LongLeave, ...]


def choice(connection: Connection, actor: Actor, now: datetime) -> Choice:
    """What there is and what there can be. Raises Refusal `no_group`."""
    known = people.find(connection, actor.telegram_id)
    groups = access.groups_of(connection, known.id) if known is not None else ()
    if known is None or not groups:
        raise Refusal("no_group")
    rows = queries.own(connection, known.id, now.date() - timedelta(days=1), SHOWN)
    leaves = tuple(_leave(connection, row, now) for row in rows)
    return Choice(tuple((row.id, row.name) for row in groups), leaves)


def ask_days(connection: Connection, group_id: int, actor: Actor, *, now: datetime) -> str:
    """From now on a range of days can be typed; the group's name. Raises Refusal `not_member`."""
    known = people.find(connection, actor.telegram_id)
    access.require_member(connection, known.id if known else 0, group_id)
    inputs.ask(connection, actor.telegram_id, DAYS, group_id, now=now)
    return checkin_queries.group_name(connection, group_id)


def today_in(connection: Connection, group_id: int, now: datetime) -> date:
    """The day in a group's zone. Raises Refusal `not_member` for no group of ours."""
    group = access_queries.group(connection, group_id)
    if group is None:
        raise Refusal("not_member")
    return now.astimezone(ZoneInfo(group.time_zone)).date()


def days_typed(
    connection: Connection,
    group_id: int,
    first: date,
    last: date,
    actor: Actor,
    *,
    reply_key: str,
    language: str,
    now: datetime,
) -> None:
    """The days are known; the reason is asked. Raises Refusal: not_member, long_leave_past, long_leave_too_long,
    long_leave_overlaps.
    """
    known = people.find(connection, actor.telegram_id)
    access.require_member(connection, known.id if known else 0, group_id)
    _require_possible(connection, group_id, known.id if known else 0, first, last, now)
    inputs.answered(connection, actor.telegram_id)
    numbers = f"{group_id}:{first.toordinal()}:{last.toordinal()}"
    deliveries.reply(
        connection,
        key=reply_key,
        chat_id=people.chat_id(connection, actor.telegram_id, "private"),
        text="long_leaves.why",
        values={"first": first.isoformat(), "last": last.isoformat()},
        language=language,
        now=now,
        buttons=[[(f"reason.{reason}", f"long_take:{numbers}:{number}") for number, reason in enumerate(REASONS)]],
    )


def request(
    connection: Connection,
    group_id: int,
    first: date,
    last: date,
    reason: int,
    actor: Actor,
    *,
    now: datetime,
    rules: Rules,
) -> LongLeave:
    """Ask for it; leaders are asked in private. Refusals as `days_typed`, unknown_button."""
    if reason not in range(len(REASONS)):
        raise Refusal("unknown_button")
    person = people.meet(connection, actor, now)
    access.require_member(connection, person.id, group_id)
    _require_possible(connection, group_id, person.id, first, last, now)
    leave_id = queries.add(
        connection,
        group_id=group_id,
        person_id=person.id,
        first_day=first,
        last_day=last,
        reason=REASONS[reason],
        asked_at=now,
    )
    row = queries.find(connection, leave_id)
    for leader in checkin_queries.leaders(connection, group_id):
        if leader.chat_id is not None and leader.state == "active" and leader.id != person.id:
            _send(connection, row, REQUEST, leader.chat_id, leader.language, now, rules)
    return _leave(connection, row, now)


def _require_possible(
    connection: Connection, group_id: int, person_id: int, first: date, last: date, now: datetime
) -> None:
    if last < today_in(connection, group_id, now):
        raise Refusal("long_leave_past")
    if not 0 <= (last - first).days < LONGEST:
        raise Refusal("long_leave_too_long", limit=LONGEST)
    other = queries.overlapping(connection, group_id, person_id, first, last)
    if other is not None:
        days = {"first": other.first_day.isoformat(), "last": other.last_day.isoformat()}
        raise Refusal("long_leave_overlaps", **days)


def shown(connection: Connection, leave_id: int, actor: Actor, now: datetime) -> LongLeave:
    """One's own, or one of a group that one leads. Raises Refusal `long_leave_gone`."""
    return _leave(connection, _mine_or_led(connection, leave_id, actor, lock=False), now)


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
    return Page(group_id, tuple(_leave(connection, row, now) for row in rows), page, pages)


def decide(
    connection: Connection, leave_id: int, actor: Actor, *, approved: bool, now: datetime, rules: Rules
) -> LongLeave:
    """A leader's decision; once approved, every session in it that is still to come is answered with leave.

    A second decision changes the first, until the leave is over.
    Raises Refusal: long_leave_gone, not_leader, own_leave.
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
        values = {"state": state, "decided_at": now, "decided_by": known.id if known else None}
        queries.change(connection, leave_id, **values)
        if approved or row.state == "approved":  # one that never held has kept nobody away
            _answer_sessions(connection, row, on_leave=approved, now=now, rules=rules)
        subject = f"person:{row.person_id}"
        audit.add(connection, now, actor.telegram_id, f"long_leave_{state}", group_id=row.group_id, subject=subject)
        if row.chat_id is not None and row.chat_state == "active":
            _send(connection, row, DECIDED, row.chat_id, row.language, now, rules, suffix=f":{now.isoformat()}")
    return _leave(connection, queries.find(connection, leave_id), now)


def withdraw(connection: Connection, leave_id: int, actor: Actor, *, now: datetime, rules: Rules) -> LongLeave:
    """Back earlier, or not away at all: expected again at what is still to come. Raises Refusal `long_leave_gone`."""
    row = _mine_or_led(connection, leave_id, actor)
    if row.state in ("open", "approved"):
        today = now.astimezone(ZoneInfo(row.time_zone)).date()
        if row.state == "approved":
            _answer_sessions(connection, row, on_leave=False, now=now, rules=rules)
        # What was taken of it stays: it ends the day before, unless it had not begun.
        begun = row.state == "approved" and row.first_day < today
        values = {"last_day": today - timedelta(days=1)} if begun else {"state": "withdrawn"}
        queries.change(connection, leave_id, **values)
        subject = f"person:{row.person_id}"
        audit.add(connection, now, actor.telegram_id, "long_leave_end", group_id=row.group_id, subject=subject)
        if actor.telegram_id != row.telegram_id and row.chat_id is not None and row.chat_state == "active":
            _send(connection, row, ENDED, row.chat_id, row.language, now, rules, suffix=f":{now.isoformat()}")
    return _leave(connection, queries.find(connection, leave_id), now)


def _answer_sessions(connection: Connection, row: Any, *, on_leave: bool, now: datetime, rules: Rules) -> None:
    found = _covered(connection, row, now)
    if on_leave:
        for each in found:
            queries.put_on_leave(connection, each.id, row.person_id, row.reason, row.id, now)
    else:
        queries.take_off_leave(connection, [each.id for each in found], row.id)
    for each in found:
        session = session_queries.session(connection, each.id)
        if session is not None and on_leave:
            rota.away(connection, session, row.person_id, now, rules)
        if session is not None and session.card_message_id is not None:
            refresh_card(connection, session, now, rules.live_every)


def _covered(connection: Connection, row: Any, now: datetime) -> Any:
    """The sessions in its days that have not begun and that its person is expected at."""
    zone = ZoneInfo(row.time_zone)
    since = max(midnight(row.first_day, zone), now)
    before = midnight(row.last_day + timedelta(days=1), zone)
    return queries.sessions_within(connection, row.group_id, row.person_id, since, before)


def requested(connection: Connection, payload: Mapping[str, Any], now: datetime) -> LongLeave | None:
    """What a leader is asked to decide; None once it is."""
    return _of_payload(connection, payload, ("open",), now)


def decided(connection: Connection, payload: Mapping[str, Any], now: datetime) -> LongLeave | None:
    """What became of it, for its person."""
    return _of_payload(connection, payload, ("approved", "declined"), now)


def ended(connection: Connection, payload: Mapping[str, Any], now: datetime) -> LongLeave | None:
    """A leader ended it: for its person."""
    return _of_payload(connection, payload, ("approved", "withdrawn"), now)


def _of_payload(
    connection: Connection, payload: Mapping[str, Any], states: tuple[str, ...], now: datetime
) -> LongLeave | None:
    row = queries.find(connection, int(payload["leave_id"]))
    if row is None or row.state not in states:
        return None
    return _leave(connection, row, now, str(payload["language"]))


def _send(
    connection: Connection,
    row: Any,
    kind: str,
    chat_id: int,
    language: str | None,
    now: datetime,
    rules: Rules,
    suffix: str = "",
) -> None:
    due_at = quiet.calm_at(connection, chat_id, rules, now)
    deliveries.enqueue(
        connection,
        key=f"long_leave:{row.id}:{kind}:{chat_id}{suffix}",
        kind=kind,
        destination_id=chat_id,
        payload={"leave_id": row.id, "language": language or row.group_language},
        due_at=due_at,
        expires_at=due_at + KEPT,
    )


def _mine_or_led(connection: Connection, leave_id: int, actor: Actor, *, lock: bool = True) -> Any:
    row = queries.find(connection, leave_id, lock=lock)
    known = people.find(connection, actor.telegram_id)
    if row is None or known is None:
        raise Refusal("long_leave_gone")
    if known.id != row.person_id and not access.is_leader(connection, known.id, row.group_id):
        raise Refusal("long_leave_gone")
    return row


def _leave(connection: Connection, row: Any, now: datetime, language: str = "") -> LongLeave:
    return LongLeave(
        row.id,
        row.group_id,
        row.group_name,
        row.name,
        row.first_day,
        row.last_day,
        row.reason,
        row.state,
        len(_covered(connection, row, now)),
        language,
    )
