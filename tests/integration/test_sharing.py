"""Processes that share the sending: a chat that changes hands is left alone until the other has certainly let go."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest
from bot_stage import BotStage, bot_stage
from outbox_room import NOON, Notes, at_least_sent, is_in, room, tried
from sqlalchemy import Connection, select, update

import jobs.ticker as ticker_module
from chat.outgoing import Message, Outgoing
from db.tables import delivery, replica
from domain.deliveries import Policy
from jobs.job import Job, Kind
from jobs.sharing import BEAT_EVERY, SETTLING
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


def seen_again(owner: str) -> Callable[[Connection], bool]:
    """A query that is true once a process is among those that are alive."""
    return lambda connection: not replicas.is_missed(connection, owner)


async def miss(stage: BotStage, owner: str) -> None:
    """A process has not been seen for a minute."""
    long_ago = datetime.now(UTC) - timedelta(minutes=1)
    await stage.store.inner.write(
        lambda c: c.execute(update(replica).where(replica.c.owner == owner).values(seen_at=long_ago))
    )


async def test_who_was_missed_leaves_all_chats_alone_until_the_others_know_that_it_is_back(stage: BotStage) -> None:
    rooms, notes, looked = [await room(stage) for _ in range(2)], Notes(), asyncio.Event()
    await stage.store.write(lambda c: replicas.beat(c, "another"))
    async with stage.ticking(notes.jobs, alone=False, on_tick=looked.set) as ticker:
        await looked.wait()
        await miss(stage, ticker.owner)
        for number, each in enumerate(rooms):
            await each.enqueue(f"first of {number}")
        untouched = select(delivery.c.id).where(delivery.c.attempt == 0)
        for _ in range(SETTLING):
            for _ in range(2):  # a look may have begun before what is due was there
                looked.clear()
                ticker.wake()
                await looked.wait()
            assert len(await stage.store.read(lambda c: c.execute(untouched).all())) == 2
            await ticker.tick()
        await stage.store.until(at_least_sent(1))


async def test_what_it_had_claimed_before_it_was_missed_is_let_go_at_the_fence(stage: BotStage) -> None:
    here = await room(stage)
    rendering, go_on = asyncio.Event(), asyncio.Event()

    async def wait(text: str) -> Outgoing:
        rendering.set()
        await go_on.wait()
        return Message(text)

    jobs = {"held": Job({"note": Kind(lambda _connection, payload, _now: payload["text"], wait)})}
    async with stage.ticking(jobs, alone=False) as ticker:
        await here.enqueue("held")
        ticker.wake()
        await rendering.wait()
        await miss(stage, ticker.owner)
        go_on.set()
        await stage.store.until(tried("held", 1))
    assert await here.accepted() == []


async def test_who_cannot_reach_telegram_leaves_its_share_and_comes_back(stage: BotStage) -> None:
    rooms, notes = [await room(stage) for _ in range(2)], Notes()
    await stage.store.write(lambda c: replicas.beat(c, "another"))
    async with stage.ticking(notes.jobs, alone=False) as ticker:
        await stage.sandbox.fault("*", "drop_before", times=0)
        for number, each in enumerate(rooms):
            await each.enqueue(f"first of {number}", Policy.ONCE)
        ticker.wake()
        unconfirmed = select(delivery.c.id).where(delivery.c.state == "unconfirmed")
        await stage.store.until(lambda c: c.execute(unconfirmed).first())
        for _ in range(BEAT_EVERY):
            await ticker.tick()
        assert ticker.trouble == "Telegram is out of reach"
        assert not await stage.store.read(seen_again(ticker.owner))  # so that the other takes its share

        await stage.sandbox.clear_faults()
        for number, each in enumerate(rooms):
            await each.enqueue(f"second of {number}")
        for _ in range(BEAT_EVERY):
            await ticker.tick()
        assert ticker.trouble is None
        assert await stage.store.read(seen_again(ticker.owner))
        for _ in range(SETTLING - 1):
            await ticker.tick()
        assert [await each.accepted() for each in rooms] == [[], []]
        stage.monotonic += 2
        await ticker.tick()
        await stage.store.until(at_least_sent(1))


async def test_what_the_database_let_through_too_late_is_not_sent(
    stage: BotStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, notes = await room(stage), Notes()
    monkeypatch.setattr(ticker_module, "SEND_SECONDS", 61.0)  # the lease would not outlive the request from the start
    async with stage.ticking(notes.jobs) as ticker:
        await here.enqueue("late")
        ticker.wake()
        row = await stage.store.until(tried("late", 1))
    assert not row.uncertain
    assert await here.accepted() == []
