"""Who leads a group: appointing leaders."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from db.queries import access as access_queries
from db.queries import audit
from db.queries import groups as queries
from domain.errors import Refusal
from domain.people import Actor
from services import access, deliveries, groups, menus, people
from services.rules import Rules


@dataclass(frozen=True, slots=True)
class Appointed:
    """Who leads now; `repeated` if they did before."""

    name: str
    repeated: bool


def volunteer(
    connection: Connection,
    group_id: int,
    actor: Actor,
    chat_telegram_id: int,
    *,
    is_chat_admin: bool,
    message_id: int,
    bot_username: str,
    now: datetime,
    rules: Rules,
    reply_key: str,
) -> Appointed:
    """A chat admin leads the group from now on. Raises what `appoint` raises."""
    group = groups.here(connection, group_id, chat_telegram_id)
    groups.refresh_card(connection, group, message_id, bot_username, now, rules)
    return appoint(
        connection,
        actor,
        actor,
        chat_telegram_id,
        is_chat_admin=is_chat_admin,
        bot_username=bot_username,
        now=now,
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
    if access_queries.role(connection, leader.id, group.id) == access.LEADER:
        return Appointed(leader.name, repeated=True)
    queries.join(connection, group.id, leader.id, now)
    queries.make_leader(connection, group.id, leader.id)
    audit.add(
        connection,
        now,
        by.telegram_id,
        "appoint_leader",
        group_id=group.id,
        subject=f"person:{leader.id}",
    )
    _announce(connection, group, leader, bot_username, now, reply_key)
    menus.refresh(connection, leader.id, now)
    return Appointed(leader.name, repeated=False)


def _require_appointer(connection: Connection, group_id: int, person_id: int, is_chat_admin: bool) -> None:
    if access.may_appoint(connection, person_id, group_id):
        return
    leading = queries.leader_names(connection, group_id)
    if leading:
        raise Refusal("has_leader", leader=leading[0])
    if not is_chat_admin:
        raise Refusal("not_chat_admin")


def _announce(
    connection: Connection,
    group: Any,
    leader: people.Known,
    bot_username: str,
    now: datetime,
    reply_key: str,
) -> None:
    deliveries.reply(
        connection,
        key=reply_key,
        chat_id=group.chat_id,
        text="groups.leader",
        values={"name": leader.name},
        language=group.language,
        now=now,
        buttons=[[("button.open_private", f"https://t.me/{bot_username}?start=leader")]],
    )
    if leader.chat_id is not None:
        deliveries.reply(
            connection,
            key=f"{reply_key}:leader",
            chat_id=leader.chat_id,
            text="groups.you_lead",
            values={"group_name": group.name},
            language=leader.language or group.language,
            now=now,
        )
