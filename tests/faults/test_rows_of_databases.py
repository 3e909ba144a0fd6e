"""Rows 33 to 35 of the fault matrix: a database that is locked, full, or away."""

import asyncio
import contextlib
import os
import resource
import shutil
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from bot_stage import BotStage, bot_stage
from missing_parts import missing
from outbox_room import NOON, Notes, is_in, room
from postgres_server import PostgresServer
from scene import PEOPLE, Scene, looked, recorded, scene
from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.exc import OperationalError
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

import db.sqlite
from chat.context import Context
from chat.feature import Feature
from db.tables import audit, inbox
from domain.deliveries import Policy
from sandbox.client import Json


def write_down(connection: Connection, number: int, at: Any) -> None:
    connection.execute(insert(audit).values(at=at, actor_id=number, action="noted"))


async def note(_update: Any, context: Context, number: int) -> None:
    await context.write(write_down, number, context.now)
    await context.answer("noted")


async def noted(connection_of: BotStage) -> list[int]:
    query = select(audit.c.actor_id).order_by(audit.c.actor_id)
    return await connection_of.store.inner.read(lambda c: list(c.execute(query).scalars()))


NOTED = {"notes": Feature(taps={"note": note})}


async def tapped_by_many(stage: BotStage, numbers: range) -> None:
    """A press for each number."""
    li = await stage.sandbox.person("李明")
    group = await stage.sandbox.new_group(li, "小组", [], with_bot=True)
    button = InlineKeyboardButton("x", callback_data="note:0")
    sent = await stage.bot.send_message(group["id"], "x", reply_markup=InlineKeyboardMarkup([[button]]))
    message: Json = {"message_id": sent.message_id}
    for number in numbers:
        await stage.sandbox.tap_later(li, group, message, data=f"note:{number}", forge=True)


@pytest.fixture
async def sqlite_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[BotStage]:
    monkeypatch.setattr(db.sqlite, "BUSY_SECONDS", 0.1)  # the locks below are as patient as their number of tries
    async with bot_stage(f"sqlite:///{tmp_path / 'bot.sqlite3'}", NOON) as made:
        yield made


