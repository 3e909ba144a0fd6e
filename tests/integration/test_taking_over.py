"""Updates that were taken in and that nobody has in hand: left by a process that is gone, or committed unnoticed."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import pytest
from bot_stage import BotStage, bot_stage
from outbox_room import NOON
from sqlalchemy import insert, select
from telegram import Update
from test_intake import tap

from chat.context import Context
from chat.feature import Feature
from db.batch import Unavailable
from db.tables import audit
from services import replicas


@pytest.fixture
async def stage(database_url: str) -> AsyncIterator[BotStage]:
    async with bot_stage(database_url, NOON) as made:
        yield made


class Handler:
    """Notes each tap, once it may go on."""

    def __init__(self) -> None:
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()
        self.handled: list[int] = []
        self.features: Mapping[str, Feature] = {"notes": Feature(taps={"note": self._note})}

    async def _note(self, _update: Update, context: Context, number: int) -> None:
        self.begun.set()
        await self.go_on.wait()
        now = context.now
        await context.write(
            lambda c, actor_id: c.execute(insert(audit).values(at=now, actor_id=actor_id, action="noted")), number
        )
        self.handled.append(number)


async def noted(stage: BotStage) -> list[int]:
    query = select(audit.c.actor_id).order_by(audit.c.actor_id)
    return await stage.store.inner.read(lambda c: list(c.execute(query).scalars()))


async def lives(stage: BotStage, owner: str) -> None:
    """A process says that it is alive."""
    await stage.store.write(lambda c: replicas.beat(c, owner))


async def test_what_was_committed_although_the_answer_was_lost_is_handled_soon_and_once(stage: BotStage) -> None:
    handler = Handler()
    handler.go_on.set()
    intake = stage.intake(handler.features)
    stage.store.lost_answers = 1
    with pytest.raises(Unavailable):
        await intake.accept([tap(1)])
    await intake.accept([tap(1), tap(2, "note:2")])  # Telegram brings it again: it is known
    await intake.drain()
    assert await noted(stage) == [2]
    assert await intake.recover() == 1
    await intake.drain()
    assert await noted(stage) == [1, 2]
    assert await intake.recover() == 0
    assert set((await stage.inbox_states()).values()) == {"done"}


async def test_what_is_in_hand_is_not_taken_up_twice(stage: BotStage) -> None:
    handler = Handler()
    intake = stage.intake(handler.features)
    await intake.accept([tap(1)])
    await handler.begun.wait()
    assert await intake.recover() == 0
    handler.go_on.set()
    await intake.drain()
    assert handler.handled == [1]


async def test_another_process_that_is_alive_keeps_its_own_and_one_that_is_gone_does_not(stage: BotStage) -> None:
    theirs, ours = Handler(), Handler()
    ours.go_on.set()
    for owner in ("one", "two"):
        await lives(stage, owner)
    one = stage.intake(theirs.features, owner="one", alone=False)
    two = stage.intake(ours.features, owner="two", alone=False)
    await one.accept([tap(1)])
    await theirs.begun.wait()
    assert await two.recover() == 0
    await stage.store.write(lambda c: replicas.leave(c, "one"))
    assert await two.recover() == 1
    await two.drain()
    assert (ours.handled, await noted(stage)) == ([1], [1])
    theirs.go_on.set()  # it was not dead, only asleep: its effect is there already
    await one.drain()
    assert (theirs.handled, await noted(stage)) == ([], [1])


async def test_two_that_look_at_once_take_each_update_over_once(stage: BotStage) -> None:
    handlers = Handler(), Handler()
    gone = stage.intake(Handler().features, owner="gone", alone=False)
    await gone.accept([tap(number, f"note:{number}", person=number) for number in range(1, 21)])
    for owner in ("one", "two"):
        await lives(stage, owner)
    intakes = [
        stage.intake(handler.features, owner=owner, alone=False)
        for owner, handler in zip(("one", "two"), handlers, strict=True)
    ]
    assert sum(await asyncio.gather(*(intake.recover() for intake in intakes))) == 20
    for handler in handlers:
        handler.go_on.set()
    for intake in intakes:
        await intake.drain()
    assert sorted(handlers[0].handled + handlers[1].handled) == list(range(1, 21))
