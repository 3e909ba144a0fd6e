"""The intake: committed before it is acknowledged, handled once, and never stopped by one bad update."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from bot_stage import BOT_ID, BotStage, bot_stage
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import OperationalError
from telegram import Update

import services.inbox
from bot.intake import TRIES
from chat.context import Context, taken
from chat.feature import Feature
from db.batch import Unavailable
from db.tables import audit, inbox
from domain.attendance import Moment
from domain.errors import Refusal

NOON = datetime(2026, 12, 2, 4, tzinfo=UTC)
GROUP = -1001


@pytest.fixture
async def stage(database_url: str) -> AsyncIterator[BotStage]:
    async with bot_stage(database_url, NOON) as made:
        yield made


def tap(update_id: int, data: str = "note:1", person: int = 7) -> dict[str, Any]:
    """A tap as Telegram sends it."""
    sender = {"id": person, "is_bot": False, "first_name": "Wang"}
    message = {"message_id": 5, "date": 0, "chat": {"id": GROUP, "type": "supergroup", "title": "x"}}
    query = {"id": str(update_id), "from": sender, "chat_instance": "1", "data": data, "message": message}
    return {"update_id": update_id, "callback_query": query}


def note(connection: Connection, number: int, at: datetime) -> None:
    """The effect of a tap."""
    connection.execute(insert(audit).values(at=at, actor_id=number, action="noted"))


async def write_note(_update: Update, context: Context, number: int) -> None:
    await context.write(note, number, context.now)


NOTES = {"notes": Feature(taps={"note": write_note})}


async def noted(stage: BotStage) -> list[int]:
    return await stage.store.inner.read(
        lambda c: list(c.execute(select(audit.c.actor_id).order_by(audit.c.id)).scalars())
    )


def feature(handle: Callable[..., Any]) -> dict[str, Feature]:
    return {"test": Feature(taps={"note": handle})}


async def test_an_update_is_committed_when_accept_returns(stage: BotStage) -> None:
    go_on = asyncio.Event()

    async def wait_then_write(update: Update, context: Context, number: int) -> None:
        await go_on.wait()
        await write_note(update, context, number)

    intake = stage.intake(feature(wait_then_write))
    await intake.accept([tap(1)])
    assert await stage.inbox_states() == {1: "new"}
    go_on.set()
    await intake.drain()
    assert await stage.inbox_states() == {1: "done"}
    assert await noted(stage) == [1]
    assert stage.woken == 1


async def test_what_cannot_be_committed_is_not_accepted_and_not_handled(stage: BotStage) -> None:
    intake = stage.intake(NOTES)
    stage.store.out_of_reach = True
    with pytest.raises(Unavailable):
        await intake.accept([tap(1)])
    assert intake.waiting == 0
    stage.store.out_of_reach = False
    await intake.accept([tap(1)])
    await intake.drain()
    assert await noted(stage) == [1]


async def test_an_update_that_comes_again_has_no_second_effect(stage: BotStage) -> None:
    intake = stage.intake(NOTES)
    await intake.accept([tap(1), tap(1), tap(2, "note:2")])
    await intake.drain()
    await intake.accept([tap(2, "note:2"), tap(3, "note:3")])
    await intake.drain()
    restarted = stage.intake(NOTES)
    assert await restarted.recover() == 0
    await restarted.accept([tap(n, f"note:{n}") for n in (3, 2, 1)])
    await restarted.drain()
    assert sorted(await noted(stage)) == [1, 2, 3]


async def test_ids_that_restart_lower_are_handled_all_the_same(stage: BotStage) -> None:
    intake = stage.intake(NOTES)
    await intake.accept([tap(900, "note:1"), tap(3, "note:2"), tap(500, "note:3")])
    await intake.drain()
    assert sorted(await noted(stage)) == [1, 2, 3]


async def test_what_was_committed_before_a_stop_is_handled_after_it_with_its_own_time(stage: BotStage) -> None:
    arrivals = [
        services.inbox.Arrival(n, orjson.dumps(tap(n, f"note:{n}")), Moment(NOON.replace(hour=n), NOON.replace(hour=0)))
        for n in (3, 2)
    ]
    await stage.store.write(lambda c: services.inbox.accept(c, BOT_ID, arrivals, NOON))
    seen: list[tuple[int, Moment]] = []

    async def look(update: Update, context: Context, number: int) -> None:
        seen.append((number, context.moment))
        await write_note(update, context, number)

    intake = stage.intake(feature(look))
    assert await intake.recover() == 2
    await intake.drain()
    assert seen == [(n, Moment(NOON.replace(hour=n), NOON.replace(hour=0))) for n in (2, 3)]
    assert await stage.inbox_states() == {2: "done", 3: "done"}


async def test_an_update_whose_effect_is_committed_changes_nothing_more(stage: BotStage) -> None:
    """A connection lost in the moment of the COMMIT: the handler saw a failure, the effect is there."""
    tries: list[int] = []

    async def lose_the_answer(update: Update, context: Context, number: int) -> None:
        tries.append(number)
        await write_note(update, context, number)
        if len(tries) == 1:
            taken.get().written = False
            raise Unavailable("lost")

    intake = stage.intake(feature(lose_the_answer))
    await intake.accept([tap(1)])
    await intake.drain()
    assert len(tries) == 2
    assert await noted(stage) == [1]
    assert await stage.inbox_states() == {1: "done"}


async def test_a_failing_handler_is_tried_again_and_the_effect_is_taken_back(stage: BotStage) -> None:
    attempts: list[int] = []

    def fail_twice(connection: Connection, number: int, at: datetime) -> None:
        note(connection, number, at)
        attempts.append(number)
        if len(attempts) < TRIES:
            raise LookupError("a fault in the use case")

    async def handle(_update: Update, context: Context, number: int) -> None:
        await context.write(fail_twice, number, context.now)

    intake = stage.intake(feature(handle))
    await intake.accept([tap(1)])
    await intake.drain()
    assert attempts == [1] * TRIES
    assert await noted(stage) == [1]
    assert await stage.inbox_states() == {1: "done"}


async def test_an_update_that_always_fails_is_set_aside_and_the_chat_goes_on(stage: BotStage) -> None:
    tries: list[bool] = []

    async def handle(update: Update, context: Context, number: int) -> None:
        if number == 13:
            tries.append(taken.get().last_try)
            raise LookupError("always")
        await write_note(update, context, number)

    intake = stage.intake(feature(handle))
    await intake.accept([tap(1, "note:13"), tap(2, "note:2")])
    await intake.drain()
    assert tries == [False] * (TRIES - 1) + [True]
    assert await noted(stage) == [2]
    row = await stage.store.read(lambda c: c.execute(select(inbox).where(inbox.c.update_id == 1)).one())
    assert (row.state, row.tries) == ("quarantined", TRIES)
    assert len(row.reference) == 8
    assert row.raw is not None


async def test_a_refusal_is_an_answer_and_no_failure(stage: BotStage) -> None:
    async def refuse(_update: Update, _context: Context, _number: int) -> None:
        raise Refusal("session_gone")

    intake = stage.intake(feature(refuse))
    await intake.accept([tap(1), tap(2, "nobody:1"), tap(3, "note:1:2:3")])
    await intake.drain()
    assert await stage.inbox_states() == {1: "done", 2: "done", 3: "done"}


async def test_an_update_that_only_reads_is_marked_done(stage: BotStage) -> None:
    async def read(_update: Update, context: Context, _number: int) -> None:
        await context.read(lambda c: c.execute(select(audit)).all())

    intake = stage.intake(feature(read))
    await intake.accept([tap(1), {"update_id": 2}])
    await intake.drain()
    assert await stage.inbox_states() == {1: "done", 2: "done"}


async def test_a_second_writing_use_case_is_refused(stage: BotStage) -> None:
    async def write_twice(update: Update, context: Context, number: int) -> None:
        await write_note(update, context, number)
        await write_note(update, context, number + 1)

    intake = stage.intake(feature(write_twice))
    await intake.accept([tap(1)])
    await intake.drain()
    assert await noted(stage) == [1]


async def test_while_the_database_is_out_of_reach_the_update_is_held_and_then_handled(stage: BotStage) -> None:
    seen: list[int] = []

    async def handle(update: Update, context: Context, number: int) -> None:
        seen.append(number)
        if number == 1 and len(seen) == 1:
            stage.store.out_of_reach = True
        await write_note(update, context, number)

    def come_back() -> None:
        stage.store.out_of_reach = len(stage.pauses.seconds) < 7

    stage.pauses.then = come_back
    intake = stage.intake(feature(handle))
    await intake.accept([tap(1, "note:1", person=7), tap(2, "note:2", person=7)])
    await intake.drain()
    assert stage.pauses.seconds == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
    assert await noted(stage) == [1, 2]
    states = await stage.store.read(lambda c: c.execute(select(inbox.c.state, inbox.c.tries)).all())
    assert {tuple(row) for row in states} == {("done", 0)}


BROKEN = (
    OperationalError("UPDATE inbox", {}, Exception("no such savepoint")),
    RuntimeError("a fault of ours"),
    Unavailable("locked"),
)


async def test_whatever_fails_in_settling_an_update_is_tried_until_it_is_settled(stage: BotStage) -> None:
    """The handler is not run again for that: its answer is out."""
    answered: list[int] = []

    async def answer(_update: Update, _context: Context, number: int) -> None:
        answered.append(number)
        stage.store.faults.extend(BROKEN)

    intake = stage.intake(feature(answer))
    await intake.accept([tap(1), tap(2, person=8)])
    await intake.drain()
    assert sorted(answered) == [1, 1]
    assert len(stage.pauses.seconds) == 2 * len(BROKEN)
    assert await stage.inbox_states() == {1: "done", 2: "done"}
    assert intake.handled == 2
    assert await stage.intake(NOTES).recover() == 0


async def test_whatever_fails_in_counting_a_try_is_tried_until_it_is_counted(stage: BotStage) -> None:
    tries: list[int] = []

    async def fail(_update: Update, _context: Context, number: int) -> None:
        tries.append(number)
        stage.store.faults.extend(BROKEN)
        raise LookupError("always")

    intake = stage.intake(feature(fail))
    await intake.accept([tap(1)])
    await intake.drain()
    assert tries == [1] * TRIES
    assert await stage.inbox_states() == {1: "quarantined"}


async def test_an_update_that_cannot_be_read_is_set_aside_although_that_fails_at_first(stage: BotStage) -> None:
    intake = stage.intake(NOTES)
    poison: dict[str, Any] = {"update_id": 1, "callback_query": {"id": []}}
    await stage.store.write(lambda c: services.inbox.accept(c, BOT_ID, [_arrival(poison)], NOON))
    assert await intake.recover() == 1
    stage.store.faults.extend(BROKEN)
    await intake.drain()
    assert await stage.inbox_states() == {1: "quarantined"}


def _arrival(update: dict[str, Any]) -> services.inbox.Arrival:
    return services.inbox.Arrival(update["update_id"], orjson.dumps(update), Moment(NOON))


async def test_an_update_that_comes_twice_is_handled_and_answered_exactly_once(stage: BotStage) -> None:
    wang = await stage.sandbox.person("王芳")
    await stage.sandbox.press_start(wang)
    intake = stage.intake(NOTES)
    person = {"id": wang["id"], "is_bot": False, "first_name": "王芳"}
    message = {"message_id": 5, "date": 0, "chat": {"id": wang["id"], "type": "private"}, "from": person}
    update = {"update_id": 77, "message": {**message, "text": "看不懂"}}
    await intake.accept([update, update])
    await intake.accept([update])
    await intake.drain()
    await intake.accept([update])
    await intake.drain()
    assert intake.handled == 1
    assert [entry["chat"] for entry in await stage.sandbox.accepted("sendMessage")] == [wang["id"]]


async def test_a_tap_s_topic_is_known_although_its_message_is_not_read(stage: BotStage) -> None:
    seen: list[int | None] = []

    async def look(_update: Update, context: Context, _number: int) -> None:
        seen.append(context.thread)

    intake = stage.intake(feature(look))
    update = tap(1)
    update["callback_query"]["message"] |= {"message_thread_id": 9, "is_topic_message": True}
    await intake.accept([update, tap(2, person=8)])
    await intake.drain()
    assert sorted(seen, key=str) == [9, None]


@pytest.mark.parametrize(
    "poison",
    [
        {"update_id": 1, "callback_query": {"id": []}},
        {"update_id": 1, "message": {"message_id": 1, "date": "yesterday", "chat": 5}},
        {"update_id": 1, "my_chat_member": "nonsense"},
    ],
)
async def test_an_update_that_cannot_be_read_is_set_aside(stage: BotStage, poison: dict[str, Any]) -> None:
    intake = stage.intake(NOTES)
    await intake.accept([poison, tap(2, "note:2")])
    await intake.drain()
    assert await stage.inbox_states() == {1: "quarantined", 2: "done"}
    assert await noted(stage) == [2]
    restarted = stage.intake(NOTES)
    assert await restarted.recover() == 0
