"""Copies made by themselves, encrypted copies, and erasures that a restore does not undo."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from copied import CANARY, NOON, WORD, Room, add, call, erase, names, within
from postgres_server import PostgresServer
from pydantic import SecretStr
from sqlalchemy import insert, select

from bot import erasures
from bot.settings import Settings
from db import copies, migrate, sealing
from db.tables import chat, person
from services.forgetting import Erased

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture
def room(database_url: str, tmp_path: Path) -> Room:
    return Room(database_url, tmp_path / "copies")


@pytest.mark.parametrize("word", ["", WORD])
def test_every_day_a_copy_and_every_week_one_is_tried_out(room: Room, word: str) -> None:
    room.backup["passphrase"] = SecretStr(word)
    made = room.look()
    assert (made.trouble, made.people) == ("", 1)
    assert made.tried_at == NOON.isoformat()
    copy = room.folder / made.tried
    assert copy.stat().st_mode & 0o077 == 0
    assert sealing.is_sealed(copy) == bool(word)
    if word:
        assert CANARY.encode() not in copy.read_bytes()
    room.now += timedelta(hours=1)
    assert room.look() == made  # once a day
    for day in range(1, 8):
        room.now = NOON + timedelta(days=day)
        assert room.look().tried_at == (room.now if day == 7 else NOON).isoformat()
    kept = sorted(each.name for each in room.folder.iterdir() if each.name.startswith("2026"))
    assert [name[:10] for name in kept] == ["2026-12-08", "2026-12-09"]
    assert room.told() == []


def test_a_copy_that_cannot_be_restored_is_told_to_the_operators_once_a_day(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(url: str, target: Path, _word: str | None = None) -> None:
        target.write_bytes(b"not a copy")

    monkeypatch.setattr(copies, "backup", broken)
    for _ in range(2):
        assert room.look().trouble
        room.now += timedelta(hours=1)
    assert room.told() == ["backups.failed"]


def test_a_copy_that_lacks_people_is_no_copy(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    real = copies.backup

    def older(url: str, target: Path, word: str | None = None) -> None:
        real(url, target, word)
        add(url, 8, "后来的人")

    monkeypatch.setattr(copies, "backup", older)
    assert room.look().trouble == ""
    (room.folder / "tried.json").write_text('{"people": 5, "made_at": "", "tried_at": "", "tried": "", "trouble": ""}')
    assert "does not hold who was there" in room.look().trouble


def test_without_a_folder_nothing_is_made(room: Room) -> None:
    room.backup["folder"] = None
    room.look()
    assert not room.folder.exists()


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOT__DATABASE__URL", f"sqlite:///{tmp_path / 'bot.sqlite3'}")
    url = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    migrate.upgrade(url)
    add(url, 7)
    return url


def test_an_encrypted_copy_is_asked_its_passphrase_and_comes_back(url: str, tmp_path: Path) -> None:
    made = call("backup", "copies/one.age", said=f"{WORD}\n{WORD}\n")
    assert made.exit_code == 0, made.output
    assert CANARY.encode() not in (tmp_path / "copies/one.age").read_bytes()
    assert sorted(each.name for each in (tmp_path / "copies").iterdir()) == ["erased.list", "one.age"]
    before = (tmp_path / "bot.sqlite3").read_bytes()
    wrong = call("restore", "copies/one.age", said="something else\n")
    assert wrong.exit_code == 1
    assert "another passphrase, or the file is damaged" in wrong.output
    assert (tmp_path / "bot.sqlite3").read_bytes() == before
    (tmp_path / "copies/cut.age").write_bytes((tmp_path / "copies/one.age").read_bytes()[:-100])
    assert "damaged" in call("restore", "copies/cut.age", said=f"{WORD}\n").output
    add(url, 8, "后来的人")
    restored = call("restore", "copies/one.age", said=f"{WORD}\n")
    assert restored.exit_code == 0, restored.output
    assert names(url) == [CANARY]


def test_the_passphrase_may_stand_in_a_file(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "word").write_text(f"{WORD}\n")
    monkeypatch.setenv("BOT__BACKUP__PASSPHRASE_FILE", str(tmp_path / "word"))
    assert call("backup", "one.age").exit_code == 0
    assert call("restore", "one.age").exit_code == 0
    monkeypatch.setenv("BOT__BACKUP__PASSPHRASE_FILE", "nowhere")
    assert "backup.passphrase_file: there is no file nowhere" in call("check", "--offline").output


def test_a_restore_brings_nobody_back_who_was_erased_since(url: str, tmp_path: Path) -> None:
    assert call("backup", "one.sqlite3").exit_code == 0
    erase(url, 7)
    restored = call("restore", "one.sqlite3")
    assert "erased since the copy was made: 1" in restored.output, restored.output
    assert names(url) == [""]
    assert within(url, lambda c: c.execute(select(chat.c.id)).all()) == []


def test_where_the_database_is_lost_the_list_beside_the_copies_tells(url: str, tmp_path: Path) -> None:
    assert call("backup", "one.sqlite3").exit_code == 0
    erase(url, 7)
    assert call("backup", "two.sqlite3").exit_code == 0
    listed = tmp_path / erasures.NAME
    assert listed.stat().st_mode & 0o077 == 0
    assert CANARY not in listed.read_text()
    (tmp_path / "bot.sqlite3").write_bytes(b"broken")
    restored = call("restore", "one.sqlite3")
    assert restored.exit_code == 0, restored.output
    assert "could not be read from the former database" in restored.output
    assert names(url) == [""]


@pytest.mark.postgres
def test_on_postgresql_the_list_tells_too(
    postgres_url: str, postgres_server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOT__DATABASE__URL", postgres_url)
    migrate.upgrade(postgres_url)
    add(postgres_url, 7)
    assert call("backup", "one.dump").exit_code == 0
    erase(postgres_url, 7)
    assert call("backup", "two.dump").exit_code == 0
    postgres_server.create_database("brought_back")
    monkeypatch.setenv("BOT__DATABASE__URL", postgres_server.url("brought_back"))
    restored = call("restore", "one.dump")
    assert "they were erased again" in restored.output, restored.output
    assert names(postgres_server.url("brought_back")) == [""]


def test_a_row_that_is_somebody_else_s_is_left_alone(url: str) -> None:
    within(url, lambda c: c.execute(insert(person).values(id=50, telegram_id=50, name="别人", created_at=NOON)))
    gone = Erased(50, NOON - timedelta(days=1), NOON)
    settings = Settings()
    assert asyncio.run(erasures.apply(settings, [gone])) == 0
    assert "别人" in names(url)
