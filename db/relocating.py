"""Moves everything from the SQLite file of one machine to an empty PostgreSQL database, and proves it row by row."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, zip_longest
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, String, Table, func, insert, select, text, update

from db import migrate, sqlite
from db.copies import CopyFailed, require_unused
from db.store import async_url, is_sqlite, sqlite_path
from db.tables import metadata

T = TypeVar("T")

AT_ONCE: Final = 1_000
"""Rows in one statement."""


def move(source_url: str, target_url: str, told: Callable[[float], None] = lambda _share: None) -> dict[str, int]:
    """Copy all tables in one transaction and compare them; the number of rows by table. The source stays as it is.

    `told` is given the share that is done, table by table.

    Raises CopyFailed: the source is no SQLite file or in use, the target is no PostgreSQL database or has rows already,
    or a table came out otherwise. Then the target is as empty as before.
    """
    if not is_sqlite(source_url) or is_sqlite(target_url):
        raise CopyFailed("a SQLite file is moved to PostgreSQL: sqlite:///… to postgresql://…")
    path = sqlite_path(source_url)
    if not path.exists():
        raise CopyFailed(f"there is no database at {path}")
    try:
        require_unused(path)
        migrate.upgrade(source_url)
    except migrate.Damaged as damaged:
        raise CopyFailed(f"{path} is damaged ({damaged}); put a backup in its place first") from None
    migrate.upgrade(target_url)
    engine = sqlite.make_engine(path)
    try:
        with engine.begin() as source:  # BEGIN IMMEDIATE: nobody writes until everything was compared
            return asyncio.run(_in_one_transaction(target_url, lambda target: _move(source, target, told)))
    finally:
        engine.dispose()


async def _in_one_transaction(url: str, work: Callable[[Connection], T]) -> T:
    from db import postgres

    engine = postgres.make_engine(async_url(url))
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


def _move(source: Connection, target: Connection, told: Callable[[float], None]) -> dict[str, int]:
    filled = [table.name for table in metadata.sorted_tables if _count(target, table)]
    if filled:
        raise CopyFailed(f"the PostgreSQL database has rows already, in {', '.join(filled)}; name an empty one")
    tables = metadata.sorted_tables
    rows = {table.name: _count(source, table) for table in tables}
    done, whole = 0, 2 * sum(rows.values()) or 1  # each is written, and compared
    for table in tables:
        _copy(source, target, table)
        _continue_numbers(target, table)
        done += rows[table.name]
        told(done / whole)
    compared = {}
    for table in tables:
        compared[table.name] = _compared(source, target, table)
        done += rows[table.name]
        told(done / whole)
    return compared


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _copy(source: Connection, target: Connection, table: Table) -> None:
    """Rows that lead to other rows of their own table get there first, and point afterwards."""
    own = [column.name for column in table.columns if any(key.column.table is table for key in column.foreign_keys)]
    later = []
    for rows in _batches(source, table):
        found = [dict(row._mapping) for row in rows]
        if own:
            later += [(row, {name: row[name] for name in own}) for row in found if any(row[name] for name in own)]
            found = [{**row, **dict.fromkeys(own)} for row in found]
        target.execute(insert(table), found)
    for row, values in later:
        this = [column == row[column.name] for column in table.primary_key]
        target.execute(update(table).where(*this).values(values))


def _batches(connection: Connection, table: Table) -> Iterator[Sequence[Any]]:
    """The rows in the order of their key, which is the same in both databases: text goes by its bytes, as in SQLite."""
    by_bytes = connection.dialect.name == "postgresql"
    order = [
        column.collate("C") if by_bytes and isinstance(column.type, String) else column for column in table.primary_key
    ]
    return connection.execution_options(stream_results=True).execute(select(table).order_by(*order)).partitions(AT_ONCE)


def _rows(connection: Connection, table: Table) -> Iterator[Any]:
    return chain.from_iterable(_batches(connection, table))


def _continue_numbers(target: Connection, table: Table) -> None:
    """What is added from now on gets numbers after those that came along."""
    for column in table.primary_key:
        sequence = target.execute(
            text("SELECT pg_get_serial_sequence(:name, :column)"), {"name": f'"{table.name}"', "column": column.name}
        ).scalar()
        largest = target.execute(select(func.max(column))).scalar() if sequence else None
        if largest is not None:
            target.execute(
                text("SELECT setval(CAST(:name AS regclass), :number)"), {"name": sequence, "number": largest}
            )


def _compared(source: Connection, target: Connection, table: Table) -> int:
    """How many rows a table has in both. Raises CopyFailed for the first one that differs."""
    number = 0
    for here, there in zip_longest(_rows(source, table), _rows(target, table)):
        if here is None or there is None:
            raise CopyFailed(f"{table.name} came out with another number of rows; nothing was kept")
        if tuple(here) != tuple(there):
            raise CopyFailed(f"a row of {table.name} came out otherwise; nothing was kept")
        number += 1
    return number
