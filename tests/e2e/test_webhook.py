"""A bot that is brought its updates: over real HTTP, through a kill, with its health and figures beside it."""

import asyncio
import socket
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from open_session import OpenSession, announce, engine_of, open_session
from processes import Killable, bot_process, sandbox_process
from sqlalchemy import func, select

from db import migrate
from db.tables import attendance
from sandbox.client import Json

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

PEOPLE = 12


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def prepare(url: str, group: Json, leader: Json, people: list[int]) -> OpenSession:
    migrate.upgrade(url)
    engine = engine_of(url)
    now = datetime.now(UTC)
    with engine.begin() as connection:
        made = open_session(connection, group["id"], people, leader["id"], now)
        announce(connection, made, now)
    engine.dispose()
    return made


def came(url: str) -> int:
    engine = engine_of(url)
    with engine.begin() as connection:
        number = connection.execute(select(func.count()).select_from(attendance)).scalar_one()
    engine.dispose()
    return int(number)


async def get(address: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        return answer.status, await answer.text()


def brought(bot: Killable, port: int) -> dict[str, str]:
    """What makes a bot be brought its updates on this machine."""
    return {"BOT__WEB__PORT": str(port), "BOT__WEBHOOK__URL": f"http://127.0.0.1:{port}/telegram"}


async def test_check_ins_by_webhook_through_a_kill_and_back_to_polling(database_url: str, tmp_path: Path) -> None:
    async with sandbox_process() as sandbox:
        group, leader = await sandbox.group("第一学习小组"), await sandbox.person("李明")
        people = await sandbox.new_people(PEOPLE, group=group)
        made = await asyncio.to_thread(prepare, database_url, group, leader, people)
        port = free_port()
        bot = bot_process(sandbox.url, database_url, tmp_path)
        settings = brought(bot, port)

        async def recorded(number: int) -> None:
            async def enough() -> bool:
                return await asyncio.to_thread(came, database_url) == number

            await sandbox.wait_for(enough, timeout=60)

        await bot.start(**settings)
        try:
            card = await sandbox.wait_for_message(leader, group, contains="党课", timeout=60)

            async def ready() -> bool:
                return (await get(f"http://127.0.0.1:{port}/readyz"))[0] == 200

            await sandbox.wait_for(ready, timeout=30)
            await sandbox.fault("editMessageText", {"status": 401}, times=0)  # the counter on the card
            await sandbox.tap_all(group, card, made.button, people[:4])
            await recorded(4)

            async def sending_stopped() -> bool:
                status, said = await get(f"http://127.0.0.1:{port}/readyz")
                return status == 503 and "sending" in said

            await sandbox.wait_for(sending_stopped, timeout=30)
            await sandbox.clear_faults()
            status, figures = await get(f"http://127.0.0.1:{port}/metrics")
            assert status == 200
            handled = next(line for line in figures.splitlines() if line.startswith("bot_update_seconds_count"))
            assert float(handled.split()[1]) >= 4
            assert 'bot_inbox{state="new"} 0.0' in figures
            assert 'bot_sends_total{outcome="Sent"}' in figures
            assert (await get(f"http://127.0.0.1:{port}/healthz"))[0] == 200
            await bot.kill()
            await sandbox.tap_all(group, card, made.button, people[4:8])  # nobody is there
            await bot.start(**settings)
            await recorded(8)
            await bot.stop()
            await bot.start()  # without the webhook: it is taken away, and nothing is lost
            await sandbox.tap_all(group, card, made.button, people[8:])
            await recorded(PEOPLE)
            await sandbox.wait_until_idle(timeout=30)
        finally:
            await bot.stop()
