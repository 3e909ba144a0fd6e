"""Rows 36 to 38 of the fault matrix: a damaged database, a migration that dies, and a copy that is put back."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from open_session import announce, open_session
from postgres_server import PostgresServer
from processes import ROOT, bot_process, sandbox_process
from scene import looked, seen, settled
from sqlalchemy import Connection, insert, inspect, make_url, select, text

from db import kill_points, migrate
from db.store import is_sqlite
from db.tables import delivery, unit
from services import deliveries
from services.closing import PROMPT

NOW = datetime.now(UTC)


def command(url: str, folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python -m bot …` on this database, without a token."""
    (folder / "config.toml").touch()
    settings = {"BOT_CONFIG": str(folder / "config.toml"), "BOT__DATABASE__URL": url}
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=ROOT,
        env={**os.environ, **settings, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def filled(path: Path) -> str:
    """A database of more than a few pages; its URL."""
    url = f"sqlite:///{path}"
    migrate.upgrade(url)
    rows = [{"name": f"支部{number}" * 20, "created_at": NOW} for number in range(500)]
    looked(url, lambda c: c.execute(insert(unit), rows))
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return url


def spoil(path: Path, first: int, pages: int) -> None:
    """Overwrite pages of a file, as a failing disk or a careless copy does."""
    with path.open("r+b") as file:
        file.seek(first * 4096)
        file.write(os.urandom(pages * 4096))


@pytest.mark.parametrize("first", [0, 30])
def test_row_36_a_damaged_database_is_left_alone_and_the_way_back_is_named(tmp_path: Path, first: int) -> None:
    database, copy = tmp_path / "bot.sqlite3", tmp_path / "copy.sqlite3"
    url = filled(database)
    assert command(url, tmp_path, "backup", str(copy)).returncode == 0
    spoil(database, first, 8)
    as_it_is = database.read_bytes()
    for arguments in (("run",), ("migrate",)):
        refused = command(url, tmp_path, *arguments)
        assert refused.returncode == 1
        assert "damaged" in refused.stderr
        assert "python -m bot restore FILE" in refused.stderr
        assert "Traceback" not in refused.stderr
    assert "damaged" in command(url, tmp_path, "check", "--offline").stdout
    assert database.read_bytes() == as_it_is
    restored = command(url, tmp_path, "restore", str(copy))
    assert restored.returncode == 0, restored.stderr
    assert looked(url, lambda c: len(c.execute(select(unit.c.id)).all())) == 500
    kept = next(path for path in tmp_path.iterdir() if path.name.endswith("before-restore-1"))
    assert kept.read_bytes() == as_it_is


OLD = "0003"
"""The revision that the dying migrations begin at; everything newer is walked through."""


def at_revision(url: str, revision: str) -> None:
    """A database as an older version of the bot left it, with a unit in it."""
    from alembic import command as alembic

    def run(connection: Connection) -> None:
        configuration = migrate.configuration()
        configuration.attributes["connection"] = connection
        alembic.upgrade(configuration, revision)
        connection.execute(text("INSERT INTO unit (name, created_at) VALUES ('支部', '2026-01-01 00:00:00')"))

    looked(url, run)


def schema(connection: Connection) -> tuple[Any, ...]:
    """The version that is written down, the columns of every table, and whether the unit is still there."""
    found = inspect(connection)
    tables = {table: sorted(column["name"] for column in found.get_columns(table)) for table in found.get_table_names()}
    version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return version, tables, connection.execute(text("SELECT count(*) FROM unit")).scalar()


def upgrade_that_dies(url: str, point: str, number: int) -> bool:
    """Migrate in a forked process that kills itself at the n-th passing; whether it did."""
    child = os.fork()
    if not child:
        os.environ["FAULT_KILL"] = f"{point}:{number}"
        kill_points.read_orders()
        migrate.upgrade(url)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    assert os.waitstatus_to_exitcode(status) == 0
    return False


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_row_37_a_migration_that_dies_at_any_step_leaves_the_old_schema_and_can_be_run_again(
    database_url: str,
) -> None:
    at_revision(database_url, OLD)
    before = looked(database_url, schema)
    deaths = 0
    for point in ("copied", "migrated") if is_sqlite(database_url) else ("migrated",):  # only a file is copied
        assert upgrade_that_dies(database_url, point, 1)
        assert looked(database_url, schema) == before
    while upgrade_that_dies(database_url, "migrating", deaths + 1):
        deaths += 1
        assert looked(database_url, schema) == before
    assert deaths > 5  # each statement of the migrations
    version, tables, units = looked(database_url, schema)
    assert (version, units) == (migrate.head(), 1)
    assert tables != before[1]
    assert not migrate.upgrade(database_url)
    print(f"\n{database_url.partition(':')[0]}: {deaths} statements, killed before each")


def copied_and_back(url: str, folder: Path, server: PostgresServer | None, meanwhile: Callable[[], None]) -> str:
    """Back up, let `meanwhile` happen, restore; the URL of what is restored (on PostgreSQL another, empty database)."""
    copy = folder / "copy"
    made = command(url, folder, "backup", str(copy))
    assert made.returncode == 0, made.stderr
    meanwhile()
    target = url
    if server is not None:
        name = f"{make_url(url).database}_back"
        server.create_database(name)
        target = server.url(name)
    restored = command(target, folder, "restore", str(copy))
    assert restored.returncode == 0, restored.stderr
    assert "messages that had fallen due" in restored.stdout
    return target


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_row_38_what_was_sent_since_the_copy_was_made_is_not_sent_again(
    database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    server = None if is_sqlite(database_url) else request.getfixturevalue("postgres_server")
    async with sandbox_process() as sandbox:
        group, leader = await sandbox.group("第一学习小组"), await sandbox.person("李明")
        await sandbox.press_start(leader)
        await asyncio.to_thread(migrate.upgrade, database_url)

        def plan(connection: Connection) -> None:
            began = datetime.now(UTC) - timedelta(hours=4)  # over, so that its leader is to be asked to close it
            made = open_session(connection, group["id"], [], leader["id"], began)
            announce(connection, made, datetime.now(UTC))
            for key, hours in (("tomorrow", 24), ("due now", 0)):
                deliveries.reply(
                    connection,
                    key=key,
                    chat_id=made.chat_row,
                    text="makeups.waits",
                    values={"title": key},
                    language="en",
                    now=datetime.now(UTC) + timedelta(hours=hours),
                )

        await asyncio.to_thread(looked, database_url, plan)

        def the_bot_runs_and_sends() -> None:
            asyncio.run(runs_once(sandbox.url, database_url, tmp_path))

        back = await asyncio.to_thread(copied_and_back, database_url, tmp_path, server, the_bot_runs_and_sends)
        before = [entry["params"]["text"] for entry in await sandbox.accepted("sendMessage")]
        assert any("due now" in said for said in before)
        async with bot_process(sandbox.url, back, tmp_path):
            await sandbox.say(leader, sandbox.private(leader), "/help")
            await sandbox.wait_until_idle(timeout=60)
            await seen(back, settled)
        after = [entry["params"]["text"] for entry in await sandbox.accepted("sendMessage")]
        assert sum("due now" in said for said in after) == 1
        assert sum("党课" in said for said in after) == sum("党课" in said for said in before)
        keyed = select(delivery.c.dedupe_key, delivery.c.state)
        rows = await asyncio.to_thread(looked, back, lambda c: c.execute(keyed).all())
        states = {row.dedupe_key: row.state for row in rows}
        assert (states["tomorrow"], states["due now"]) == ("pending", "skipped")
        prompts = [state for key, state in states.items() if f":{PROMPT}:" in key]
        assert prompts == ["skipped"]  # the bot asked the leader after the copy was made; the copy knew nothing of it
    if server is not None:
        server.drop_database(str(make_url(back).database))


async def runs_once(sandbox_url: str, url: str, folder: Path) -> None:
    """A bot that sends what is due, and stops."""
    async with bot_process(sandbox_url, url, folder):
        asked = select(delivery.c.id).where(delivery.c.kind == PROMPT, delivery.c.state.in_(("sent", "rejected")))
        await seen(url, lambda c: c.execute(asked).first() is not None)
        await seen(url, settled)
