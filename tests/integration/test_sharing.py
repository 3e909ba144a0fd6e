"""Processes that share the sending: a chat that changes hands is left alone until the other has certainly let go."""

from collections.abc import AsyncIterator

import pytest
from bot_stage import BotStage, bot_stage
from outbox_room import NOON, Notes, at_least_sent, is_in, room
from sqlalchemy import select

from db.tables import delivery
from jobs.ticker import BEAT_EVERY, SETTLING
from services import replicas


@pytest.fixture
async def stage(database_url: str) -> AsyncIterator[BotStage]:
    async with bot_stage(database_url, NOON) as made:
        yield made


async def test_what_another_had_is_sent_only_after_all_have_noticed_that_it_is_gone(stage: BotStage) -> None:
    rooms, notes = [await room(stage) for _ in range(2)], Notes()
    await stage.store.write(lambda c: replicas.beat(c, "another"))
    async with stage.ticking(notes.jobs, alone=False) as ticker:
        for number, each in enumerate(rooms):
            await each.enqueue(f"first of {number}")
        ticker.wake()
        await stage.store.until(at_least_sent(1))
        sent = select(delivery.c.dedupe_key).where(delivery.c.state == "sent")
        mine = await stage.store.read(lambda c: c.execute(sent).scalar_one())
        ours, theirs = rooms if mine == "first of 0" else reversed(rooms)
        assert stage.pauses.seconds == [SETTLING]  # before its first message

        await stage.store.write(lambda c: replicas.leave(c, "another"))
        for _ in range(BEAT_EVERY):
            await ticker.tick()
        stage.monotonic += 2
        await ours.enqueue("second")
        ticker.wake()
        await stage.store.until(is_in("second", "sent"))
        assert await theirs.accepted() == []  # both were due when it looked

        for _ in range(SETTLING):
            await ticker.tick()
        await stage.store.until(at_least_sent(3))
        assert len(await theirs.accepted()) == 1
