"""Checking in: what a tap comes to, and the living counter on the check-in message."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from db.queries import checkins as queries
from db.queries import people as people_queries
from domain import people as domain_people
from domain.attendance import CAME, Judgement, Moment, Status, Window, judge
from domain.deliveries import Policy
from domain.errors import Refusal
from domain.kinds import Attendees
from domain.memberships import in_audience
from domain.people import Actor
from domain.quorum import Standing
from services import deliveries, quorums
from services import joint as joint_sessions
from services.rules import Rules

LIVE = "checkin_live"
OPEN = "checkin_open"

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
    method: str = "button",
) -> CheckIn:
    """Record that somebody is there; a second tap changes nothing.

    Whoever taps in the chat of a group that holds it and has not joined, joins and is marked a walk-in; elsewhere only
    members and invited people can. Who is not in the session's audience sits in.
    Raises Refusal: session_gone, not_member, too_early, checkin_closed.
    """
    row = queries.standing(connection, session_id, actor.telegram_id, _live_key(session_id))
    if row is None or row.state == "cancelled":
        raise Refusal("session_gone")
    place = _place_of(connection, row, chat_telegram_id)
    if not place.is_member and place.joins is None and not place.is_expected:
        raise Refusal("not_member")
    if row.status in CAME or (row.status == Status.SITTING_IN and not place.is_expected):
        return CheckIn(Status(row.status), row.at, row.time_zone, row.language, repeated=True)
    if row.state != "scheduled":
        raise Refusal("checkin_closed", closes_at=row.closes_at, zone=row.time_zone)
    judgement = _judge(row, moment)
    if not place.is_expected:
        judgement = replace(judgement, status=Status.SITTING_IN)
    person_id = _met(connection, row, actor, now)
    if not place.is_member and place.joins is not None:
        queries.join(connection, place.joins, person_id, now)
    record(
        connection,
        session_id=session_id,
        person_id=person_id,
        actor_id=person_id,
        before=row.status,
        judgement=judgement,
        method=method,
        walk_in=place.is_walk_in,
        now=now,
    )
    if not row.live_waits:
        refresh_live(connection, session_id, row.chat_id, row.closes_at, now, rules, joint=row.joint)
    return CheckIn(
        judgement.status,
        judgement.at,
        row.time_zone,
        row.language,
        walk_in=place.is_walk_in,
        time_uncertain=judgement.time_uncertain,
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """How somebody stands to a session; `joins` is the group whose chat they are in, None: none of its groups."""

    is_member: bool
    is_expected: bool
    joins: int | None

    @property
    def is_walk_in(self) -> bool:
        """Whether they came without having joined, or having been asked."""
        return not self.is_member and self.joins is not None


def _place_of(connection: Connection, row: Any, chat_telegram_id: int) -> _Place:
    """Read from the row alone where it can be: only joint sessions and named people take another query."""
    group_id, standing = row.group_id, row
    is_here = row.chat_telegram_id == chat_telegram_id
    if row.joint and (row.membership_id is None or row.left_at is not None):
        other = queries.membership_elsewhere(connection, row.session_id, row.person_id, chat_telegram_id)
        if other is not None and (other.membership_id is not None or not is_here):
            group_id, standing, is_here = other.group_id, other, is_here or other.membership_id is None
    is_member = standing.membership_id is not None and standing.left_at is None
    joins = group_id if is_here else None
    if row.audience == Attendees.NAMED:
        return _Place(is_member, queries.is_invited(connection, row.session_id, row.person_id), joins)
    is_expected = in_audience(
        Attendees(row.audience),
        row.of_subgroup,
        domain_people.Standing(standing.standing) if is_member else domain_people.Standing.FULL,
        committee=bool(is_member and standing.committee),
        subgroup=standing.subgroup if is_member else "",
    )
    return _Place(is_member, is_expected and (is_member or is_here), joins)


def refresh_live(
    connection: Connection,
    session_id: int,
    chat_id: int,
    closes_at: datetime,
    now: datetime,
    rules: Rules,
    *,
    joint: bool = False,
) -> None:
    """Bring the counter on the check-in message up to date, soon; of a `joint` session in all its groups."""
    key, payload = _live_key(session_id), {"session_id": session_id, **quorums.payload_of(rules)}
    targets = [(key, chat_id, payload)]
    targets += [
        (f"{key}:{other.chat_id}", other.chat_id, {**payload, "group_id": other.group_id})
        for other in (queries.other_chats(connection, session_id) if joint else ())
    ]
    for each, destination_id, facts in targets:
        deliveries.refresh(
            connection,
            key=each,
            kind=LIVE,
            destination_id=destination_id,
            session_id=session_id,
            payload=facts,
            now=now,
            every=rules.live_every,
            expires_at=max(closes_at, now) + KEPT_LIVE,
        )


def checkin_opened(connection: Connection, payload: Mapping[str, Any], message_id: int, now: datetime) -> None:
    """The check-in message hangs: remember where, and have it turn when late begins."""
    session_id = int(payload["session_id"])
    row = joint_sessions.seen_from(connection, queries.lock_session(connection, session_id), payload)
    if row is None:
        return
    joint_sessions.set_message(connection, row, checkin_message_id=message_id)
    deliveries.enqueue(
        connection,
        key=f"session:{session_id}:{row.revision}:{LIVE}:late:{row.chat_id}",
        kind=LIVE,
        policy=Policy.REPEAT,
        priority=deliveries.LIVE,
        destination_id=row.chat_id,
        session_id=session_id,
        payload={"session_id": session_id, **joint_sessions.payload_of(row)},
        due_at=max(row.late_from, now + timedelta(seconds=6)),
        expires_at=row.closes_at,
    )


@dataclass(frozen=True, slots=True)
class Live:
    """The facts of a check-in message and of a close prompt."""

    session_id: int
    title: str
    state: str  # early | open | late | ended | reopened | closed
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
    closed_at: datetime | None = None  # when it was closed last, also where it is open again
    quorum: Standing | None = None  # of a session that decides

    @property
    def came(self) -> int:
        """Everybody who was there."""
        return self.present + self.late + self.left_early


def live(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Live | None:
    """A session's check-in as it stands; None where it is cancelled."""
    found = queries.session(connection, int(payload["session_id"]))
    row = joint_sessions.seen_from(connection, found, payload)
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
        closed_at=row.closed_at,
        quorum=quorums.standing(connection, row, payload),
    )


def live_edit(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Live | None:
    """The same for an edit: None until there is a message to edit."""
    facts = live(connection, payload, now)
    return facts if facts is not None and facts.message_id is not None else None


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


SOON = timedelta(days=1)
"""How far ahead the next check-in is told where none is open."""


@dataclass(frozen=True, slots=True)
class NextCheckIn:
    """When check-in opens next."""

    title: str
    opens_at: datetime
    time_zone: str


def opens_next(connection: Connection, actor: Actor, chat_telegram_id: int, now: datetime) -> NextCheckIn | None:
    """The next check-in within a day, of the same sessions as `open_now`; None where there is none."""
    row = queries.opens_next(connection, actor.telegram_id, chat_telegram_id, now, now + SOON)
    return None if row is None else NextCheckIn(row.title, row.opens_at, row.time_zone)


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


def record(
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
    """Store somebody's attendance with its history; `before` is the status that stood there, None for none."""
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


def _state(row: Any, now: datetime) -> str:
    if row.state == "closed":
        return "closed"
    if now < row.opens_at:
        return "early"
    if now > row.closes_at:
        return "ended" if row.closed_at is None else "reopened"
    return "late" if now >= row.late_from else "open"
