"""Corrections: a member says that their record is wrong, and may take that back."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import checkins as checkin_queries
from db.queries import corrections as queries
from db.queries import marking as marking_queries
from db.queries import responses as response_queries
from domain.attendance import CLAIMABLE, CORRECTABLE, Status
from domain.errors import Refusal
from domain.people import Actor
from services import deliveries, people, quiet
from services.rules import Rules

REQUEST: Final = "correction_request"

SHOWN: Final = 8
"""Own sessions that are offered."""

KEPT: Final = timedelta(days=7)
"""How long a request or a decision is still worth sending."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction as it stands, for its person and the leaders. `id` 0: nothing is asked for (any more)."""

    id: int
    session_id: int
    group_id: int
    person_name: str
    title: str
    starts_at: datetime
    time_zone: str
    wanted: Status
    state: str  # none | open | accepted | declined | withdrawn
    recorded: Status
    language: str


@dataclass(frozen=True, slots=True)
class Filed:
    """What asking came to: filed, already_open, already_so (the record says so), or declined_before."""

    outcome: str
    correction: Correction
    reachable: bool = True  # whether a leader was told in private


def look(connection: Connection, session_id: int, actor: Actor, now: datetime) -> Correction:
    """One's own record of a session and what was asked for. Raises Refusal as `file` does."""
    row, known = _askable(connection, session_id, actor, now, lock=False)
    return _standing(connection, row, known.id)


def file(connection: Connection, session_id: int, number: int, actor: Actor, *, now: datetime, rules: Rules) -> Filed:
    """Ask for one's record to be corrected to a status of `CLAIMABLE`; leaders are asked in private.

    Asking again changes nothing, or what is asked for. What a leader has declined cannot be asked for again.
    Raises Refusal: session_gone, not_member, too_early, checkin_still_open, correction_too_late.
    """
    if number not in range(len(CLAIMABLE)):
        raise Refusal("unknown_button")
    row, known = _askable(connection, session_id, actor, now, lock=True)
    wanted = CLAIMABLE[number]
    before = _standing(connection, row, known.id)
    if before.recorded is wanted:
        return Filed("already_so", before)
    if before.wanted is wanted and before.state in ("open", "declined"):
        return Filed("already_open" if before.state == "open" else "declined_before", before)
    correction_id = queries.put(connection, session_id, known.id, wanted.value, now)
    asked = _ask_leaders(connection, row, known.id, correction_id, now, rules)
    return Filed("filed", _standing(connection, row, known.id), reachable=asked > 0)


def withdraw(connection: Connection, correction_id: int, actor: Actor, *, now: datetime) -> Correction:
    """Take back what one has asked for. Raises Refusal: correction_gone, correction_settled (decided already)."""
    known = people.find(connection, actor.telegram_id)
    row = queries.find(connection, correction_id)
    if row is None or known is None or row.person_id != known.id:
        raise Refusal("correction_gone")
    checkin_queries.lock_session(connection, row.session_id)
    row = queries.find(connection, correction_id)
    if row is None or row.state in ("accepted", "declined"):
        raise Refusal("correction_settled")
    if row.state == "open":
        queries.settle(connection, correction_id, "withdrawn", now, known.id)
    return replace(correction_of(row, row.group_language), state="withdrawn")


@dataclass(frozen=True, slots=True)
class OwnSession:
    """One of one's own latest sessions whose record is not “present”."""

    session_id: int
    title: str
    starts_at: datetime
    time_zone: str
    recorded: Status
    asked: bool  # a correction waits for a leader


def own(connection: Connection, actor: Actor, now: datetime) -> list[OwnSession]:
    """The sessions one can ask a correction for, the latest first."""
    known = people.find(connection, actor.telegram_id)
    rows = queries.own(connection, known.id, now - CORRECTABLE, now, SHOWN) if known is not None else ()
    return [
        OwnSession(
            row.id,
            row.title,
            row.starts_at,
            row.time_zone,
            Status(row.status or Status.UNRECORDED),
            row.state == "open",
        )
        for row in rows
    ]


def _askable(
    connection: Connection, session_id: int, actor: Actor, now: datetime, *, lock: bool
) -> tuple[Any, people.Known]:
    """A session that somebody may ask a correction for, and who they are."""
    find = checkin_queries.lock_session if lock else checkin_queries.session
    row = find(connection, session_id)
    if row is None or row.state == "cancelled":
        raise Refusal("session_gone")
    known = people.find(connection, actor.telegram_id)
    if known is None or not _belongs(connection, row, known.id):
        raise Refusal("not_member")
    if now < row.opens_at:
        raise Refusal("too_early", opens_at=row.opens_at, zone=row.time_zone)
    if row.state == "scheduled" and now <= row.closes_at:
        raise Refusal("checkin_still_open", closes_at=row.closes_at, zone=row.time_zone)
    if now > row.ends_at + CORRECTABLE:
        raise Refusal("correction_too_late", until=row.ends_at + CORRECTABLE, zone=row.time_zone)
    return row, known


def _belongs(connection: Connection, row: Any, person_id: int) -> bool:
    """A member, or somebody who was there and has left since."""
    return (
        response_queries.is_asked(connection, row.id, person_id)
        or marking_queries.record_of(connection, row.id, person_id) is not None
    )


def _standing(connection: Connection, row: Any, person_id: int) -> Correction:
    found = queries.of_person(connection, row.id, person_id)
    if found is not None:
        return correction_of(found, row.language)
    record = marking_queries.record_of(connection, row.id, person_id)
    recorded = Status(record.status) if record is not None else Status.UNRECORDED
    return Correction(
        0,
        row.id,
        row.group_id,
        "",
        row.title,
        row.starts_at,
        row.time_zone,
        Status.PRESENT,
        "none",
        recorded,
        row.language,
    )


def _ask_leaders(
    connection: Connection, row: Any, person_id: int, correction_id: int, now: datetime, rules: Rules
) -> int:
    """Ask the leaders who can be reached; how many. Where none can, it waits on their list of corrections."""
    asked = 0
    for leader in checkin_queries.leaders(connection, row.group_id):
        if leader.chat_id is not None and leader.state == "active" and leader.id != person_id:
            language = leader.language or row.language
            payload = {"correction_id": correction_id, "asked_at": now.isoformat(), "language": language}
            key = f"correction:{correction_id}:{REQUEST}:{now.isoformat()}:{leader.chat_id}"
            send(connection, key, REQUEST, leader.chat_id, row.id, payload, now, rules)
            asked += 1
    return asked


def send(
    connection: Connection,
    key: str,
    kind: str,
    chat_id: int,
    session_id: int,
    payload: dict[str, Any],
    now: datetime,
    rules: Rules,
) -> None:
    """Make a message about a correction due, after the quiet hours of whoever has the chat."""
    due_at = quiet.calm_at(connection, chat_id, rules, now)
    deliveries.enqueue(
        connection,
        key=key,
        kind=kind,
        destination_id=chat_id,
        session_id=session_id,
        payload=payload,
        due_at=due_at,
        expires_at=due_at + KEPT,
    )


def correction_of(row: Any, language: str) -> Correction:
    """A row of `db.queries.corrections` as its readers know it."""
    return Correction(
        row.id,
        row.session_id,
        row.group_id,
        row.name,
        row.title,
        row.starts_at,
        row.time_zone,
        Status(row.wanted),
        row.state,
        Status(row.status or Status.UNRECORDED),
        language,
    )
