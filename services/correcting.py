"""The leader's side of corrections: what waits, deciding, and telling the person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import access as access_queries
from db.queries import audit
from db.queries import corrections as queries
from domain.attendance import CLAIMABLE
from domain.errors import Refusal
from domain.people import Actor
from services import access, marking, people
from services.closing import led_session
from services.corrections import Correction, correction_of, send
from services.rules import Rules

DECIDED: Final = "correction_decided"

SHOWN: Final = 8
"""Requests on one page."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a leader's tap came to; `before_you` where it was decided while the buttons hung there."""

    correction: Correction
    before_you: bool


def decide(
    connection: Connection, correction_id: int, number: int, actor: Actor, *, now: datetime, rules: Rules
) -> Decision:
    """A leader's decision: 0 declines, n records the n-th status of `CLAIMABLE`. The person is told.

    What is decided already stays. Raises Refusal: correction_gone (withdrawn), session_gone, not_leader.
    """
    if number not in range(len(CLAIMABLE) + 1):
        raise Refusal("unknown_button")
    row, session = _led(connection, correction_id, actor, lock=True)
    if row.state != "open":
        return Decision(correction_of(row, row.group_language), before_you=True)
    leader = people.meet(connection, actor, now)
    if number:
        status = CLAIMABLE[number - 1]
        marking.correct(connection, session, row.person_id, leader.id, status, now=now, rules=rules)
    queries.settle(connection, correction_id, "accepted" if number else "declined", now, leader.id)
    action = "correct" if number else "decline_correction"
    subject = f"session:{row.session_id}:person:{row.person_id}"
    audit.add(connection, now, actor.telegram_id, action, group_id=row.group_id, subject=subject)
    _tell(connection, row, now, rules)
    settled = queries.find(connection, correction_id)
    return Decision(correction_of(settled, row.group_language), before_you=False)


def _tell(connection: Connection, row: Any, now: datetime, rules: Rules) -> None:
    if row.chat_id is None or row.chat_state != "active":
        return
    payload = {"correction_id": row.id, "decided_at": now.isoformat(), "language": row.language or row.group_language}
    key = f"correction:{row.id}:{DECIDED}:{now.isoformat()}"
    send(connection, key, DECIDED, row.chat_id, row.session_id, payload, now, rules)


@dataclass(frozen=True, slots=True)
class Requests:
    """A page of the open corrections of a group."""

    group_id: int
    group_name: str
    entries: tuple[Correction, ...]
    page: int
    pages: int
    count: int


def requests(connection: Connection, group_id: int, page: int, actor: Actor) -> Requests:
    """What waits for a leader's decision, the oldest first. Raises Refusal `not_leader`."""
    known = people.find(connection, actor.telegram_id)
    access.require_leader(connection, known.id if known else 0, group_id)
    group = access_queries.group(connection, group_id)
    count = queries.count_open(connection, group_id)
    pages = max(1, -(-count // SHOWN))
    page = min(max(page, 0), pages - 1)
    rows = queries.open_of_group(connection, group_id, SHOWN, page * SHOWN)
    entries = tuple(correction_of(row, row.group_language) for row in rows)
    return Requests(group_id, group.name if group is not None else "", entries, page, pages, count)


def request_of(connection: Connection, correction_id: int, actor: Actor) -> Correction:
    """One of them, for its leader. Raises Refusal: correction_gone, session_gone, not_leader."""
    row, _session = _led(connection, correction_id, actor, lock=False)
    return correction_of(row, row.group_language)


def request(connection: Connection, payload: Mapping[str, Any], _now: datetime) -> Correction | None:
    """What a leader is asked; None once it is settled, or asked for anew."""
    row = queries.find(connection, int(payload["correction_id"]))
    if row is None or row.state != "open" or row.session_state == "cancelled":
        return None
    return correction_of(row, str(payload["language"])) if _is(row.asked_at, payload["asked_at"]) else None


def decided(connection: Connection, payload: Mapping[str, Any], _now: datetime) -> Correction | None:
    """What the person is told; None where it was asked for anew since."""
    row = queries.find(connection, int(payload["correction_id"]))
    if row is None or row.state not in ("accepted", "declined") or row.session_state == "cancelled":
        return None
    return correction_of(row, str(payload["language"])) if _is(row.decided_at, payload["decided_at"]) else None


def _led(connection: Connection, correction_id: int, actor: Actor, *, lock: bool) -> tuple[Any, Any]:
    """A correction and its session, of which the actor is a leader; a withdrawn one is gone."""
    row = queries.find(connection, correction_id)
    if row is None:
        raise Refusal("correction_gone")
    session = led_session(connection, row.session_id, actor, lock=lock)
    row = queries.find(connection, correction_id)  # as it is now that its session is locked
    if row is None or row.state == "withdrawn":
        raise Refusal("correction_gone")
    return row, session


def _is(at: datetime | None, told: object) -> bool:
    return at is not None and at == datetime.fromisoformat(str(told))
