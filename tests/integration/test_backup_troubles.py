"""What goes wrong around copies: foreign files, full disks, a kill in the middle, and who changed their mind since."""

import os
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from copied import NOON, Room, add, call, names, within
from sqlalchemy import select, update

from db import copies, migrate
from db.tables import delivery, person
from domain.people import Actor
from services import forgetting
from services.rules import Rules

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

YEARS_AGO = NOON - timedelta(days=900)


@pytest.fixture
def room(database_url: str, tmp_path: Path) -> Room:
    return Room(database_url, tmp_path / "copies")


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    monkeypatch.setenv("BOT__DATABASE__URL", url)
    migrate.upgrade(url)
    add(url, 7)
    return url


def test_what_is_not_ours_is_never_removed(room: Room) -> None:
    room.folder.mkdir()
    foreign = [
        room.folder / f"{name}.{form}"
        for form in ("sqlite3", "dump")
        for name in ("0-mine", "before-upgrade", "bot", "yearly", "bot.sqlite3.before-restore-1")
    ]
    for each in foreign:
        each.write_bytes(b"x")
    for day in range(4):
        room.now = NOON + timedelta(days=day)
        assert room.look().trouble == ""
    assert all(each.exists() for each in foreign)
    assert sorted(each.name[:10] for each in room.folder.glob("2026-*")) == ["2026-12-04", "2026-12-05"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"nobody": 1}'])
def test_notes_that_cannot_be_read_stop_no_copy(room: Room, content: str) -> None:
    room.look()
    (room.folder / "tried.json").write_text(content)
    room.now += timedelta(days=1)
    made = room.look()
    assert (made.trouble, made.made_at, made.tried_at) == ("", room.now.isoformat(), room.now.isoformat())


def test_a_folder_that_cannot_be_made_is_told(room: Room) -> None:
    room.folder.write_text("a file of that name")
    room.try_to_look()
    assert room.told() == ["backups.failed"]


def test_a_full_disk_is_told_though_nothing_can_be_noted(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(copies, "backup", full)
    monkeypatch.setattr(Path, "write_text", full)
    room.try_to_look()
    assert room.told() == ["backups.failed"]


def test_a_copy_killed_in_the_middle_is_no_copy(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    room.look()
    room.now += timedelta(days=1)

    class Killed(BaseException):
        pass

    def half(_url: str, target: Path) -> None:
        target.write_bytes(b"half")
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(copies, "_copy", half)
        with pytest.raises(Killed):
            room.try_to_look()
    assert [each.name[:10] for each in room.folder.glob("2026-*")] == ["2026-12-02"]
    assert room.look().made_at == room.now.isoformat()


def test_what_a_killed_copy_left_in_the_clear_is_removed_a_day_later(room: Room) -> None:
    left = [room.folder / f"{copies.ROOM}{name}" for name in ("old", "fresh")]
    for each, ago in zip(left, (timedelta(days=2), timedelta(hours=1)), strict=True):
        each.mkdir(parents=True)
        (each / "copy").write_bytes(b"everything")
        os.utime(each, ((NOON - ago).timestamp(),) * 2)
    room.look()
    assert [each.exists() for each in left] == [False, True]


@pytest.mark.postgres
def test_the_password_of_the_database_is_in_no_list_of_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[tuple[Any, Any]] = []

    def note(arguments: Any, env: Any = None, **_more: Any) -> subprocess.CompletedProcess[str]:
        called.append((arguments, env))
        return subprocess.CompletedProcess(arguments, 0, "", "")

    monkeypatch.setattr(subprocess, "run", note)
    url = "postgresql+psycopg://bot:s3cret@db.example/bot?sslmode=require"
    copies.backup(url, tmp_path / "one.dump")
    copies.restore(url, tmp_path / "one.dump")
    assert [arguments[0] for arguments, _ in called] == ["pg_dump", "pg_restore"]
    for arguments, env in called:
        assert "s3cret" not in " ".join(arguments)
        assert any("bot@db.example/bot?sslmode=require" in each for each in arguments)
        assert env["PGPASSWORD"] == "s3cret"


def ask(url: str, now: datetime) -> None:
    def work(connection: Any) -> None:
        forgetting.forget(connection, Actor(7, ""), "删除", reply_key="k", language="zh-CN", now=now, rules=Rules())

    within(url, work)


def forget_at(url: str) -> Any:
    return within(url, lambda c: c.execute(select(person.c.forget_at)).scalar_one())


def test_who_thought_better_of_it_since_the_copy_was_made_stays(url: str) -> None:
    ask(url, YEARS_AGO)
    assert call("backup", "one.sqlite3").exit_code == 0
    within(url, lambda c: forgetting.stay(c, Actor(7, "")))
    assert call("restore", "one.sqlite3").exit_code == 0
    assert names(url) != [""]
    assert forget_at(url) is None


def test_who_asked_since_the_copy_was_made_is_erased_on_their_day(url: str) -> None:
    day = NOON + timedelta(days=9000)
    assert call("backup", "one.sqlite3").exit_code == 0
    within(url, lambda c: c.execute(update(person).values(forget_at=day)))
    assert call("restore", "one.sqlite3").exit_code == 0
    assert forget_at(url) == day


@pytest.mark.parametrize("former", [None, b"broken"])
def test_where_nobody_knows_they_have_the_days_anew_and_are_told(
    url: str, tmp_path: Path, former: bytes | None
) -> None:
    ask(url, YEARS_AGO)
    assert call("backup", "one.sqlite3").exit_code == 0
    database = tmp_path / "bot.sqlite3"
    database.unlink()
    if former is not None:
        database.write_bytes(former)
    restored = call("restore", "one.sqlite3")
    assert "about to be erased when the copy was made: 1" in restored.output, restored.output
    assert names(url) != [""]
    assert forget_at(url) > NOON - timedelta(days=30)
    pending = select(delivery.c.payload).where(delivery.c.state == "pending")
    told = within(url, lambda c: list(c.execute(pending).scalars()))
    assert [each["text"] for each in told] == ["privacy.leaving"]  # type: ignore[attr-defined]
