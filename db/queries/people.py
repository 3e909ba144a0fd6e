"""SQL of people, chats and the languages chosen there."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from db.queries.inbox import upsert
from db.tables import chat, person, study_group

_BY_TELEGRAM = select(person).where(person.c.telegram_id == bindparam("telegram_id"))
_LANGUAGE = select(person.c.language).where(person.c.telegram_id == bindparam("telegram_id"))


def by_telegram_id(connection: Connection, telegram_id: int) -> Any | None:
    """The person with this numeric id."""
    return connection.execute(_BY_TELEGRAM, {"telegram_id": telegram_id}).one_or_none()


def rows_made(connection: Connection) -> list[tuple[int, datetime]]:
    """Every row, and when it was made."""
    return [(row.id, row.created_at) for row in connection.execute(select(person.c.id, person.c.created_at))]


def by_id(connection: Connection, person_id: int) -> Any:
    """The person with our own id."""
    return connection.execute(select(person).where(person.c.id == person_id)).one()


def add(connection: Connection, telegram_id: int, name: str, now: datetime) -> int:
    """Meet somebody; their id, also where another replica met them in the same moment."""
    statement = upsert(connection)(person).values(telegram_id=telegram_id, name=name, created_at=now)
    statement = statement.on_conflict_do_update(index_elements=["telegram_id"], set_={"name": statement.excluded.name})
    return int(connection.execute(statement.returning(person.c.id)).scalar_one())


def change(connection: Connection, person_id: int, **values: object) -> None:
    """Change columns of a person."""
    connection.execute(update(person).where(person.c.id == person_id).values(**values))


def chat_id(connection: Connection, telegram_id: int, kind: str) -> int:
    """Our row for a Telegram chat, made where it is missing, and reachable (again)."""
    found = connection.execute(select(chat.c.id, chat.c.state).where(chat.c.telegram_id == telegram_id)).one_or_none()
    if found is None:
        statement = upsert(connection)(chat).values(telegram_id=telegram_id, kind=kind)
        statement = statement.on_conflict_do_update(index_elements=["telegram_id"], set_={"state": "active"})
        return int(connection.execute(statement.returning(chat.c.id)).scalar_one())
    if found.state != "active":
        connection.execute(update(chat).where(chat.c.id == found.id).values(state="active"))
    return int(found.id)


def change_chat(connection: Connection, row_id: int, **values: object) -> None:
    """Change columns of a chat: its number after a migration, its state when it is gone."""
    connection.execute(update(chat).where(chat.c.id == row_id).values(**values))


def language_at(connection: Connection, telegram_id: int) -> str | None:
    """The language chosen by a person (positive id) or set for a group (negative id)."""
    if telegram_id > 0:
        return connection.execute(_LANGUAGE, {"telegram_id": telegram_id}).scalar()
    return connection.execute(
        select(study_group.c.language).join(chat).where(chat.c.telegram_id == telegram_id)
    ).scalar()


def quiet_hours(connection: Connection, chat_id: int) -> Any | None:
    """What whoever has this private chat set as quiet hours and time zone."""
    query = select(person.c.quiet_from, person.c.quiet_to, person.c.time_zone).where(person.c.chat_id == chat_id)
    return connection.execute(query).first()
