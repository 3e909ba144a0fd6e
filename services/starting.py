"""What somebody does first: press Start, choose a language and private reminders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from db.queries import sessions as session_queries
from domain.people import Actor
from services import access, deliveries, menus, people


@dataclass(frozen=True, slots=True)
class FirstPage:
    """The first page as a reply's payload holds it: a key of texts/ with its values, and the ways on."""

    text: str
    values: Mapping[str, Any]
    buttons: Sequence[Sequence[tuple[str, str]]]


def start(
    connection: Connection,
    actor: Actor,
    *,
    bot_username: str,
    language: str,
    now: datetime,
    reply_key: str,
) -> None:
    """Somebody pressed Start: greet them, and from now on they can be written to."""
    known = _arrive(connection, actor, language, now)
    assert known.chat_id is not None
    page = first_page(connection, actor, bot_username, now)
    deliveries.reply(
        connection,
        key=reply_key,
        chat_id=known.chat_id,
        text=page.text,
        values=page.values,
        language=language,
        now=now,
        buttons=page.buttons,
    )


def _arrive(connection: Connection, actor: Actor, language: str, now: datetime) -> people.Known:
    """Somebody opened the private chat; what Telegram says of their language holds until they choose one."""
    known = people.start(connection, actor, now)
    if known.language is None and actor.language_code:
        people.choose_language(connection, actor, language, now)
    menus.refresh(connection, known.id, now)
    return known


def first_page(connection: Connection, actor: Actor, bot_username: str, now: datetime) -> FirstPage:
    """What the bot does, one's number by which an operator can appoint one, and for members what comes next."""
    buttons = [
        [("button.add_to_group", f"https://t.me/{bot_username}?startgroup=new")],
        [("button.mine", "mine"), ("button.language", "lang")],
    ]
    values: dict[str, Any] = {"number": actor.telegram_id}
    known = people.find(connection, actor.telegram_id)
    groups = [group.id for group in access.groups_of(connection, known.id)] if known is not None else []
    coming = session_queries.coming(connection, groups, now, 1) if groups else ()
    if not coming:
        return FirstPage("start.greeting", values, buttons)
    values["title"] = coming[0].title
    values["at"] = deliveries.moment_value(coming[0].starts_at, coming[0].time_zone)
    return FirstPage("start.greeting_next", values, buttons)


def allow_reminders(connection: Connection, actor: Actor, *, language: str, now: datetime, reply_key: str) -> None:
    """Somebody opened the link that asks for private reminders: that is the consent to be written to."""
    people.set_private_reminders(connection, actor, True, now)
    chat_id = _arrive(connection, actor, language, now).chat_id
    assert chat_id is not None
    deliveries.reply(
        connection,
        key=reply_key,
        chat_id=chat_id,
        text="start.reminders_on",
        language=language,
        now=now,
        buttons=[[("button.reminders_off", "remind:0")]],
    )


def choose_language(connection: Connection, actor: Actor, language: str, *, now: datetime) -> None:
    """The language somebody wants to be spoken to in; their menu follows."""
    people.choose_language(connection, actor, language, now)
    menus.refresh(connection, people.meet(connection, actor, now).id, now)
