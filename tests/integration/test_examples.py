"""The examples of the documents are carried out as they stand; what cannot be is listed with the reason."""

import os
import re
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from open_session import engine_of, open_session
from talk import talking
from telegram import Bot

from db import migrate
from sandbox.client import SandboxClient

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", "README.zh-CN.md", "CONTRIBUTING.md", "benchmarks/README.md", "sandbox/README.md"]
PAGES += sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))
FENCED = re.compile(r"^(<!-- from: \S+ -->\n)?```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TARGET = re.compile(r"`make ([a-z]+)")
COMMAND = re.compile(r"^\.venv/bin/python -m bot (.*?)(?: {2,}#.*)?$")

SHOWN_BY: Final = {
    "make run": "tests/integration/test_command_line.py",
    "make test": "it is what runs this",
    "make fast": "a part of make test",
    "make lint": "the first part of make test",
    "make faults": "by hand: it runs tests that make test runs, and prints a table of them",
    "make help": "test_make_help_lists_every_target",
    "make migration": "tests/integration/test_upgrading.py",
    ".venv/bin/python -m bot backup FILE": "test_the_commands_of_a_readme_work_as_they_stand",
    ".venv/bin/python -m bot restore FILE": "test_the_commands_of_a_readme_work_as_they_stand",
    ".venv/bin/python -m bot move-database": "tests/integration/test_relocating.py",
    "git pull": "it needs a newer version to pull",
    "location /telegram": "tests/e2e/test_behind_proxy.py",
    "python -m sandbox --port": "tests/sandbox/test_sandbox_persistence.py",
    "sandbox listening on": "tests/sandbox/test_sandbox_persistence.py",
}
"""Lines of fences without a language, by how they begin, and what shows them; a README's own test runs the others."""

DRAWINGS: Final = ("docs/architecture.md",)
"""Pages whose fences without a language are drawings; sandbox/README.md has one more, of its state."""


def fences(page: str, language: str) -> list[str]:
    """The fences of a page that no other test compares with the code."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [body for source, kind, body in FENCED.findall(text) if kind == language and not source]


@pytest.mark.parametrize("page", PAGES)
def test_every_example_is_shown_by_something(page: str) -> None:
    if page in DRAWINGS:
        return
    lines = [line for body in fences(page, "") if not body.startswith("state = {") for line in body.splitlines()]
    unknown = [
        line
        for line in lines
        if line.strip()
        and not line.startswith(tuple(SHOWN_BY))
        and not (page.startswith("README") and COMMAND.match(line))
    ]
    assert not unknown, f"{page}: who shows that these work?"


def test_what_shows_an_example_exists() -> None:
    for shown in SHOWN_BY.values():
        if shown.startswith("tests/"):
            assert (ROOT / shown).is_file(), shown


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_the_commands_of_a_readme_work_as_they_stand(page: str, tmp_path: Path) -> None:
    migrate.upgrade(f"sqlite:///{tmp_path / 'data' / 'bot.sqlite3'}")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BOT_")}
    environment["PYTHONPATH"] = str(ROOT)
    with_group(tmp_path)
    commands = [found[1] for line in "".join(fences(page, "")).splitlines() if (found := COMMAND.match(line))]
    assert [command.split()[0] for command in commands] == ["backup", "restore", "export"]
    for command in commands:
        done = subprocess.run(
            [sys.executable, "-m", "bot", *command.split()],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    assert (tmp_path / "ledger.xlsx").read_bytes().startswith(b"PK")


def with_group(folder: Path) -> None:
    """What an export needs."""
    engine = engine_of(f"sqlite:///{folder / 'data' / 'bot.sqlite3'}")
    with engine.begin() as connection:
        open_session(connection, -100, [12, 13], 11, datetime.now(UTC))
    engine.dispose()


def targets() -> set[str]:
    """The targets of the Makefile that are meant to be called."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z]+):.*?## ", makefile, re.MULTILINE))


@pytest.mark.parametrize("page", PAGES)
def test_every_named_target_exists(page: str) -> None:
    named = set(TARGET.findall((ROOT / page).read_text(encoding="utf-8")))
    assert named <= targets(), f"{page}: {named - targets()}"


def test_make_help_lists_every_target() -> None:
    alone = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    said = subprocess.run(["make", "help"], cwd=ROOT, env=alone, capture_output=True, text=True, check=True).stdout
    assert {line.split()[0] for line in said.splitlines()} == targets()


async def carried_out(snippet: str, names: dict[str, Any]) -> dict[str, Any]:
    """Run a piece of Python that awaits; its names afterwards."""
    body = textwrap.indent(snippet, "    ") + "\n    found.update(locals())\n"
    exec(f"async def example(found):\n{body}", names)
    found: dict[str, Any] = {}
    await names["example"](found)
    return found


async def test_the_sandbox_s_examples_work_as_they_stand(database_url: str) -> None:
    first, second = fences("sandbox/README.md", "python")
    made = await carried_out(first, {"TOKEN": "700000004:token", "Bot": Bot})
    assert isinstance(made["bot"], Bot)
    async with talking(database_url) as talk:
        second = second.replace("http://127.0.0.1:8081", talk.sandbox.url)
        done = await carried_out(second, {"SandboxClient": SandboxClient})
        assert done["answer"]["text"].startswith("已加入")
