"""The parts of a bot around a sandbox in this process: store, clock and pauses are in the test's hands."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, select
from telegram.ext import Application, ContextTypes, ExtBot
from unhurried import Unhurried

from bot.dispatch import Dispatch
from bot.errors import on_error
from bot.intake import Intake
from bot.poller import Poller
from chat.context import Context, World
from chat.feature import Feature
from chat.limiter import Limiter
from chat.sender import Sender
from chat.transport import AiohttpRequest
from db import migrate
from db.batch import Unavailable
from db.store import Store, open_store
from db.tables import inbox
from jobs.job import Job
from jobs.ticker import Ticker
from sandbox.app import create_app
from sandbox.client import SandboxClient
from sandbox.testing import serve
from services.rules import Rules

T = TypeVar("T")

TOKEN = "700000003:token-of-the-spine"
BOT_ID = 700000003


class HandClock:
    """A clock that only the test moves."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


class WatchedStore:
    """A store that can be out of reach or fail otherwise, and on whose writes a test can wait."""

    def __init__(self, store: Store) -> None:
        self.inner = store
        self.out_of_reach = False
        self.faults: list[Exception] = []  # what the next writes fail with, one each
        self.lost_answers = 0  # so many of the next writes are committed, and nobody learns of it
        self._written = asyncio.Event()

    async def write(self, use_case: Callable[[Connection], T], *, lane: int = 0) -> T:
        self._refuse_if_out_of_reach()
        if self.faults:
            raise self.faults.pop(0)
        try:
            written = await self.inner.write(use_case, lane=lane)
        finally:
            self._written.set()
        if self.lost_answers:
            self.lost_answers -= 1
            raise Unavailable("the answer was lost")
        return written

    async def read(self, query: Callable[[Connection], T]) -> T:
        self._refuse_if_out_of_reach()
        return await self.inner.read(query)

    async def until(self, query: Callable[[Connection], T], *, seconds: float = 20) -> T:
        """Look now and after each write until the query gives something truthy."""
        async with asyncio.timeout(seconds):
            while True:
                self._written.clear()
                found = await self.inner.read(query)
                if found:
                    return found
                await self._written.wait()

    def _refuse_if_out_of_reach(self) -> None:
        if self.out_of_reach:
            raise Unavailable("out of reach")


class Pauses:
    """Stands in for sleeping: remembers each wait, and lets the test do something in it."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.then: Callable[[], None] | None = None

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        if self.then is not None:
            self.then()
        await asyncio.sleep(0)


class BotStage:
    """What a test holds."""

    def __init__(
        self, sandbox: SandboxClient, bot: ExtBot[Any], store: Store, clock: HandClock, database_url: str
    ) -> None:
        self.database_url = database_url
        self.sandbox = sandbox
        self.bot = bot
        self.store = WatchedStore(store)
        self.clock = clock
        self.pauses = Pauses()
        self.monotonic = 1_000.0
        self.limiter = Limiter(lambda: self.monotonic)
        self.sender = Sender(bot)
        self.woken = 0

    def intake(self, features: Mapping[str, Feature], *, owner: str = "one", alone: bool = True) -> Intake:
        """An intake in front of these features; another one on the same store is a restart.

        Not `alone`, it is that of one of several processes, which `owner` tells apart.
        """
        application = (
            Application.builder()
            .bot(self.bot)
            .updater(None)
            .job_queue(None)
            .context_types(ContextTypes(context=Context))
            .build()
        )
        application._initialized = True  # the bot is, and there is nothing else
        Dispatch(features, Unhurried()).register(application)
        application.add_error_handler(on_error)
        application.bot_data["world"] = self._world()
        return Intake(application, self.store, self.clock, BOT_ID, owner=owner, alone=alone, pause=self.pauses)

    @asynccontextmanager
    async def polling(self, intake: Intake) -> AsyncIterator[Poller]:
        """Polls while the block runs."""
        poller = Poller(self.bot, intake, self.store, self.clock, BOT_ID, pause=self.pauses)
        async with _running(poller.run()):
            yield poller

    @asynccontextmanager
    async def ticking(
        self, jobs: Mapping[str, Job], *, alone: bool = True, on_tick: Callable[[], None] = lambda: None
    ) -> AsyncIterator[Ticker]:
        """A ticker that works while the block runs; `wake` it. Not `alone`, it shares the sending with others.

        `on_tick` is called whenever it has looked at what is due.
        """
        ticker = Ticker(
            self.store,
            self.sender,
            self.limiter,
            jobs,
            self.clock,
            Rules(),
            self.database_url,
            pause=self.pauses,
            alone=alone,
            on_tick=on_tick,
        )
        running = asyncio.create_task(ticker.run())
        ticker.wake()
        try:
            yield ticker
        finally:
            await ticker.stop()
            await running

    async def inbox_states(self) -> dict[int, str]:
        """The inbox by update."""
        rows = await self.store.inner.read(lambda c: c.execute(select(inbox.c.update_id, inbox.c.state)).all())
        return {row.update_id: row.state for row in rows}

    def _world(self) -> World:
        async def languages(_number: int) -> str | None:
            return "en"

        return World(
            store=self.store,
            now=self.clock,
            wake=self._wake,
            sender=self.sender,
            rules=Rules(),
            operators=frozenset(),
            languages=languages,
            forget_language=lambda _number: None,
        )

    def _wake(self) -> None:
        self.woken += 1


@asynccontextmanager
async def bot_stage(database_url: str, now: datetime) -> AsyncIterator[BotStage]:
    """A sandbox, a bot on our transport, and a migrated database."""
    await asyncio.to_thread(migrate.upgrade, database_url)
    async with contextlib.AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(serve(create_app(token=TOKEN)))
        bot: ExtBot[Any] = ExtBot(
            TOKEN,
            base_url=f"{sandbox.url}/bot",
            base_file_url=f"{sandbox.url}/file/bot",
            request=AiohttpRequest(),
            get_updates_request=AiohttpRequest(connection_pool_size=1),
        )
        await stack.enter_async_context(bot)
        store = open_store(database_url)
        stack.push_async_callback(store.close)
        yield BotStage(sandbox, bot, store, HandClock(now), database_url)


@asynccontextmanager
async def _running(work: Any) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
