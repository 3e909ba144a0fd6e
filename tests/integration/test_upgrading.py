"""A database of an earlier version is brought up to date with everything in it, and works.

`tests/schemas/NNNN.sql` holds rows of every table as schema NNNN had them; a new version adds one more file.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from open_session import engine_of
from sqlalchemy import Connection, MetaData, select

from db import migrate
from db.store import async_url, is_sqlite
from domain.attendance import Moment, Status
from domain.people import Actor
from services import checkins, leaderboards
from services.rules import Rules

NEWEST = ScriptDirectory.from_config(migrate.configuration()).get_current_head()
SCHEMAS = sorted((Path(__file__).parents[1] / "schemas").glob("*.sql"))
THEN = datetime(2026, 1, 8, 10, 50, tzinfo=UTC)


def within(url: str, work: Callable[[Connection], Any]) -> Any:
    engine = engine_of(url)
    try:
        with engine.begin() as connection:
            return work(connection)
    finally:
        engine.dispose()


def to_revision(url: str, revision: str) -> None:
    """Bring an empty database to an old schema."""
    from alembic import command

    def upgrade(connection: Connection) -> None:
        config = migrate.configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    if is_sqlite(url):
        within(url, upgrade)
        return

    async def over_asyncpg() -> None:
        from db import postgres

        engine = postgres.make_engine(async_url(url))
        try:
            async with engine.begin() as connection:
                await connection.run_sync(upgrade)
        finally:
            await engine.dispose()

    asyncio.run(over_asyncpg())


def continue_numbers(connection: Connection) -> None:
    """PostgreSQL does not notice numbers that were given."""
    for table in ("attendance", "attendance_change", "delivery", "audit"):
        connection.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), 100)")


def everything(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables, as the database itself describes them."""
    found = MetaData()
    found.reflect(connection)
    return {
        table.name: [dict(row._mapping) for row in connection.execute(select(table).order_by(*table.primary_key))]
        for table in found.sorted_tables
        if table.name != "alembic_version"
    }


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda path: path.stem)
def test_every_row_comes_along_and_the_bot_goes_on(database_url: str, schema: Path) -> None:
    to_revision(database_url, schema.stem)
    statements = [line for line in schema.read_text(encoding="utf-8").splitlines() if line.startswith("INSERT")]
    within(database_url, lambda c: [c.exec_driver_sql(statement) for statement in statements])
    if not is_sqlite(database_url):
        within(database_url, continue_numbers)
    before = within(database_url, everything)
    assert all(before.values()), [name for name, rows in before.items() if not rows]
    assert migrate.upgrade(database_url) == (schema.stem != NEWEST)
    after = within(database_url, everything)
    for name, rows in before.items():
        kept = [{column: row[column] for column in rows[0] if column in row} for row in after[name]]
        assert kept == [{column: row[column] for column in kept[0]} for row in rows], name
        assert set(kept[0]) == set(rows[0]), f"{name} has lost a column"
    within(database_url, goes_on)


def goes_on(connection: Connection) -> None:
    """Somebody checks in, and the board counts what was before."""
    actor = Actor(501, "李明")
    came = checkins.check_in(connection, 2, actor, -1001, Moment(THEN, None), now=THEN, rules=Rules())
    assert came.status is Status.PRESENT
    board = leaderboards.in_chat(connection, -1001, THEN + timedelta(hours=3))
    assert [place.name for place in board.shown] == ["李明"]
    assert board.tally.closed_sessions == 1
