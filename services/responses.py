"""Going or on leave: what people answer to a session before it starts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import checkins as checkin_queries
from db.queries import responses as queries
from db.queries import sessions as session_queries
from domain.attendance import Moment, leave_ends
from domain.errors import Refusal
from domain.people import Actor
from services import deliveries, own_leaders, people, quiet, rota
from services.rules import Rules
from services.sessions import refresh_card

REASON, REQUEST, DECIDED = "leave_reason", "leave_request", "leave_decided"

TIME_TO_EXPLAIN: Final = timedelta(minutes=1)
"""How long leaders are not asked yet, so that the request mostly arrives with its reason, or is withdrawn."""

PRESSING: Final = timedelta(hours=12)
"""So close to the start a request or a decision comes in quiet hours too: later it may be of no use."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer came to: whether it changed anything, made somebody a member, and can be talked over."""

    session_id: int
    title: str
    starts_at: datetime
    time_zone: str
    answer: str
    repeated: bool
    joined: bool
    reachable: bool
    declined: bool = False  # a leave that a leader has turned down; its person is expected


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

    Whoever answers in the chat of a group that holds it and has not joined, joins. It can be changed until the
    session starts, leave taken until its deadline; a tap made before that counts, also where we were down.
    Raises Refusal: session_gone, not_member, answers_closed, leave_too_late.
    """
    row = answerable(connection, session_id, moment)
    person = people.meet(connection, actor, now)
    joined = not queries.is_asked(connection, session_id, person.id)
    if joined:
        group_id = queries.group_here(connection, session_id, chat_telegram_id)
        if group_id is None:
            raise Refusal("not_member")
        checkin_queries.join(connection, group_id, person.id, now)
    reachable = queries.is_reachable(connection, person.chat_id)
    before = queries.find(connection, session_id, person.id)
    repeated = before is not None and before.answer == wanted
    if not repeated:
        _record(connection, row, person, wanted, moment, now=now, rules=rules)
    # In private the answer itself asks for the reason; from the group they may have pressed Start since.
    if wanted == "leave" and chat_telegram_id != actor.telegram_id and not (repeated and before and before.reason):
        _ask_reason(connection, row, person, before.answered_at if repeated and before else now, now)
    declined = repeated and before is not None and wanted == "leave" and before.approved is False
    return Answered(row.id, row.title, row.starts_at, row.time_zone, wanted, repeated, joined, reachable, declined)


def _record(
    connection: Connection, row: Any, person: people.Known, wanted: str, moment: Moment, *, now: datetime, rules: Rules
) -> None:
    if wanted == "leave":
        require_leave_in_time(row, moment)
    queries.put(connection, row.id, person.id, wanted, now)
    if wanted == "leave":
        ask_leaders(connection, row, person, now, rules)
    refresh_card(connection, row, now, rules.live_every)


def ask_leaders(
    connection: Connection, row: Any, person: people.Known, now: datetime, rules: Rules, *, explained: bool = False
) -> None:
    """Ask the leaders who can be reached for a decision on a leave, in private; where none can, it waits for them.

    Of a joint session those of the person's own group are asked.

    A leave that is `explained` is told at once, one whose reason may still come a little later.
    """
    rota.away(connection, row, person.id, now, rules)
    waits = not explained and queries.is_reachable(connection, person.chat_id)
    asked_at = now + TIME_TO_EXPLAIN if waits else now
    for leader in own_leaders.leaders_or_organisers(connection, row.id, row.group_id, person.id):
        due_at = calm_unless_pressing(connection, row, leader.chat_id, rules, asked_at)
        enqueue(connection, row, person.id, REQUEST, leader.chat_id, leader.language, now, due_at)


def _ask_reason(connection: Connection, row: Any, person: people.Known, answered_at: datetime, now: datetime) -> None:
    if person.chat_id is not None and queries.is_reachable(connection, person.chat_id):
        enqueue(connection, row, person.id, REASON, person.chat_id, person.language, answered_at, now)


def enqueue(
    connection: Connection,
    row: Any,
    person_id: int,
    kind: str,
    chat_id: int,
    language: str | None,
    answered_at: datetime,
    due_at: datetime,
    suffix: str = "",
) -> None:
    """Make a message about somebody's leave due, once for each time the leave was taken (and each `suffix`)."""
    deliveries.enqueue(
        connection,
        key=f"session:{row.id}:{row.revision}:{kind}:{person_id}:{answered_at.isoformat()}{suffix}:{chat_id}",
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


def calm_unless_pressing(connection: Connection, row: Any, chat_id: int, rules: Rules, at: datetime) -> datetime:
    """`at`, or the end of the quiet hours it lies in, unless the session is so near that it cannot wait."""
    return at if row.starts_at - at <= PRESSING else quiet.calm_at(connection, chat_id, rules, at)


def answerable(connection: Connection, session_id: int, moment: Moment, *, lock: bool = True) -> Any:
    """A session that can still be answered, kept so unless it is only read.

    Raises Refusal: session_gone, answers_closed.
    """
    find = session_queries.share_session if lock else session_queries.session
    row = find(connection, session_id)
    if row is None or row.state == "cancelled":
        raise Refusal("session_gone")
    if row.state != "scheduled" or _earliest(moment) >= row.starts_at:
        raise Refusal("answers_closed", starts_at=row.starts_at, zone=row.time_zone)
    return row


def require_leave_in_time(row: Any, moment: Moment) -> None:
    """Raises Refusal `leave_too_late` (until, group) once a session's leave deadline has passed."""
    until = leave_ends(row.leave_until, row.starts_at)
    if _earliest(moment) >= until:
        raise Refusal("leave_too_late", until=until, group=row.group_name[:60], zone=row.time_zone)


def _earliest(moment: Moment) -> datetime:
    return moment.not_before if moment.not_before is not None else moment.received_at
