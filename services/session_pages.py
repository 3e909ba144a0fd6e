"""A session seen by one person: the alert under its card, its private page, and the list of a group's sessions."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import access as access_queries
from db.queries import editing
from db.queries import marking as marking_queries
from db.queries import responses as response_queries
from db.queries import sessions as queries
from domain.attendance import Status, leave_ends
from domain.errors import Refusal
from domain.people import Actor
from services import access, people
from services.leaving_early import METHOD
from services.sessions import Card, card_of
from services.undo import UNDO_WITHIN

SHOWN: Final = 8
"""Sessions on one page of a group's list."""

LISTED: Final = 80
"""Coming sessions that a group's list goes on to; it is planned no further ahead than a few weeks."""

PAST: Final = 24
"""Sessions that are over, at the end of that list."""

CHANGES: Final = 10
"""Changes on one page of a session's history."""

PEOPLE: Final = 30
"""People on one page of who answered what."""


@dataclass(frozen=True, slots=True)
class Own:
    """What somebody answered to a session, and what a leader decided on their leave."""

    answer: str | None = None  # going | leave
    reason: str = ""
    approved: bool | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """The facts of the alert under a card: nothing of anybody else."""

    card: Card
    own: Own


def details(connection: Connection, session_id: int, actor: Actor, chat_telegram_id: int, now: datetime) -> Details:
    """A session for whoever taps its card in the group's chat, or may see its page. Raises Refusal `session_gone`."""
    row = queries.session(connection, session_id)
    known = people.find(connection, actor.telegram_id)
    person_id = known.id if known else 0
    if row is None or not (row.chat_telegram_id == chat_telegram_id or _may_see(connection, row, person_id)):
        raise Refusal("session_gone")
    return Details(card_of(connection, row, now), _own(connection, session_id, person_id))


@dataclass(frozen=True, slots=True)
class Replied:
    """Somebody who is expected, and what they answered."""

    name: str
    own: Own


@dataclass(frozen=True, slots=True)
class Page:
    """A session's page for one person; what only leaders see is empty for everybody else."""

    card: Card
    group_id: int
    group_name: str
    own: Own
    is_member: bool
    may_answer: bool
    may_leave: bool
    is_leader: bool = False
    opened: bool = False  # check-in has opened
    changed: int = 0  # how many changes its history has
    people: tuple[Replied, ...] = ()
    may_leave_early: bool = False
    may_stay: bool = False  # they have just said that they leave


def page(connection: Connection, session_id: int, actor: Actor, now: datetime) -> Page:
    """A session with everything this person may know of it.

    Raises Refusal: session_gone, not_member (who neither belongs to the group nor leads it).
    """
    row, person_id = _visible(connection, session_id, actor)
    is_member = access_queries.role(connection, person_id, row.group_id) is not None
    may_answer = is_member and row.state == "scheduled" and now < row.starts_at
    leaving, just_left = _leaving(connection, row, person_id, now)
    found = Page(
        card_of(connection, row, now),
        row.group_id,
        row.group_name,
        _own(connection, session_id, person_id),
        is_member,
        may_answer,
        may_leave=may_answer and now < leave_ends(row.leave_until, row.starts_at),
        may_leave_early=leaving,
        may_stay=just_left,
    )
    if not access.is_leader(connection, person_id, row.group_id):
        return found
    return replace(
        found,
        is_leader=True,
        opened=row.state != "cancelled" and now >= row.opens_at,
        changed=editing.count_changes(connection, session_id),
        people=_people(connection, session_id),
    )


def _leaving(connection: Connection, row: Any, person_id: int, now: datetime) -> tuple[bool, bool]:
    """Whether somebody who is there can say that they leave, or take that back."""
    found = marking_queries.record_of(connection, row.id, person_id)
    if found is None or row.state != "scheduled" or not row.starts_at <= now < row.ends_at:
        return False, False
    history = marking_queries.changes(connection, row.id, person_id)
    just_left = bool(history) and history[0].method == METHOD and now <= history[0].at + UNDO_WITHIN
    return found.status in (Status.PRESENT, Status.LATE), just_left


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a session."""

    at: datetime
    name: str
    field: str  # title | place | link | time | length | state
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class History:
    """A page of a session's changes, the newest first."""

    session_id: int
    title: str
    time_zone: str
    changes: tuple[Change, ...]
    page: int
    pages: int


