"""SQLite: one thread that writes, grouping what waits into a commit, and others that only read."""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool

from db.batch import BatchLost, Outcome, Work, run_batch, run_single, tell_all
from db.sqlite_reading import Readers

T = TypeVar("T")

LARGEST_BATCH = 256
"""Use cases in one commit: enough to make the disk's flush cheap, few enough to keep each answer quick."""

BUSY_SECONDS = 5
"""How long to wait for another process that writes (a backup, an import)."""


def make_engine(path: Path, *, read_only: bool = False) -> Engine:
    """An engine that begins every write transaction with BEGIN IMMEDIATE.

    The driver's own transactions are off: with them, releasing a SAVEPOINT would commit, and two readers that
    turn writers would lose an update without an error.
    """
    address = f"file:{path}?mode={'ro' if read_only else 'rwc'}"
    engine = create_engine(
        "sqlite+pysqlite://",
        creator=lambda: sqlite3.connect(
            address, uri=True, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS
        ),
        poolclass=NullPool,
        hide_parameters=True,  # else the message of every fault quotes names and texts
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA foreign_keys=ON")
        if not read_only:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        driver = connection.connection.driver_connection
        if driver is not None and driver.in_transaction:  # its COMMIT failed, and left it open
            driver.rollback()
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


class SqliteStore:
    """The database of one machine. `lane` is of no use here: there is one writer."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writing = make_engine(path)
        self._readers = Readers(make_engine(path, read_only=True))
        self._gathering: list[Work] = []
        self._waiting: queue.SimpleQueue[list[Work]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write_loop, name="sqlite-writer", daemon=True)
        self._thread.start()

    async def write(self, use_case: Callable[[Connection], T], *, lane: int = 0) -> T:
        """Run a use case in the writer thread; returns after the COMMIT that holds it."""
        loop = asyncio.get_running_loop()
        work = Work(use_case, loop.create_future())
        # Handed over once the loop has run what is ready, so that use cases of one moment share a commit, and the
        # two threads do not wrestle for the interpreter while more of them are on their way.
        if not self._gathering:
            loop.call_soon(self._hand_over)
        self._gathering.append(work)
        result: T = await work.answer
        return result

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Run a query in a thread that cannot write; it sees one snapshot and blocks nobody."""
        return await self._readers.read(query)

    async def close(self) -> None:
        """Finish what waits, then close."""
        self._hand_over()
        self._waiting.put([])
        await asyncio.to_thread(self._thread.join)
        await asyncio.to_thread(self._readers.close)
        self._writing.dispose()

    def _hand_over(self) -> None:
        if self._gathering:
            self._waiting.put(self._gathering)
            self._gathering = []

    def _write_loop(self) -> None:
        with self._writing.connect() as connection:
            while batch := self._next_batch():
                outcomes = _run(connection, batch)
                # One hop into the loop for the whole batch, not one for each.
                batch[0].answer.get_loop().call_soon_threadsafe(tell_all, batch, outcomes)

    def _next_batch(self) -> list[Work]:
        """What waits right now, up to about a commit's worth; empty at the end."""
        batch = self._waiting.get()
        while batch and len(batch) < LARGEST_BATCH:
            try:
                more = self._waiting.get_nowait()
            except queue.Empty:
                break
            if not more:  # the end, which is to be met again after this batch
                self._waiting.put(more)
                break
            batch += more
        return batch


def _run(connection: Connection, batch: Sequence[Work]) -> list[Outcome]:
    try:
        return run_batch(connection, batch)
    except BatchLost:
        return [run_single(connection, work) for work in batch]
    except Exception as error:
        return [Outcome(error=error) for _ in batch]
