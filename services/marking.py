"""A session's list: marking people by hand, adding who is not on it, taking a mark back, telling whom it concerns."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import audit
from db.queries import checkins as queries
from db.queries import corrections as correction_queries
from db.queries import marking as marking_queries
from db.queries import responses as response_queries
from domain.attendance import BY_OTHERS, MARKABLE, Judgement, Status
from domain.errors import Refusal
from domain.people import Actor
from services import deliveries, makeups, people, quiet
from services.checkins import record, refresh_live
from services.closing import led_session
from services.rules import Rules
from services.undo import require_in_time

CHANGED: Final = "record_changed"

SETTLES: Final = timedelta(minutes=1)
"""How long a changed record waits before its person is told: what is changed again meanwhile is told once."""

SHOWN: Final = 8
"""People on one page of those who can be added."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody on a session's list."""

    person_id: int
    name: str
    status: Status
    on_leave: bool
    time_uncertain: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """A session's list as its leader sees it; `addable` members of now are not on it."""

    session_id: int
    title: str
    closed: bool
    entries: tuple[Entry, ...]
    addable: int = 0


def sheet(connection: Connection, session_id: int, actor: Actor) -> Sheet:
    """The list of a session, for its leader. Raises Refusal: session_gone, not_leader."""
    return _sheet(connection, led_session(connection, session_id, actor, lock=False))


@dataclass(frozen=True, slots=True)
class ToMark:
    """Somebody whose status is to be chosen."""

    session_id: int
    title: str
    person_id: int
    name: str
    status: Status


def to_mark(connection: Connection, session_id: int, person_id: int, actor: Actor) -> ToMark:
    """Somebody on the list, or a member who is not. Raises Refusal: session_gone, not_leader, not_on_list."""
    row = led_session(connection, session_id, actor, lock=False)
    _require_on_list(connection, row, person_id)
    found = marking_queries.record_of(connection, session_id, person_id)
    status = Status(found.status) if found is not None else Status.UNRECORDED
    return ToMark(session_id, row.title, person_id, marking_queries.name_of(connection, person_id), status)


def mark(
    connection: Connection,
    session_id: int,
    person_id: int,
    status_number: int,
    actor: Actor,
    *,
    now: datetime,
    rules: Rules,
) -> Sheet:
    """Record somebody by hand; the history keeps what stood there before. After closing it is a correction.

    A member who was not expected is a walk-in. When they came stays where they had checked in themselves.
    Raises Refusal: session_gone, not_leader, not_on_list, too_early (before check-in opens).
    """
    row = led_session(connection, session_id, actor)
    expected = _require_on_list(connection, row, person_id)
    if not 0 <= status_number < len(MARKABLE):
        raise Refusal("not_on_list")
    if now < row.opens_at:
        raise Refusal("too_early", opens_at=row.opens_at, zone=row.time_zone)
    status = MARKABLE[status_number]
    before = marking_queries.record_of(connection, session_id, person_id)
    leader = people.meet(connection, actor, now)
    if before is None or before.status != status or before.time_uncertain:
        _record(connection, row, person_id, leader.id, before, status, "leader", now, rules, walk_in=not expected)
        subject = f"session:{session_id}:person:{person_id}"
        audit.add(connection, now, actor.telegram_id, "mark", group_id=row.group_id, subject=subject)
        met = correction_queries.settle_met(connection, session_id, person_id, status.value, now, leader.id)
        refresh_live(connection, session_id, row.chat_id, row.closes_at, now, rules, joint=row.joint)
        if person_id != leader.id and (met or _concerns(row, before, status)):
            tell_changed(connection, row, person_id, before, now, rules)
    return _sheet(connection, row)


def _concerns(row: Any, before: Any, status: Status) -> bool:
    """Whether somebody is told of a mark: it corrects a closed session, or contradicts their own check-in."""
    if before is not None and before.status == status:
        return False
    return row.state == "closed" or (before is not None and before.method not in BY_OTHERS)


def _record(
    connection: Connection,
    row: Any,
    person_id: int,
    actor_id: int,
    before: Any,
    status: Status,
    method: str,
    now: datetime,
    rules: Rules,
    *,
    walk_in: bool,
) -> None:
    came_at = before.at if before is not None and before.method not in BY_OTHERS else None
    record(
        connection,
        session_id=row.id,
        person_id=person_id,
        actor_id=actor_id,
        before=before.status if before is not None else None,
        judgement=Judgement(status, came_at or min(max(now, row.opens_at), row.closes_at), time_uncertain=False),
        method=method,
        walk_in=before.walk_in if before is not None else walk_in,
        now=now,
    )
    if row.state == "closed":
        former = Status(before.status) if before is not None else Status.UNRECORDED
        makeups.settle(connection, row, person_id, former, status, now, rules)


def correct(
    connection: Connection, row: Any, person_id: int, actor_id: int, status: Status, *, now: datetime, rules: Rules
) -> None:
    """Change somebody's record as they asked for; the history says that it was a correction."""
    before = marking_queries.record_of(connection, row.id, person_id)
    if before is None or before.status != status:
        expected = any(entry.person_id == person_id for entry in queries.roster(connection, row.id))
        _record(connection, row, person_id, actor_id, before, status, "correction", now, rules, walk_in=not expected)
        refresh_live(connection, row.id, row.chat_id, row.closes_at, now, rules, joint=row.joint)


