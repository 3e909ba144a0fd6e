"""What survives a restart: rows of JSON in SQLite, written behind in batches, and files beside them."""

import asyncio
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import orjson

FLUSH_SECONDS = 0.2


class HasRow(Protocol):
    """Something that is stored as a row."""

    def row(self) -> dict[str, Any]:
        """What is stored."""


class DirectoryInUseError(Exception):
    """Another sandbox works on this directory."""


class Store:
    """Rows by (kind, key); the newest wins. With no directory nothing is written.

    Writing is behind by FLUSH_SECONDS; `close()` writes what is left. A row that comes and goes between two
    writes costs next to nothing.
    """

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._waiting: dict[tuple[str, str], HasRow | dict[str, Any] | None] = {}
        self._memory_files: dict[str, bytes] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sandbox-store")
        self._task: asyncio.Task[None] | None = None
        self._database: sqlite3.Connection | None = None

    def open(self) -> None:
        """Take the directory, if there is one. Raises DirectoryInUseError."""
        if self._directory is None:
            return
        (self._directory / "files").mkdir(parents=True, exist_ok=True)
        path = self._directory / "sandbox.sqlite3"
        database = sqlite3.connect(path, timeout=1, isolation_level=None, check_same_thread=False)
        # Two sandboxes on one directory would overwrite each other's rows: the first keeps the file alone.
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        try:
            database.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            database.close()
            raise DirectoryInUseError(f"{self._directory} is in use by another sandbox") from error
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute("CREATE TABLE IF NOT EXISTS row (kind TEXT, key TEXT, body BLOB, PRIMARY KEY (kind, key))")
        self._database = database

    def rows(self, kind: str) -> Iterator[dict[str, Any]]:
        """All stored rows of a kind, in the order in which they were first written."""
        if self._database:
            for (body,) in self._database.execute("SELECT body FROM row WHERE kind = ? ORDER BY rowid", (kind,)):
                yield orjson.loads(body)

    def put(self, kind: str, key: object, row: HasRow | dict[str, Any]) -> None:
        """Store a row; an object is asked for its row when it is written, so several changes cost one."""
        self._note(kind, key, row)

    def drop(self, kind: str, key: object) -> None:
        """Forget a row."""
        self._note(kind, key, None)

    def _note(self, kind: str, key: object, row: HasRow | dict[str, Any] | None) -> None:
        if self._database is None:
            return
        self._waiting[kind, str(key)] = row
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._flush_soon())

    async def _flush_soon(self) -> None:
        await asyncio.sleep(FLUSH_SECONDS)
        self._task = None
        await asyncio.get_running_loop().run_in_executor(self._thread, self._write, self._take())

    def _take(self) -> list[tuple[str, str, bytes | None]]:
        taken, self._waiting = self._waiting, {}
        return [(kind, key, _dump(row)) for (kind, key), row in taken.items()]

    def _write(self, rows: list[tuple[str, str, bytes | None]]) -> None:
        if self._database is None or not rows:
            return
        put = "INSERT INTO row VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body"
        self._database.execute("BEGIN IMMEDIATE")
        self._database.executemany(put, [row for row in rows if row[2] is not None])
        gone = [row[:2] for row in rows if row[2] is None]
        self._database.executemany("DELETE FROM row WHERE kind = ? AND key = ?", gone)
        self._database.execute("COMMIT")

    async def write_file(self, path: str, content: bytes) -> None:
        """Keep the bytes of a file under a relative path of our own making."""
        if self._directory is None:
            self._memory_files[path] = content
            return
        target = self._directory / "files" / path
        await asyncio.get_running_loop().run_in_executor(self._thread, _write_bytes, target, content)

    async def read_file(self, path: str) -> bytes:
        """The bytes kept under `path`."""
        if self._directory is None:
            return self._memory_files[path]
        target = self._directory / "files" / path
        return await asyncio.get_running_loop().run_in_executor(self._thread, target.read_bytes)

    async def clear(self) -> None:
        """Forget all rows and files."""
        self._waiting = {}
        self._memory_files.clear()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._clear)

    def _clear(self) -> None:
        if self._database is None or self._directory is None:
            return
        self._database.execute("DELETE FROM row")
        for path in (self._directory / "files").rglob("*"):
            if path.is_file():
                path.unlink()

    async def close(self) -> None:
        """Write what is waiting and let go of the database."""
        if self._task:
            self._task.cancel()
            self._task = None
        rows = self._take()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._write, rows)
        self._thread.shutdown()
        if self._database:
            self._database.close()
            self._database = None


def _dump(row: HasRow | dict[str, Any] | None) -> bytes | None:
    if row is None:
        return None
    return orjson.dumps(row if isinstance(row, dict) else row.row(), option=orjson.OPT_NON_STR_KEYS)


def _write_bytes(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
