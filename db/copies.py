"""Backup and restore: whole copies that are consistent and proven to be readable."""

import asyncio
import os
import secrets
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import URL, Connection, make_url

from db import sealing
from db.migrate import Damaged, copy_sqlite, upgrade
from db.store import is_sqlite, read_once, sqlite_path

T = TypeVar("T")

ROOM: Final = ".copying-"
"""How the folders begin in which copies are made."""


class CopyFailed(Exception):
    """A copy that could not be made or cannot be used; the message says why."""


def backup(url: str, target: Path, passphrase: str | None = None) -> None:
    """Copy the database into a new file; on SQLite while the bot runs, on PostgreSQL with pg_dump.

    With a passphrase the file is encrypted. Until it is whole it lies beside its place, readable by its owner only.
    Raises CopyFailed: the file exists, the database does not, or the copy does not read well.
    """
    if target.exists():
        raise CopyFailed(f"{target} exists; nothing was overwritten")
    target.parent.mkdir(parents=True, exist_ok=True)
    with _room_in(target.parent) as room:
        whole = room / "copy"
        _copy(url, whole)
        if passphrase is not None:
            whole = room / "sealed"
            sealing.seal(room / "copy", whole, passphrase)
        _to_disk(whole)
        whole.rename(target)


def _to_disk(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _copy(url: str, target: Path) -> None:
    if is_sqlite(url):
        source = sqlite_path(url)
        if not source.exists():
            raise CopyFailed(f"there is no database at {source}")
        copy_sqlite(source, target)
        verify(target)
        return
    os.close(os.open(target, os.O_CREAT | os.O_EXCL, 0o600))
    _call(url, "pg_dump", "--format=custom", f"--file={target}", _plain(url))


def restore(url: str, source: Path, passphrase: str | None = None) -> Path | None:
    """Put a copy in the database's place; the bot must not be running. Returns where the old one was kept.

    On SQLite the old file is kept beside the new one. On PostgreSQL the database must be empty. Raises CopyFailed;
    then nothing was changed.
    """
    with opened(source, passphrase, sqlite_path(url).parent if is_sqlite(url) else None) as plain:
        if not is_sqlite(url):
            _call(url, "pg_restore", "--exit-on-error", "--no-owner", f"--dbname={_plain(url)}", str(plain))
            return None
        verify(plain)
        target = sqlite_path(url)
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_name(target.name + ".restoring")
        fresh.unlink(missing_ok=True)
        copy_sqlite(plain, fresh)
        kept = _set_aside(target) if target.exists() else None
        fresh.replace(target)
        return kept


@contextmanager
def opened(source: Path, passphrase: str | None, folder: Path | None) -> Iterator[Path]:
    """A copy as it can be read: decrypted for as long as the block runs, where it is encrypted. Raises CopyFailed.

    It is decrypted in a room within `folder`, or among the machine's temporary files: what holds the copy may well be
    for reading only.
    """
    if not source.exists():
        raise CopyFailed(f"there is no file {source}")
    if not sealing.is_sealed(source):
        yield source
        return
    if passphrase is None:
        raise CopyFailed(f"{source} is encrypted; name its passphrase, in BOT__BACKUP__PASSPHRASE for example")
    with _room_in(folder) as room:
        try:
            sealing.unseal(source, room / "copy", passphrase)
        except sealing.WrongKey as wrong:
            raise CopyFailed(str(wrong)) from None
        except OSError as error:
            raise CopyFailed(f"{source} cannot be decrypted: {error.strerror}; make room for it") from None
        yield room / "copy"


def try_out(url: str, source: Path, passphrase: str | None, query: Callable[[Connection], T]) -> T | None:
    """Restore a copy into a place of its own, bring it up to date, and ask it something.

    On PostgreSQL that takes a role that may create databases; without one its table of contents is read, and None
    returned. Raises CopyFailed: it could not be restored.
    """
    with opened(source, passphrase, source.parent) as plain, _room_in(source.parent) as room:
        if is_sqlite(url):
            trial = f"sqlite:///{room / 'trial.sqlite3'}"
            restore(trial, plain)
            return _asked(trial, query)
        name = f"trial_{secrets.token_hex(6)}"
        server = f"--maintenance-db={_plain(url)}"
        try:
            _call(url, "createdb", server, name)
        except CopyFailed:
            _call(url, "pg_restore", "--list", str(plain))
            return None
        try:
            trial = make_url(url).set(database=name).render_as_string(hide_password=False)
            restore(trial, plain)
            return _asked(trial, query)
        finally:
            _call(url, "dropdb", server, "--force", name)


def _asked(url: str, query: Callable[[Connection], T]) -> T:
    upgrade(url)
    return asyncio.run(read_once(url, query))


@contextmanager
def _room_in(folder: Path | None) -> Iterator[Path]:
    """A room for our eyes only, gone afterwards: in a folder, or (None) where the machine has its temporary files."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=ROOM, dir=folder) as room:
        yield Path(room)


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
    """The address without its password: everybody on a machine can read what a program is called with."""
    found = make_url(url)
    without = URL.create("postgresql", found.username, None, found.host, found.port, found.database, found.query)
    return without.render_as_string(hide_password=False)


def _call(url: str, program: str, *arguments: str) -> None:
    """Run a program that finds the database's password in its environment. Raises CopyFailed."""
    if shutil.which(program) is None:
        raise CopyFailed(f"{program} is missing; install PostgreSQL's client programs")
    password = make_url(url).password
    surroundings = os.environ | ({"PGPASSWORD": str(password)} if password else {})
    done = subprocess.run([program, *arguments], env=surroundings, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CopyFailed(f"{program}: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else 'failed'}")
