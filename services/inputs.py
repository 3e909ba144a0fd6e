"""What the bot waits for in somebody's private chat: the next text or file there is the answer to it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from db.queries import inputs as queries
from domain.errors import Refusal

WAITS: Final = timedelta(minutes=30)
"""How long an answer is waited for; what comes later is a message of its own."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """What is waited for: an input that a feature declares, and which session, group … it is for."""

    purpose: str
    numbers: tuple[int, ...]


def ask(connection: Connection, telegram_id: int, purpose: str, *numbers: int, now: datetime) -> None:
    """From now on wait for an answer in this person's private chat, and for nothing else."""
    queries.put(connection, telegram_id, purpose, list(numbers), now + WAITS)


def awaited(connection: Connection, telegram_id: int, now: datetime) -> Awaited | None:
    """What is waited for there; None where nothing is, or not any more."""
    row = queries.find(connection, telegram_id, now)
    return None if row is None else Awaited(row.purpose, tuple(row.numbers))


def answered(connection: Connection, telegram_id: int) -> None:
    """Wait no longer."""
    queries.remove(connection, telegram_id)


def prune(connection: Connection, now: datetime) -> None:
    """Forget what was never answered or confirmed."""
    queries.prune(connection, now)


@dataclass(frozen=True, slots=True)
class Unverified:
    """A command of an anonymous admin: where it was sent and what it said."""

    chat_telegram_id: int
    text: str


VERIFY_WITHIN: Final = timedelta(seconds=60)
"""How long an anonymous admin has to confirm."""


def keep_unverified(connection: Connection, chat_telegram_id: int, text: str, *, now: datetime) -> int:
    """Keep a command until whoever sent it has confirmed who they are; the number for the button."""
    return queries.keep_unverified(connection, chat_telegram_id, text, now + VERIFY_WITHIN)


def unverified(connection: Connection, number: int, now: datetime) -> Unverified | None:
    """A kept command; None once it is carried out, or its time is over."""
    row = queries.unverified(connection, number, now)
    return None if row is None else Unverified(row.chat_telegram_id, row.text)


def verified(connection: Connection, number: int) -> None:
    """A kept command is carried out. Raises Refusal `confirmed_too_late` where somebody else has just done so."""
    if not queries.remove_unverified(connection, number):
        raise Refusal("confirmed_too_late")
