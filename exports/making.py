"""Makes files and pictures in a process of its own, so that no check-in waits for them."""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import count
from multiprocessing.connection import wait
from typing import TypeVar

from domain.ledger import Ledger
from domain.scoring import PointRules
from exports.csv_file import csv_file
from exports.ledger import Origin, records_sheet, sheets
from exports.sheet import Row, Sheet
from exports.xlsx import xlsx
from texts import Words, words

T = TypeVar("T")

FORMATS = ("xlsx", "csv")


@dataclass(frozen=True, slots=True)
class Order:
    """Everything that a file is made of."""

    ledger: Ledger
    rules: PointRules
    origin: Origin
    language: str
    file_format: str


def make(order: Order, told: Callable[[float], None] = lambda _share: None) -> bytes:
    """The file; `told` is given the share that is written. Raises ValueError for a format that we do not write."""
    spoken = words(order.language)
    ledger = _named(order.ledger, spoken)
    whole = len(ledger.sessions) + len(ledger.records) + len(ledger.people)
    match order.file_format:
        case "xlsx":
            return xlsx(_told_of(sheets(ledger, order.rules, order.origin, spoken), whole, told))
        case "csv":
            (sheet,) = _told_of([records_sheet(ledger, spoken)], whole, told)
            return csv_file(sheet)
    raise ValueError(f"no export is written as {order.file_format!r}")


def _told_of(given: Iterable[Sheet], whole: int, told: Callable[[float], None]) -> Iterator[Sheet]:
    """The same sheets, of whose rows every thousandth is told of; `whole` is about how many there are."""
    numbers = count(1)

    def passing(rows: Iterable[Row]) -> Iterator[Row]:
        for row in rows:
            yield row
            if not (number := next(numbers)) % 1000:
                told(min(number / whole, 1.0))

    for sheet in given:
        yield replace(sheet, rows=passing(sheet.rows))


def _named(ledger: Ledger, spoken: Words) -> Ledger:
    """The ledger, in which whoever had their name erased is a former member."""
    former = spoken("roster.former")
    return replace(ledger, people={person_id: name or former for person_id, name in ledger.people.items()})


class Maker:
    """Has things made one after another. Its process starts with the first order and ends with the last one."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._orders = 0

    async def run(self, work: Callable[..., T], *given: object) -> T:
        """What a function of a module makes of plain data; what goes either way is packed by the bot's own process.

        Raises BrokenProcessPool where the other process died (the next order gets a new one), and what `work` raises.
        """
        pool = self._pool = self._pool or _new_pool()
        self._orders += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, work, *given)
        except BaseException:
            if self._pool is pool:
                self._pool = None
            pool.shutdown(wait=False)
            raise
        finally:
            self._orders -= 1
            if not self._orders and self._pool is not None:
                self._pool.shutdown(wait=False)
                self._pool = None


MAKER = Maker()
"""The one of this process: exports and pictures wait for each other rather than for two processes."""


def _new_pool() -> ProcessPoolExecutor:
    # Spawned, because a fork would copy our threads' locks and open database files.
    return ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn"), initializer=_begin)


def _begin() -> None:
    """Leave Ctrl-C to the bot, which finishes what it has begun; give way to it; and end when it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(10)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
