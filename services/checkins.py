"""Checking in, marking by hand, and closing a session."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from db.queries import audit
from db.queries import checkins as queries
from db.queries import people as people_queries
from domain.attendance import CAME, MARKABLE, Judgement, Moment, Status, Window, at_closing, judge
from domain.deliveries import Policy
from domain.errors import Refusal
from domain.people import Actor
from services import access, deliveries, people
from services.rules import Rules

LIVE = "checkin_live"
OPEN = "checkin_open"
PROMPT = "close_prompt"

KEPT_LIVE = timedelta(days=30)
"""How long an edit of the live counter is worth sending: its last state is to stand, even after a long outage."""


@dataclass(frozen=True, slots=True)
class CheckIn:
    """What a check-in came to."""

    status: Status
    at: datetime
    time_zone: str
    language: str | None  # chosen by the person
    repeated: bool = False
    walk_in: bool = False
    time_uncertain: bool = False


def check_in(
    connection: Connection,
    session_id: int,
    actor: Actor,
    chat_telegram_id: int,
    moment: Moment,
    *,
    now: datetime,
    rules: Rules,
) -> CheckIn:
    """Record that somebody is there; a second tap changes nothing.

    Whoever taps in the group's own chat and has not joined, joins and is marked a walk-in; elsewhere only members
    can. Raises Refusal: session_gone, not_member, too_early, checkin_closed.
    """
    row = queries.standing(connection, session_id, actor.telegram_id, _live_key(session_id))
    if row is None or row.state == "cancelled":
        raise Refusal("session_gone")
    is_member = row.membership_id is not None and row.left_at is None
    if not is_member and row.chat_telegram_id != chat_telegram_id:
        raise Refusal("not_member")
    if row.status in CAME:
        return CheckIn(Status(row.status), row.at, row.time_zone, row.language, repeated=True)
    if row.state != "scheduled":
        raise Refusal("checkin_closed", closes_at=row.closes_at, zone=row.time_zone)
    judgement = _judge(row, moment)
    person_id = _met(connection, row, actor, now)
    if not is_member:
        queries.join(connection, row.group_id, person_id, now)
    _record(
        connection,
        session_id=session_id,
        person_id=person_id,
        actor_id=person_id,
        before=row.status,
        judgement=judgement,
        method="button",
        walk_in=not is_member,
        now=now,
    )
    if not row.live_waits:
        refresh_live(connection, session_id, row.chat_id, row.closes_at, now, rules)
    return CheckIn(
        judgement.status,
        judgement.at,
        row.time_zone,
        row.language,
        walk_in=not is_member,
        time_uncertain=judgement.time_uncertain,
    )


def refresh_live(
    connection: Connection, session_id: int, chat_id: int, closes_at: datetime, now: datetime, rules: Rules
) -> None:
    """Bring the counter on the check-in message up to date, soon."""
    deliveries.refresh(
        connection,
        key=_live_key(session_id),
        kind=LIVE,
        destination_id=chat_id,
        session_id=session_id,
        payload={"session_id": session_id},
        now=now,
        every=rules.live_every,
        expires_at=max(closes_at, now) + KEPT_LIVE,
    )


def checkin_opened(connection: Connection, payload: Mapping[str, Any], message_id: int, now: datetime) -> None:
    """The check-in message hangs: remember where, and have it turn when late begins."""
    session_id = int(payload["session_id"])
    row = queries.lock_session(connection, session_id)
    if row is None:
        return
    queries.set_checkin_message(connection, session_id, message_id)
    deliveries.enqueue(
        connection,
        key=f"session:{session_id}:{row.revision}:{LIVE}:late:{row.chat_id}",
        kind=LIVE,
        policy=Policy.REPEAT,
        priority=deliveries.LIVE,
        destination_id=row.chat_id,
        session_id=session_id,
        payload={"session_id": session_id},
        due_at=max(row.late_from, now + timedelta(seconds=6)),
        expires_at=row.closes_at,
    )


@dataclass(frozen=True, slots=True)
class Live:
    """The facts of a check-in message and of a close prompt."""

    session_id: int
    title: str
    state: str  # open | late | ended | closed
    opens_at: datetime
    closes_at: datetime
    time_zone: str
    language: str
    message_id: int | None
    expected: int
    present: int
    late: int
    left_early: int
    excused: int
    absent: int
    sitting_in: int
    unrecorded: int
    uncertain: int

    @property
    def came(self) -> int:
        """Everybody who was there."""
        return self.present + self.late + self.left_early


def live(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Live | None:
    """A session's check-in as it stands; None where it is cancelled."""
    row = queries.session(connection, int(payload["session_id"]))
    if row is None or row.state == "cancelled":
        return None
    numbers = queries.summary(connection, row.id)
    return Live(
        row.id,
        row.title,
        _state(row, now),
        row.opens_at,
        row.closes_at,
        row.time_zone,
        str(payload.get("language") or row.language),
        row.checkin_message_id,
        **numbers._asdict(),
    )


