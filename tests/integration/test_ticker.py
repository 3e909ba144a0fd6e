"""The ticker against a real server that misbehaves: what arrives, what is repeated, what waits, what ends."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import slow_making
from bot_stage import BotStage, bot_stage
from outbox_room import NOON, Notes, at_least_sent, is_in, room, tried
from sqlalchemy import select, update

from db.tables import chat, delivery
from domain.deliveries import Policy
from jobs.job import Apart, Job
from jobs.ticker import LEASE
from services import deliveries


@pytest.fixture
async def stage(database_url: str) -> AsyncIterator[BotStage]:
    async with bot_stage(database_url, NOON) as made:
        yield made


async def test_what_is_due_is_sent_once_and_told_to_its_job(stage: BotStage) -> None:
    here, notes = await room(stage), Notes()
    await here.enqueue("now")
    await here.enqueue("later", due_at=NOON + timedelta(minutes=5))
    async with stage.ticking(notes.jobs) as ticker:
        row = await stage.store.until(is_in("now", "sent"))
        assert await here.accepted() == ["now"]
        assert notes.sent == [row.message_id]
        stage.clock.move(minutes=5)
        stage.monotonic += 2
        ticker.wake()
        await stage.store.until(is_in("later", "sent"))
    assert await here.accepted() == ["now", "later"]


async def test_what_expired_or_is_not_wanted_any_more_is_not_sent(stage: BotStage) -> None:
    here, notes = await room(stage), Notes()
    notes.unwanted.add("unwanted")
    await here.enqueue("expired", due_at=NOON - timedelta(hours=3), expires_at=NOON - timedelta(hours=2))
    await here.enqueue("unwanted")
    await here.enqueue("nobody's", kind="unheard of")
    async with stage.ticking(notes.jobs):
        for text in ("expired", "unwanted", "nobody's"):
            await stage.store.until(is_in(text, "skipped"))
    assert await here.accepted() == []


async def test_a_message_that_cannot_be_rendered_waits_and_is_sent_when_it_can(stage: BotStage) -> None:
    here, notes = await room(stage), Notes()
    notes.broken = True
    await here.enqueue("a")
    async with stage.ticking(notes.jobs) as ticker:
        row = await stage.store.until(tried("a", 1))
        assert row.next_at == NOON + timedelta(seconds=2)
        notes.broken = False
        stage.clock.move(seconds=2)
        ticker.wake()
        await stage.store.until(is_in("a", "sent"))
    assert await here.accepted() == ["a"]


async def test_a_429_holds_only_its_own_chat(stage: BotStage) -> None:
    here, there, notes = await room(stage), await room(stage), Notes()
    flood = {"status": 429, "parameters": {"retry_after": 30}}
    await stage.sandbox.fault("sendMessage", flood, chat=here.group)
    await here.enqueue("held")
    async with stage.ticking(notes.jobs) as ticker:
        row = await stage.store.until(tried("held", 1))
        assert row.next_at == NOON + timedelta(seconds=30)
        assert not row.uncertain
        await there.enqueue("free")
        ticker.wake()
        await stage.store.until(is_in("free", "sent"))
        assert await here.accepted() == []
        stage.clock.move(seconds=30)
        stage.monotonic += 31
        ticker.wake()
        await stage.store.until(is_in("held", "sent"))
    assert await here.accepted() == ["held"]


@pytest.mark.parametrize("fault", ["drop_after_accept", {"body": "<html>", "status": 502, "accept": True}])
async def test_maybe_accepted_a_reminder_is_sent_again_once(stage: BotStage, fault: Any) -> None:
    here, notes = await room(stage), Notes()
    await stage.sandbox.fault("sendMessage", fault)
    await here.enqueue("reminder")
    async with stage.ticking(notes.jobs) as ticker:
        await stage.store.until(tried("reminder", 1))
        stage.monotonic += 2
        ticker.wake()
        row = await stage.store.until(is_in("reminder", "sent"))
    assert row.uncertain
    assert await here.accepted() == ["reminder", "reminder"]


async def test_maybe_accepted_twice_ends_unconfirmed(stage: BotStage) -> None:
    here, notes = await room(stage), Notes()
    await stage.sandbox.fault("sendMessage", "drop_after_accept", times=0)
    await here.enqueue("reminder")
    async with stage.ticking(notes.jobs) as ticker:
        await stage.store.until(tried("reminder", 1))
        stage.monotonic += 2
        ticker.wake()
        await stage.store.until(is_in("reminder", "unconfirmed"))
        stage.clock.move(minutes=10)
        stage.monotonic += 600
        await here.enqueue("next")
        await stage.sandbox.clear_faults()
        ticker.wake()
        await stage.store.until(is_in("next", "sent"))
    assert await here.accepted() == ["reminder", "reminder", "next"]


async def test_maybe_accepted_a_board_is_never_sent_again_by_itself(stage: BotStage) -> None:
    here, notes = await room(stage), Notes()
    await stage.sandbox.fault("sendMessage", "drop_after_accept")
    await here.enqueue("board", Policy.ONCE)
    async with stage.ticking(notes.jobs) as ticker:
        await stage.store.until(is_in("board", "unconfirmed"))
        await here.enqueue("next")
        stage.monotonic += 2
        ticker.wake()
        await stage.store.until(is_in("next", "sent"))
    assert await here.accepted() == ["board", "next"]


async def test_maybe_accepted_an_edit_is_repeated_until_it_is_known(stage: BotStage) -> None:
    here, notes = await room(stage), Notes()
    await stage.sandbox.fault("sendMessage", "drop_after_accept", times=3)
    await here.enqueue("edit", Policy.REPEAT)
    async with stage.ticking(notes.jobs) as ticker:
        for attempt in (1, 2, 3):
            row = await stage.store.until(tried("edit", attempt))
            assert row.next_at == stage.clock() + timedelta(seconds=2**attempt)
            stage.clock.move(seconds=2**attempt)
            stage.monotonic += 2**attempt
            ticker.wake()
        row = await stage.store.until(is_in("edit", "sent"))
    assert not row.uncertain


async def test_certainly_not_accepted_is_tried_later_without_a_duplicate(stage: BotStage) -> None:
    here, notes = await room(stage), Notes()
    await stage.sandbox.fault("sendMessage", {"status": 401}, times=1)
    await here.enqueue("board", Policy.ONCE)
    async with stage.ticking(notes.jobs) as ticker:
        row = await stage.store.until(tried("board", 1))
        assert row.next_at > NOON
        assert not row.uncertain
        stage.clock.move(minutes=2)
        stage.monotonic += 120
        ticker.wake()
        await stage.store.until(is_in("board", "sent"))
    assert await here.accepted() == ["board"]


async def test_a_bot_that_was_thrown_out_leaves_the_chat_alone_until_it_is_back(stage: BotStage) -> None:
    here, notes = await room(stage), Notes()
    await stage.sandbox.kick(await stage.sandbox.person("李明"), here.group, await stage.sandbox.bot_id())
    await here.enqueue("first")
    await here.enqueue("second")
    async with stage.ticking(notes.jobs) as ticker:
        await stage.store.until(is_in("first", "rejected"))
        state = await stage.store.inner.read(lambda c: c.execute(select(chat.c.state)).scalar_one())
        assert state == "gone"
        await stage.sandbox.add(await stage.sandbox.person("李明"), here.group, await stage.sandbox.bot_id())
        await stage.store.write(lambda c: c.execute(update(chat).values(state="active")))
        stage.monotonic += 2
        ticker.wake()
        await stage.store.until(is_in("second", "sent"))
    assert await here.accepted() == ["second"]


async def test_a_group_that_became_a_supergroup_gets_its_message_once(stage: BotStage) -> None:
    here, notes = await room(stage, "group"), Notes()
    grown = await stage.sandbox.upgrade(await stage.sandbox.person("李明"), here.group)
    await here.enqueue("a")
    async with stage.ticking(notes.jobs):
        await stage.store.until(is_in("a", "sent"))
    number = await stage.store.read(lambda c: c.execute(select(chat.c.telegram_id)).scalar_one())
    assert number == grown["id"]
    entries = await stage.sandbox.accepted("sendMessage")
    assert [(entry["chat"], entry["params"]["text"]) for entry in entries] == [(grown["id"], "a")]


@pytest.mark.parametrize("closed", [False, True])
async def test_what_was_for_a_topic_that_is_gone_goes_to_the_general_one(stage: BotStage, closed: bool) -> None:
    li, there = await stage.sandbox.person("李明"), await room(stage, is_forum=True)
    thread = await stage.sandbox.topic(li, there.group, "学习")
    await there.enqueue("a")
    await stage.store.write(lambda c: deliveries.answer_in_topic(c, "a", thread))
    await (stage.sandbox.close_topic if closed else stage.sandbox.delete_topic)(li, there.group, thread)
    async with stage.ticking(Notes().jobs) as ticker:
        await stage.store.until(tried("a", 1))
        stage.monotonic += 10
        ticker.wake()
        row = await stage.store.until(is_in("a", "sent"))
    assert (row.thread_id, row.uncertain, row.attempt) == (None, False, 2)
    assert await there.accepted() == ["a"]


async def test_an_outcome_is_held_until_the_database_takes_it(stage: BotStage) -> None:
    here, notes = await room(stage), Notes()
    await stage.sandbox.fault("sendMessage", {"hang": 0.2, "accept": True})
    await here.enqueue("a", Policy.ONCE)

    def come_back() -> None:
        stage.store.out_of_reach = len(stage.pauses.seconds) < 3

    async with stage.ticking(notes.jobs):
        await stage.sandbox.wait_for_ledger(lambda entry: entry["method"] == "sendMessage")
        stage.store.out_of_reach = True
        stage.pauses.then = come_back
        await stage.store.until(is_in("a", "sent"))
    assert stage.pauses.seconds[:2] == [0.5, 1.0]
    assert await here.accepted() == ["a"]


async def test_stopping_finishes_what_is_under_way(stage: BotStage) -> None:
    here, notes = await room(stage), Notes()
    await stage.sandbox.fault("sendMessage", {"delay": 0.2})
    await here.enqueue("a")
    async with stage.ticking(notes.jobs):
        await stage.store.until(is_in("a", "sending"))
    row = await stage.store.read(is_in("a", "sent"))
    assert row is not None


async def test_stopping_in_the_moment_of_a_claim_leaves_nothing_under_way(stage: BotStage) -> None:
    here, notes = await room(stage), Notes()
    await here.enqueue("a")
    async with stage.ticking(notes.jobs) as ticker:
        await stage.store.until(lambda c: c.execute(select(delivery.c.id)).scalar())
        stopping = asyncio.create_task(ticker.stop())
    await stopping
    states = await stage.store.read(lambda c: list(c.execute(select(delivery.c.state)).scalars()))
    assert states[0] in ("sent", "pending")


async def test_two_tickers_send_it_once(stage: BotStage) -> None:
    here, notes = await room(stage), Notes()
    for number in range(10):
        await here.enqueue(f"{number}")
    async with stage.ticking(notes.jobs) as one, stage.ticking(notes.jobs) as other:
        for number in range(1, 11):
            await stage.store.until(at_least_sent(number))
            stage.clock.move(seconds=2)  # one that lost the race for the chat's second waits for another
            stage.monotonic += 10
            one.wake()
            other.wake()
    assert sorted(await here.accepted()) == [f"{number}" for number in range(10)]


async def test_the_lease_lasts_as_long_as_something_is_made_apart(
    stage: BotStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.ticker.HOLD_SECONDS", 0.05)
    here, pipe = await room(stage), tmp_path / "pipe"
    os.mkfifo(pipe)
    await here.enqueue(str(pipe), kind="slow", policy=Policy.ONCE)
    jobs = {"slow": Job(apart={"slow": Apart(slow_making.made)})}
    taken = select(delivery.c.lease_until).where(delivery.c.state == "claimed")
    async with stage.ticking(jobs):
        first = await stage.store.until(lambda c: c.execute(taken).scalar())
        assert first is not None
        later = taken.where(delivery.c.lease_until > first + timedelta(milliseconds=100))
        await stage.store.until(lambda c: c.execute(later).scalar())
        await asyncio.to_thread(pipe.write_text, "made at last")
        await stage.store.until(is_in(str(pipe), "sent"))
    assert await here.accepted() == ["made at last"]


async def test_what_could_outlive_its_lease_is_not_sent(stage: BotStage, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the database takes so long to let it through that another process may have it before we are done."""
    monkeypatch.setattr("jobs.ticker.SEND_SECONDS", LEASE.total_seconds() + 1)
    here, notes = await room(stage), Notes()
    await here.enqueue("a")
    async with stage.ticking(notes.jobs) as ticker:
        await stage.store.until(tried("a", 1))
        assert await here.accepted() == []
        monkeypatch.setattr("jobs.ticker.SEND_SECONDS", 40.0)
        stage.clock.move(seconds=2)
        stage.monotonic += 2
        ticker.wake()
        await stage.store.until(is_in("a", "sent"))
    assert await here.accepted() == ["a"]
