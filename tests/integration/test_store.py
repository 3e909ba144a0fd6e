"""The store on both databases: grouping, savepoints, results only after the commit."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, func, insert, select
from sqlalchemy.exc import OperationalError

from db import migrate
from db.store import Store, open_store
from db.tables import person

NOON = datetime(2026, 12, 2, 4, tzinfo=UTC)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    await asyncio.to_thread(migrate.upgrade, database_url)
    opened = open_store(database_url)
    yield opened
    await opened.close()


@contextmanager
def listening(target: Any, name: str, listener: Callable[..., Any]) -> Iterator[None]:
    event.listen(target, name, listener)
    try:
        yield
    finally:
        event.remove(target, name, listener)


def add(connection: Connection, number: int) -> int:
    connection.execute(insert(person).values(telegram_id=number, name="x", created_at=NOON))
    return number


def count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(person)).scalar_one()


async def test_many_use_cases_at_once_are_all_committed(store: Store) -> None:
    results = await asyncio.gather(*(store.write(partial(add, number=n), lane=n) for n in range(300)))
    assert results == list(range(300))
    assert await store.read(count) == 300


async def test_a_use_case_that_raises_takes_back_only_itself(store: Store) -> None:
    def refuse(connection: Connection) -> None:
        add(connection, 1)
        raise LookupError("no")

    outcomes = await asyncio.gather(
        store.write(lambda c: add(c, 10)),
        store.write(refuse),
        store.write(lambda c: add(c, 11)),
        return_exceptions=True,
    )
    assert outcomes[0] == 10
    assert isinstance(outcomes[1], LookupError)
    assert outcomes[2] == 11
    assert await store.read(lambda c: list(c.execute(select(person.c.telegram_id)).scalars())) == [10, 11]


async def test_a_broken_constraint_takes_back_only_itself(store: Store) -> None:
    outcomes = await asyncio.gather(*(store.write(lambda c: add(c, 7)) for _ in range(3)), return_exceptions=True)
    assert sorted(isinstance(outcome, Exception) for outcome in outcomes) == [False, True, True]
    assert await store.read(count) == 1


async def test_reading_cannot_write(store: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)read.?only"):
        await store.read(lambda c: add(c, 1))
    assert await store.read(count) == 0


async def test_a_commit_that_failed_leaves_nothing_behind_for_the_next(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    await asyncio.to_thread(migrate.upgrade, url)
    store = open_store(url)
    failing = [True]

    def fail_once(_connection: Connection) -> None:
        if failing and failing.pop():
            raise OperationalError("COMMIT", {}, sqlite3.OperationalError("disk I/O error"))

    with listening(Engine, "commit", fail_once):
        for number in (1, 2):
            assert await store.write(partial(add, number=number)) == number
    assert (await store.read(count), failing) == (2, [])
    await store.close()


async def test_a_read_that_fails_fails_alone(store: Store) -> None:
    def broken(_connection: Connection) -> int:
        raise LookupError("nothing there")

    queries: list[Callable[[Connection], int]] = [broken if number == 7 else count for number in range(40)]
    answers = await asyncio.gather(*(store.read(query) for query in queries), return_exceptions=True)
    assert [number for number, answer in enumerate(answers) if isinstance(answer, LookupError)] == [7]
    assert [answer for answer in answers if not isinstance(answer, LookupError)] == [0] * 39


async def test_a_read_sees_what_was_committed_when_it_was_asked(store: Store) -> None:
    async def add_and_look(number: int) -> bool:
        await store.write(partial(add, number=number), lane=number)
        there = select(person.c.id).where(person.c.telegram_id == number)
        return await store.read(lambda c: c.execute(there).scalar() is not None)

    assert await asyncio.gather(*(add_and_look(number) for number in range(60))) == [True] * 60


async def test_a_long_read_holds_up_no_other(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    await asyncio.to_thread(migrate.upgrade, url)
    store = open_store(url)
    began, go_on = threading.Event(), threading.Event()

    def long(connection: Connection) -> int:
        began.set()
        assert go_on.wait(20)
        return count(connection)

    reading = asyncio.create_task(store.read(long))
    await asyncio.to_thread(began.wait, 20)
    async with asyncio.timeout(20):
        assert await asyncio.gather(*(store.read(count) for _ in range(100))) == [0] * 100
    go_on.set()
    assert await reading == 0
    await store.close()
