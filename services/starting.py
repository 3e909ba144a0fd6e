"""What somebody does first: press Start, choose private reminders, ask what they can do."""

from datetime import datetime

from sqlalchemy import Connection

from domain.people import Actor
from services import deliveries, menus, people


def start(
    connection: Connection,
    actor: Actor,
    *,
    bot_username: str,
    language: str,
    now: datetime,
    reply_key: str,
) -> None:
    """Somebody pressed Start: greet them, with the number by which an operator can appoint them."""
    known = people.start(connection, actor, now)
    assert known.chat_id is not None
    menus.refresh(connection, known.id, now)
    deliveries.reply(
        connection,
        key=reply_key,
        chat_id=known.chat_id,
        text="start.greeting",
        values={"number": actor.telegram_id},
        language=language,
        now=now,
        buttons=greeting_buttons(bot_username),
    )


def greeting_buttons(bot_username: str) -> list[list[tuple[str, str]]]:
    """The three ways on from the greeting."""
    return [
        [("button.add_to_group", f"https://t.me/{bot_username}?startgroup=new")],
        [("button.mine", "mine"), ("button.language", "lang")],
    ]


def allow_reminders(connection: Connection, actor: Actor, *, language: str, now: datetime, reply_key: str) -> None:
    """Somebody opened the link that asks for private reminders: that is the consent to be written to."""
    people.set_private_reminders(connection, actor, True, now)
    chat_id = people.start(connection, actor, now).chat_id
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
