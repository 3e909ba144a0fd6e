"""The clock: dates follow it, waiting for its moves, the launcher's hook."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
from sandbox_stage import stage

from bot import launcher
from bot.clock import Clock
from sandbox.client import SandboxRefusedError


async def test_dates_follow_the_clock() -> None:
    async with stage() as s:
        group = await s.group()
        await s.sandbox.shift(days=2, hours=1, minutes=1, seconds=5)
        sent = await s.ok("sendMessage", chat_id=group["id"], text="a")
        ahead = sent["date"] - time.time()
        assert 176_465 - 5 < ahead < 176_465 + 5


async def test_the_clock_can_be_set_and_put_back() -> None:
    async with stage() as s:
        await s.sandbox.set_clock("2026-12-02T19:00:00+08:00")
        assert abs((await s.sandbox.clock())["now"] - 1_796_209_200) < 5
        await s.sandbox.set_clock(1_796_209_200 - 7200)
        assert abs((await s.sandbox.clock())["now"] - 1_796_202_000) < 5
        with pytest.raises(SandboxRefusedError):
            await s.sandbox.set_clock("2026-12-02T19:00:00")


async def test_another_process_waits_for_a_move() -> None:
    async with stage() as s:
        waiting = asyncio.create_task(s.sandbox.call("GET", "clock", after=0.0, timeout=30))
        await s.sandbox.shift(hours=1)
        async with asyncio.timeout(5):
            assert (await waiting)["offset_seconds"] == 3600
        assert (await s.sandbox.call("GET", "clock", after=0, timeout=30))["offset_seconds"] == 3600
        assert (await s.sandbox.call("GET", "clock", after=3600, timeout=0.01))["offset_seconds"] == 3600


@pytest.mark.parametrize("is_async", [True, False])
async def test_the_launcher_is_told(is_async: bool) -> None:
    told: list[float] = []

    async def later(offset: float) -> None:
        told.append(offset)

    async with stage(on_shift=later if is_async else told.append) as s:
        await s.sandbox.shift(hours=1)
        await s.sandbox.shift(hours=-2)
        assert told == [3600, -3600]


async def test_a_bot_that_starts_beside_it_is_at_its_time_at_once() -> None:
    async with stage() as s:
        await s.sandbox.set_clock("2025-12-02T19:00:00+08:00")
        clock = Clock()
        await launcher.take_time(s.sandbox.url, clock)
        assert abs(clock() - datetime(2025, 12, 2, 11, tzinfo=UTC)) < timedelta(minutes=1)


async def test_what_the_bot_tells_the_page_is_shown_and_told_once() -> None:
    async with stage() as s:
        hints: dict[str, object] = {"coming": [{"at": 1.0, "what": {"en": "a reminder"}}]}

        async def read() -> dict[str, object]:
            return hints

        async def shown() -> bool:
            return bool((await s.sandbox.call("GET", "state"))["hints"] == hints)

        telling = asyncio.create_task(launcher.keep_told(s.sandbox.url, read))
        await s.sandbox.wait_for(shown)
        telling.cancel()
        seq = await s.sandbox.seq()
        await s.sandbox.call("POST", "hints", hints)
        assert await s.sandbox.seq() == seq  # nothing new: no page reads anew
        await s.sandbox.reset()
        assert (await s.sandbox.call("GET", "state"))["hints"] == {}
