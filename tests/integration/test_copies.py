"""Backup and restore, and the copy that is taken before a migration."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from postgres_server import PostgresServer, sync_url
from sqlalchemy import create_engine, insert, select

from db import copies, migrate, sqlite
from db.tables import unit


def add_unit(url: str, name: str) -> None:
    engine = (
        sqlite.make_engine(Path(url.removeprefix("sqlite:///")))
        if url.startswith("sqlite")
        else create_engine(sync_url(url))
    )
    with engine.begin() as connection:
        connection.execute(insert(unit).values(name=name, created_at=datetime(2026, 12, 2, tzinfo=UTC)))
    engine.dispose()


def unit_names(url: str) -> list[str]:
    engine = (
        sqlite.make_engine(Path(url.removeprefix("sqlite:///")))
        if url.startswith("sqlite")
        else create_engine(sync_url(url))
    )
    with engine.connect() as connection:
        found = list(connection.execute(select(unit.c.name)).scalars())
    engine.dispose()
    return found


def test_a_backup_brings_back_what_was_there(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    migrate.upgrade(url)
    add_unit(url, "before")
    copies.backup(url, tmp_path / "backups" / "one.sqlite3")
    add_unit(url, "after")
    kept = copies.restore(url, tmp_path / "backups" / "one.sqlite3")
    assert unit_names(url) == ["before"]
    assert kept is not None
    assert unit_names(f"sqlite:///{kept}") == ["before", "after"]
    assert (tmp_path / "backups" / "one.sqlite3").stat().st_mode & 0o077 == 0


@pytest.mark.postgres
def test_a_backup_of_postgresql_brings_back_what_was_there(
    tmp_path: Path, postgres_url: str, postgres_server: PostgresServer
) -> None:
    migrate.upgrade(postgres_url)
    add_unit(postgres_url, "before")
    copies.backup(postgres_url, tmp_path / "one.dump")
    postgres_server.create_database("restored")
    url = postgres_server.url("restored")
    copies.restore(url, tmp_path / "one.dump")
    assert unit_names(url) == ["before"]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    migrate.upgrade(url)
    (tmp_path / "there").write_text("mine", encoding="utf-8")
    with pytest.raises(copies.CopyFailed, match="nothing was overwritten"):
        copies.backup(url, tmp_path / "there")
    assert (tmp_path / "there").read_text(encoding="utf-8") == "mine"


def test_a_file_that_is_no_backup_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    migrate.upgrade(url)
    add_unit(url, "kept")
    (tmp_path / "letter.txt").write_text("Dear all", encoding="utf-8")
    with pytest.raises(copies.CopyFailed):
        copies.restore(url, tmp_path / "letter.txt")
    assert unit_names(url) == ["kept"]


def test_a_database_in_use_is_not_replaced(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    migrate.upgrade(url)
    copies.backup(url, tmp_path / "one.sqlite3")
    busy = sqlite3.connect(tmp_path / "bot.sqlite3", isolation_level=None)
    busy.execute("BEGIN IMMEDIATE")
    with pytest.raises(copies.CopyFailed, match="in use"):
        copies.restore(url, tmp_path / "one.sqlite3")
    busy.close()


def test_a_migration_takes_a_copy_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    assert migrate.upgrade(url)
    assert not migrate.upgrade(url)
    assert not list(tmp_path.glob("*.before-*"))
    add_unit(url, "precious")
    monkeypatch.setattr(migrate, "is_current", lambda _connection: False)
    migrate.upgrade(url)
    (copy,) = tmp_path.glob("*.before-*")
    assert unit_names(f"sqlite:///{copy}") == ["precious"]


def test_an_encrypted_copy_is_restored_from_where_nothing_can_be_written(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    migrate.upgrade(url)
    add_unit(url, "before")
    copies.backup(url, tmp_path / "one.sqlite3.age", "a passphrase")
    with (tmp_path / "one.sqlite3.age").open("rb") as file:
        only_to_read = Path(f"/proc/self/fd/{file.fileno()}")  # not even root can write beside it
        new = f"sqlite:///{tmp_path / 'elsewhere' / 'bot.sqlite3'}"
        copies.restore(new, only_to_read, "a passphrase")
        with pytest.raises(copies.CopyFailed, match="another passphrase"):
            copies.restore(new, only_to_read, "another")
    assert unit_names(new) == ["before"]
    assert [each.name for each in (tmp_path / "elsewhere").iterdir() if each.name.startswith(copies.ROOM)] == []
