"""The leader's hub: which groups there are to manage, and one group's page with what waits there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import access as access_queries
from db.queries import corrections as correction_queries
from db.queries import groups as group_queries
from db.queries import makeups as makeup_queries
from db.queries import responses as response_queries
from db.queries import roster as queries
from domain.errors import Refusal
from domain.people import Actor
from services import access, deliveries, leaders, menus, people

PAGE: Final = "manage_page"

SHOWN: Final = 8
"""Groups on one page of the picker."""


@dataclass(frozen=True, slots=True)
class Hub:
    """A group's page for those who lead it; `only` where there is no other group to go to."""

    group_id: int
    group_name: str
    time_zone: str
    members: int
    leaves: int
    corrections: int
    makeups: int
    overdue: int  # of the make-up study
    next_title: str | None
    next_at: datetime | None
    only: bool


@dataclass(frozen=True, slots=True)
class Picker:
    """A page of the groups somebody leads or administers, the last chosen one first; pages count from 0."""

    groups: tuple[leaders.Named, ...]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What a link opens: a group's page in the reader's language."""

    hub: Hub
    spoken: str


def look(connection: Connection, page: int, actor: Actor, now: datetime) -> Hub | Picker:
    """/manage: the group, where there is one, else which it is to be. Raises Refusal: leads_no_group."""
    known = people.find(connection, actor.telegram_id)
    groups = access.leads(connection, known.id) if known is not None else ()
    if known is None or not groups:
        raise Refusal("leads_no_group")
    if len(groups) == 1:
        return _hub(connection, groups[0], only=True, now=now)
    pages = -(-len(groups) // SHOWN)
    page = min(max(page, 0), pages - 1)
    shown = groups[page * SHOWN : (page + 1) * SHOWN]
    return Picker(tuple(leaders.Named(row.id, row.name) for row in shown), page, pages)


def choose(connection: Connection, group_id: int, actor: Actor, *, now: datetime) -> Hub:
    """A group's page; this group is offered first from now on. Raises Refusal: not_leader."""
    known, group = leaders.led(connection, group_id, actor)
    access.require_leader(connection, known.id, group_id)
    access.remember(connection, known.id, group_id)
    return _hub(connection, group, only=len(access.leads(connection, known.id)) == 1, now=now)


def open_link(
    connection: Connection, group_id: int, actor: Actor, *, language: str, now: datetime, reply_key: str
) -> None:
    """The button in the group leads here; whoever follows it can be written to from now on.

    Raises Refusal: not_leader, not_registered.
    """
    known = people.start(connection, actor, now)
    if access_queries.group(connection, group_id) is None:
        raise Refusal("not_registered")
    access.require_leader(connection, known.id, group_id)
    access.remember(connection, known.id, group_id)
    menus.refresh(connection, known.id, now)
    assert known.chat_id is not None
    deliveries.enqueue(
        connection,
        key=reply_key,
        kind=PAGE,
        destination_id=known.chat_id,
        payload={"group_id": group_id, "telegram_id": actor.telegram_id, "language": language},
        due_at=now,
        expires_at=now + deliveries.REPLY_EXPIRES,
        priority=deliveries.REPLY,
    )


def page(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Shown | None:
    """A group's page that waits in the outbox; None where the reader leads it no longer."""
    actor = Actor(int(payload["telegram_id"]), "")
    group_id = int(payload["group_id"])
    known = people.find(connection, actor.telegram_id)
    group = access_queries.group(connection, group_id)
    if known is None or group is None or not access.is_leader(connection, known.id, group_id):
        return None
    only = len(access.leads(connection, known.id)) == 1
    return Shown(_hub(connection, group, only=only, now=now), payload["language"])


def here(connection: Connection, chat_telegram_id: int, actor: Actor) -> int:
    """The group whose page a leader asks for in its chat. Raises Refusal: not_registered, not_leader."""
    group = access.group_of_chat(connection, chat_telegram_id)
    known = people.find(connection, actor.telegram_id)
    access.require_leader(connection, known.id if known is not None else 0, group.id)
    return int(group.id)


def _hub(connection: Connection, group: Any, *, only: bool, now: datetime) -> Hub:
    coming = queries.next_session(connection, group.id, now)
    makeups, overdue = makeup_queries.count_open(connection, group.id, now)
    return Hub(
        group.id,
        group.name,
        group.time_zone,
        group_queries.count_members(connection, group.id),
        response_queries.count_undecided(connection, group.id),
        correction_queries.count_open(connection, group.id),
        makeups,
        overdue,
        coming.title if coming is not None else None,
        coming.starts_at if coming is not None else None,
        only,
    )
