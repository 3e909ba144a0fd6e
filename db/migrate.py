"""Brings a database to the newest schema; on SQLite after a copy, taken with VACUUM INTO."""

import asyncio
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, event, inspect, text

from db import kill_points, sqlite
from db.store import async_url, is_sqlite, sqlite_path

if TYPE_CHECKING:
    from alembic.config import Config

_SCRIPTS = Path(__file__).parent / "migrations"
_LOCK = 7_203_117
"""Advisory lock of PostgreSQL: of several replicas that start together, one migrates and the others wait."""


class Damaged(Exception):
    """The file of a SQLite database is no sound database; it was left as it is. The message says what was found."""


def upgrade(url: str) -> bool:
    """Apply what is missing; whether there was anything. Blocking: call it before the loop or in a thread.

    Raises Damaged on SQLite: a bot that wrote into a damaged file would make the damage worse.
    """
    if is_sqlite(url):
        return _upgrade_sqlite(sqlite_path(url))
    return asyncio.run(_upgrade_postgres(async_url(url)))


def head() -> str:
    """The newest revision: migrations are numbered, 0001_….py, and form one line."""
    return max(path.name.split("_")[0] for path in (_SCRIPTS / "versions").glob("[0-9]*.py"))


def is_current(connection: Connection) -> bool:
    """Whether the schema is the newest. Asks without Alembic, which a start that migrates nothing does not load."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == head()


def look_through(path: Path) -> None:
    """Read a SQLite database from end to end, changing nothing. Raises Damaged.

    Skips only what `PRAGMA integrity_check` does beside that, comparing indexes with their tables, and so takes
    about 10 ms for 10 MB.
    """
    try:
        connection = sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=sqlite.BUSY_SECONDS)
        try:
            (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        finally:
            connection.close()
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        raise Damaged(str(error)) from None
    if said != "ok":
        raise Damaged(str(said).splitlines()[-1])


def copy_sqlite(source: Path, target: Path) -> None:
    """A consistent copy of a database that may be in use, readable by its owner only.

    Files are never copied as they lie: a write in the middle would tear them.
    """
    target.touch(mode=0o600, exist_ok=False)
    connection = sqlite3.connect(source, timeout=sqlite.BUSY_SECONDS)
    try:
        connection.execute("VACUUM INTO ?", (str(target),))
    finally:
        connection.close()


def configuration() -> "Config":
    """Alembic, pointed at our migrations."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.set_main_option("path_separator", "os")
    return config


def _apply(connection: Connection) -> bool:
    if is_current(connection):
        return False
    from alembic import command

    config = configuration()
    config.attributes["connection"] = connection
    event.listen(connection, "before_cursor_execute", lambda *_: kill_points.passing("migrating"))
    command.upgrade(config, "head")
    kill_points.passing("migrated")
    return True


def _upgrade_sqlite(path: Path) -> bool:
    path.parent.mkdir(parents=True, exist_ok=True)
    existed = path.exists()
    path.touch(mode=0o600)
    if existed:
        look_through(path)
    engine = sqlite.make_engine(path)
    try:
        with engine.begin() as connection:
            if is_current(connection):
                return False
        if existed:
            copy_sqlite(path, path.with_name(f"{path.stem}.before-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.sqlite3"))
            kill_points.passing("copied")
        # Changing a table makes it anew and drops the old one, which others refer to; checked when all is done.
        event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA foreign_keys=OFF"))
        with engine.begin() as connection:
            changed = _apply(connection)
            dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if dangling:
                raise Damaged(f"a row of {dangling[0][0]} refers to what is not there")
            return changed
    finally:
        engine.dispose()


async def _upgrade_postgres(url: str) -> bool:
    from db import postgres

    engine = postgres.make_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            return await connection.run_sync(_apply)
    finally:
        await engine.dispose()
