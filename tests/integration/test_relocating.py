"""Moving from SQLite to PostgreSQL: a whole seeded year arrives, row by row, and the bot goes on from there."""

import asyncio
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from open_session import engine_of
from sqlalchemy import func, insert, select

from bot.__main__ import main
from bot.seeding import running as seeding
from bot.settings import Settings
from db import copies, migrate, relocating
from db.tables import metadata, person, unit

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)

pytestmark = pytest.mark.postgres


def rows_of(url: str) -> dict[str, list[str]]:
    """Everything, for comparing."""
    engine = engine_of(url)
    with engine.connect() as connection:
        found = {
            table.name: sorted(repr(tuple(row)) for row in connection.execute(select(table)))
            for table in metadata.sorted_tables
        }
    engine.dispose()
    return found


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A seeded year, with a unit whose parent has the larger number."""
    url = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    monkeypatch.setenv("BOT__DATABASE__URL", url)
    monkeypatch.setenv("BOT__SANDBOX__FOLDER", str(tmp_path / "sandbox"))
    migrate.upgrade(url)
    asyncio.run(seeding.run(Settings(), "zh-CN", NOW, days=45))
    engine = engine_of(url)
    with engine.begin() as connection:
        connection.execute(insert(unit).values(id=901, name="上级", created_at=NOW))
        connection.execute(insert(unit).values(id=900, name="下级 \u202e😀", parent_id=901, created_at=NOW))
    engine.dispose()
    return url


def test_everything_arrives_and_numbers_go_on(source: str, postgres_url: str) -> None:
    before = rows_of(source)
    told: list[float] = []
    counts = relocating.move(source, postgres_url, told.append)
    assert told == sorted(told)
    assert (told[0] < 0.5, told[-1]) == (True, 1.0)
    assert rows_of(postgres_url) == before == rows_of(source)
    assert counts == {name: len(rows) for name, rows in before.items()}
    assert counts["attendance"] > 50
    engine = engine_of(postgres_url)
    with engine.begin() as connection:
        largest = connection.execute(select(func.max(person.c.id))).scalar_one()
        made = connection.execute(
            insert(person).values(name="新人", created_at=NOW).returning(person.c.id)
        ).scalar_one()
        assert made == largest + 1
        assert migrate.is_current(connection)
    engine.dispose()


def test_nothing_is_mixed_and_nothing_is_moved_that_is_in_use(source: str, postgres_url: str) -> None:
    path = Path(source.removeprefix("sqlite:///"))
    busy = sqlite3.connect(path, isolation_level=None)
    busy.execute("BEGIN IMMEDIATE")
    with pytest.raises(copies.CopyFailed, match="in use"):
        relocating.move(source, postgres_url)
    busy.close()
    migrate.upgrade(postgres_url)
    engine = engine_of(postgres_url)
    with engine.begin() as connection:
        connection.execute(insert(unit).values(name="已有", created_at=NOW))
    engine.dispose()
    with pytest.raises(copies.CopyFailed, match="has rows already, in unit"):
        relocating.move(source, postgres_url)
    with pytest.raises(copies.CopyFailed, match="SQLite file is moved"):
        relocating.move(postgres_url, source)
    with pytest.raises(copies.CopyFailed, match="no database"):
        relocating.move("sqlite:///nowhere.sqlite3", postgres_url)


def test_the_command_says_what_it_did(source: str, postgres_url: str) -> None:
    assert source
    done = CliRunner().invoke(main, ["move-database", postgres_url])
    assert done.exit_code == 0, done.output
    assert "moved and compared" in done.output
    again = CliRunner().invoke(main, ["move-database", postgres_url])
    assert again.exit_code == 1
    assert "name an empty one" in again.output
