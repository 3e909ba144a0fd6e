"""Row 49 of the fault matrix: what the log of a real bot tells at its most talkative."""

import asyncio
from pathlib import Path

import pytest
from open_session import engine_of
from processes import TOKEN, bot_process, sandbox_process
from scene import prepare, recorded

CANARY = "金丝雀的悄悄话"


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_row_49_the_log_at_debug_holds_no_token_no_name_and_no_word(database_url: str, tmp_path: Path) -> None:
    async with sandbox_process() as sandbox:
        group, leader = await sandbox.group("第一学习小组"), await sandbox.person("李明")
        people = await sandbox.new_people(3, group=group)
        made = await asyncio.to_thread(prepare, database_url, group, leader, people)
        bot = bot_process(sandbox.url, database_url, tmp_path)
        await bot.start(BOT__LOG__LEVEL="debug")
        try:
            card = await sandbox.wait_for_message(leader, group, contains="党课", timeout=60)
            await sandbox.press_start(leader)
            private = sandbox.private(leader)
            await sandbox.say(leader, private, CANARY)
            await sandbox.say(leader, group, f"/new 明天19:00 {CANARY}")
            for fault in ({"status": 401}, {"status": 500, "body": "<html>"}, "drop_after_accept"):
                for method in ("sendMessage", "editMessageText", "answerCallbackQuery"):
                    await sandbox.fault(method, fault, times=2)
                await sandbox.tap_all(group, card, made.button, people)
            await sandbox.clear_faults()

            async def done() -> bool:
                return bool(await asyncio.to_thread(_look, database_url))

            await sandbox.wait_for(done, timeout=60)
        finally:
            await bot.stop()
        log = await asyncio.to_thread((tmp_path / "bot.log").read_text)
        assert "[info" in log  # below the level that hides most of it
        assert "started" in log
        for secret in (TOKEN.partition(":")[2], CANARY, "李明", "组员"):
            assert secret not in log, secret


def _look(url: str) -> bool:
    engine = engine_of(url)
    with engine.begin() as connection:
        found = recorded(connection) == (3, 3)
    engine.dispose()
    return found
