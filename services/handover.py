"""Handing the lead of a group to somebody who accepts it, and stepping down."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from db.queries import access as access_queries
from db.queries import audit
from db.queries import groups as group_queries
from db.queries import roster as queries
from domain.errors import Refusal
from domain.people import Actor
from services import access, groups, leaders, menus, people, role_notices
from services.rules import Rules


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be asked to take over; who is not `reachable` could not answer."""

    group_id: int
    group_name: str
    person_id: int
    name: str
    reachable: bool


@dataclass(frozen=True, slots=True)
class Done:
    """What an answer came to: whose lead of which group it was about."""

    group_id: int
    group_name: str
    name: str


def candidate(connection: Connection, group_id: int, person_id: int, actor: Actor) -> Candidate:
    """Somebody the actor may hand the lead to. Raises Refusal: may_not_appoint, person_left, leads_already."""
    _, group = _leading(connection, group_id, actor)
    row = group_queries.member(connection, group_id, person_id)
    if row is None:
        raise Refusal("person_left")
    if row.role == access.LEADER:
        raise Refusal("leads_already", name=row.name[: leaders.SHOWN_NAME])
    reachable = row.chat_id is not None and row.chat_state == "active"
    return Candidate(group_id, group.name, person_id, row.name, reachable)


def offer(
    connection: Connection,
    group_id: int,
    person_id: int,
    actor: Actor,
    *,
    now: datetime,
    rules: Rules,
    reply_key: str,
) -> Candidate:
    """Ask somebody to take over; nothing changes until they accept, and after a week the question is void.

    Raises Refusal: what `candidate` raises, cannot_be_asked.
    """
    group_queries.lock(connection, group_id)
    found = candidate(connection, group_id, person_id, actor)
    if not found.reachable:
        raise Refusal("cannot_be_asked", name=found.name[: leaders.SHOWN_NAME])
    known, group = _leading(connection, group_id, actor)
    queries.invite(connection, group_id, known.id, person_id, now + role_notices.LASTS)
    audit.add(connection, now, actor.telegram_id, "offer_lead", group_id=group_id, subject=f"person:{person_id}")
    answers = [
        [
            ("button.accept_lead", f"hand_accept:{group_id}:{known.id}"),
            ("button.decline_lead", f"hand_decline:{group_id}:{known.id}"),
        ]
    ]
    role_notices.tell(
        connection,
        group_queries.member(connection, group_id, person_id),
        group,
        "leaders.asked_to_lead",
        key=f"{reply_key}:offer",
        now=now,
        rules=rules,
        buttons=answers,
        name=known.name,
    )
    return found


def withdraw(connection: Connection, group_id: int, actor: Actor, *, now: datetime) -> None:
    """The leader takes the question back. Raises Refusal: may_not_appoint, handover_over."""
    group_queries.lock(connection, group_id)
    known, _ = _leading(connection, group_id, actor)
    if not queries.withdraw_invitation(connection, group_id, known.id):
        raise Refusal("handover_over")
    audit.add(connection, now, actor.telegram_id, "withdraw_offer", group_id=group_id, subject=f"person:{known.id}")


def accept(
    connection: Connection,
    group_id: int,
    leader_id: int,
    actor: Actor,
    *,
    bot_username: str,
    now: datetime,
    rules: Rules,
    reply_key: str,
) -> Done:
    """Whoever was asked leads from now on, and the one who asked stays as deputy. Raises Refusal: handover_over."""
    known, group, leader = _asked(connection, group_id, leader_id, actor, now)
    person = group_queries.member(connection, group_id, known.id)
    assert person is not None
    group_queries.set_role(connection, group_id, known.id, access.LEADER)
    group_queries.set_role(connection, group_id, leader_id, access.DEPUTY)
    queries.withdraw_invitation(connection, group_id, leader_id)
    queries.withdraw_invitation(connection, group_id, known.id)
    audit.add(connection, now, actor.telegram_id, "hand_over", group_id=group_id, subject=f"person:{leader_id}")
    role_notices.tell(
        connection, leader, group, "leaders.handed_over", key=reply_key, now=now, rules=rules, name=person.name
    )
    link = f"https://t.me/{bot_username}?start=manage_{group_id}"
    role_notices.announce(
        connection,
        group,
        "leaders.new_leader",
        key=f"{reply_key}:line",
        now=now,
        buttons=[[("button.open_private", link)]],
        name=person.public_name,
        former_name=leader.public_name,
    )
    for person_id in (known.id, leader_id):
        menus.refresh(connection, person_id, now)
    groups.refresh_newest_card(connection, group_id, now, rules)
    return Done(group_id, group.name, leader.name)


