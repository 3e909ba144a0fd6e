"""Reads on SQLite: those of one moment share a thread's turn and a snapshot; a long one holds up no others."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from db.batch import Outcome, Work, tell_all, unavailable

T = TypeVar("T")

THREADS = 3
"""Of which the second begins when the first has been reading for a while, and so on."""

LONG = 0.05
"""Seconds after which whoever waits is not left to wait for what is being read, but read for beside it. Two threads
at once take turns on one interpreter and get less done than one, so this is for long lists only."""

LARGEST_TURN = 32
"""Queries answered together, few enough that the first need not wait long for the last."""


class Readers:
    """Answers queries in threads that cannot write. To be used from one event loop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._local = threading.local()
        self._threads = ThreadPoolExecutor(THREADS, "sqlite-reader", initializer=self._open)
        self._waiting: list[Work] = []
        self._turn: list[Work] | None = None  # what is being read, as long as others may be left to wait for it
        self._reading = 0  # turns, that one and those that take long
        self._next: asyncio.Handle | None = None

    async def read(self, query: Callable[[Connection], T]) -> T:
        """What the query gives; it sees all that was committed when it was asked."""
        loop = asyncio.get_running_loop()
        work = Work(query, loop.create_future())
        self._waiting.append(work)
        if self._next is None and self._turn is None:
            # Once the loop has run what is ready, so that what is asked meanwhile comes along.
            self._next = loop.call_soon(self._start)
        result: T = await work.answer
        return result

    def close(self) -> None:
        """Wait for what is being read. Blocks."""
        self._threads.shutdown()
        self._engine.dispose()

    def _start(self) -> None:
        """Begin a turn with what waits; whatever is being read now is not waited for any more."""
        self._next = self._turn = None
        if self._waiting and self._reading < THREADS:
            self._turn, self._waiting = self._waiting[:LARGEST_TURN], self._waiting[LARGEST_TURN:]
            self._reading += 1
            self._next = asyncio.get_running_loop().call_later(LONG, self._start)
            self._threads.submit(self._answer, self._turn)

    def _finished(self, turn: list[Work], outcomes: Sequence[Outcome]) -> None:
        self._reading -= 1
        if self._turn is turn or self._turn is None:
            if self._next is not None:
                self._next.cancel()
            self._start()
        tell_all(turn, outcomes)

    def _open(self) -> None:
        self._local.connection = self._engine.connect()

    def _answer(self, turn: list[Work]) -> None:
        outcomes = _read(self._local.connection, turn)
        turn[0].answer.get_loop().call_soon_threadsafe(self._finished, turn, outcomes)


def _read(connection: Connection, turn: Sequence[Work]) -> list[Outcome]:
    """The outcome of each; a fault of one is its own."""
    outcomes: list[Outcome] = []
    try:
        with connection.begin():
            outcomes.extend(_ask(connection, work.run) for work in turn)
    except Exception as error:  # the transaction could not begin or end
        outcomes += [Outcome(error=unavailable(error)) for _ in turn[len(outcomes) :]]
    return outcomes


def _ask(connection: Connection, query: Callable[[Connection], Any]) -> Outcome:
    try:
        return Outcome(query(connection))
    except Exception as error:
        return Outcome(error=unavailable(error) if isinstance(error, DBAPIError) else error)
