"""SQL of answers that are waited for, and of commands that wait for a confirmation."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from db.queries.inbox import upsert
from db.tables import awaited
from db.tables import unverified as kept


def put(connection: Connection, telegram_id: int, purpose: str, numbers: list[int], expires_at: datetime) -> None:
    """Wait for this, and no longer for anything else."""
    values = {"purpose": purpose, "numbers": numbers, "expires_at": expires_at}
    statement = upsert(connection)(awaited).values(telegram_id=telegram_id, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["telegram_id"], set_=values))


def find(connection: Connection, telegram_id: int, now: datetime) -> Any | None:
    """What is waited for in a private chat."""
    query = select(awaited).where(awaited.c.telegram_id == telegram_id, awaited.c.expires_at > now)
    return connection.execute(query).one_or_none()


def remove(connection: Connection, telegram_id: int) -> None:
    """Wait no longer."""
    connection.execute(delete(awaited).where(awaited.c.telegram_id == telegram_id))


def keep_unverified(connection: Connection, chat_telegram_id: int, text: str, expires_at: datetime) -> int:
    """Keep a command; its number."""
    statement = insert(kept).values(chat_telegram_id=chat_telegram_id, text=text, expires_at=expires_at)
    return int(connection.execute(statement.returning(kept.c.id)).scalar_one())


def unverified(connection: Connection, number: int, now: datetime) -> Any | None:
    """A kept command that can still be confirmed."""
    return connection.execute(select(kept).where(kept.c.id == number, kept.c.expires_at > now)).one_or_none()


def remove_unverified(connection: Connection, number: int) -> bool:
    """A command is carried out; False where it was before."""
    return connection.execute(delete(kept).where(kept.c.id == number)).rowcount == 1


def prune(connection: Connection, now: datetime) -> None:
    """Delete what is over."""
    connection.execute(delete(awaited).where(awaited.c.expires_at <= now))
    connection.execute(delete(kept).where(kept.c.expires_at <= now))
