"""Opens the database that a URL names."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from sqlalchemy import Connection, make_url

from db.sqlite import SqliteStore, make_engine

if TYPE_CHECKING:
    from db.postgres import PostgresStore

T = TypeVar("T")

Store: TypeAlias = "SqliteStore | PostgresStore"


def open_store(url: str) -> Store:
    """The store of a `sqlite:///path` or `postgresql://…` URL. Raises ValueError for any other."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return SqliteStore(sqlite_path(url))
    if parsed.get_backend_name() == "postgresql":
        from db.postgres import PostgresStore  # its driver is loaded only where it is used

        return PostgresStore(async_url(url))
    raise ValueError("database.url must begin with sqlite:/// or postgresql://")


def is_sqlite(url: str) -> bool:
    """Whether the URL names a SQLite file."""
    return make_url(url).get_backend_name() == "sqlite"


def sqlite_path(url: str) -> Path:
    """The file of a sqlite URL. Raises ValueError where there is none: an in-memory database keeps nothing."""
    database = make_url(url).database
    if not database or database == ":memory:":
        raise ValueError("database.url needs a file: sqlite:///data/bot.sqlite3")
    return Path(database)


def async_url(url: str) -> str:
    """The URL with the driver that we use for PostgreSQL."""
    return make_url(url).set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)


async def read_once(url: str, query: Callable[[Connection], T]) -> T:
    """Run one query beside a bot that may be running: on SQLite over a connection that cannot write."""
    if not is_sqlite(url):
        store = open_store(url)
        try:
            return await store.read(query)
        finally:
            await store.close()

    def read() -> T:
        engine = make_engine(sqlite_path(url), read_only=True)
        try:
            with engine.begin() as connection:
                return query(connection)
        finally:
            engine.dispose()

    return await asyncio.to_thread(read)
