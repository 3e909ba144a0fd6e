"""What `/readyz` says is wrong: updates, sending, database."""

from collections.abc import AsyncIterator
from functools import partial

import pytest
from bot_stage import BotStage, bot_stage
from outbox_room import NOON

from bot.measuring import STALLED, Measures


@pytest.fixture
async def stage(database_url: str) -> AsyncIterator[BotStage]:
    async with bot_stage(database_url, NOON) as made:
        yield made


async def test_it_names_each_part_that_does_not_work(stage: BotStage) -> None:
    trouble: dict[str, str | None] = {}
    moment = 0.0
    measures = Measures(stage.store, stage.clock, ticks=lambda: moment)
    measures.trouble = {part: partial(trouble.get, part) for part in ("updates", "sending")}
    assert await measures.wrong() == {}
    trouble["updates"] = "conflict"
    stage.store.out_of_reach = True
    assert await measures.wrong() == {"updates": "conflict", "database": "out of reach"}
    stage.store.out_of_reach = False
    trouble["updates"], trouble["sending"] = None, "the token is not valid"
    assert await measures.wrong() == {"sending": "the token is not valid"}
    trouble["sending"] = None
    moment = STALLED + 1
    assert set(await measures.wrong()) == {"sending"}
    measures.ticked()
    assert await measures.wrong() == {}
