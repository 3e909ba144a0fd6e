"""Leaving a group: by leaving its chat, by oneself in private, or because a leader removed somebody."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import access as access_queries
from db.queries import audit
from db.queries import groups as queries
from db.queries import roster as roster_queries
from domain.errors import Refusal
from domain.people import Actor
from services import access, groups, leaders, menus, people, role_notices, rota
from services.rules import Rules

SHOWN: Final = 8
"""Groups on one page of somebody's list."""


@dataclass(frozen=True, slots=True)
class Membership:
    """One of somebody's groups, and what they are in it."""

    group_id: int
    group_name: str
    role: str
    joined_at: datetime
    time_zone: str
    leads_alone: bool = False


@dataclass(frozen=True, slots=True)
class MyGroups:
    """A page of somebody's groups; pages count from 0. `leads` says whether there is anything to manage."""

    groups: tuple[Membership, ...]
    count: int
    page: int
    pages: int
    leads: bool


def my_groups(connection: Connection, page: int, actor: Actor) -> MyGroups:
    """The groups somebody belongs to."""
    known = people.find(connection, actor.telegram_id)
    if known is None:
        return MyGroups((), 0, 0, 1, leads=False)
    count = roster_queries.count_memberships(connection, known.id)
    pages = max(1, -(-count // SHOWN))
    page = min(max(page, 0), pages - 1)
    rows = roster_queries.memberships(connection, known.id, SHOWN, page * SHOWN)
    return MyGroups(tuple(map(_membership, rows)), count, page, pages, bool(access.leads(connection, known.id)))


def membership(connection: Connection, group_id: int, actor: Actor) -> Membership:
    """One of one's own groups. Raises Refusal: not_member."""
    known, group = leaders.led(connection, group_id, actor)
    row = queries.member(connection, group_id, known.id)
    if row is None:
        raise Refusal("not_member")
    alone = row.role == access.LEADER and len(queries.leader_names(connection, group_id)) == 1
    return Membership(group.id, group.name, row.role, row.joined_at, group.time_zone, alone)


def part(
    connection: Connection,
    telegram_id: int,
    chat_telegram_id: int,
    *,
    now: datetime,
    rules: Rules,
    reply_key: str,
) -> None:
    """Somebody left the chat, or was removed: from now on they are no member of its group, nor lead it."""
    group = access_queries.group_of_chat(connection, chat_telegram_id)
    person = people.find(connection, telegram_id)
    if group is not None and person is not None:
        end(connection, group, person.id, now, rules, reply_key)


def quit_group(
    connection: Connection, group_id: int, actor: Actor, *, now: datetime, rules: Rules, reply_key: str
) -> str:
    """Somebody leaves a group by themselves; gives its name. Raises Refusal: not_member."""
    known, group = leaders.led(connection, group_id, actor)
    if end(connection, group, known.id, now, rules, reply_key) is None:
        raise Refusal("not_member")
    return str(group.name)


def remove(
    connection: Connection,
    group_id: int,
    person_id: int,
    actor: Actor,
    *,
    now: datetime,
    rules: Rules,
    reply_key: str,
) -> leaders.Named:
    """A leader removes a member or deputy, an admin a leader, too; they are told.

    Raises Refusal: may_not_appoint, person_left.
    """
    queries.lock(connection, group_id)
    known, group = leaders.require_appointer(connection, group_id, actor)
    row = queries.member(connection, group_id, person_id)
    if row is None:
        raise Refusal("person_left")
    if row.role == access.LEADER and not access.administers(connection, known.id, group_id):
        raise Refusal("may_not_appoint")
    end(connection, group, person_id, now, rules, reply_key)
    audit.add(connection, now, actor.telegram_id, "remove_member", group_id=group_id, subject=f"person:{person_id}")
    role_notices.tell(connection, row, group, "roster.removed_you", key=reply_key, now=now, rules=rules)
    return leaders.Named(person_id, row.name)


def end(connection: Connection, group: Any, person_id: int, now: datetime, rules: Rules, reply_key: str) -> Any | None:
    """End a membership with what follows from it; who it was, None for who was no member."""
    queries.lock(connection, group.id)
    row = queries.member(connection, group.id, person_id)
    if row is None:
        return None
    queries.leave(connection, group.id, person_id, now)
    rota.left(connection, group.id, person_id, now, rules)
    if row.role != access.MEMBER:
        menus.refresh(connection, person_id, now)
    if row.role == access.LEADER:
        leaders.without_leader(connection, group, row, now, rules, reply_key)
    else:
        groups.refresh_newest_card(connection, group.id, now, rules)
    return row


def _membership(row: Any) -> Membership:
    return Membership(row.id, row.name, row.role, row.joined_at, row.time_zone)
