"""Registering a chat as a study group by one tap, and taking that back for a minute."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import access as access_queries
from db.queries import audit
from db.queries import groups as group_queries
from db.queries import people as people_queries
from db.queries import registration as queries
from domain import names
from domain.cadence import next_weekly
from domain.errors import Refusal
from domain.people import Actor
from services import access, groups, inputs, organisation, people, undo
from services.rules import Rules

LINK_LASTS: Final = timedelta(days=1)
"""How long the link to the first settings works."""

SHOWN_NAME: Final = 64
"""Characters of a group's name in a refusal, which is read in an alert of 200 characters."""

LONGEST_TITLE: Final = 128
"""Characters of a chat's title (Bot API, setChatTitle), which is a new group's name."""


def register(
    connection: Connection,
    actor: Actor,
    chat_telegram_id: int,
    title: str,
    *,
    is_chat_admin: bool,
    organisation_name: str,
    bot_username: str,
    rules: Rules,
    now: datetime,
    reply_key: str,
    token: str,
) -> int:
    """Make a chat a study group with what is usual; the registrant is its first member. Gives the group's id.

    `token` is the secret of the link by which its first settings can be changed for a day.
    Raises Refusal: already_registered, not_chat_admin.
    """
    found = access_queries.group_of_chat(connection, chat_telegram_id)
    if found is not None:
        raise Refusal("already_registered", group=found.name[:SHOWN_NAME])
    if not is_chat_admin:
        raise Refusal("not_chat_admin")
    registrant = people.meet(connection, actor, now)
    name = names.clean(title)[:LONGEST_TITLE] or str(chat_telegram_id)
    chat_id = people_queries.chat_id(connection, chat_telegram_id, "group")
    group_id = queries.add_group(
        connection,
        unit_id=organisation.root(connection, organisation_name, now),
        chat_id=chat_id,
        name=name,
        language=rules.language,
        time_zone=rules.time_zone,
        next_board_at=next_board(rules, rules.time_zone, now),
        created_at=now,
        created_by=registrant.id,
    )
    if group_id is None:  # somebody else registered it in this very moment
        raise Refusal("already_registered", group=name[:SHOWN_NAME])
    group_queries.join(connection, group_id, registrant.id, now)
    queries.drop_expired_links(connection, now)
    queries.add_link(connection, token, groups.SETUP_LINK, group_id, now + LINK_LASTS)
    audit.add(connection, now, actor.telegram_id, "register", group_id=group_id, subject=f"group:{group_id}")
    groups.post_card(connection, group_id, chat_id, bot_username, reply_key, now)
    return group_id


def unregister(
    connection: Connection, group_id: int, actor: Actor, chat_telegram_id: int, *, is_chat_admin: bool, now: datetime
) -> None:
    """⟦Undo⟧ under the card, for a minute: only if nothing has happened but the registration.

    Raises Refusal: not_registered, not_chat_admin, undo_too_late, group_in_use.
    """
    groups.here(connection, group_id, chat_telegram_id)
    group_queries.lock(connection, group_id)
    group = access.group_of_chat(connection, chat_telegram_id)
    person = people.meet(connection, actor, now)
    if person.id != group.created_by and not is_chat_admin:
        raise Refusal("not_chat_admin")
    undo.require_in_time(group.created_at, now)
    if queries.is_touched(connection, group_id, group.created_by):
        raise Refusal("group_in_use")
    queries.delete_group(connection, group_id)
    stop_waiting(connection, actor, now)
    audit.add(connection, now, actor.telegram_id, "unregister", unit_id=group.unit_id, subject=f"group:{group_id}")


def next_board(rules: Rules, zone: str, now: datetime) -> datetime:
    """When a group in that zone gets its next weekly leaderboard."""
    return next_weekly(rules.board_weekday, rules.board_time, ZoneInfo(zone), now)


def stop_waiting(connection: Connection, actor: Actor, now: datetime) -> None:
    """Wait for the group's name no longer; any other question that somebody was asked still stands."""
    waiting = inputs.awaited(connection, actor.telegram_id, now)
    if waiting is not None and waiting.purpose == groups.SETUP_NAME:
        inputs.answered(connection, actor.telegram_id)