async def test_row_33_locked_for_30_seconds_nothing_is_acknowledged_and_then_all_is_handled(
    sqlite_stage: BotStage, tmp_path: Path
) -> None:
    stage = sqlite_stage
    intake = stage.intake(NOTED)
    waited = asyncio.Event()
    with contextlib.closing(sqlite3.connect(tmp_path / "bot.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        def look() -> None:
            if sum(stage.pauses.seconds) >= 30:
                waited.set()

        stage.pauses.then = look
        await tapped_by_many(stage, range(1, 21))
        before = (await stage.sandbox.updates())["pending"]
        async with stage.polling(intake) as poller:
            await asyncio.wait_for(waited.wait(), 30)
            assert poller.trouble == "Unavailable"
            assert (await stage.sandbox.updates())["pending"] == before  # nothing was acknowledged
            assert await stage.inbox_states() == {}
            assert (await stage.sandbox.ledger())["accepted"].get("answerCallbackQuery", 0) == 0
            other.execute("ROLLBACK")
            await stage.sandbox.wait_until_idle(timeout=30)
            await intake.drain()
    assert await noted(stage) == list(range(1, 21))


@asynccontextmanager
async def no_room_for_sqlite(here: Scene) -> AsyncIterator[None]:
    """The bot's process may write no file: each write to a disk ends as one to a full disk does."""
    _, hard = resource.prlimit(here.bot.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(here.bot.pid, resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.prlimit(here.bot.pid, resource.RLIMIT_FSIZE, (hard, hard))


async def nothing_is_said_while_full(here: Scene, card: Json) -> None:
    """Taps that come now are neither acknowledged nor recorded nor answered as if they were."""
    await here.sandbox.tap_all(here.group, card, here.made.button, here.people)

    await here.asks_again(2)
    assert (await here.sandbox.updates())["pending"] == PEOPLE
    assert (await here.sandbox.ledger())["accepted"].get("answerCallbackQuery", 0) == 0


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_row_34_full_disk_of_sqlite_nothing_is_said_to_be_recorded(tmp_path: Path) -> None:
    async with scene(f"sqlite:///{tmp_path / 'bot.sqlite3'}", tmp_path) as here:
        card = await here.card()
        async with no_room_for_sqlite(here):
            await nothing_is_said_while_full(here, card)
            assert await here.look(recorded) == (0, 0)
        await here.until(lambda c: recorded(c) == (PEOPLE, PEOPLE))
        left = select(func.count()).where(inbox.c.state != "done")
        await here.until(lambda c: c.execute(left).scalar_one() == 0)


@pytest.fixture
def small_disk(postgres_server: PostgresServer) -> Iterator[tuple[str, Path]]:
    """A database on a tablespace of its own small file system; and the folder where that is mounted."""
    folder = Path("/tmp") / f"small{os.getpid()}"  # PostgreSQL's user has to get there
    folder.mkdir()
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    try:
        mounting = [*sudo, "mount", "-t", "tmpfs", "-o", "size=24m,mode=777", "tmpfs", str(folder)]
        if subprocess.run(mounting, check=False).returncode:
            missing("a small disk takes the right to mount one (root, or sudo without a password)")
        try:
            yield postgres_server.create_database_in(folder / "space", "small"), folder
            postgres_server.drop_database("small")
            postgres_server.drop_space("small")
        finally:
            subprocess.run([*sudo, "umount", "-l", str(folder)], check=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.postgres
async def test_row_34_full_disk_of_postgresql_nothing_is_said_to_be_recorded(
    small_disk: tuple[str, Path], tmp_path: Path
) -> None:
    url, folder = small_disk
    async with scene(url, tmp_path) as here:
        card = await here.card()
        ballast = folder / "ballast"
        await asyncio.to_thread(fill_up, ballast)
        await asyncio.to_thread(use_up_its_pages, here)
        try:
            await nothing_is_said_while_full(here, card)
        finally:
            ballast.unlink()
        await here.until(lambda c: recorded(c) == (PEOPLE, PEOPLE))


def use_up_its_pages(here: Scene) -> None:
    """Use up what room is left inside the pages of the inbox, down to less than one update takes."""
    rows = (
        "INSERT INTO inbox (bot_id, update_id, raw, state, tries, received_at) "
        "SELECT 1, n, convert_to(repeat('x', 100), 'UTF8'), 'done', 0, now() FROM generate_series({0}, {0} + {1}) n"
    )
    first = 0

    def add(many: int) -> None:
        nonlocal first
        looked(here.url, lambda c: c.execute(text(rows.format(first, many))))
        first += many + 1

    for many in (1_000, 0):
        with pytest.raises(OperationalError, match="No space left"):  # noqa: PT012 - until it fails
            while True:
                add(many)


def fill_up(ballast: Path) -> None:
    """Write until nothing more goes in."""
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 4096)


async def test_row_35_postgresql_away_after_a_send_its_outcome_is_recorded_first(
    postgres_url: str, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bot_stage(postgres_url, NOON) as stage:
        here, notes = await room(stage), Notes()
        await here.enqueue("first", Policy.ONCE)
        await here.enqueue("second", priority=90)
        send, down = stage.sender.send, asyncio.Event()

        async def send_and_lose(*arguments: Any, **options: Any) -> Any:
            outcome = await send(*arguments, **options)
            if not down.is_set():
                await asyncio.to_thread(postgres_server.stop)
                down.set()
            return outcome

        monkeypatch.setattr(stage.sender, "send", send_and_lose)
        held = asyncio.Event()

        def look() -> None:
            if down.is_set() and len(stage.pauses.seconds) >= 5:
                held.set()

        stage.pauses.then = look
        try:
            async with stage.ticking(notes.jobs) as ticker:
                await asyncio.wait_for(held.wait(), 30)
                assert await here.accepted() == ["first"]
                await asyncio.to_thread(postgres_server.resume)
                down_no_more = await stage.store.until(is_in("first", "sent"))
                assert down_no_more.attempt == 1
                stage.clock.move(seconds=5)
                stage.monotonic += 5
                ticker.wake()
                await stage.store.until(is_in("second", "sent"))
        finally:
            if not postgres_server.is_running():
                await asyncio.to_thread(postgres_server.resume)
        assert await here.accepted() == ["first", "second"]


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_row_35_postgresql_goes_down_and_comes_up_under_a_running_bot(
    postgres_url: str, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    async with scene(postgres_url, tmp_path) as here:
        card = await here.card()
        for number, mode in enumerate(("immediate", "fast")):
            await asyncio.to_thread(postgres_server.stop, mode)
            try:
                tapping = here.people[number * 2 : number * 2 + 2]
                await here.sandbox.tap_all(here.group, card, here.made.button, tapping)
                await here.asks_again(1)
                assert (await here.sandbox.updates())["pending"] == 2
            finally:
                await asyncio.to_thread(postgres_server.resume)
            expected = (number * 2 + 2, number * 2 + 2)
            await here.until(lambda c, expected=expected: recorded(c) == expected)  # type: ignore[misc]
