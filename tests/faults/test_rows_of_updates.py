"""Rows 19 to 21 of the fault matrix: what Telegram sends twice, out of order, or broken."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

import pytest
from bot_stage import BotStage, bot_stage
from outbox_room import NOON
from sqlalchemy import Connection, func, insert, select
from telegram import Update

from chat.context import Context
from chat.feature import Feature
from db.tables import audit


@pytest.fixture
async def stage(database_url: str) -> AsyncIterator[BotStage]:
    async with bot_stage(database_url, NOON) as made:
        yield made


def tap(update_id: int, number: int) -> dict[str, Any]:
    """A tap as Telegram sends it."""
    sender = {"id": 7, "is_bot": False, "first_name": "Wang"}
    message = {"message_id": 5, "date": 0, "chat": {"id": -1001, "type": "supergroup", "title": "x"}}
    query = {"id": str(update_id), "from": sender, "chat_instance": "1", "data": f"note:{number}", "message": message}
    return {"update_id": update_id, "callback_query": query}


def write_down(connection: Connection, number: int, at: datetime) -> None:
    connection.execute(insert(audit).values(at=at, actor_id=number, action="noted"))


async def note(_update: Update, context: Context, number: int) -> None:
    await context.write(write_down, number, context.now)


NOTED: Mapping[str, Feature] = {"notes": Feature(taps={"note": note})}


async def noted(stage: BotStage) -> list[int]:
    query = select(audit.c.actor_id).order_by(audit.c.actor_id)
    return await stage.store.inner.read(lambda c: list(c.execute(query).scalars()))


async def test_row_19_an_update_that_comes_twice_has_one_effect(stage: BotStage) -> None:
    intake = stage.intake(NOTED)
    for _ in range(3):
        await intake.accept([tap(1, 1), tap(2, 2), tap(1, 1)])
        await intake.drain()
    restarted = stage.intake(NOTED)
    assert await restarted.recover() == 0
    await restarted.accept([tap(2, 2), tap(1, 1)])
    await restarted.drain()
    assert await noted(stage) == [1, 2]


async def test_row_20_out_of_order_and_from_lower_numbers_all_are_handled(stage: BotStage) -> None:
    intake = stage.intake(NOTED)
    await intake.accept([tap(900, 1), tap(700, 2)])
    stage.clock.move(days=8)  # after an idle week Telegram may begin anywhere
    await intake.accept([tap(800, 3), tap(5, 4), tap(3, 5)])
    await intake.drain()
    assert await noted(stage) == [1, 2, 3, 4, 5]


async def test_row_21_a_poisonous_update_is_set_aside_and_the_rest_goes_on(stage: BotStage) -> None:
    intake = stage.intake(NOTED)
    poison: list[dict[str, Any]] = [
        {"update_id": 1, "callback_query": {"id": []}},
        {"update_id": 2, "message": {"message_id": 1, "date": "yesterday", "chat": 5}},
        {"update_id": 3, "my_chat_member": "nonsense"},
    ]
    await intake.accept([*poison, *(tap(10 + n, n) for n in range(50))])
    await intake.drain()
    assert await noted(stage) == list(range(50))
    found = await stage.inbox_states()
    assert [found[number] for number in (1, 2, 3)] == ["quarantined"] * 3
    sent = select(func.count()).select_from(audit)
    assert await stage.store.inner.read(lambda c: c.execute(sent).scalar_one()) == 50