def unmark(
    connection: Connection, session_id: int, person_id: int, actor: Actor, *, now: datetime, rules: Rules
) -> Sheet:
    """Take one's own mark of the last minute back: what stood there before stands there again.

    Raises Refusal: session_gone, not_leader, undo_too_late, undo_overtaken (it was changed since, or closed).
    """
    row = led_session(connection, session_id, actor)
    leader = people.meet(connection, actor, now)
    history = list(marking_queries.changes(connection, session_id, person_id))
    last: Any = history[0] if history else None
    require_in_time(last.at if last is not None else None, now)
    if last.actor_id == leader.id and last.method == "undo":
        return _sheet(connection, row)  # a second tap
    closed_since = row.state == "closed" and last.before == Status.UNRECORDED
    if last.actor_id != leader.id or last.method != "leader" or closed_since:
        raise Refusal("undo_overtaken")
    _restore(connection, row, last, history[1:], leader.id, now)
    if row.state == "closed":
        makeups.settle(connection, row, person_id, Status(last.after), Status(last.before), now, rules)
    correction_queries.unsettle(connection, session_id, person_id, last.at)
    subject = f"session:{session_id}:person:{person_id}"
    audit.add(connection, now, actor.telegram_id, "unmark", group_id=row.group_id, subject=subject)
    refresh_live(connection, session_id, row.chat_id, row.closes_at, now, rules, joint=row.joint)
    return _sheet(connection, row)


def _restore(connection: Connection, row: Any, last: Any, earlier: list[Any], leader_id: int, now: datetime) -> None:
    """Put the status before `last` back, recorded as it had been: by whichever change had led to it."""
    if last.before == Status.UNRECORDED:
        marking_queries.remove_record(connection, row.id, last.person_id)
    else:
        made = next((each for each in earlier if each.after == last.before and each.method != "undo"), last)
        found = marking_queries.record_of(connection, row.id, last.person_id)
        values = {"session_id": row.id, "person_id": last.person_id, "status": last.before, "method": made.method}
        at = found.at if found is not None and made.method not in BY_OTHERS else made.at
        queries.record(connection, {**values, "at": at}, is_new=False)
    change = {"before": last.after, "after": last.before, "method": "undo", "at": now}
    ids = {"session_id": row.id, "person_id": last.person_id, "actor_id": leader_id}
    queries.note_change(connection, {**ids, **change})


@dataclass(frozen=True, slots=True)
class Addable:
    """A page of the members of now who are not on a session's list."""

    session_id: int
    title: str
    people: tuple[tuple[int, str], ...]  # id and name
    page: int
    pages: int


def addable(connection: Connection, session_id: int, page: int, actor: Actor) -> Addable:
    """Who can be added to a session's list. Raises Refusal: session_gone, not_leader."""
    row = led_session(connection, session_id, actor, lock=False)
    pages = max(1, -(-marking_queries.count_addable(connection, session_id, row.group_id) // SHOWN))
    page = min(max(page, 0), pages - 1)
    found = marking_queries.addable(connection, session_id, row.group_id, SHOWN, page * SHOWN)
    return Addable(session_id, row.title, tuple((each.person_id, each.name) for each in found), page, pages)


def tell_changed(connection: Connection, row: Any, person_id: int, before: Any, now: datetime, rules: Rules) -> None:
    """Tell somebody in private that a leader changed their record, once for what is changed within a minute."""
    reader = marking_queries.reader_of(connection, person_id)
    if reader is None or correction_queries.waits(connection, row.id, CHANGED, reader.chat_id):
        return
    due_at = quiet.calm_at(connection, reader.chat_id, rules, now + SETTLES)
    deliveries.enqueue(
        connection,
        key=f"session:{row.id}:{CHANGED}:{person_id}:{now.isoformat()}",
        kind=CHANGED,
        destination_id=reader.chat_id,
        session_id=row.id,
        payload={
            "session_id": row.id,
            "person_id": person_id,
            "before": before.status if before is not None else Status.UNRECORDED.value,
            "language": reader.language or row.language,
        },
        due_at=due_at,
        expires_at=due_at + timedelta(days=7),
    )


@dataclass(frozen=True, slots=True)
class Changed:
    """The facts for telling somebody that a leader changed their record."""

    session_id: int
    title: str
    starts_at: datetime
    time_zone: str
    group_name: str
    language: str
    before: Status
    after: Status


def changed(connection: Connection, payload: Mapping[str, Any], _now: datetime) -> Changed | None:
    """A changed record as it stands now; None where it is what it was, or the session is cancelled."""
    row = queries.session(connection, int(payload["session_id"]))
    if row is None or row.state == "cancelled":
        return None
    found = marking_queries.record_of(connection, row.id, int(payload["person_id"]))
    after = Status(found.status) if found is not None else Status.UNRECORDED
    before = Status(payload["before"])
    if after is before:
        return None
    language = str(payload["language"])
    return Changed(row.id, row.title, row.starts_at, row.time_zone, row.group_name, language, before, after)


def _require_on_list(connection: Connection, row: Any, person_id: int) -> bool:
    """Whether somebody is on the list; who is not is at least a member. Raises Refusal `not_on_list`."""
    if any(entry.person_id == person_id for entry in queries.roster(connection, row.id)):
        return True
    if not response_queries.is_asked(connection, row.id, person_id):
        raise Refusal("not_on_list")
    return False


def _sheet(connection: Connection, row: Any) -> Sheet:
    entries = tuple(
        Entry(
            entry.person_id,
            entry.name,
            Status(entry.status or Status.UNRECORDED),
            entry.answer == "leave" and entry.approved is not False,
            bool(entry.time_uncertain),
        )
        for entry in queries.roster(connection, row.id)
    )
    count = marking_queries.count_addable(connection, row.id, row.group_id)
    return Sheet(row.id, row.title, row.state == "closed", entries, count)
