"""Copies of the database, as those who run the bot hear of them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from db.queries import people as queries
from services import deliveries


def people(connection: Connection) -> frozenset[tuple[int, datetime]]:
    """The rows of people and when they were made: no such row is ever removed, so a copy has those of its day."""
    return frozenset(queries.rows_made(connection))


def tell(connection: Connection, operators: Iterable[int], why: str, now: datetime) -> None:
    """Tell whoever runs the bot that a copy failed, once a day, in private."""
    for number in operators:
        row = queries.by_telegram_id(connection, number)
        if row is not None and row.chat_id is not None:
            deliveries.reply(
                connection,
                key=f"backup:{row.id}:{now:%Y-%m-%d}",
                chat_id=row.chat_id,
                text="backups.failed",
                values={"why": why},
                language=row.language or "zh-CN",
                now=now,
                lasts=timedelta(days=1),
            )
