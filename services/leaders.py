"""Who leads a group and who stands in: appointing, dismissing, and taking an appointment back for a minute."""

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
from services import access, groups, menus, people, role_notices, undo
from services.rules import Rules

SHOWN: Final = 8
"""People on one page of a list to choose from."""

SHOWN_NAME: Final = 40
"""Characters of a name in a refusal, which is read in an alert of 200 characters."""

NOBODY: Final = "none"
"""What somebody was before who became a member by being appointed."""


@dataclass(frozen=True, slots=True)
class Appointed:
    """Who leads now; `repeated` if they did before."""

    name: str
    repeated: bool


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody of a group."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Page:
    """Who leads a group, and what the reader may change of it; `invited` is asked to take over from the reader."""

    group_id: int
    group_name: str
    leaders: tuple[Named, ...]
    deputies: tuple[Named, ...]
    may_appoint: bool
    leads: bool
    is_deputy: bool
    invited: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A page of the people of a group to choose from; pages count from 0."""

    group_id: int
    group_name: str
    people: tuple[Named, ...]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Change:
    """What became of somebody's role; `repeated` where they had it before."""

    person: Named
    role: str
    repeated: bool


def volunteer(
    connection: Connection,
    group_id: int,
    actor: Actor,
    chat_telegram_id: int,
    *,
    is_chat_admin: bool,
    message_id: int | None,
    bot_username: str,
    now: datetime,
    rules: Rules,
    reply_key: str,
) -> Appointed:
    """A chat admin leads the group from now on. Raises what `appoint` raises.

    `message_id` is Telegram's number of the card that was tapped, None where it was no card.
    """
    group = groups.here(connection, group_id, chat_telegram_id)
    if message_id is not None:
        groups.refresh_card(connection, group, message_id, bot_username, now, rules)
    return appoint(
        connection,
        actor,
        actor,
        chat_telegram_id,
        is_chat_admin=is_chat_admin,
        bot_username=bot_username,
        now=now,
        rules=rules,
        reply_key=reply_key,
    )


def appoint(
    connection: Connection,
    appointed: Actor,
    by: Actor,
    chat_telegram_id: int,
    *,
    is_chat_admin: bool,
    bot_username: str,
    now: datetime,
    rules: Rules,
    reply_key: str,
) -> Appointed:
    """Make somebody a leader of the chat's group; the group is told, and the leader if they can be reached.

    Leaders and admins may always; a Telegram chat admin only while nobody leads.
    Raises Refusal: not_registered, has_leader, not_chat_admin.
    """
    group = access.group_of_chat(connection, chat_telegram_id)
    queries.lock(connection, group.id)
    _require_appointer(connection, group.id, people.meet(connection, by, now).id, is_chat_admin)
    leader = people.meet(connection, appointed, now)
    before = access_queries.role(connection, leader.id, group.id) or NOBODY
    if before == access.LEADER:
        return Appointed(leader.name, repeated=True)
    queries.join(connection, group.id, leader.id, now)
    queries.set_role(connection, group.id, leader.id, access.LEADER)
    audit.add(
        connection,
        now,
        by.telegram_id,
        "appoint_leader",
        group_id=group.id,
        subject=f"person:{leader.id}:{before}",
    )
    _tell_of(connection, group, leader, appointed, by, bot_username, now, rules, reply_key)
    menus.refresh(connection, leader.id, now)
    groups.refresh_newest_card(connection, group.id, now, rules)
    return Appointed(leader.name, repeated=False)


def _tell_of(
    connection: Connection,
    group: Any,
    leader: people.Known,
    appointed: Actor,
    by: Actor,
    bot_username: str,
    now: datetime,
    rules: Rules,
    reply_key: str,
) -> None:
    """The group reads one line, with ⟦Undo⟧; the new leader a message of their own."""
    link = f"https://t.me/{bot_username}?start=manage_{group.id}"
    buttons = [[("button.open_private", link)], [("button.undo", f"unlead:{group.id}:{leader.id}")]]
    role_notices.announce(connection, group, "groups.leader", key=reply_key, now=now, buttons=buttons, name=leader.name)
    role_notices.tell(
        connection,
        leader,
        group,
        "groups.you_lead",
        key=reply_key,
        now=now,
        rules=rules,
        said=appointed.language_code,
        at_once=appointed.telegram_id == by.telegram_id,
    )


def take_back(
    connection: Connection,
    group_id: int,
    person_id: int,
    actor: Actor,
    chat_telegram_id: int,
    *,
    now: datetime,
    rules: Rules,
    reply_key: str,
) -> Named:
    """⟦Undo⟧ under the line that names a new leader: for a minute, by whoever appointed them or may appoint.

    Raises Refusal: not_registered, undo_too_late, may_not_appoint.
    """
    group = groups.here(connection, group_id, chat_telegram_id)
    queries.lock(connection, group_id)
    act = roster_queries.last_act(connection, group_id, "appoint_leader", f"person:{person_id}:")
    undo.require_in_time(act.at if act is not None else None, now)
    assert act is not None
    known = people.find(connection, actor.telegram_id)
    if act.actor_id != actor.telegram_id and (known is None or not access.may_appoint(connection, known.id, group_id)):
        raise Refusal("may_not_appoint")
    row = queries.member(connection, group_id, person_id)
    if row is None or row.role != access.LEADER:
        raise Refusal("undo_too_late")
    before = act.subject.rsplit(":", 1)[1]
    if before == NOBODY:
        queries.leave(connection, group_id, person_id, now)
    else:
        queries.set_role(connection, group_id, person_id, before)
    audit.add(connection, now, actor.telegram_id, "undo_appoint", group_id=group_id, subject=f"person:{person_id}")
    role_notices.tell(connection, row, group, "leaders.appointment_undone_you", key=reply_key, now=now, rules=rules)
    menus.refresh(connection, person_id, now)
    groups.refresh_newest_card(connection, group_id, now, rules)
    return Named(person_id, row.public_name)