def history(connection: Connection, session_id: int, page: int, actor: Actor) -> History:
    """Who changed what, and when. Raises Refusal: session_gone, not_leader."""
    row = led(connection, session_id, actor)
    count = editing.count_changes(connection, session_id)
    pages = max(1, -(-count // CHANGES))
    page = min(max(page, 0), pages - 1)
    rows = editing.changes(connection, session_id, CHANGES, page * CHANGES)
    found = tuple(Change(each.at, each.name, each.field, each.before, each.after) for each in rows)
    return History(session_id, row.title, row.time_zone, found, page, pages)


@dataclass(frozen=True, slots=True)
class Listed:
    """A session on a group's list."""

    id: int
    title: str
    starts_at: datetime
    time_zone: str
    state: str  # coming | over | cancelled


@dataclass(frozen=True, slots=True)
class Sessions:
    """A page of a group's sessions: what comes in order, then what is over, the newest first."""

    group_id: int
    group_name: str
    entries: tuple[Listed, ...]
    page: int
    pages: int


def of_group(connection: Connection, group_id: int, page: int, actor: Actor, now: datetime) -> Sessions:
    """A group's sessions for its leaders. Raises Refusal `not_leader`."""
    known = people.find(connection, actor.telegram_id)
    access.require_leader(connection, known.id if known else 0, group_id)
    group = access_queries.group(connection, group_id)
    rows = [
        *queries.coming(connection, [group_id], now, LISTED),
        *queries.past(connection, group_id, now, PAST),
    ]
    pages = max(1, -(-len(rows) // SHOWN))
    page = min(max(page, 0), pages - 1)
    shown = rows[page * SHOWN : (page + 1) * SHOWN]
    entries = tuple(Listed(row.id, row.title, row.starts_at, row.time_zone, _state(row, now)) for row in shown)
    return Sessions(group_id, group.name if group is not None else "", entries, page, pages)


def led(connection: Connection, session_id: int, actor: Actor, *, lock: bool = False) -> Any:
    """A session whose group the actor leads. Raises Refusal: session_gone, not_leader."""
    row = queries.session(connection, session_id, lock=lock)
    if row is None:
        raise Refusal("session_gone")
    known = people.find(connection, actor.telegram_id)
    access.require_leader(connection, known.id if known else 0, row.group_id)
    return row


def visible(connection: Connection, session_id: int, actor: Actor) -> Any:
    """A session that the actor may see the page of. Raises Refusal: session_gone, not_member."""
    return _visible(connection, session_id, actor)[0]


def _visible(connection: Connection, session_id: int, actor: Actor) -> tuple[Any, int]:
    row = queries.session(connection, session_id)
    if row is None:
        raise Refusal("session_gone")
    known = people.find(connection, actor.telegram_id)
    person_id = known.id if known else 0
    if not _may_see(connection, row, person_id):
        raise Refusal("not_member")
    return row, person_id


def _may_see(connection: Connection, row: Any, person_id: int) -> bool:
    if access_queries.role(connection, person_id, row.group_id) is not None:
        return True
    return access.is_leader(connection, person_id, row.group_id)


def _own(connection: Connection, session_id: int, person_id: int) -> Own:
    found = response_queries.find(connection, session_id, person_id)
    return Own() if found is None else Own(found.answer, found.reason, found.approved)


def _people(connection: Connection, session_id: int) -> tuple[Replied, ...]:
    rows = queries.expected(connection, session_id)
    return tuple(Replied(row.name, Own(row.answer, row.reason or "", row.approved)) for row in rows)


def _state(row: Any, now: datetime) -> str:
    if row.state == "cancelled":
        return "cancelled"
    return "coming" if row.state == "scheduled" and now < row.ends_at else "over"
