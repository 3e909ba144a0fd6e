"""After a session: the leader's prompt, the list, marking by hand, and closing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from db.queries import audit
from db.queries import checkins as queries
from domain.attendance import MARKABLE, Judgement, Status, at_closing
from domain.errors import Refusal
from domain.people import Actor
from services import access, deliveries, people
from services.checkins import Live, live, record, refresh_live
from services.rules import Rules

PROMPT = "close_prompt"


def prompt(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Live | None:
    """The facts for asking a leader to close; None where it is closed already."""
    facts = live(connection, payload, now)
    return facts if facts is not None and facts.state != "closed" else None


def any_to_prompt(connection: Connection, now: datetime) -> bool:
    """Whether a session has ended whose leaders were not asked to close it."""
    return queries.any_to_prompt(connection, now)


def ask_to_close(connection: Connection, now: datetime, rules: Rules) -> None:
    """Ask each leader who can be reached, in private; where none can, the group, without names."""
    for row in queries.take_to_prompt(connection, now):
        refresh_live(connection, row.id, row.chat_id, now, now, rules)
        reachable = [
            leader
            for leader in queries.leaders(connection, row.group_id)
            if leader.chat_id is not None and leader.state == "active"
        ]
        targets = [(leader.chat_id, leader.language) for leader in reachable] or [(row.chat_id, None)]
        for chat_id, language in targets:
            deliveries.enqueue(
                connection,
                key=f"session:{row.id}:{PROMPT}:{chat_id}",
                kind=PROMPT,
                destination_id=chat_id,
                session_id=row.id,
                payload={"session_id": row.id, "language": language, "in_group": not reachable},
                due_at=now,
                expires_at=now + timedelta(days=7),
            )


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
    """A session's list as its leader sees it."""

    session_id: int
    title: str
    closed: bool
    entries: tuple[Entry, ...]


def sheet(connection: Connection, session_id: int, actor: Actor) -> Sheet:
    """The list of a session, for its leader. Raises Refusal: session_gone, not_leader."""
    return _sheet(connection, led_session(connection, session_id, actor, lock=False))


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

    Raises Refusal: session_gone, not_leader, not_on_list, too_early (before check-in opens).
    """
    row = led_session(connection, session_id, actor)
    entry = next((e for e in _sheet(connection, row).entries if e.person_id == person_id), None)
    if entry is None or not 0 <= status_number < len(MARKABLE):
        raise Refusal("not_on_list")
    if now < row.opens_at:
        raise Refusal("too_early", opens_at=row.opens_at, zone=row.time_zone)
    status = MARKABLE[status_number]
    leader = people.meet(connection, actor, now)
    record(
        connection,
        session_id=session_id,
        person_id=person_id,
        actor_id=leader.id,
        before=None if entry.status is Status.UNRECORDED else entry.status.value,
        judgement=Judgement(status, min(max(now, row.opens_at), row.closes_at), time_uncertain=False),
        method="leader",
        walk_in=False,
        now=now,
    )
    audit.add(connection, now, actor.telegram_id, "mark", group_id=row.group_id, subject=f"session:{session_id}")
    refresh_live(connection, session_id, row.chat_id, row.closes_at, now, rules)
    return _sheet(connection, row)


def close(connection: Connection, session_id: int, actor: Actor, *, now: datetime, rules: Rules) -> Live:
    """Close a session: whoever is expected and not recorded is absent, or excused if on leave.

    Closing twice changes nothing. Raises Refusal: session_gone, not_leader, not_started.
    """
    row = led_session(connection, session_id, actor)
    if now < row.starts_at:
        raise Refusal("not_started", starts_at=row.starts_at, zone=row.time_zone)
    if row.state != "closed":
        leader = people.meet(connection, actor, now)
        for entry in queries.roster(connection, session_id):
            if entry.status is None:
                record(
                    connection,
                    session_id=session_id,
                    person_id=entry.person_id,
                    actor_id=leader.id,
                    before=None,
                    judgement=Judgement(at_closing(entry.answer, entry.approved), now, time_uncertain=False),
                    method="closing",
                    walk_in=False,
                    now=now,
                )
        queries.finish_session(connection, session_id, now, leader.id)
        audit.add(
            connection,
            now,
            actor.telegram_id,
            "close",
            group_id=row.group_id,
            subject=f"session:{session_id}",
        )
        refresh_live(connection, session_id, row.chat_id, now, now, rules)
    facts = live(connection, {"session_id": session_id}, now)
    assert facts is not None
    return facts


def led_session(connection: Connection, session_id: int, actor: Actor, *, lock: bool = True) -> Any:
    """A session that the actor may lead; locked unless it is only read."""
    row = queries.lock_session(connection, session_id) if lock else queries.session(connection, session_id)
    if row is None or row.state == "cancelled":
        raise Refusal("session_gone")
    person = people.find(connection, actor.telegram_id)
    if person is None:
        raise Refusal("not_leader", group=row.group_name)
    access.require_leader(connection, person.id, row.group_id)
    return row


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
    return Sheet(row.id, row.title, row.state == "closed", entries)
