"""Rows 33 to 38 of the fault matrix: a database that is locked, full, away, damaged, half migrated or old."""

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from bot_stage import BotStage, bot_stage
from open_session import engine_of
from outbox_room import NOON, Notes, is_in, room
from postgres_server import PostgresServer
from processes import ROOT, Killable, bot_process, sandbox_process
from sqlalchemy import func, inspect, select, text
from test_rows_of_processes import PEOPLE, Scene, prepare, recorded, settled

from db import copies, migrate
from db.store import open_store, sqlite_path
from db.tables import attendance, metadata


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_row_33_a_locked_database_takes_nothing_in_and_loses_nothing(database_url: str, tmp_path: Path) -> None:
    async with sandbox_process() as sandbox:
        group, leader = await sandbox.group("第一学习小组"), await sandbox.person("李明")
        people = await sandbox.new_people(PEOPLE, group=group)
        made = await asyncio.to_thread(prepare, database_url, group, leader, people)
        async with bot_process(sandbox.url, database_url, tmp_path) as bot:
            s = Scene(sandbox, bot, database_url, group, leader, people, made)
            card = await s.card()
            await s.until(settled)
            engine = engine_of(database_url)
            with engine.connect() as connection:
                is_sqlite = engine.dialect.name == "sqlite"
                # Our engines begin every transaction on SQLite as one that writes.
                lock = "SELECT 1" if is_sqlite else "LOCK TABLE inbox IN EXCLUSIVE MODE"
                await asyncio.to_thread(connection.exec_driver_sql, lock)
                before = (await sandbox.updates())["confirmed"]
                await sandbox.tap_all(group, card, made.button, people)

                async def is_held_up() -> bool:
                    if is_sqlite:  # it has waited as long as SQLite does, and has to come back by its own means
                        log = await asyncio.to_thread((tmp_path / "bot.log").read_text)
                        return "polling_interrupted" in log
                    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
                    return bool(await asyncio.to_thread(lambda: connection.execute(waiting).scalar_one()))

                await sandbox.wait_for(is_held_up, timeout=60)
                assert (await sandbox.updates())["confirmed"] == before
                await asyncio.to_thread(connection.rollback)
            engine.dispose()
            await s.until(lambda c: recorded(c) == (PEOPLE, PEOPLE))


_LIMITED = """
import resource, runpy, sys
limit = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
sys.argv = ["bot", "run"]
runpy.run_module("bot", run_name="__main__")
"""


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_row_34_on_a_full_disk_nothing_is_said_that_is_not_kept(tmp_path: Path) -> None:
    """No file may grow any more, as on a full disk: what is not committed is not acknowledged."""
    url = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    async with sandbox_process() as sandbox:
        group, leader = await sandbox.group("第一学习小组"), await sandbox.person("李明")
        people = await sandbox.new_people(400, group=group)
        made = await asyncio.to_thread(prepare, url, group, leader, people)
        plain = bot_process(sandbox.url, url, tmp_path)
        async with plain:
            s = Scene(sandbox, plain, url, group, leader, people, made)
            card = await s.card()
            await s.until(settled)
        size = sqlite_path(url).stat().st_size
        limited = Killable(("-c", _LIMITED, str(size + 200_000)), plain._environment, tmp_path / "limited.log")
        async with limited:
            await sandbox.tap_all(group, card, made.button, people)

            async def full() -> bool:
                log = await asyncio.to_thread((tmp_path / "limited.log").read_text)
                return "database" in log or "polling_interrupted" in log or "disk" in log

            await sandbox.wait_for(full, timeout=60)
            confirmed = (await sandbox.updates())["confirmed_by_kind"].get("callback_query", 0)
            await limited.kill()
        with closing(sqlite3.connect(sqlite_path(url))) as connection:
            kept = connection.execute("SELECT count(*) FROM inbox WHERE state IN ('new', 'done')").fetchone()[0]
        assert confirmed <= kept
        async with bot_process(sandbox.url, url, tmp_path):
            await s.until(lambda c: recorded(c) == (400, 400), timeout=90)


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.timeout(180)
async def test_row_35_postgresql_goes_and_comes_back(postgres_server: PostgresServer, tmp_path: Path) -> None:
    assert postgres_server  # it is there: this one is of our own, because it dies
    server = await asyncio.to_thread(PostgresServer, tmp_path)
    await asyncio.to_thread(server.start)
    try:
        await asyncio.to_thread(server.create_database, "away")
        url = server.url("away")
        async with sandbox_process() as sandbox:
            group, leader = await sandbox.group("第一学习小组"), await sandbox.person("李明")
            people = await sandbox.new_people(PEOPLE, group=group)
            made = await asyncio.to_thread(prepare, url, group, leader, people)
            async with bot_process(sandbox.url, url, tmp_path) as bot:
                s = Scene(sandbox, bot, url, group, leader, people, made)
                card = await s.card()
                await s.until(settled)
                await sandbox.fault("editMessageText", {"hang": 3, "accept": True}, times=1)
                await sandbox.tap_all(group, card, made.button, people[:2])
                await s.until(lambda c: recorded(c) == (2, 2))
                await asyncio.to_thread(server.stop, "immediate")
                await sandbox.tap_all(group, card, made.button, people[2:])
                await asyncio.to_thread(server.resume)
                await s.until(lambda c: recorded(c) == (PEOPLE, PEOPLE), timeout=90)
                await s.lease_ends()
                await s.until(settled, timeout=90)
                assert await s.cards() == 1
    finally:
        await asyncio.to_thread(server.stop, "immediate")


