"""Long polling: nothing is acknowledged before it is committed, and being away makes nobody late."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from bot_stage import BOT_ID, TOKEN, BotStage, bot_stage
from open_session import OpenSession, announce, open_session
from sqlalchemy import select
from telegram import Bot, Update

import handlers.checkins
import services.inbox
from bot.poller import BACKLOG, POLL_SECONDS, Poller
from chat.context import Context
from chat.feature import Feature
from db.tables import attendance, inbox
from sandbox.client import Json

NOON = datetime(2026, 12, 2, 4, tzinfo=UTC)
CHECK_INS = {"checkins": handlers.checkins.feature}


@pytest.fixture
async def stage(database_url: str) -> AsyncIterator[BotStage]:
    async with bot_stage(database_url, NOON) as made:
        yield made


@dataclass(frozen=True)
class Session:
    """An open session in the sandbox's group, and the message with its button."""

    stage: BotStage
    made: OpenSession
    group: Json
    card: Json

    async def tap(self, name: str) -> str:
        person = await self.stage.sandbox.person(name)
        return await self.stage.sandbox.tap_later(person, self.group, self.card, data=self.made.button)


async def open_for_check_in(stage: BotStage, starts_at: datetime) -> Session:
    group = await stage.sandbox.group("第一学习小组")
    members = [(await stage.sandbox.person(name))["id"] for name in ("王芳", "赵强", "陈静")]
    leader = (await stage.sandbox.person("李明"))["id"]
    made = await stage.store.write(lambda c: open_session(c, group["id"], members, leader, starts_at))
    await stage.store.write(lambda c: announce(c, made, stage.clock()))
    button = {"inline_keyboard": [[{"text": "签到", "callback_data": made.button}]]}
    message = {"chat_id": group["id"], "text": "签到", "reply_markup": button}
    async with stage.sandbox.session.post(f"{stage.sandbox.url}/bot{TOKEN}/sendMessage", json=message) as response:
        card = (await response.json())["result"]
    return Session(stage, made, group, card)


def recorded(number: int) -> Any:
    """A query for the attendance once so many are recorded."""
    rows = select(attendance).order_by(attendance.c.id)

    def query(connection: Any) -> Any:
        found = connection.execute(rows).all()
        return found if len(found) >= number else None

    return query


async def test_nothing_is_acknowledged_while_it_cannot_be_committed(stage: BotStage) -> None:
    session = await open_for_check_in(stage, NOON)
    stopped = asyncio.Event()

    def look() -> None:
        if len(stage.pauses.seconds) == 5:
            stopped.set()
            stage.store.out_of_reach = False

    stage.pauses.then = look
    stage.store.out_of_reach = True
    query = await session.tap("王芳")
    before = (await stage.sandbox.updates())["confirmed"]
    async with stage.polling(stage.intake(CHECK_INS)) as poller:
        await stopped.wait()
        assert (await stage.sandbox.updates())["confirmed"] == before
        assert stage.pauses.seconds == [1.0, 2.0, 4.0, 8.0, 16.0]
        await stage.store.until(recorded(1))
        await stage.sandbox.wait_until_idle()
        answer = await stage.sandbox.answer(query)
        assert poller.trouble is None
    assert answer is not None


async def test_a_tap_is_answered_only_after_its_commit(stage: BotStage) -> None:
    session = await open_for_check_in(stage, NOON)
    seen: list[bool] = []

    async def check_in(update: Update, context: Context, session_id: int) -> None:
        await handlers.checkins.check_in(update, context, session_id)
        seen.append(await stage.store.inner.read(recorded(1)) is not None)

    intake = stage.intake({"x": Feature(taps={"checkin": check_in})})
    async with stage.polling(intake):
        answer = await stage.sandbox.answer(await session.tap("王芳"))
        await intake.drain()
    assert answer is not None
    assert seen == [True]


async def test_what_came_while_we_were_down_is_older_than_it_arrives(stage: BotStage) -> None:
    session = await open_for_check_in(stage, NOON)
    away_since = NOON - timedelta(minutes=30)
    await stage.store.write(lambda c: services.inbox.accept(c, BOT_ID, [], away_since))
    await session.tap("王芳")
    async with stage.polling(stage.intake(CHECK_INS)):
        await stage.store.until(recorded(1))
        await session.tap("赵强")
        await stage.store.until(recorded(2))
    rows = await stage.store.read(
        lambda c: c.execute(select(inbox.c.not_before).order_by(inbox.c.update_id.desc()).limit(2)).scalars().all()
    )
    assert list(rows) == [None, away_since]


async def test_being_down_makes_nobody_late(stage: BotStage) -> None:
    """Tapped somewhen between the last time we listened, which was in time, and now, which is late."""
    session = await open_for_check_in(stage, NOON - timedelta(minutes=30))
    in_time = NOON - timedelta(minutes=25)
    await stage.store.write(lambda c: services.inbox.accept(c, BOT_ID, [], in_time))
    await session.tap("王芳")
    async with stage.polling(stage.intake(CHECK_INS)):
        await stage.store.until(recorded(1))
        await session.tap("赵强")
        first, second = await stage.store.until(recorded(2))
    assert (first.status, first.at, first.time_uncertain) == ("present", in_time, True)
    assert (second.status, second.at, second.time_uncertain) == ("late", NOON, False)


