"""`python -m bot …`: what each command says and which exit code it leaves."""

import asyncio
import os
import pty
import re
import signal
import sys
from asyncio.subprocess import PIPE
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from open_session import engine_of, open_session

from bot.__main__ import main
from db import migrate

ROOT = Path(__file__).parents[2]


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOT__DATABASE__URL", f"sqlite:///{tmp_path / 'bot.sqlite3'}")
    return f"sqlite:///{tmp_path / 'bot.sqlite3'}"


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_check_is_content_before_the_first_start_and_after_it(url: str) -> None:
    before = call("check")
    assert before.exit_code == 0, before.output
    assert "not there yet" in before.output
    assert call("migrate").exit_code == 0
    after = call("check", "--offline")
    assert after.exit_code == 0, after.output
    assert "up to date" in after.output


def test_check_counts_what_is_wrong(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT__TELEGRAM__TOKEN", "123456:not-a-token")
    monkeypatch.setenv("BOT__TELEGRAM__BASE_URL", "http://127.0.0.1:9")
    found = call("check")
    assert found.exit_code == 1
    assert "BAD  telegram" in found.output
    assert "not-a-token" not in found.output


def test_wrong_settings_end_with_one_clear_answer(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT__TELEGRAMM__TOKEN", "x")
    found = call("check")
    assert found.exit_code == 1
    assert "BOT__TELEGRAMM__TOKEN: there is no such setting" in found.output


def test_backup_and_restore(url: str, tmp_path: Path) -> None:
    assert call("backup", "one.sqlite3").exit_code == 1
    call("migrate")
    assert call("backup", "one.sqlite3").exit_code == 0
    assert "nothing was overwritten" in call("backup", "one.sqlite3").output
    restored = call("restore", "one.sqlite3")
    assert restored.exit_code == 0, restored.output
    assert "before-restore" in restored.output


def test_export_writes_the_ledger_to_a_file(url: str, tmp_path: Path) -> None:
    migrate.upgrade(url)
    now = datetime.now(UTC)
    with engine_of(url).begin() as connection:
        open_session(connection, -100, [12, 13], 11, now - timedelta(minutes=5))
    days = ("--from", f"{now - timedelta(days=2):%Y-%m-%d}", "--to", f"{now + timedelta(days=2):%Y-%m-%d}")
    made = call("export", "ledger.xlsx", *days)
    assert made.exit_code == 0, made.output
    assert "1 sessions, 3 people, 3 records" in made.output
    assert len(openpyxl.load_workbook(tmp_path / "ledger.xlsx").sheetnames) == 5
    assert (tmp_path / "ledger.xlsx").stat().st_mode & 0o077 == 0
    assert "nothing was overwritten" in call("export", "ledger.xlsx", *days).output
    assert "no group named Nobody" in call("export", "other.csv", *days, "--group", "Nobody").output
    assert "must end in" in call("export", "ledger.docx", *days).output


async def test_on_a_terminal_long_work_tells_how_far_it_is(url: str) -> None:
    migrate.upgrade(url)
    with engine_of(url).begin() as connection:
        open_session(connection, -100, [12, 13], 11, datetime.now(UTC) - timedelta(minutes=5))
    shown, terminal = pty.openpty()
    days = ("--from", "2026-01-01", "--to", "2035-12-31")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "export", "ledger.csv", *days),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=PIPE,
        stderr=terminal,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    told = os.read(shown, 10_000).decode()
    os.close(terminal)
    os.close(shown)
    assert process.returncode == 0, told
    assert "reading and writing" in told
    assert "100%" in told
    assert b"%" not in said
    assert b"3 records" in said


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_run_prints_the_address_and_stops_cleanly(url: str, number: signal.Signals) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "BOT__SANDBOX__PORT": "0", "PYTHONUNBUFFERED": "1"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", env=environment, stdout=PIPE, stderr=PIPE
    )
    assert process.stdout is not None
    said = (await asyncio.wait_for(process.stdout.readline(), 60)).decode()
    assert "http://127.0.0.1:" in said
    process.send_signal(number)
    _, trouble = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, trouble.decode()
    assert b"Traceback" not in trouble


def test_the_version_is_the_newest_of_the_changelog() -> None:
    told = re.search(r"^## \[(\d\S*)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert told is not None
    assert call("--version").output == f"study-group-bot {told[1]}\n"
