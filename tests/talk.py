"""The whole bot in front of the sandbox, over HTTP, in the test's own process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from pydantic import SecretStr
from sqlalchemy import select

from bot import running
from bot.clock import Clock
from bot.settings import Database, Settings, Telegram
from db import migrate
from db.tables import membership, person
from sandbox.app import create_app
from sandbox.client import Json, SandboxClient
from sandbox.testing import serve

TOKEN = "700000004:token-of-the-groups"


@dataclass
class Talk:
    """A sandbox and the bot that serves it."""

    sandbox: SandboxClient
    bot: running.Running

    async def started(self, name: str) -> Json:
        """Somebody of the ready-made cast who has pressed Start."""
        somebody = await self.sandbox.person(name)
        await self.sandbox.press_start(somebody)
        await self.see(somebody, self.sandbox.private(somebody), str(somebody["id"]))
        return somebody

    async def new_group(self, creator: Json, *members: Json, kind: str = "supergroup") -> Json:
        return await self.sandbox.new_group(creator, "第二学习小组", members, type=kind)

    async def registered(self, creator: Json, *members: Json) -> Json:
        group = await self.new_group(creator, *members)
        await self.sandbox.say(creator, group, "/register")
        await self.see(creator, group, "已登记")
        return group

    async def see(self, person: Json, chat: Json | int, contains: str, after: int = 0) -> Json:
        return await self.sandbox.wait_for_message(person, chat, contains=contains, after=after)

    async def press(self, person: Json, chat: Json | int, message: Json, label: str) -> str:
        answer = await self.sandbox.tap(person, chat, message, label)
        assert answer is not None
        return str(answer["text"])

    async def roles(self) -> dict[str, str]:
        """The members of now, with what they are."""
        query = (
            select(person.c.name, membership.c.role)
            .join(membership, membership.c.person_id == person.c.id)
            .where(membership.c.left_at.is_(None))
        )
        rows = await self.bot.store.read(lambda connection: connection.execute(query).all())
        return {row.name: row.role for row in rows}


@asynccontextmanager
async def talking(
    database_url: str, operators: tuple[int, ...] = (), at: datetime | None = None
) -> AsyncIterator[Talk]:
    """Start both, at a moment or now; the bot's clock is the sandbox's, and it looks at once when that is moved."""
    await asyncio.to_thread(migrate.upgrade, database_url)
    clock = Clock()
    started: list[running.Running] = []

    def shift(offset_seconds: float) -> None:
        clock.shift_to(offset_seconds)
        for bot in started:
            bot.ticker.wake()

    async with serve(create_app(token=TOKEN, on_shift=shift)) as sandbox:
        if at is not None:
            await sandbox.set_clock(at.isoformat())
        telegram = Telegram(token=SecretStr(TOKEN), base_url=sandbox.url)
        changed = {"telegram": telegram, "database": Database(url=database_url), "operators": list(operators)}
        async with running.start(Settings().model_copy(update=changed), TOKEN, clock) as bot:
            started.append(bot)
            yield Talk(sandbox, bot)
