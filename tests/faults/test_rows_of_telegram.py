"""Rows 7 to 18 of the fault matrix: what Telegram answers, and does not answer."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from bot_stage import TOKEN, BotStage, bot_stage
from outbox_room import NOON, Notes, Room, at_least_sent, is_in, room, tried
from sqlalchemy import func, select
from telegram.ext import ExtBot

import jobs.ticker
from chat.outgoing import Edit, Outgoing
from chat.sender import Sender
from chat.transport import AiohttpRequest
from db.tables import chat, delivery
from domain.deliveries import Policy
from jobs.job import Job, Kind
from jobs.ticker import Ticker


@pytest.fixture
async def stage(database_url: str) -> AsyncIterator[BotStage]:
    async with bot_stage(database_url, NOON) as made:
        yield made


async def later(stage: BotStage, ticker: Ticker, seconds: float) -> None:
    """So much time goes by."""
    stage.clock.move(seconds=seconds)
    stage.monotonic += seconds
    ticker.wake()


async def states(stage: BotStage) -> dict[str, str]:
    query = select(delivery.c.dedupe_key, delivery.c.state)
    return {row.dedupe_key: row.state for row in await stage.store.read(lambda c: c.execute(query).all())}


def at_rest(attempts: int) -> Any:
    """A query that is true once there were so many attempts in all, and nothing is under way."""
    under_way = select(func.count()).where(delivery.c.state.in_(("claimed", "sending")))
    tries = select(func.sum(delivery.c.attempt))
    return lambda c: c.execute(tries).scalar_one() >= attempts and not c.execute(under_way).scalar_one()


async def chat_state(stage: BotStage, here: Room) -> str:
    query = select(chat.c.state).where(chat.c.id == here.row)
    return str(await stage.store.read(lambda c: c.execute(query).scalar_one()))


async def test_row_07_a_429_of_one_chat_holds_only_that_chat(stage: BotStage) -> None:
    here, there, notes = await room(stage), await room(stage), Notes()
    await stage.sandbox.fault("sendMessage", {"status": 429, "parameters": {"retry_after": 30}}, chat=here.group)
    await here.enqueue("held")
    async with stage.ticking(notes.jobs) as ticker:
        await stage.store.until(tried("held", 1))
        await there.enqueue("free")
        ticker.wake()
        await stage.store.until(is_in("free", "sent"))
        assert await here.accepted() == []
        await later(stage, ticker, 31)
        await stage.store.until(is_in("held", "sent"))
    assert await here.accepted() == ["held"]


@pytest.mark.parametrize("seconds", [0, 3600])
async def test_row_08_a_429_of_everything_is_waited_for_and_others_resume(stage: BotStage, seconds: int) -> None:
    rooms, notes = [await room(stage) for _ in range(3)], Notes()
    flood = {"status": 429, "parameters": {"retry_after": seconds}}
    await stage.sandbox.fault("*", flood, times=0)
    expires = NOON + timedelta(hours=3)
    for number, each in enumerate(rooms):
        await each.enqueue(str(number), expires_at=expires)
    async with stage.ticking(notes.jobs) as ticker:
        for number in range(3):
            row = await stage.store.until(tried(str(number), 1))
            assert row.next_at >= NOON + timedelta(seconds=seconds)
            assert (row.owner, row.lease_until, row.uncertain) == (None, None, False)
        await stage.sandbox.clear_faults()
        await later(stage, ticker, seconds + 2)
        for number in range(3):
            await stage.store.until(is_in(str(number), "sent"))
    assert [await each.accepted() for each in rooms] == [["0"], ["1"], ["2"]]


@pytest.mark.parametrize("status", [500, 502, 504])
@pytest.mark.parametrize("accepts", [True, False])
async def test_row_09_a_5xx_may_have_been_accepted(stage: BotStage, status: int, accepts: bool) -> None:
    here, notes = await room(stage), Notes()
    await stage.sandbox.fault("sendMessage", {"status": status, "body": "<html>", "accept": accepts}, times=2)
    await here.enqueue("reminder")
    await here.enqueue("board", Policy.ONCE, priority=90)
    async with stage.ticking(notes.jobs) as ticker:
        row = await stage.store.until(tried("reminder", 1))
        assert row.uncertain
        await later(stage, ticker, 2)
        await stage.store.until(is_in("reminder", "sent", "unconfirmed"))
        await later(stage, ticker, 2)
        await stage.store.until(is_in("board", "sent", "unconfirmed"))
    accepted = await here.accepted()
    assert accepted.count("reminder") <= 2
    assert accepted.count("board") <= 1


async def test_row_10_a_timeout_after_acceptance_is_the_policy_s(
    stage: BotStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs.ticker, "SEND_SECONDS", 0.2)
    here, there, notes = await room(stage), await room(stage), Notes()
    await stage.sandbox.fault("sendMessage", {"hang": 30, "accept": True}, chat=here.group)
    await stage.sandbox.fault("sendMessage", {"hang": 30, "accept": True}, chat=there.group)
    await here.enqueue("reminder")
    await there.enqueue("board", Policy.ONCE)
    async with stage.ticking(notes.jobs) as ticker:
        await stage.store.until(tried("reminder", 1))
        await stage.store.until(is_in("board", "unconfirmed"))
        await later(stage, ticker, 2)
        await stage.store.until(is_in("reminder", "sent"))
    assert (await here.accepted(), await there.accepted()) == (["reminder", "reminder"], ["board"])


@pytest.mark.parametrize("fault", ["drop_after_accept", {"body": '{"ok":tr', "accept": True}])
async def test_row_11_a_reset_or_half_a_body_may_have_been_accepted(stage: BotStage, fault: Any) -> None:
    here, there, notes = await room(stage), await room(stage), Notes()
    await stage.sandbox.fault("sendMessage", fault, chat=here.group)
    await stage.sandbox.fault("sendMessage", fault, chat=there.group)
    await here.enqueue("reminder")
    await there.enqueue("board", Policy.ONCE)
    async with stage.ticking(notes.jobs) as ticker:
        await stage.store.until(tried("reminder", 1))
        await stage.store.until(is_in("board", "unconfirmed"))
        await later(stage, ticker, 2)
        await stage.store.until(is_in("reminder", "sent"))
    assert (await here.accepted(), await there.accepted()) == (["reminder", "reminder"], ["board"])


async def test_row_12_a_refused_connection_is_no_doubt(stage: BotStage) -> None:
    here, notes, alive = await room(stage), Notes(), stage.sender
    nobody: ExtBot[Any] = ExtBot(TOKEN, base_url="http://127.0.0.1:9/bot", request=AiohttpRequest())
    stage.sender = Sender(nobody)
    await here.enqueue("board", Policy.ONCE)
    async with stage.ticking(notes.jobs) as ticker:
        row = await stage.store.until(tried("board", 1))
        assert not row.uncertain
        ticker._sender = alive  # the server is there again
        await later(stage, ticker, 60)
        await stage.store.until(is_in("board", "sent"))
    assert await here.accepted() == ["board"]
    await nobody.request.shutdown()


async def test_row_13_garbage_with_a_200_is_a_doubt_and_not_ok_is_a_no(stage: BotStage) -> None:
    here, there, notes = await room(stage), await room(stage), Notes()
    await stage.sandbox.fault("sendMessage", {"body": "garbage", "accept": True}, chat=here.group)
    no = '{"ok": false, "error_code": 400, "description": "Bad Request: message text is empty"}'
    await stage.sandbox.fault("sendMessage", {"body": no, "status": 400}, chat=there.group)
    await here.enqueue("board", Policy.ONCE)
    await there.enqueue("empty")
    async with stage.ticking(notes.jobs) as ticker:
        await stage.store.until(is_in("board", "unconfirmed"))
        row = await stage.store.until(is_in("empty", "rejected"))
        await there.enqueue("next")
        await later(stage, ticker, 2)
        await stage.store.until(is_in("next", "sent"))
    assert not row.uncertain
    assert await there.accepted() == ["next"]


async def sends_tried(stage: BotStage) -> int:
    """How many times the server was asked to send, in vain or not."""
    calls: dict[str, int] = (await stage.sandbox.ledger())["calls"]
    return calls.get("sendMessage", 0)


async def test_row_14_a_revoked_token_stops_all_sending_and_keeps_everything(stage: BotStage) -> None:
    rooms, notes = [await room(stage) for _ in range(40)], Notes()
    await stage.sandbox.fault("*", {"status": 401}, times=0)
    for number, each in enumerate(rooms):
        await each.enqueue(str(number))
    async with stage.ticking(notes.jobs) as ticker:
        await stage.store.until(at_rest(1))
        first = await sends_tried(stage)
        assert 1 <= first <= 30  # those that were on their way together
        assert ticker.trouble
        for _ in range(10):  # nothing is hammered: a look a second, and none asks again before its time
            await ticker.tick()
            await later(stage, ticker, 1)
        await later(stage, ticker, 60)
        await stage.store.until(at_rest(first + 1))
        assert await sends_tried(stage) == first + 1  # one finds out for all
        assert set((await states(stage)).values()) == {"pending"}
        await stage.sandbox.clear_faults()
        for number in (30, 40):
            await later(stage, ticker, 61)
            await stage.store.until(at_least_sent(number))
        assert ticker.trouble is None
    assert [await each.accepted() for each in rooms] == [[str(number)] for number in range(40)]


async def test_row_14_polling_with_a_revoked_token_says_so(stage: BotStage) -> None:
    await stage.sandbox.fault("getUpdates", {"status": 401}, times=1)
    troubles: list[str | None] = []
    seen = asyncio.Event()
    async with stage.polling(stage.intake({})) as poller:

        def look() -> None:
            troubles.append(poller.trouble)
            seen.set()

        stage.pauses.then = look
        await seen.wait()
    assert troubles[0]


@pytest.mark.parametrize("description", ["Forbidden: bot was kicked from the supergroup chat", "Forbidden: blocked"])
async def test_row_15_a_chat_that_threw_the_bot_out_is_left_alone(stage: BotStage, description: str) -> None:
    here, there, notes = await room(stage), await room(stage), Notes()
    fault = {"status": 403, "description": description}
    await stage.sandbox.fault("sendMessage", fault, chat=here.group)
    await here.enqueue("first")
    await here.enqueue("second", priority=90)
    await there.enqueue("free")
    async with stage.ticking(notes.jobs) as ticker:
        await stage.store.until(is_in("first", "rejected"))
        await later(stage, ticker, 5)
        await stage.store.until(is_in("free", "sent"))
    assert await chat_state(stage, here) == "gone"
    assert (await states(stage))["second"] == "pending"  # its history stays, for when the bot is back
    assert await here.accepted() == []


async def test_row_16_a_chat_that_is_not_found_is_not_tried_again(stage: BotStage) -> None:
    here, there, notes = await room(stage), await room(stage), Notes()
    await stage.sandbox.fault(
        "sendMessage", {"status": 400, "description": "Bad Request: chat not found"}, chat=here.group
    )
    await here.enqueue("nobody")
    async with stage.ticking(notes.jobs) as ticker:
        row = await stage.store.until(is_in("nobody", "rejected"))
        await later(stage, ticker, 3600)
        await there.enqueue("other", expires_at=NOON + timedelta(hours=5))
        ticker.wake()
        await stage.store.until(is_in("other", "sent"))
    assert row.attempt == 1
    assert (await states(stage))["nobody"] == "rejected"


class Edits(Notes):
    """The same, but each is an edit of a message."""

    def __init__(self, message_id: int) -> None:
        super().__init__()
        self.message_id = message_id
        self.jobs = {"edits": Job({"note": Kind(self._facts, self._edit)})}

    def _edit(self, text: str) -> Outgoing:
        return Edit(self.message_id, text)


async def test_row_17_not_modified_is_what_was_wanted(stage: BotStage) -> None:
    here = await room(stage)
    fault = {"status": 400, "description": "Bad Request: message is not modified: specified new message content"}
    await stage.sandbox.fault("editMessageText", fault)
    await here.enqueue("same", Policy.REPEAT)
    async with stage.ticking(Edits(5).jobs):
        row = await stage.store.until(is_in("same", "sent"))
    assert row.attempt == 1


async def test_row_18_a_group_that_migrates_is_written_to_once(stage: BotStage) -> None:
    here, notes = await room(stage, "group"), Notes()
    grown = await stage.sandbox.upgrade(await stage.sandbox.person("李明"), here.group)
    await here.enqueue("mid-send")
    await here.enqueue("after", priority=90)
    async with stage.ticking(notes.jobs) as ticker:
        await stage.store.until(is_in("mid-send", "sent"))
        await later(stage, ticker, 5)
        await stage.store.until(is_in("after", "sent"))
    rows = await stage.store.read(lambda c: list(c.execute(select(chat.c.id, chat.c.telegram_id)).all()))
    assert [(row.id, row.telegram_id) for row in rows] == [(here.row, grown["id"])]  # and no second one
    entries = await stage.sandbox.accepted("sendMessage")
    assert [(entry["chat"], entry["params"]["text"]) for entry in entries] == [
        (grown["id"], "mid-send"),
        (grown["id"], "after"),
    ]
