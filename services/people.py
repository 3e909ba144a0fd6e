"""Meeting people: the same account is always the same person, under the name it has now."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from db.queries import people as queries
from domain import names
from domain.people import Actor

LONGEST_NAME: Final = 129
"""Characters of a first and a last name with the space between them (Bot API: 64 each)."""


@dataclass(frozen=True, slots=True)
class Known:
    """A person of ours; `chat_id` is their private chat's row, None until they pressed Start."""

    id: int
    telegram_id: int
    name: str
    language: str | None
    chat_id: int | None
    private_reminders: bool


def meet(connection: Connection, actor: Actor, now: datetime) -> Known:
    """The person behind an account, met for the first time or again; a new name is taken over."""
    name = usable_name(actor)
    row = queries.by_telegram_id(connection, actor.telegram_id)
    if row is None:
        person_id = queries.add(connection, actor.telegram_id, name, now)
        return Known(person_id, actor.telegram_id, name, None, None, False)
    if row.name != name:
        queries.change(connection, row.id, name=name)
    return Known(row.id, actor.telegram_id, name, row.language, row.chat_id, row.private_reminders)


def usable_name(actor: Actor) -> str:
    """What an account is called on one line; its number, where its name has nothing to see or to read."""
    return names.clean(names.clean(actor.name)[:LONGEST_NAME]) or str(actor.telegram_id)


def start(connection: Connection, actor: Actor, now: datetime) -> Known:
    """Somebody pressed Start: from now on we can write to them."""
    known = meet(connection, actor, now)
    chat_id = queries.chat_id(connection, actor.telegram_id, "private")
    if known.chat_id != chat_id:
        queries.change(connection, known.id, chat_id=chat_id)
    return Known(known.id, known.telegram_id, known.name, known.language, chat_id, known.private_reminders)


def find(connection: Connection, telegram_id: int) -> Known | None:
    """The person with this numeric Telegram id, None where we never met."""
    row = queries.by_telegram_id(connection, telegram_id)
    if row is None:
        return None
    return Known(row.id, telegram_id, row.name, row.language, row.chat_id, row.private_reminders)


def choose_language(connection: Connection, actor: Actor, language: str, now: datetime) -> None:
    """The language somebody wants to be spoken to in."""
    queries.change(connection, meet(connection, actor, now).id, language=language)


def set_private_reminders(connection: Connection, actor: Actor, wanted: bool, now: datetime) -> Known:
    """Turn private reminders on (the consent to be written to) or off."""
    known = start(connection, actor, now)
    queries.change(connection, known.id, private_reminders=wanted)
    return known


def language_at(connection: Connection, telegram_id: int) -> str | None:
    """The language chosen by a person, or set for a group; None: nothing was chosen."""
    return queries.language_at(connection, telegram_id)


def by_id(connection: Connection, person_id: int) -> Known:
    """The person with our own id, who exists."""
    row = queries.by_id(connection, person_id)
    return Known(row.id, row.telegram_id or 0, row.name, row.language, row.chat_id, row.private_reminders)


def chat_id(connection: Connection, telegram_id: int, kind: str) -> int:
    """Our row of a Telegram chat (`kind`: private or group), made where it is missing."""
    return queries.chat_id(connection, telegram_id, kind)
