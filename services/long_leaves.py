"""Long leave: days on end for which somebody is on leave from every session of a group, once it is approved.

Here is how it is read and told; services.long_leave_asking takes it in, services.long_leave_decisions decides on it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import access as access_queries
from db.queries import long_leaves as queries
from domain.errors import Refusal
from domain.leaderboards import midnight
from domain.people import Actor
from services import access, deliveries, people, quiet
from services.rules import Rules

REQUEST: Final = "long_leave_request"

SHOWN: Final = 8

KEPT: Final = timedelta(days=7)
"""How long a message about a long leave is still worth sending."""


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
    today: date
    is_own: bool = False  # of whoever reads it
    language: str = ""


def today_in(connection: Connection, group_id: int, now: datetime) -> date:
    """The day in a group's zone. Raises Refusal `not_member` for no group of ours."""
    group = access_queries.group(connection, group_id)
    if group is None:
        raise Refusal("not_member")
    return now.astimezone(ZoneInfo(group.time_zone)).date()


def shown(connection: Connection, leave_id: int, actor: Actor, now: datetime) -> LongLeave:
    """One's own, or one of a group that one leads. Raises Refusal `long_leave_gone`."""
    row, is_own = mine_or_led(connection, leave_id, actor, lock=False)
    return replace(leave_of(connection, row, now), is_own=is_own)


def requested(connection: Connection, payload: Mapping[str, Any], now: datetime) -> LongLeave | None:
    """What a leader is asked to decide; None once it is."""
    return of_payload(connection, payload, ("open",), now)


def of_payload(
    connection: Connection, payload: Mapping[str, Any], states: tuple[str, ...], now: datetime
) -> LongLeave | None:
    """The facts of a message; None where the leave is in none of these states any more."""
    row = queries.find(connection, int(payload["leave_id"]))
    if row is None or row.state not in states:
        return None
    return replace(leave_of(connection, row, now), language=str(payload["language"]))


def send(
    connection: Connection,
    row: Any,
    kind: str,
    chat_id: int,
    language: str | None,
    now: datetime,
    rules: Rules,
    suffix: str = "",
) -> None:
    """Make a message about a long leave due, after the quiet hours of whoever has the chat."""
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


def mine_or_led(connection: Connection, leave_id: int, actor: Actor, *, lock: bool = True) -> tuple[Any, bool]:
    """A long leave that the actor has, or leads; whether it is their own. Raises Refusal `long_leave_gone`."""
    row = queries.find(connection, leave_id, lock=lock)
    known = people.find(connection, actor.telegram_id)
    if row is None or known is None:
        raise Refusal("long_leave_gone")
    if known.id != row.person_id and not access.is_leader(connection, known.id, row.group_id):
        raise Refusal("long_leave_gone")
    return row, known.id == row.person_id


def covered(connection: Connection, row: Any, now: datetime, *, since: date | None = None) -> Any:
    """The sessions in its days (from `since` on) that have not begun and that its person is expected at."""
    zone = ZoneInfo(row.time_zone)
    begins = max(midnight(since or row.first_day, zone), now)
    before = midnight(row.last_day + timedelta(days=1), zone)
    return queries.sessions_within(connection, row.group_id, row.person_id, begins, before)


def leave_of(connection: Connection, row: Any, now: datetime) -> LongLeave:
    """A row of `db.queries.long_leaves` as its readers know it."""
    return LongLeave(
        row.id,
        row.group_id,
        row.group_name,
        row.name,
        row.first_day,
        row.last_day,
        row.reason,
        row.state,
        len(covered(connection, row, now)),
        now.astimezone(ZoneInfo(row.time_zone)).date(),
    )
