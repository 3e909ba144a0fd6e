"""The k-th read, write, COMMIT or request of an evening fails, for k = 1, 2, 3 … until an evening ends before it does.

`FAULT_STRIDE` says how many k lie between two that are tried; `make soak` tries every one. Kills are
swept in test_soak.py.
"""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import nullcontext
from typing import Any

import pytest
from bot_stage import BotStage, bot_stage
from evening import Evening, Striker
from open_session import engine_of
from outbox_room import NOON
from sqlalchemy import Engine

STRIDE = int(os.environ.get("FAULT_STRIDE", "22"))

STATEMENTS = ("read", "write", "commit")
REQUESTS: dict[str, Any] = {
    "refused": "drop_before",
    "accepted, answer lost": "drop_after_accept",
    "server error": {"status": 502},
    "flood": {"status": 429, "parameters": {"retry_after": 2}},
}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600 // STRIDE + 120)]


@pytest.fixture
async def stage(database_url: str) -> AsyncIterator[BotStage]:
    async with bot_stage(database_url, NOON) as made:
        yield made


@pytest.fixture
def looking(database_url: str) -> Iterator[Engine]:
    engine = engine_of(database_url)
    yield engine
    engine.dispose()


async def an_evening(stage: BotStage, looking: Engine, striker: Striker | None = None) -> None:
    evening = Evening(stage, looking)
    await evening.prepare()
    with striker.armed() if striker is not None else nullcontext():
        async with evening.bot():
            await evening.run()
    await evening.judge()


@pytest.mark.parametrize("what", STATEMENTS)
async def test_whichever_statement_fails_nothing_is_lost_and_nothing_doubled(
    stage: BotStage, looking: Engine, what: str
) -> None:
    await an_evening(stage, looking)
    tried = 0
    for number in range(1, 10_000, STRIDE):
        striker = Striker(what, number, looking)
        await an_evening(stage, looking, striker)
        if not striker.fired:
            break
        tried += 1
    assert tried > 30 // STRIDE
    print(f"\n{looking.dialect.name}: an evening was struck at {tried} places by a failing {what}")


@pytest.mark.parametrize("what", REQUESTS)
async def test_whichever_request_fails_nothing_is_lost_and_nothing_doubled(
    stage: BotStage, looking: Engine, what: str
) -> None:
    tried = 0
    for number in range(1, 10_000, max(STRIDE // 2, 1)):  # there are fewer requests than statements
        fault = await stage.sandbox.fault("*", REQUESTS[what], nth=number)
        await an_evening(stage, looking)
        if any(each["id"] == fault for each in await stage.sandbox.faults()):
            break
        tried += 1
    await stage.sandbox.clear_faults()
    assert tried > 10 // STRIDE
    print(f"\n{looking.dialect.name}: an evening was struck at {tried} requests: {what}")
