"""After a session: the leader's prompt, closing, and opening it again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from db.queries import audit
from db.queries import checkins as queries
from db.queries import marking as marking_queries
from domain.attendance import MASS, REOPENABLE, Judgement, Status, at_closing
from domain.errors import Refusal
from domain.people import Actor
from services import access, deliveries, makeups, people
from services.checkins import Live, live, record, refresh_live
from services.rules import Rules
from services.undo import UNDO_WITHIN

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
        refresh_live(connection, row.id, row.chat_id, now, now, rules, joint=row.joint)
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
class Closing:
    """What closing a session would do."""

    live: Live
    absent: int  # people who become absent by it

    @property
    def is_mass(self) -> bool:
        """Whether so many people become absent that it is asked about first."""
        return self.absent > MASS


def to_close(connection: Connection, session_id: int, actor: Actor, now: datetime) -> Closing:
    """What closing would do now. Raises Refusal: session_gone, not_leader, not_started."""
    row = led_session(connection, session_id, actor, lock=False)
    _require_started(row, now)
    unrecorded = [entry for entry in queries.roster(connection, session_id) if entry.status is None]
    absent = sum(at_closing(entry.answer, entry.approved) is Status.ABSENT for entry in unrecorded)
    return Closing(_live(connection, session_id, now), 0 if row.state == "closed" else absent)


def close(connection: Connection, session_id: int, actor: Actor, *, now: datetime, rules: Rules) -> Live:
    """Close a session: whoever is expected and not recorded is absent, or excused if on leave.

    Closing twice changes nothing. Raises Refusal: session_gone, not_leader, not_started.
    """
    row = led_session(connection, session_id, actor)
    _require_started(row, now)
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
        makeups.closed(connection, row, now, rules)
        subject = f"session:{session_id}"
        audit.add(connection, now, actor.telegram_id, "close", group_id=row.group_id, subject=subject)
        refresh_live(connection, session_id, row.chat_id, now, now, rules, joint=row.joint)
    return _live(connection, session_id, now)


@dataclass(frozen=True, slots=True)
class Reopening:
    """What opening a closed session again would do."""

    live: Live
    at_once: bool  # it was closed just now, so that this takes it back without a question
    unrecorded: int  # people who were recorded by closing and will not be any more


def to_reopen(connection: Connection, session_id: int, actor: Actor, now: datetime) -> Reopening:
    """What reopening would do now. Raises Refusal: session_gone, not_leader, reopen_too_late."""
    row = led_session(connection, session_id, actor, lock=False)
    _require_reopenable(row, now)
    at_once = row.closed_at is not None and now <= row.closed_at + UNDO_WITHIN
    made = marking_queries.made_by_closing(connection, session_id)
    return Reopening(_live(connection, session_id, now), at_once, len(made))


def reopen(connection: Connection, session_id: int, actor: Actor, *, now: datetime, rules: Rules) -> Live:
    """Open a closed session again: whom closing recorded is unrecorded, and the history tells so.

    Boards and points follow, since they are derived from the records. Opening one that is open changes nothing.
    Raises Refusal: session_gone, not_leader, reopen_too_late.
    """
    row = led_session(connection, session_id, actor)
    _require_reopenable(row, now)
    if row.state == "closed":
        leader = people.meet(connection, actor, now)
        for made in marking_queries.made_by_closing(connection, session_id):
            _unrecord(connection, session_id, made, leader.id, now)
            makeups.settle(connection, row, made.person_id, Status(made.status), Status.UNRECORDED, now, rules)
        marking_queries.reopen_session(connection, session_id)
        subject = f"session:{session_id}"
        audit.add(connection, now, actor.telegram_id, "reopen", group_id=row.group_id, subject=subject)
        refresh_live(connection, session_id, row.chat_id, now, now, rules, joint=row.joint)
    return _live(connection, session_id, now)


def as_it_stands(connection: Connection, session_id: int, actor: Actor, now: datetime) -> Live:
    """A session's numbers for its leader. Raises Refusal: session_gone, not_leader."""
    led_session(connection, session_id, actor, lock=False)
    return _live(connection, session_id, now)


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


def _unrecord(connection: Connection, session_id: int, made: Any, leader_id: int, now: datetime) -> None:
    marking_queries.remove_record(connection, session_id, made.person_id)
    queries.note_change(
        connection,
        {
            "session_id": session_id,
            "person_id": made.person_id,
            "actor_id": leader_id,
            "at": now,
            "before": made.status,
            "after": Status.UNRECORDED.value,
            "method": "reopen",
        },
    )


def _require_started(row: Any, now: datetime) -> None:
    if now < row.starts_at:
        raise Refusal("not_started", starts_at=row.starts_at, zone=row.time_zone)


def _require_reopenable(row: Any, now: datetime) -> None:
    if row.state == "closed" and row.closed_at is not None and now > row.closed_at + REOPENABLE:
        raise Refusal("reopen_too_late", closed_at=row.closed_at, zone=row.time_zone)


def _live(connection: Connection, session_id: int, now: datetime) -> Live:
    facts = live(connection, {"session_id": session_id}, now)
    assert facts is not None
    return facts
