"""Study groups: the bot's coming and going, registering a chat, joining and leaving."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import access as access_queries
from db.queries import groups as queries
from db.queries import people as people_queries
from db.queries import registration as registration_queries
from domain.deliveries import Policy
from domain.errors import Refusal
from domain.people import Actor
from services import access, deliveries, people, undo
from services.rules import Rules

CARD: Final = "group_card"
CARD_LIVE: Final = "group_card_live"

SETUP_LINK: Final = "reg"
"""The purpose of the link to a group's first settings, and its prefix."""

SETUP_NAME: Final = "setup_name"
"""What is waited for while the first settings ask for the group's name."""

GREETING_DELAY: Final = timedelta(seconds=2)
"""How long a greeting waits: a group that becomes a supergroup looks new until Telegram tells of the move."""


@dataclass(frozen=True, slots=True)
class Joined:
    """What joining came to; `reachable` says whether private reminders can arrive."""

    group: str
    repeated: bool
    reachable: bool


@dataclass(frozen=True, slots=True)
class Card:
    """The message of a group with the ⟦Join⟧ button; `message_id` is None for one that is still to be sent."""

    group_id: int
    name: str
    language: str
    members: int
    leaders: tuple[str, ...]
    bot_username: str
    message_id: int | None = None
    setup_token: str | None = None  # of the link to the first settings, while it works
    undoable: bool = False


def greet(
    connection: Connection,
    chat_telegram_id: int,
    update_id: int,
    *,
    is_chat_admin: bool,
    language: str,
    now: datetime,
) -> None:
    """The bot came into a group: say what it does, once for each coming.

    A registered group that was never left, such as one that just became a supergroup, is not greeted.
    """
    known = queries.has_group(connection, chat_telegram_id)
    if known and not queries.is_lost(connection, chat_telegram_id):
        return
    chat_id = people_queries.chat_id(connection, chat_telegram_id, "group")
    text = "groups.back" if known else "groups.greeting_admin" if is_chat_admin else "groups.greeting"
    deliveries.reply(
        connection,
        key=f"greeting:{chat_id}:{update_id}",
        chat_id=chat_id,
        text=text,
        language=language,
        now=now + GREETING_DELAY,
        buttons=[] if known else [[("button.register", "register")]],
    )


def lose(connection: Connection, chat_telegram_id: int) -> None:
    """The bot was removed from a chat, or blocked: nothing is sent there until it is back."""
    queries.lose_chat(connection, chat_telegram_id)


def move(connection: Connection, old_telegram_id: int, new_telegram_id: int) -> None:
    """A group became a supergroup and has another number.

    Telegram may tell of the bot in the new chat before it tells of the move; what that left gives way.
    """
    if queries.has_group(connection, old_telegram_id):
        queries.drop_groupless_chat(connection, new_telegram_id)
    deliveries.rekey_chat(connection, old_telegram_id, new_telegram_id)
    people_queries.chat_id(connection, new_telegram_id, "group")  # where it is, it can be reached


def post_card(
    connection: Connection, group_id: int, chat_id: int, bot_username: str, reply_key: str, now: datetime
) -> None:
    """Answer with the group's card."""
    deliveries.enqueue(
        connection,
        key=reply_key,
        kind=CARD,
        destination_id=chat_id,
        payload={"group_id": group_id, "bot_username": bot_username},
        due_at=now,
        expires_at=now + deliveries.REPLY_EXPIRES,
        priority=deliveries.REPLY,
    )


def card(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Card | None:
    """A group as it stands, for the message with the ⟦Join⟧ button; None where there is no such group."""
    group = access_queries.group(connection, int(payload["group_id"]))
    if group is None:
        return None
    return Card(
        group.id,
        group.name,
        group.language,
        queries.count_members(connection, group.id),
        tuple(queries.leader_names(connection, group.id)),
        payload["bot_username"],
        payload.get("message_id"),
        registration_queries.link_to(connection, SETUP_LINK, group.id, now),
        now < group.created_at + undo.UNDO_WITHIN,
    )


def card_sent(connection: Connection, payload: Mapping[str, Any], message_id: int, now: datetime) -> None:
    """The card hangs in the chat: its ⟦Undo⟧ goes when the minute is over."""
    group = access_queries.group(connection, int(payload["group_id"]))
    if group is None or now >= group.created_at + undo.UNDO_WITHIN:
        return
    over = group.created_at + undo.UNDO_WITHIN + timedelta(seconds=1)
    deliveries.enqueue(
        connection,
        key=f"group:{group.id}:undo_over:{message_id}",
        kind=CARD_LIVE,
        destination_id=group.chat_id,
        payload={**payload, "message_id": message_id},
        due_at=over,
        expires_at=over + timedelta(days=1),
        policy=Policy.REPEAT,
        priority=deliveries.LIVE,
    )


def card_at(connection: Connection, chat_telegram_id: int, bot_username: str, now: datetime) -> Card | None:
    """The card of the group registered in a chat, if one is."""
    group = access_queries.group_of_chat(connection, chat_telegram_id)
    return card(connection, {"group_id": group.id, "bot_username": bot_username}, now) if group is not None else None


def refresh_card(
    connection: Connection, group: Any, message_id: int, bot_username: str, now: datetime, rules: Rules
) -> None:
    """Bring the numbers on the card that was tapped up to date, soon."""
    deliveries.refresh(
        connection,
        key=f"group:{group.id}:{CARD_LIVE}:{message_id}",
        kind=CARD_LIVE,
        destination_id=group.chat_id,
        payload={"group_id": group.id, "message_id": message_id, "bot_username": bot_username},
        now=now,
        every=rules.live_every,
        expires_at=now + timedelta(days=1),
    )


def refresh_newest_card(connection: Connection, group_id: int, now: datetime, rules: Rules) -> None:
    """Bring the card that hangs in the group's chat up to date, for a change that was made elsewhere."""
    group = access_queries.group(connection, group_id)
    card = queries.card_of(connection, group.chat_id, CARD) if group is not None else None
    if card is not None:
        refresh_card(connection, group, card.message_id, card.payload["bot_username"], now, rules)


def join(
    connection: Connection,
    group_id: int,
    actor: Actor,
    chat_telegram_id: int,
    *,
    message_id: int,
    bot_username: str,
    now: datetime,
    rules: Rules,
) -> Joined:
    """Somebody joins in the group's own chat; a second time changes nothing. Raises Refusal: not_registered.

    `message_id` is Telegram's number of the card that was tapped.
    """
    group = here(connection, group_id, chat_telegram_id)
    person = people.meet(connection, actor, now)
    repeated = access_queries.role(connection, person.id, group.id) is not None
    if not repeated:
        queries.join(connection, group.id, person.id, now)
        refresh_card(connection, group, message_id, bot_username, now, rules)
    return Joined(group.name, repeated, person.chat_id is not None and person.private_reminders)


def here(connection: Connection, group_id: int, chat_telegram_id: int) -> Any:
    """The group of a button, if it was tapped in the group's own chat: an id from a button grants nothing."""
    group = access.group_of_chat(connection, chat_telegram_id)
    if group.id != group_id:
        raise Refusal("not_registered")
    return group
