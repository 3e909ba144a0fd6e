"""Rows 1 to 4, 27 to 29 and 32 of the fault matrix: a process that dies, sleeps, or is not alone."""

import asyncio
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bot_stage import BotStage, bot_stage
from outbox_room import NOON, Notes, at_least_sent, room
from processes import Killable, bot_process
from scene import PEOPLE, looked, prepare, recorded, scene, seen, settled
from sqlalchemy import Connection, func, select, update

from chat.outgoing import Message, Outgoing
from db.store import is_sqlite, open_store
from db.tables import delivery, inbox
from jobs.job import Job, Kind
from jobs.ticker import Ticker
from sandbox.app import create_app
from sandbox.testing import serve
from services import deliveries
from services.checkins import OPEN
from services.rules import Rules


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_row_01_killed_after_the_claim_it_is_sent_once(database_url: str, tmp_path: Path) -> None:
    async with scene(database_url, tmp_path, FAULT_KILL="claimed:1") as s:
        await s.bot.dies()
        assert await s.cards() == 0
        await s.lease_ends()
        await s.bot.start()
        await s.card()
        await s.until(settled)
        assert await s.cards() == 1


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("point", ["fenced", "accepted"])
async def test_row_02_killed_around_the_acceptance_there_is_one_duplicate_at_most(
    database_url: str, tmp_path: Path, point: str
) -> None:
    async with scene(database_url, tmp_path, FAULT_KILL=f"{point}:1") as s:
        await s.bot.dies()
        before = await s.cards()
        assert before == (point == "accepted")
        await s.lease_ends()
        await s.bot.start()
        await s.card()
        await s.until(settled)
        assert await s.cards() == before + 1
        rows = await s.look(lambda c: c.execute(select(delivery.c.state, delivery.c.uncertain)).all())
        assert ("sent", True) in [tuple(row) for row in rows]  # the doubt is on record, whichever way it went


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("point", ["inbox_committed", "in_handler", "committed"])
async def test_row_03_and_04_killed_around_an_update_it_has_one_effect(
    database_url: str, tmp_path: Path, point: str
) -> None:
    async with scene(database_url, tmp_path) as s:
        card = await s.card()
        await s.until(settled)
        await s.bot.stop()
        taps = await s.sandbox.tap_all(s.group, card, s.made.button, s.people)
        assert len(taps) == PEOPLE
        await s.bot.start(FAULT_KILL=f"{point}:1")
        await s.bot.dies()
        if point == "inbox_committed":  # taken in, and not acknowledged: they are given again
            assert (await s.sandbox.updates())["pending"] == PEOPLE
            assert await s.look(lambda c: c.execute(select(func.count()).select_from(inbox)).scalar_one()) >= PEOPLE
        assert (await s.look(recorded))[0] <= PEOPLE
        await s.bot.start()
        await s.until(lambda c: recorded(c) == (PEOPLE, PEOPLE))
        await s.sandbox.wait_until_idle(timeout=30)
        assert await s.look(recorded) == (PEOPLE, PEOPLE)
        left = select(func.count()).where(inbox.c.state != "done")
        assert await s.until(lambda c: c.execute(left).scalar_one() == 0)


class Held(Notes):
    """Messages that are rendered only when the test lets them be."""

    def __init__(self) -> None:
        super().__init__()
        self.rendering, self.go_on = asyncio.Event(), asyncio.Event()
        self.jobs = {"held": Job({"note": Kind(self._facts, self._wait)})}

    async def _wait(self, text: str) -> Outgoing:
        self.rendering.set()
        await self.go_on.wait()
        return Message(text)


@pytest.fixture
async def stage(database_url: str) -> AsyncIterator[BotStage]:
    async with bot_stage(database_url, NOON) as made:
        yield made


@asynccontextmanager
async def replica(stage: BotStage, url: str, jobs: Mapping[str, Job]) -> AsyncIterator[Ticker]:
    """A second ticker with a store of its own, as another process has it."""
    store = open_store(url)
    ticker = Ticker(store, stage.sender, stage.limiter, jobs, stage.clock, Rules(), url, pause=stage.pauses)
    running = asyncio.create_task(ticker.run())
    try:
        yield ticker
    finally:
        await ticker.stop()
        await running
        await store.close()


async def test_row_27_two_replicas_send_a_reminder_once(stage: BotStage, database_url: str) -> None:
    rooms, notes = [await room(stage) for _ in range(12)], Notes()
    for number, each in enumerate(rooms):
        await each.enqueue(str(number))
    async with stage.ticking(notes.jobs) as one, replica(stage, database_url, notes.jobs) as other:
        one.wake()
        other.wake()
        await seen(database_url, at_least_sent(12))
    assert [await each.accepted() for each in rooms] == [[str(number)] for number in range(12)]