async def test_a_tap_before_the_end_counts_although_we_come_back_after_it(stage: BotStage) -> None:
    session = await open_for_check_in(stage, NOON - timedelta(hours=3))
    before_the_end = NOON - timedelta(hours=2)
    await stage.store.write(lambda c: services.inbox.accept(c, BOT_ID, [], before_the_end))
    await session.tap("王芳")
    async with stage.polling(stage.intake(CHECK_INS)):
        (row,) = await stage.store.until(recorded(1))
    assert (row.status, row.at, row.time_uncertain) == ("late", before_the_end, True)


async def test_a_database_that_was_away_makes_nobody_late(stage: BotStage) -> None:
    """The moment until which we listened is then known from memory only."""
    session = await open_for_check_in(stage, NOON - timedelta(minutes=9))
    async with stage.polling(stage.intake(CHECK_INS)):
        await session.tap("王芳")
        await stage.store.until(recorded(1))
        await stage.sandbox.wait_until_idle()
        stage.store.out_of_reach = True

        def come_back() -> None:
            stage.clock.move(minutes=5)
            stage.store.out_of_reach = len(stage.pauses.seconds) < 3

        stage.pauses.then = come_back
        await session.tap("赵强")
        _, second = await stage.store.until(recorded(2))
    assert (second.status, second.at, second.time_uncertain) == ("present", NOON, True)


async def test_a_second_process_with_our_token_is_named_and_waited_for(stage: BotStage) -> None:
    conflict = {"status": 409, "description": "Conflict: terminated by other getUpdates request"}
    await stage.sandbox.fault("getUpdates", conflict, times=1)
    troubles: list[str | None] = []
    async with stage.polling(stage.intake(CHECK_INS)) as poller:
        stage.pauses.then = lambda: troubles.append(poller.trouble)
        session = await open_for_check_in(stage, NOON)
        await session.tap("王芳")
        await stage.store.until(recorded(1))
    assert troubles == ["another process polls with this token"]
    assert stage.pauses.seconds == [15.0]


@pytest.mark.parametrize(
    ("fault", "pause"),
    [
        ({"status": 429, "parameters": {"retry_after": 7}}, 7.0),
        ({"status": 401}, 60.0),
        ({"body": "<html>", "status": 502}, 1.0),
        ("drop_before", 1.0),
    ],
)
async def test_polling_goes_on_after_a_fault(stage: BotStage, fault: Any, pause: float) -> None:
    session = await open_for_check_in(stage, NOON)
    await stage.sandbox.fault("getUpdates", fault)
    await session.tap("王芳")
    async with stage.polling(stage.intake(CHECK_INS)):
        await stage.store.until(recorded(1))
    assert stage.pauses.seconds == [pause]


class ScriptedBot:
    """Gives one batch of updates, then nothing for ever; `asked` counts the requests."""

    def __init__(self, updates: list[Json]) -> None:
        self.updates = updates
        self.asked = 0
        self.asked_again = asyncio.Event()

    async def do_api_request(self, _method: str, **_more: Any) -> list[Json]:
        self.asked += 1
        if self.asked > 1:
            self.asked_again.set()
            await asyncio.Event().wait()
        return self.updates


async def test_polling_stops_at_the_backlog_and_goes_on_below_it(
    stage: BotStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three updates are more than two: nothing is asked for until one is handled, and the others may go on waiting."""
    monkeypatch.setattr("bot.poller.BACKLOG", 2)
    begun: list[int] = []
    all_begun = asyncio.Event()
    may_end = [asyncio.Event() for _ in range(3)]

    async def wait(_update: Update, _context: Context, number: int) -> None:
        begun.append(number)
        if len(begun) == 3:
            all_begun.set()
        await may_end[number].wait()

    updates = [tap_of(number) for number in range(3)]
    bot = ScriptedBot(updates)
    intake = stage.intake({"x": Feature(taps={"checkin": wait})})
    poller = Poller(cast("Bot", bot), intake, stage.store, stage.clock, BOT_ID, pause=stage.pauses)
    polling = asyncio.create_task(poller.run())
    await all_begun.wait()
    for _ in range(100):  # a poller that went on would need one of these
        await asyncio.sleep(0)
    assert (bot.asked, intake.waiting) == (1, 3)
    may_end[1].set()
    await asyncio.wait_for(bot.asked_again.wait(), 10)
    assert intake.waiting == 2
    for event in may_end:
        event.set()
    await intake.drain()
    polling.cancel()
    assert intake.handled == 3


def tap_of(number: int) -> Json:
    """A tap in a chat of its own."""
    person = {"id": 70 + number, "is_bot": False, "first_name": "Wang"}
    message = {"message_id": 5, "date": 0, "chat": {"id": -100 - number, "type": "supergroup", "title": "x"}}
    query = {"id": str(number), "from": person, "chat_instance": "1", "data": f"checkin:{number}", "message": message}
    return {"update_id": 500 + number, "callback_query": query}


def test_what_is_held_at_most_and_how_long_a_poll_lasts() -> None:
    assert BACKLOG > 100, "more than one batch, or polling would stop at each"
    assert POLL_SECONDS <= 10, "how exactly we know until when we were listening"