def decline(
    connection: Connection,
    group_id: int,
    leader_id: int,
    actor: Actor,
    *,
    now: datetime,
    rules: Rules,
    reply_key: str,
) -> Done:
    """Whoever was asked does not want to; the leader is told and stays. Raises Refusal: handover_over."""
    known, group, leader = _asked(connection, group_id, leader_id, actor, now)
    queries.withdraw_invitation(connection, group_id, leader_id)
    audit.add(connection, now, actor.telegram_id, "decline_lead", group_id=group_id, subject=f"person:{leader_id}")
    role_notices.tell(
        connection, leader, group, "leaders.offer_declined", key=reply_key, now=now, rules=rules, name=known.name
    )
    return Done(group_id, group.name, leader.name)


def before_stepping_down(connection: Connection, group_id: int, actor: Actor, now: datetime) -> leaders.Page:
    """Who leads beside a leader or deputy that wants to step down. Raises Refusal: not_member, leads_nothing."""
    found = leaders.page(connection, group_id, actor, now)
    if not (found.leads or found.is_deputy):
        raise Refusal("leads_nothing")
    return found


def step_down(
    connection: Connection,
    group_id: int,
    actor: Actor,
    *,
    now: datetime,
    rules: Rules,
    reply_key: str,
) -> Done:
    """A leader or a deputy becomes a member again; those who lead on are told. Raises Refusal: leads_nothing."""
    group_queries.lock(connection, group_id)
    known, group = leaders.led(connection, group_id, actor)
    row = group_queries.member(connection, group_id, known.id)
    if row is None or row.role == access.MEMBER:
        raise Refusal("leads_nothing")
    group_queries.set_role(connection, group_id, known.id, access.MEMBER)
    audit.add(connection, now, actor.telegram_id, "step_down", group_id=group_id, subject=f"person:{known.id}")
    menus.refresh(connection, known.id, now)
    for other in group_queries.with_roles(connection, group_id, (access.LEADER, access.DEPUTY)):
        text = f"leaders.stepped_down_{row.role}"
        role_notices.tell(connection, other, group, text, key=reply_key, now=now, rules=rules, name=row.name)
    if row.role == access.LEADER:
        leaders.without_leader(connection, group, row, now, rules, reply_key)
    return Done(group_id, group.name, row.name)


def _leading(connection: Connection, group_id: int, actor: Actor) -> tuple[people.Known, Any]:
    """The actor as a leader of the group: only one's own lead can be handed over."""
    known, group = leaders.led(connection, group_id, actor)
    if access_queries.role(connection, known.id, group_id) != access.LEADER:
        raise Refusal("may_not_appoint")
    return known, group


def _asked(
    connection: Connection, group_id: int, leader_id: int, actor: Actor, now: datetime
) -> tuple[people.Known, Any, Any]:
    """The actor, the group and the leader who asked them, if that question stands and both are still what they were."""
    group_queries.lock(connection, group_id)
    known, group = leaders.led(connection, group_id, actor)
    leader = group_queries.member(connection, group_id, leader_id)
    stands = queries.invitation(connection, group_id, leader_id, known.id, now)
    if not stands or leader is None or leader.role != access.LEADER:
        raise Refusal("handover_over")
    if access_queries.role(connection, known.id, group_id) is None:
        raise Refusal("not_member")
    return known, group, leader
