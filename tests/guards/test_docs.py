"""Keeps README and docs/ true: quoted code is the code, links lead somewhere, no setting or command is missing."""

import re
import tomllib
from collections.abc import Iterator
from datetime import time
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from pydantic import SecretStr

import bot.settings
from handlers.registry import all_features
from texts.words import catalogue_files

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.zh-CN.md")
GUIDES = ("docs/guide.zh-CN.md", "docs/guide.md")
SETTINGS = ("docs/settings.md", "docs/settings.zh-CN.md")
PAGES = sorted([*READMES, "CHANGELOG.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))])
# A quotation of the code says where it is from, in the line before its fence.
QUOTED = re.compile(r"^<!-- from: (\S+) -->\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^]]+\]\(([^)\s]+)\)")
HEADING = re.compile(r"^(#+) ", re.MULTILINE)
SETTING = re.compile(r"^\| `([a-z_.]+)` \| `(BOT__\w+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)
TEST_NAME = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
BUTTON = re.compile(r"⟦([^⟧]+)⟧")
COMMAND = re.compile(r"`/(\w+)[^`]*`")
PAGE_WORDS = re.compile(r'^ +\w+: "([^"]+)",$', re.MULTILINE)
PICTURE = re.compile(r"!\[[^]]*\]\((\S+)\)")
EMPTY = "–"


@cache
def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def quotations() -> Iterator[tuple[str, str, str]]:
    """Every quotation: the page, the file it is from, its lines."""
    for page in PAGES:
        for source, lines in QUOTED.findall(read(page)):
            yield page, source, lines


def default_of(key: str) -> str:
    """A setting's default as the tables write it."""
    value: object = bot.settings.Settings.model_fields[key.split(".")[0]].default
    if "." in key:
        value = type(value).model_fields[key.split(".")[1]].default  # type: ignore[attr-defined]
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, time):
        value = value.isoformat()
    return EMPTY if value in ("", None) else f"`{value}`"


def test_quoted_code_is_the_code() -> None:
    found = list(quotations())
    assert len(found) > 10
    for page, source, lines in found:
        assert (ROOT / source).is_file(), f"{page}: there is no {source}"
        assert lines in read(source), f"{page}: this is not in {source} (any more):\n{lines}"


def test_adding_quotes_a_command_a_job_a_table_and_a_text() -> None:
    sources = {source.split("/")[0] for page, source, _ in quotations() if page == "docs/adding.md"}
    assert sources >= {"handlers", "jobs", "db", "texts"}


@pytest.mark.parametrize("page", SETTINGS)
def test_every_setting_is_told_with_its_default(page: str) -> None:
    told = [(key, variable, default) for key, variable, default, _ in SETTING.findall(read(page))]
    keys = bot.settings.setting_keys()
    assert told == [(key, f"BOT__{key.upper().replace('.', '__')}", default_of(key)) for key in keys]


@pytest.mark.parametrize("page", READMES)
def test_every_command_is_told(page: str) -> None:
    told = set(re.findall(r"^\| `/(\w+)` \|", read(page), re.MULTILINE))
    assert told == {command.name for feature in all_features().values() for command in feature.commands}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files(page: str) -> None:
    for target in LINK.findall(FENCED.sub("", read(page))):
        if not target.startswith(("http://", "https://", "#")):
            path = (ROOT / page).parent / target.split("#")[0]
            assert path.exists(), f"{page}: {target} leads nowhere"


@cache
def labels(language: str) -> frozenset[str]:
    """What stands on buttons in a language, each up to its first value; and what the sandbox's page says."""
    found = set(PAGE_WORDS.findall(read(f"sandbox/page/words_{language[:2]}.js")))
    for path in catalogue_files(language):
        with path.open("rb") as file:
            for message in read_po(file, locale=language.replace("-", "_")):
                key = message.id[0] if isinstance(message.id, tuple | list) else str(message.id)
                forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
                if key.startswith("button."):
                    found |= {re.split(r"[{（(]", form)[0].strip() for form in forms if form}
    return frozenset(found)


@pytest.mark.parametrize("page", [*READMES, *GUIDES])
def test_named_buttons_exist(page: str) -> None:
    language = "zh-CN" if "zh-CN" in page else "en"
    named = set(BUTTON.findall(read(page)))
    assert named
    # The English README walks through a group that speaks Chinese.
    known = labels(language) | (labels("zh-CN") if page == "README.md" else frozenset())
    assert named <= known, f"{page}: no such buttons: {named - known}"


@pytest.mark.parametrize("page", [*READMES, *GUIDES, "docs/talk.md"])
def test_named_commands_exist(page: str) -> None:
    known = {command.name for feature in all_features().values() for command in feature.commands}
    of_others = {"newbot", "setprivacy", "setjoingroups"}  # BotFather's
    named = set(COMMAND.findall(read(page)))
    assert named <= known | of_others, f"{page}: {named - known - of_others}"


def test_the_two_guides_say_the_same() -> None:
    chinese, english = (read(page) for page in GUIDES)
    assert HEADING.findall(chinese) == HEADING.findall(english)
    assert [name.replace("-zh-CN", "") for name in PICTURE.findall(chinese)] == [
        name.replace("-en", "") for name in PICTURE.findall(english)
    ]
    assert len(PICTURE.findall(chinese)) >= 10


def test_every_picture_is_shown_somewhere() -> None:
    shown = {Path(name).name for page in PAGES for name in PICTURE.findall(read(page))}
    assert {path.name for path in (ROOT / "docs" / "pictures").iterdir()} == shown


@pytest.mark.parametrize("page", PAGES)
def test_named_tests_exist(page: str) -> None:
    for file, name in TEST_NAME.findall(read(page)):
        assert (ROOT / file).is_file(), f"{page}: there is no {file}"
        assert not name or f"def {name}(" in read(file), f"{page}: {file} has no {name}"


def test_reliability_names_the_tests_that_show_it() -> None:
    assert len(TEST_NAME.findall(read("docs/reliability.md"))) > 10


def test_the_two_readmes_have_the_same_build() -> None:
    first, second = ([len(marks) for marks in HEADING.findall(FENCED.sub("", read(page)))] for page in READMES)
    assert first == second
    assert all(len(read(page).splitlines()) <= 150 for page in READMES)


def test_architecture_draws_the_layers_that_are_enforced() -> None:
    contracts = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    assert " → ".join(layers) in read("docs/architecture.md")
