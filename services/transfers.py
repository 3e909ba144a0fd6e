"""Moving a member to another group in one step: they leave the one and join the other at the same moment."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import audit
from db.queries import groups as queries
from domain.errors import Refusal
from domain.people import Actor
from services import access, groups, leaders, leaving, role_notices
from services.rules import Rules

SHOWN: Final = 8
"""Groups on one page."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A member, and a page of the groups they can be moved to."""

    group_id: int
    person_id: int
    name: str
    targets: tuple[tuple[int, str], ...]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Transfer:
    """Who moves from where to where."""

    group_id: int
    group_name: str
    person_id: int
    name: str
    target_id: int
    target_name: str


def choice(connection: Connection, group_id: int, person_id: int, page: int, actor: Actor) -> Choice:
    """Where to? Only groups in which the actor may change roles too.

    Raises Refusal: may_not_appoint, person_left, transfer_leads.
    """
    known, _group, row = _movable(connection, group_id, person_id, actor)
    found = [
        (each.id, each.name)
        for each in access.leads(connection, known.id)
        if each.id != group_id and access.may_appoint(connection, known.id, each.id)
    ]
    pages = max(1, -(-len(found) // SHOWN))
    page = min(max(page, 0), pages - 1)
    shown = found[page * SHOWN : (page + 1) * SHOWN]
    return Choice(group_id, person_id, row.name, tuple(shown), page, pages)


def preview(connection: Connection, group_id: int, person_id: int, target_id: int, actor: Actor) -> Transfer:
    """What is about to be done. Raises Refusal: may_not_appoint, person_left, transfer_leads, transfer_there."""
    _known, group, row = _movable(connection, group_id, person_id, actor)
    return _transfer(group, row, _target(connection, target_id, person_id, actor))


def move(
    connection: Connection,
    group_id: int,
    person_id: int,
    target_id: int,
    actor: Actor,
    *,
    now: datetime,
    rules: Rules,
    reply_key: str,
) -> Transfer:
    """Move them; the person and the other group's leaders are told. What they did here stays in this group's ledger.

    Their standing goes along; committee and subgroup are the old group's and end with it.
    Raises Refusal: may_not_appoint, person_left, transfer_leads, transfer_there.
    """
    for each in sorted((group_id, target_id)):  # always in this order, so that two moves never wait for each other
        queries.lock(connection, each)
    known, group, row = _movable(connection, group_id, person_id, actor)
    target = _target(connection, target_id, person_id, actor)
    leaving.end(connection, group, person_id, now, rules, reply_key)
    queries.join(connection, target_id, person_id, now)
    queries.mark(connection, target_id, person_id, standing=row.standing, committee=False, subgroup="")
    groups.refresh_newest_card(connection, target_id, now, rules)
    for each in (group_id, target_id):
        audit.add(connection, now, actor.telegram_id, "transfer", group_id=each, subject=f"person:{person_id}")
    moved = _transfer(group, row, target)
    role_notices.tell(
        connection, row, target, "transfers.told_you", key=reply_key, now=now, rules=rules, before=group.name
    )
    for leader in queries.with_roles(connection, target_id, (access.LEADER, access.DEPUTY)):
        if leader.id != known.id:
            key = f"{reply_key}:arrived"
            role_notices.tell(
                connection,
                leader,
                target,
                "transfers.told_leader",
                key=key,
                now=now,
                rules=rules,
                before=group.name,
                name=row.name,
            )
    return moved


def _movable(connection: Connection, group_id: int, person_id: int, actor: Actor) -> tuple[Any, Any, Any]:
    known, group = leaders.require_appointer(connection, group_id, actor)
    row = queries.member(connection, group_id, person_id)
    if row is None:
        raise Refusal("person_left")
    if row.role != access.MEMBER:
        raise Refusal("transfer_leads")
    return known, group, row


def _target(connection: Connection, target_id: int, person_id: int, actor: Actor) -> Any:
    _known, target = leaders.require_appointer(connection, target_id, actor)
    if queries.member(connection, target_id, person_id) is not None:
        raise Refusal("transfer_there", group=target.name)
    return target


def _transfer(group: Any, row: Any, target: Any) -> Transfer:
    return Transfer(group.id, group.name, row.id, row.name, target.id, target.name)
