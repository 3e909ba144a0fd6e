"""What `/readyz` says is wrong (updates, sending, database), and what `/metrics` tells of copies."""

from collections.abc import AsyncIterator
from functools import partial

import pytest
from bot_stage import BotStage, bot_stage
from outbox_room import NOON

from bot.backups import State
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


async def test_figures_tell_when_the_last_copy_was_made_and_tried_and_whether_that_works(stage: BotStage) -> None:
    measures = Measures(stage.store, stage.clock)
    measures.trouble = {"updates": lambda: None}
    standing = State(made_at="2026-12-02T04:00:00+00:00", tried_at="2026-11-30T04:00:00+00:00")

    async def told() -> dict[str, float]:
        lines = (await measures.exposed()).decode().splitlines()
        return {name: float(value) for name, value in (line.split() for line in lines if line.startswith("bot_backup"))}

    assert set((await told()).values()) == {0.0}
    measures.copies = lambda: standing
    assert await told() == {
        "bot_backup_made_timestamp_seconds": NOON.timestamp(),
        "bot_backup_tried_timestamp_seconds": NOON.timestamp() - 2 * 86_400,
        "bot_backup_up": 1.0,
    }
    standing = State(made_at=standing.made_at, trouble="the disk is full")
    assert await told() == {
        "bot_backup_made_timestamp_seconds": NOON.timestamp(),
        "bot_backup_tried_timestamp_seconds": 0.0,
        "bot_backup_up": 0.0,
    }
