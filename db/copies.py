"""Backup and restore: whole copies that are consistent and proven to be readable."""

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

from sqlalchemy import make_url

from db.migrate import Damaged, copy_sqlite
from db.store import is_sqlite, sqlite_path


class CopyFailed(Exception):
    """A copy that could not be made or cannot be used; the message says why."""


def backup(url: str, target: Path) -> None:
    """Copy the database into a new file; on SQLite while the bot runs, on PostgreSQL with pg_dump.

    Raises CopyFailed: the file exists, the database does not, or the copy does not read well.
    """
    if target.exists():
        raise CopyFailed(f"{target} exists; nothing was overwritten")
    target.parent.mkdir(parents=True, exist_ok=True)
    if is_sqlite(url):
        source = sqlite_path(url)
        if not source.exists():
            raise CopyFailed(f"there is no database at {source}")
        copy_sqlite(source, target)
        verify(target)
        return
    os.close(os.open(target, os.O_CREAT | os.O_EXCL, 0o600))
    _call("pg_dump", "--format=custom", f"--file={target}", _plain(url))


def restore(url: str, source: Path) -> Path | None:
    """Put a copy in the database's place; the bot must not be running. Returns where the old one was kept.

    On SQLite the old file is kept beside the new one. On PostgreSQL the database must be empty.
    """
    if not source.exists():
        raise CopyFailed(f"there is no file {source}")
    if not is_sqlite(url):
        _call("pg_restore", "--exit-on-error", "--no-owner", f"--dbname={_plain(url)}", str(source))
        return None
    verify(source)
    target = sqlite_path(url)
    target.parent.mkdir(parents=True, exist_ok=True)
    kept = _set_aside(target) if target.exists() else None
    fresh = target.with_name(target.name + ".restoring")
    fresh.unlink(missing_ok=True)
    copy_sqlite(source, fresh)
    fresh.replace(target)
    return kept


def verify(path: Path) -> None:
    """Read a copy from end to end. Raises CopyFailed."""
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            (said,) = connection.execute("PRAGMA integrity_check").fetchone()
            connection.execute("SELECT count(*) FROM alembic_version").fetchone()
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        raise CopyFailed(f"{path} is not a database of this bot ({error})") from None
    if said != "ok":
        raise CopyFailed(f"{path} is damaged: {said}")


def require_unused(target: Path) -> None:
    """Nobody has the file open, and what its journal still held is in it. Raises CopyFailed, and Damaged."""
    connection = sqlite3.connect(target, timeout=0, isolation_level=None)
    try:
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError as error:
        raise CopyFailed("the database is in use; stop the bot first") from error
    except sqlite3.DatabaseError as error:
        raise Damaged(str(error)) from None
    finally:
        connection.close()


def _set_aside(target: Path) -> Path:
    """Move a database away with what its journal still holds, provided nobody has it open."""
    damaged = False
    try:
        require_unused(target)
    except Damaged:
        damaged = True  # which is why it is replaced; whoever tries to mend it needs its journal, too
    number = 1
    while (kept := target.with_name(f"{target.name}.before-restore-{number}")).exists():
        number += 1
    shutil.move(target, kept)
    for rest in ("-wal", "-shm"):
        journal = target.with_name(target.name + rest)
        if damaged and journal.exists():
            shutil.move(journal, kept.with_name(kept.name + rest))
        journal.unlink(missing_ok=True)
    return kept


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _call(program: str, *arguments: str) -> None:
    if shutil.which(program) is None:
        raise CopyFailed(f"{program} is missing; install PostgreSQL's client programs")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise CopyFailed(f"{program}: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else 'failed'}")