def test_row_36_a_damaged_file_is_kept_and_the_way_back_is_told(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    migrate.upgrade(url)
    path = sqlite_path(url)
    damaged = bytearray(path.read_bytes())
    page = 4096
    for number in range(3, len(damaged) // page - 2, 5):
        damaged[number * page : number * page + page] = b"\xa5" * page
    path.write_bytes(damaged)
    environment = {"BOT__DATABASE__URL": url, "BOT__WEB__PORT": "0", "PATH": ""}
    finished = subprocess.run(
        [sys.executable, "-m", "bot", "run"], cwd=ROOT, env=environment, capture_output=True, timeout=60, check=False
    )
    said = finished.stderr.decode()
    assert finished.returncode == 1, said
    assert "damaged" in said
    assert "restore" in said
    assert "Traceback" not in said
    assert path.read_bytes() == bytes(damaged)


_KILLED = """
import os, signal, sys
from sqlalchemy import Engine, event
left = int(sys.argv[2])

@event.listens_for(Engine, "before_cursor_execute")
def count(*_):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)

from db import migrate
migrate.upgrade(sys.argv[1])
"""


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_row_37_a_migration_that_is_killed_is_done_or_not_and_runs_again(database_url: str) -> None:
    """Killed at one statement after another, each time further on, until it comes through."""
    killed = 0
    for statement in (*range(1, 12, 3), *range(12, 400, 23)):
        finished = subprocess.run(
            [sys.executable, "-c", _KILLED, database_url, str(statement)],
            cwd=ROOT,
            capture_output=True,
            timeout=60,
            check=False,
        )
        if finished.returncode == 0:
            break
        assert finished.returncode == -9, finished.stderr.decode()[-2000:]
        killed += 1
        engine = engine_of(database_url)
        with engine.connect() as connection:
            there = set(inspect(connection).get_table_names())
            revision = (
                connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
                if "alembic_version" in there
                else None
            )
            # All in one transaction: nothing of it, or all.
            assert revision in (None, migrate.head())
            assert (there >= set(metadata.tables)) == (revision == migrate.head())
        engine.dispose()
    assert killed >= 5
    migrate.upgrade(database_url)
    engine = engine_of(database_url)
    with engine.connect() as connection:
        assert migrate.is_current(connection)
        assert connection.execute(select(func.count()).select_from(attendance)).scalar_one() == 0
    engine.dispose()


async def test_row_38_what_a_restored_backup_has_due_in_the_past_is_not_sent_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    async with bot_stage(url, NOON) as stage:
        here, notes = await room(stage), Notes()
        for number in range(5):
            await here.enqueue(f"reminder {number}")
        copies.backup(url, tmp_path / "older.sqlite3")
        async with stage.ticking(notes.jobs) as ticker:
            for number in range(5):
                await stage.store.until(is_in(f"reminder {number}", "sent"))
                stage.monotonic += 2
                ticker.wake()
        assert len(await here.accepted()) == 5
        await stage.store.inner.close()
        copies.restore(url, tmp_path / "older.sqlite3")
        restored = BotStage(stage.sandbox, stage.bot, open_store(url), stage.clock)
        restored.clock.move(days=3)
        restored.monotonic += 3600
        async with restored.ticking(notes.jobs):
            for number in range(5):
                await restored.store.until(is_in(f"reminder {number}", "skipped"))
        await restored.store.inner.close()
        assert len(await here.accepted()) == 5
