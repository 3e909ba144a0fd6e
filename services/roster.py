"""A group's people as its leader sees them in private: who can be reached, one person's page, real names."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import audit
from db.queries import groups as group_queries
from db.queries import people as people_queries
from db.queries import roster as queries
from domain import names
from domain.errors import Refusal
from domain.people import Actor, Standing
from services import access, deliveries, inputs, leaders, people, role_notices
from services.rules import Rules

NAME_INPUT: Final = "real_name_of"
PERSON: Final = "person_page"
REACH: Final = "reach"

SHOWN: Final = 10
"""People on one page."""

LONGEST_NAME: Final = 40

REACH_EVERY: Final = timedelta(days=7)
"""The group is asked to turn private messages on no more often than this."""

ALL: Final = (access.LEADER, access.DEPUTY, access.MEMBER)


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody on the list."""

    id: int
    name: str
    role: str
    reachable: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a group's people; pages count from 0."""

    group_id: int
    group_name: str
    entries: tuple[Entry, ...]
    count: int
    unreachable: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Person:
    """One person of a group, and what the reader may do about them."""

    group_id: int
    group_name: str
    id: int
    name: str
    real_name: str | None
    role: str
    joined_at: datetime
    time_zone: str
    reachable: bool
    may_change_role: bool
    may_remove: bool
    standing: Standing = Standing.FULL
    committee: bool = False
    subgroup: str = ""
    speaks: bool = True
    number: str = ""
    has_account: bool = True
    may_merge: bool = False
    is_reader: bool = False  # one's own page
    spoken: str | None = None  # the reader's language, for a page that waits in the outbox


def page(connection: Connection, group_id: int, page: int, actor: Actor) -> Page:
    """The people of a group, for those who lead it. Raises Refusal: not_leader."""
    _, group = _led(connection, group_id, actor)
    count = queries.count(connection, group_id, ALL)
    pages = max(1, -(-count // SHOWN))
    page = min(max(page, 0), pages - 1)
    rows = queries.people(connection, group_id, ALL, SHOWN, page * SHOWN)
    return Page(
        group_id,
        group.name,
        tuple(Entry(row.id, row.name, row.role, row.reachable) for row in rows),
        count,
        queries.count_unreachable(connection, group_id),
        page,
        pages,
    )


def person(connection: Connection, group_id: int, person_id: int, actor: Actor) -> Person:
    """One person of a group, for those who lead it. Raises Refusal: not_leader, person_left."""
    known, group = _led(connection, group_id, actor)
    return _person(connection, group, person_id, known.id)


def person_page(connection: Connection, payload: Mapping[str, Any], _now: datetime) -> Person | None:
    """The page that answers a typed name; None where person or reader left meanwhile."""
    actor = Actor(int(payload["telegram_id"]), "")
    try:
        known, group = _led(connection, int(payload["group_id"]), actor)
        return _person(connection, group, int(payload["person_id"]), known.id, payload["language"])
    except Refusal:
        return None


def ask_name(connection: Connection, group_id: int, person_id: int, actor: Actor, *, now: datetime) -> Person:
    """Wait for the real name of somebody of the group. Raises Refusal: not_leader, person_left."""
    found = person(connection, group_id, person_id, actor)
    inputs.ask(connection, actor.telegram_id, NAME_INPUT, group_id, person_id, now=now)
    return found


def name_typed(
    connection: Connection,
    group_id: int,
    person_id: int,
    typed: str,
    actor: Actor,
    *,
    language: str,
    now: datetime,
    rules: Rules,
    reply_key: str,
) -> None:
    """The real name of somebody, as a leader typed it; whose name it is, is told.

    Raises Refusal: not_leader, person_left, name_empty, name_too_long.
    """
    found = person(connection, group_id, person_id, actor)
    real_name = names.clean(typed)
    if not real_name:
        raise Refusal("name_empty")
    if len(real_name) > LONGEST_NAME:
        raise Refusal("name_too_long", most=LONGEST_NAME)
    people_queries.change(connection, person_id, real_name=real_name)
    audit.add(connection, now, actor.telegram_id, "name_member", group_id=group_id, subject=f"person:{person_id}")
    chat_id = people.start(connection, actor, now).chat_id
    assert chat_id is not None
    deliveries.enqueue(
        connection,
        key=reply_key,
        kind=PERSON,
        destination_id=chat_id,
        payload={
            "group_id": group_id,
            "person_id": person_id,
            "telegram_id": actor.telegram_id,
            "language": language,
        },
        due_at=now,
        expires_at=now + deliveries.REPLY_EXPIRES,
        priority=deliveries.REPLY,
    )
    row = group_queries.member(connection, group_id, person_id)
    known, group = _led(connection, group_id, actor)
    if known.id != person_id and found.real_name != real_name:
        role_notices.tell(
            connection, row, group, "roster.named_you", key=reply_key, now=now, rules=rules, name=real_name
        )


def ask_to_be_reachable(
    connection: Connection, group_id: int, actor: Actor, *, bot_username: str, now: datetime
) -> int:
    """One line in the group for those who cannot be written to: how many there are, never who. Once a week at most.

    Raises Refusal: not_leader, all_reachable, asked_lately.
    """
    group_queries.lock(connection, group_id)
    _, group = _led(connection, group_id, actor)
    count = queries.count_unreachable(connection, group_id)
    if not count:
        raise Refusal("all_reachable")
    key = f"{REACH}:{group_id}:"
    if queries.posted_since(connection, group.chat_id, key, now - REACH_EVERY) is not None:
        raise Refusal("asked_lately")
    link = f"https://t.me/{bot_username}?start=remind_on"
    role_notices.announce(
        connection,
        group,
        "roster.please_start",
        key=f"{key}{now.isoformat()}",
        now=now,
        buttons=[[("button.private_reminders", link)]],
        count=count,
    )
    return count


def _led(connection: Connection, group_id: int, actor: Actor) -> tuple[people.Known, Any]:
    """The actor and the group, if they may do a leader's work in it."""
    known, group = leaders.led(connection, group_id, actor)
    access.require_leader(connection, known.id, group_id)
    return known, group


def _person(connection: Connection, group: Any, person_id: int, reader_id: int, spoken: str | None = None) -> Person:
    row = group_queries.member(connection, group.id, person_id)
    if row is None:
        raise Refusal("person_left")
    is_admin = access.administers(connection, reader_id, group.id)
    may_appoint = access.may_appoint(connection, reader_id, group.id)
    may_change = may_appoint and (row.role != access.LEADER or (is_admin and person_id != reader_id))
    return Person(
        group.id,
        group.name,
        person_id,
        row.name,
        row.real_name,
        row.role,
        row.joined_at,
        group.time_zone,
        row.chat_id is not None and row.chat_state == "active",
        may_change,
        may_change and person_id != reader_id,
        Standing(row.standing),
        row.committee,
        row.subgroup,
        row.speaks,
        row.number or "",
        row.telegram_id is not None,
        may_appoint,
        person_id == reader_id,
        spoken,
    )