def page(connection: Connection, group_id: int, actor: Actor, now: datetime) -> Page:
    """Who leads a group, for its members and admins. Raises Refusal: not_member."""
    known, group = led(connection, group_id, actor)
    role = access_queries.role(connection, known.id, group_id)
    if role is None and not access.administers(connection, known.id, group_id):
        raise Refusal("not_member")
    rows = queries.with_roles(connection, group_id, (access.LEADER, access.DEPUTY))
    invited = roster_queries.invitation_from(connection, group_id, known.id, now)
    return Page(
        group_id,
        group.name,
        tuple(Named(row.id, row.name) for row in rows if row.role == access.LEADER),
        tuple(Named(row.id, row.name) for row in rows if row.role == access.DEPUTY),
        access.may_appoint(connection, known.id, group_id),
        role == access.LEADER,
        role == access.DEPUTY,
        invited,
    )


def choice(connection: Connection, group_id: int, page: int, actor: Actor, *, deputies_too: bool) -> Choice:
    """Members who could become deputy, or, with the deputies, leader. Raises Refusal: may_not_appoint."""
    group = require_appointer(connection, group_id, actor)[1]
    roles = (access.DEPUTY, access.MEMBER) if deputies_too else (access.MEMBER,)
    count = roster_queries.count(connection, group_id, roles)
    pages = max(1, -(-count // SHOWN))
    page = min(max(page, 0), pages - 1)
    rows = roster_queries.people(connection, group_id, roles, SHOWN, page * SHOWN)
    return Choice(group_id, group.name, tuple(Named(row.id, row.name) for row in rows), page, pages)


def set_role(
    connection: Connection,
    group_id: int,
    person_id: int,
    role: str,
    actor: Actor,
    *,
    now: datetime,
    rules: Rules,
    reply_key: str,
) -> Change:
    """Make a member a deputy, or a deputy a member again; they are told. An admin may dismiss a leader, too.

    Raises Refusal: may_not_appoint, person_left.
    """
    queries.lock(connection, group_id)
    known, group = require_appointer(connection, group_id, actor)
    row = queries.member(connection, group_id, person_id)
    if row is None:
        raise Refusal("person_left")
    person = Named(person_id, row.name)
    if row.role == role or (row.role == access.LEADER and role == access.DEPUTY):
        return Change(person, row.role, repeated=True)
    if row.role == access.LEADER and not access.administers(connection, known.id, group_id):
        raise Refusal("may_not_appoint")
    queries.set_role(connection, group_id, person_id, role)
    code = "appoint_deputy" if role == access.DEPUTY else f"dismiss_{row.role}"
    audit.add(connection, now, actor.telegram_id, code, group_id=group_id, subject=f"person:{person_id}")
    role_notices.tell(connection, row, group, f"leaders.{code}_you", key=reply_key, now=now, rules=rules)
    menus.refresh(connection, person_id, now)
    if row.role == access.LEADER:
        without_leader(connection, group, row, now, rules, reply_key)
    return Change(person, role, repeated=False)


def without_leader(
    connection: Connection, group: Any, person: Any, now: datetime, rules: Rules, reply_key: str
) -> None:
    """Somebody leads no longer: the card says who does, and where nobody is left, the group is told what to do."""
    roster_queries.withdraw_invitation(connection, group.id, person.id)
    groups.refresh_newest_card(connection, group.id, now, rules)
    if queries.leader_names(connection, group.id):
        return
    role_notices.announce(
        connection,
        group,
        "leaders.nobody_leads",
        key=f"{reply_key}:line",
        now=now,
        buttons=[[("button.lead", f"lead:{group.id}:1")]],
        name=person.public_name,
    )


def led(connection: Connection, group_id: int, actor: Actor) -> tuple[people.Known, Any]:
    """The actor and the group of a button. Raises Refusal: not_member for whom we never met, not_registered."""
    known = people.find(connection, actor.telegram_id)
    if known is None:
        raise Refusal("not_member")
    group = access_queries.group(connection, group_id)
    if group is None:
        raise Refusal("not_registered")
    return known, group


def require_appointer(connection: Connection, group_id: int, actor: Actor) -> tuple[people.Known, Any]:
    """The actor and the group, if they may change roles in it. Raises Refusal: may_not_appoint."""
    known, group = led(connection, group_id, actor)
    if not access.may_appoint(connection, known.id, group_id):
        raise Refusal("may_not_appoint")
    return known, group


def _require_appointer(connection: Connection, group_id: int, person_id: int, is_chat_admin: bool) -> None:
    if access.may_appoint(connection, person_id, group_id):
        return
    leading = queries.leader_names(connection, group_id)
    if leading:
        raise Refusal("has_leader", leader=leading[0][:SHOWN_NAME])
    if not is_chat_admin:
        raise Refusal("not_chat_admin")
