"""A sandbox and a bot, both processes, around a session that is open for check-in."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from open_session import OpenSession, announce, engine_of, open_session
from processes import Killable, bot_process, sandbox_process
from sqlalchemy import Connection, func, select, update

from db import migrate
from db.tables import attendance, attendance_change, delivery
from sandbox.client import Json, SandboxClient

PEOPLE = 5


@dataclass
class Scene:
    """A sandbox and a bot, both processes, with a session whose check-in message is due."""

    sandbox: SandboxClient
    bot: Killable
    url: str
    group: Json
    leader: Json
    people: list[int]
    made: OpenSession

    async def cards(self) -> int:
        """How often the check-in message was accepted."""
        entries = await self.sandbox.accepted("sendMessage", self.group)
        return sum("党课" in entry["params"]["text"] for entry in entries)

    async def card(self) -> Json:
        """The check-in message, once it is there."""
        return await self.sandbox.wait_for_message(self.leader, self.group, contains="党课", timeout=60)

    async def look(self, query: Callable[[Connection], Any]) -> Any:
        """What a query gives from outside."""
        return await asyncio.to_thread(looked, self.url, query)

    async def until(self, query: Callable[[Connection], Any], timeout: float = 60) -> Any:
        """What a query gives once it is truthy."""

        return await seen(self.url, query, timeout)

    async def polls(self) -> int:
        """How often the bot has asked for updates."""
        return int((await self.sandbox.updates())["polls"])

    async def asks_again(self, times: int) -> None:
        """Wait until the bot has asked so many times more; where updates wait for it, no event tells of that."""
        enough = await self.polls() + times
        async with asyncio.timeout(60):
            while True:
                if await self.polls() >= enough:
                    return
                await asyncio.sleep(0.05)

    async def lease_ends(self) -> None:
        """A minute goes by for whatever is under way: a replica that lives takes it over."""
        past = datetime.now(UTC) - timedelta(minutes=5)

        def end(connection: Connection) -> None:
            under_way = delivery.c.lease_until.is_not(None)
            connection.execute(update(delivery).where(under_way).values(lease_until=past))

        await self.look(end)


async def seen(url: str, query: Callable[[Connection], Any], timeout: float = 60) -> Any:
    """What a query gives from outside once it is truthy. Another process's commits tell nobody, so this asks again."""
    async with asyncio.timeout(timeout):
        while True:
            found = await asyncio.to_thread(looked, url, query)
            if found:
                return found
            await asyncio.sleep(0.05)


def looked(url: str, query: Callable[[Connection], Any]) -> Any:
    engine = engine_of(url)
    try:
        with engine.begin() as connection:
            return query(connection)
    finally:
        engine.dispose()


def recorded(connection: Connection) -> tuple[int, int]:
    """Check-ins, and lines of their history."""
    rows = connection.execute(select(func.count()).select_from(attendance)).scalar_one()
    history = connection.execute(select(func.count()).select_from(attendance_change)).scalar_one()
    return int(rows), int(history)


def settled(connection: Connection) -> bool:
    """Whether no delivery is under way or due."""
    due = (delivery.c.state == "pending") & (delivery.c.next_at <= datetime.now(UTC))
    waiting = due | delivery.c.state.in_(("claimed", "sending"))
    return not connection.execute(select(func.count()).where(waiting)).scalar_one()


@asynccontextmanager
async def scene(url: str, folder: Path, **environment: str) -> AsyncIterator[Scene]:
    async with sandbox_process() as sandbox:
        group = await sandbox.group("第一学习小组")
        people = await sandbox.new_people(PEOPLE, group=group)
        leader = await sandbox.person("李明")
        made = await asyncio.to_thread(prepare, url, group, leader, people)
        bot = bot_process(sandbox.url, url, folder)
        await bot.start(**environment)
        try:
            yield Scene(sandbox, bot, url, group, leader, people, made)
        finally:
            await bot.stop()


def prepare(url: str, group: Json, leader: Json, people: list[int]) -> OpenSession:
    migrate.upgrade(url)

    def make(connection: Connection) -> OpenSession:
        made = open_session(connection, group["id"], people, leader["id"], datetime.now(UTC))
        announce(connection, made, datetime.now(UTC))
        return made

    found: OpenSession = looked(url, make)
    return found
