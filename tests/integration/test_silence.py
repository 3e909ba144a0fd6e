"""A database that neither answers nor refuses, because the line to it lets nothing through any more."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from lines import Proxy
from sqlalchemy import Connection, text

from bot import measuring
from bot.measuring import Measures
from db import postgres
from db.batch import Unavailable
from db.postgres import PostgresStore
from db.store import async_url

ANSWERING = 0.5

pytestmark = pytest.mark.postgres


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "ANSWERING", ANSWERING)
    monkeypatch.setattr(postgres, "CONNECTING", ANSWERING)
    monkeypatch.setattr(measuring, "ANSWERING", ANSWERING / 5)
    monkeypatch.setattr(postgres, "_LETTING_GO", postgres._LETTING_GO.replace("'15s'", "'1s'"))


@asynccontextmanager
async def line_to(url: str) -> AsyncIterator[tuple[Proxy, PostgresStore]]:
    """A store behind a line of its own."""
    database, _, folder = url.removeprefix("postgresql://bot@/").partition("?host=")
    async with Proxy() as line:
        line.opening = lambda: asyncio.open_unix_connection(f"{folder}/.s.PGSQL.5432")
        store = PostgresStore(async_url(f"postgresql://bot@{line.at}/{database}"))
        try:
            yield line, store
        finally:
            await line.mend()
            await store.close()


def saying(statement: str) -> Callable[[Connection], Any]:
    def say(connection: Connection) -> Any:
        result = connection.execute(text(statement))
        return result.all() if result.returns_rows else None

    return say


async def test_what_gets_no_answer_is_unavailable_in_time_and_goes_on_when_the_line_is_back(postgres_url: str) -> None:
    async with line_to(postgres_url) as (line, store):
        assert await store.write(saying("SELECT 1")) == [(1,)]
        assert await store.read(saying("SELECT 2")) == [(2,)]
        await line.cut()
        began = time.monotonic()
        tried = [store.write(saying("SELECT 1")), store.read(saying("SELECT 2"))]
        assert {type(each) for each in await asyncio.gather(*tried, return_exceptions=True)} == {Unavailable}
        assert time.monotonic() - began < 30  # the kernel would try for a quarter of an hour
        await line.mend()
        assert await store.write(saying("SELECT 1")) == [(1,)]
        assert await store.read(saying("SELECT 2")) == [(2,)]


async def test_more_than_there_is_room_for_are_unavailable_too(postgres_url: str) -> None:
    async with line_to(postgres_url) as (line, store):
        await store.read(saying("SELECT 1"))
        await line.cut()
        tried = [store.read(saying("SELECT 1")) for _ in range(40)]
        assert {type(each) for each in await asyncio.gather(*tried, return_exceptions=True)} == {Unavailable}


async def test_in_the_middle_of_a_transaction_all_its_use_cases_are_unavailable(postgres_url: str) -> None:
    async with line_to(postgres_url) as (_line, store):
        await store.write(saying("CREATE TABLE noted (id int)"))
        tried = [store.write(saying(f"INSERT INTO noted SELECT {n} FROM pg_sleep(3)")) for n in range(2)]
        assert {type(each) for each in await asyncio.gather(*tried, return_exceptions=True)} == {Unavailable}
        assert await store.read(saying("SELECT * FROM noted")) == []


async def test_what_a_process_had_locked_that_vanished_is_free_again(postgres_url: str) -> None:
    async with line_to(postgres_url) as (line, store), line_to(postgres_url) as (_, other):
        await store.write(saying("CREATE TABLE noted (id int)"))
        await store.write(saying("INSERT INTO noted VALUES (1)"))
        locked = asyncio.Event()
        loop = asyncio.get_running_loop()

        def lock_and_vanish(connection: Connection) -> None:
            connection.execute(text("UPDATE noted SET id = 2"))
            loop.call_soon(locked.set)
            connection.execute(text("SELECT pg_sleep(0.2)"))
            connection.execute(text("SELECT 1"))

        vanishing = asyncio.create_task(store.write(lock_and_vanish))
        await locked.wait()
        await line.cut()
        with pytest.raises(Unavailable):
            await vanishing

        async def changed() -> bool:
            try:
                await other.write(saying("UPDATE noted SET id = 3"))
            except Unavailable:
                return False
            return True

        async with asyncio.timeout(20):
            while not await changed():
                pass
        assert await other.read(saying("SELECT id FROM noted")) == [(3,)]


async def test_whoever_asks_whether_we_are_ready_gets_an_answer(postgres_url: str) -> None:
    async with line_to(postgres_url) as (line, store):
        measures = Measures(store, lambda: None)  # type: ignore[arg-type, return-value]
        assert await measures.wrong() == {}
        await line.cut()
        began = time.monotonic()
        assert await measures.wrong() == {"database": "out of reach"}
        assert time.monotonic() - began < ANSWERING
        await line.mend()
        async with asyncio.timeout(20):
            while await measures.wrong():
                pass