def live_edit(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Live | None:
    """The same for an edit: None until there is a message to edit."""
    facts = live(connection, payload, now)
    return facts if facts is not None and facts.message_id is not None else None


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
    return _sheet(connection, _led_session(connection, session_id, actor, lock=False))


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
    row = _led_session(connection, session_id, actor)
    entry = next((e for e in _sheet(connection, row).entries if e.person_id == person_id), None)
    if entry is None or not 0 <= status_number < len(MARKABLE):
        raise Refusal("not_on_list")
    if now < row.opens_at:
        raise Refusal("too_early", opens_at=row.opens_at, zone=row.time_zone)
    status = MARKABLE[status_number]
    leader = people.meet(connection, actor, now)
    _record(
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
    row = _led_session(connection, session_id, actor)
    if now < row.starts_at:
        raise Refusal("not_started", starts_at=row.starts_at, zone=row.time_zone)
    if row.state != "closed":
        leader = people.meet(connection, actor, now)
        for entry in queries.roster(connection, session_id):
            if entry.status is None:
                _record(
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


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session somebody can check in to now."""

    id: int
    title: str
    closes_at: datetime
    time_zone: str


def open_now(connection: Connection, actor: Actor, chat_telegram_id: int, now: datetime) -> list[OpenSession]:
    """What is open for check-in: in a group's chat its own, in private those of one's groups."""
    rows = queries.open_sessions(connection, actor.telegram_id, chat_telegram_id, now)
    return [OpenSession(row.id, row.title, row.closes_at, row.time_zone) for row in rows]


def _live_key(session_id: int) -> str:
    return f"session:{session_id}:{LIVE}"


def _judge(row: Any, moment: Moment) -> Judgement:
    try:
        return judge(Window(row.opens_at, row.late_from, row.closes_at), moment)
    except Refusal as refusal:
        refusal.params["zone"] = row.time_zone
        raise


def _met(connection: Connection, row: Any, actor: Actor, now: datetime) -> int:
    """The person's id; one we have not met is met, and a new name is taken over."""
    if row.person_id is None:
        return people_queries.add(connection, actor.telegram_id, actor.name, now)
    if row.name != actor.name:
        people_queries.change(connection, row.person_id, name=actor.name)
    return int(row.person_id)


def _record(
    connection: Connection,
    *,
    session_id: int,
    person_id: int,
    actor_id: int,
    before: str | None,
    judgement: Judgement,
    method: str,
    walk_in: bool,
    now: datetime,
) -> None:
    values = {
        "session_id": session_id,
        "person_id": person_id,
        "status": judgement.status.value,
        "method": method,
        "at": judgement.at,
        "walk_in": walk_in,
        "time_uncertain": judgement.time_uncertain,
    }
    queries.record(connection, values, is_new=before is None)
    queries.note_change(
        connection,
        {
            "session_id": session_id,
            "person_id": person_id,
            "actor_id": actor_id,
            "at": now,
            "before": before or Status.UNRECORDED.value,
            "after": judgement.status.value,
            "method": method,
        },
    )


def _led_session(connection: Connection, session_id: int, actor: Actor, *, lock: bool = True) -> Any:
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


def _state(row: Any, now: datetime) -> str:
    if row.state == "closed":
        return "closed"
    if now > row.closes_at:
        return "ended"
    return "late" if now >= row.late_from else "open"
