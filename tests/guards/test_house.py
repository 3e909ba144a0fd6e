"""Keeps the house as it is described: rules stay pure, features stay apart, settings and tables stay told."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

import bot.settings
from bot.dispatch import Dispatch
from bot.menus import LARGEST_GROUP_MENU, menu
from chat.feature import GROUP, PRIVATE
from db import migrate, sqlite
from db.tables import metadata
from db.tables.metadata import Instant
from handlers.registry import all_features
from jobs.registry import all_jobs
from texts import LANGUAGES, words

ROOT = Path(__file__).parents[2]
PURE = {*sys.stdlib_module_names, "dateutil", "domain"}
# A rule that reads these is no rule any more: it would give another answer tomorrow.
IMPURE_CALLS = {"now", "utcnow", "today", "open", "random", "monotonic", "read_text", "read_bytes"}


def imports_of(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("path", sorted((ROOT / "domain").rglob("*.py")), ids=lambda path: path.name)
def test_rules_are_pure(path: Path) -> None:
    assert imports_of(path) <= PURE
    calls = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    }
    assert not calls & IMPURE_CALLS


@pytest.mark.parametrize("path", sorted((ROOT / "services").rglob("*.py")), ids=lambda path: path.name)
def test_use_cases_do_not_read_the_clock(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert ".now(" not in text
    assert "await " not in text


def test_every_feature_is_kept_apart_from_its_neighbours() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    listed = next(set(contract["modules"]) for contract in contracts if contract["type"] == "independence")
    there = {f"handlers.{name}" for name in all_features()} | {f"jobs.{name}" for name in all_jobs()}
    assert listed == there


def test_every_file_opens_with_what_it_is_for() -> None:
    rooms = [path for path in ROOT.iterdir() if path.is_dir() and path.name[0] != "." and path.name != "data"]
    silent = [
        str(path.relative_to(ROOT))
        for room in rooms
        for path in room.rglob("*.py")
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_every_setting_stands_in_the_example_with_its_default() -> None:
    text = (ROOT / "config.example.toml").read_text(encoding="utf-8")
    example = tomllib.loads(
        re.sub(r"^# (token_file|file|full_font|folder|passphrase|passphrase_file) =", r"\1 =", text, flags=re.MULTILINE)
    )
    named = {
        f"{name}.{key}" if value and isinstance(value, dict) else name
        for name, value in example.items()
        for key in (value if value and isinstance(value, dict) else [name])
    }
    assert named == set(bot.settings.setting_keys())


def test_the_example_is_what_one_gets_without_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    without = bot.settings.load()
    assert bot.settings.load(ROOT / "config.example.toml") == without


def test_the_tables_are_what_the_migrations_make(database_url: str) -> None:
    migrate.upgrade(database_url)
    if database_url.startswith("sqlite"):
        engine = sqlite.make_engine(Path(database_url.removeprefix("sqlite:///")))
    else:
        engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": _compare_type})
        assert compare_metadata(context, metadata) == []
        assert migrate.is_current(connection)
    engine.dispose()


def _compare_type(_context: object, _inspected: object, _column: object, _found: object, ours: object) -> bool | None:
    return False if isinstance(ours, Instant) else None


def test_commands_and_buttons_are_declared_once() -> None:
    assert Dispatch(all_features()).commands


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_has_its_words_and_menus_fit(language: str) -> None:
    commands = Dispatch(all_features()).commands.values()
    spoken = words(language)
    for command in commands:
        assert spoken(f"help.{command.name}")
    assert 1 <= len(menu(commands, GROUP, spoken)) <= LARGEST_GROUP_MENU
    assert len(menu(commands, PRIVATE, spoken)) <= 100
    for shown in (*menu(commands, GROUP, spoken), *menu(commands, PRIVATE, spoken)):
        assert 1 <= len(shown.description) <= 60