async def test_row_28_who_slept_past_the_lease_finds_the_fence_shut(stage: BotStage, database_url: str) -> None:
    here, held, notes = await room(stage), Held(), Notes()
    await here.enqueue("reminder")
    past = datetime.now(UTC) - timedelta(minutes=5)
    async with stage.ticking(held.jobs):
        await held.rendering.wait()  # claimed, and now it sleeps
        await stage.store.write(lambda c: c.execute(update(delivery).values(lease_until=past)))
        async with replica(stage, database_url, notes.jobs) as other:
            for _ in range(15):
                await other.tick()
            await seen(database_url, at_least_sent(1))
        held.go_on.set()
    assert await here.accepted() == ["reminder"]


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_row_28_halted_past_its_lease_between_claim_and_fence_it_sends_nothing_of_its_own(
    database_url: str, tmp_path: Path
) -> None:
    async with scene(database_url, tmp_path, FAULT_STOP="claimed:1") as s:
        await s.bot.halts()
        await s.lease_ends()
        if is_sqlite(database_url):  # nobody else has the file: it goes on alone, and finds its claim ended
            s.bot.signal(signal.SIGCONT)
            await s.card()
        else:  # another process takes the delivery over while this one sleeps
            async with bot_process(s.sandbox.url, database_url, tmp_path):
                await s.card()
                s.bot.signal(signal.SIGCONT)
                await s.until(settled)
        await s.until(settled)
        assert await s.cards() == 1
        attempts = await s.look(lambda c: c.execute(select(delivery.c.attempt).where(delivery.c.kind == OPEN)).scalar())
        assert attempts == 2  # the first never passed the fence


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_row_28_halted_after_the_fence_it_may_have_been_sent(postgres_url: str, tmp_path: Path) -> None:
    async with scene(postgres_url, tmp_path, FAULT_STOP="fenced:1") as s:
        await s.bot.halts()
        await s.lease_ends()
        async with bot_process(s.sandbox.url, postgres_url, tmp_path):
            await s.card()
            s.bot.signal(signal.SIGCONT)

            async def twice() -> bool:
                return await s.cards() == 2

            await s.sandbox.wait_for(twice, timeout=60)
            await s.until(settled)
        rows = await s.look(lambda c: c.execute(select(delivery).where(delivery.c.kind == OPEN)).all())
        assert [(row.state, row.uncertain) for row in rows] == [("sent", True)]
        assert await s.cards() == 2  # the one duplicate that is promised at most, and it is on record


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_row_29_of_two_pollers_one_is_active_and_the_other_takes_over(postgres_url: str, tmp_path: Path) -> None:
    async with scene(postgres_url, tmp_path) as s:
        card = await s.card()
        second = bot_process(s.sandbox.url, postgres_url, tmp_path)
        async with second:
            await s.sandbox.tap_all(s.group, card, s.made.button, s.people[:3])
            await s.until(lambda c: recorded(c) == (3, 3))
            await s.bot.kill()
            await s.sandbox.tap_all(s.group, card, s.made.button, s.people[3:])
            await s.until(lambda c: recorded(c) == (PEOPLE, PEOPLE), timeout=90)
        await s.bot.start()


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_row_29_what_a_killed_process_had_taken_in_is_handled_by_one_that_lives(
    postgres_url: str, tmp_path: Path
) -> None:
    async with scene(postgres_url, tmp_path) as s:
        card = await s.card()
        await s.until(settled)
        await s.bot.stop()
        await s.bot.start(FAULT_KILL="in_handler:1")
        await s.asks_again(1)  # it is the one that polls
        async with bot_process(s.sandbox.url, postgres_url, tmp_path):
            await s.sandbox.tap_all(s.group, card, s.made.button, s.people)
            await s.bot.dies()  # nobody starts it again
            await s.until(lambda c: recorded(c) == (PEOPLE, PEOPLE), timeout=90)
            await s.sandbox.wait_until_idle(timeout=30)
        assert await s.look(recorded) == (PEOPLE, PEOPLE)
        left = select(func.count()).where(inbox.c.state != "done")
        assert await s.look(lambda c: c.execute(left).scalar_one()) == 0


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_row_32_after_a_sleep_of_eight_hours_what_is_late_follows_its_policy(
    database_url: str, tmp_path: Path
) -> None:
    async with serve(create_app()) as sandbox:
        group, leader = await sandbox.group("第一学习小组"), await sandbox.person("李明")
        now = datetime.now(UTC)
        made = await asyncio.to_thread(prepare, database_url, group, leader, [])

        def plan(connection: Connection) -> None:
            for key, hours in (("useful", 12), ("useless", 2)):
                values = {"title": key}
                deliveries.reply(
                    connection,
                    key=key,
                    chat_id=made.chat_row,
                    text="makeups.waits",
                    values=values,
                    language="en",
                    now=now,
                )
                due, expires = now + timedelta(hours=1), now + timedelta(hours=hours)
                moved = {"due_at": due, "next_at": due, "expires_at": expires}
                connection.execute(update(delivery).where(delivery.c.dedupe_key == key).values(moved))

        await asyncio.to_thread(looked, database_url, plan)
        (tmp_path / "config.toml").touch()
        environment = {
            "BOT_CONFIG": str(tmp_path / "config.toml"),
            "BOT__SANDBOX__URL": sandbox.url,
            "BOT__DATABASE__URL": database_url,
        }
        async with Killable(("-m", "bot", "run"), environment, tmp_path / "bot.log") as bot:
            await sandbox.wait_for_message(leader, group, contains="党课", timeout=60)
            bot.signal(signal.SIGSTOP)
            await sandbox.shift(hours=8)
            bot.signal(signal.SIGCONT)
            await sandbox.wait_for_message(leader, group, contains="useful", timeout=60)

            query = select(delivery.c.state).where(delivery.c.dedupe_key == "useless")
            await seen(database_url, lambda c: c.execute(query).scalar() == "skipped", timeout=30)
        texts = [entry["params"]["text"] for entry in await sandbox.accepted("sendMessage", group)]
        assert sum("useful" in text for text in texts) == 1
        assert not any("useless" in text for text in texts)
