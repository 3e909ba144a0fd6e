"""PostgreSQL: lanes that each group what waits for them into a commit, on connections of their own."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from db.batch import BatchLost, Outcome, Work, run_batch, run_single, unavailable

T = TypeVar("T")

LANES = 4
"""Writers side by side; measured, more bring little on one bot's load."""

LARGEST_BATCH = 20
"""Use cases in one commit: rows stay locked until it, so it is kept short."""

CONNECTING: Final = 5.0
ANSWERING: Final = 20.0
"""Seconds without a connection, or without the answer to a statement, after which the server is out of reach: where
packets vanish nobody says so, and the kernel tries for a quarter of an hour. No use case's statement takes so long."""

_LETTING_GO: Final = (
    "SET idle_in_transaction_session_timeout = '15s';"
    "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3;"
    "SET tcp_user_timeout = '25s'"
)
"""When the server gives up a session whose host has vanished: what it had locked is free for others before their own
statements are out of time, and its place soon after. As statements, because poolers refuse them when connecting."""

_AWAY = (DBAPIError, OSError, PoolTimeout)


def make_engine(url: str, *, answering: float | None = None) -> AsyncEngine:
    """An engine that notices a server that went away and comes back; with `answering`, also one that falls silent."""
    # Without hide_parameters the message of every fault would quote names and texts.
    engine = create_async_engine(
        url,
        pool_size=LANES + 4,
        max_overflow=4,
        pool_timeout=answering or 30.0,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"timeout": CONNECTING, "command_timeout": answering},
    )
    event.listen(engine.sync_engine, "connect", _make_it_let_go)
    event.listen(engine.sync_engine, "handle_error", _take_silence_for_a_loss)
    return engine


def _make_it_let_go(connection: Any, _record: object) -> None:
    connection.run_async(lambda asyncpg: asyncpg.execute(_LETTING_GO))


def _take_silence_for_a_loss(context: ExceptionContext) -> None:
    """The driver's own error is none of the database's, and the connection would be used on."""
    if isinstance(context.original_exception, TimeoutError):
        context.is_disconnect = True
        raise OperationalError("no answer in time", None, context.original_exception, connection_invalidated=True)


class PostgresStore:
    """The database of any number of machines; the same use cases, unchanged, under `run_sync`."""

    def __init__(self, url: str) -> None:
        self._engine = make_engine(url, answering=ANSWERING)
        self._lanes: list[asyncio.Queue[Work | None]] = [asyncio.Queue() for _ in range(LANES)]
        self._workers: list[asyncio.Task[None]] = []

    async def write(self, use_case: Callable[[Connection], T], *, lane: int = 0) -> T:
        """Run a use case in the lane of its subject; returns after the COMMIT that holds it."""
        if not self._workers:
            self._workers = [asyncio.create_task(self._work(waiting)) for waiting in self._lanes]
        work = Work(use_case, asyncio.get_running_loop().create_future())
        self._lanes[lane % LANES].put_nowait(work)
        result: T = await work.answer
        return result

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Run a query in one snapshot that cannot write."""
        try:
            async with self._engine.connect() as connection:
                await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
                return await connection.run_sync(query)
        except _AWAY as error:
            raise unavailable(error) from error

    async def close(self) -> None:
        """Finish what waits, then close."""
        for waiting in self._lanes:
            waiting.put_nowait(None)
        await asyncio.gather(*self._workers)
        await self._engine.dispose()

    async def _work(self, waiting: asyncio.Queue[Work | None]) -> None:
        while (first := await waiting.get()) is not None:
            batch, last = _gather(waiting, first)
            for work, outcome in zip(batch, await self._run(batch), strict=True):
                outcome.tell(work.answer)
            if last:
                return

    async def _run(self, batch: Sequence[Work]) -> list[Outcome]:
        try:
            async with self._engine.connect() as connection:
                return await connection.run_sync(run_batch, batch)
        except BatchLost:
            return [await self._run_single(work) for work in batch]
        except Exception as error:
            return [Outcome(error=unavailable(error) if isinstance(error, _AWAY) else error) for _ in batch]

    async def _run_single(self, work: Work) -> Outcome:
        try:
            async with self._engine.connect() as connection:
                return await connection.run_sync(run_single, work)
        except Exception as error:
            return Outcome(error=unavailable(error) if isinstance(error, _AWAY) else error)


def _gather(waiting: asyncio.Queue[Work | None], first: Work) -> tuple[list[Work], bool]:
    batch = [first]
    while len(batch) < LARGEST_BATCH and not waiting.empty():
        work = waiting.get_nowait()
        if work is None:
            return batch, True
        batch.append(work)
    return batch, False
