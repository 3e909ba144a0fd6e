"""Every sentence exists in both languages with the same values, and no code is left without its sentence."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from handlers.registry import all_features
from texts import LANGUAGES
from texts.words import catalogue_files

ROOT = Path(__file__).parents[2]
SPEAKING = ("bot", "chat", "domain", "exports", "handlers", "jobs", "services")
MENU_LENGTH = 60
TAGS = re.compile(r"</?\w+[^>]*>")
KEY = re.compile(r"[a-z]+\.[a-z_]+")


@cache
def catalogue(language: str) -> dict[str, Message]:
    """All messages of a language by key. A key that two files define would silently hide one of them."""
    found: dict[str, Message] = {}
    for path in catalogue_files(language):
        with path.open("rb") as file:
            for message in read_po(file, locale=language.replace("-", "_")):
                if message.id:
                    key = str(message.id[0] if isinstance(message.id, tuple | list) else message.id)
                    assert key not in found, f"{path.name} defines {key} again"
                    found[key] = message
    return found


def forms(message: Message) -> tuple[str, ...]:
    found = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return tuple(str(form or "") for form in found)


def placeholders(sentence: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(sentence) if field is not None}


def calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call of `name(…)` or `….name(…)` in the code that speaks, with where it stands."""
    for package in SPEAKING:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    called = getattr(node.func, "id", getattr(node.func, "attr", ""))
                    if called == name:
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def first_literal(node: ast.Call) -> str | None:
    first = node.args[0] if node.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def test_the_languages_have_the_same_keys() -> None:
    first, *others = (set(catalogue(language)) for language in LANGUAGES)
    assert first
    for other in others:
        assert first ^ other == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_has_a_sentence_in_every_plural_form(language: str) -> None:
    plurals = 2 if language == "en" else 1
    for key, message in catalogue(language).items():
        assert all(form.strip() or key.endswith("_join") for form in forms(message)), key
        if isinstance(message.id, tuple | list):
            assert len(forms(message)) == plurals, key


def test_the_languages_name_the_same_values_and_tags() -> None:
    first, *others = LANGUAGES
    for key, message in catalogue(first).items():
        # “Every week” needs no number where another language has only one form.
        loose = {"count"} if isinstance(message.id, tuple | list) else set()
        for other in others:
            for mine in forms(message):
                for theirs in forms(catalogue(other)[key]):
                    assert placeholders(mine) ^ placeholders(theirs) <= loose, key
                    assert sorted(TAGS.findall(mine)) == sorted(TAGS.findall(theirs)), key


def test_no_refusal_is_left_without_its_sentence() -> None:
    sentences = catalogue(LANGUAGES[0])
    raised = [(where, first_literal(call), call) for where, call in calls("Refusal")]
    assert len(raised) > 10
    for where, code, call in raised:
        if code is None:
            continue
        assert f"refusal.{code}" in sentences, where
        given = {keyword.arg for keyword in call.keywords}
        if None not in given:
            wanted = placeholders(forms(sentences[f"refusal.{code}"])[0])
            assert wanted <= given, f"{where}: {wanted - given} is missing"


def test_every_key_that_the_code_spells_out_exists() -> None:
    sentences = catalogue(LANGUAGES[0])
    spelt = [
        (where, key)
        for name in ("words", "spoken", "html")
        for where, call in calls(name)
        if (key := first_literal(call)) is not None and KEY.fullmatch(key)
    ]
    assert len(spelt) > 20
    for where, key in spelt:
        assert key in sentences, f"{where}: {key}"


def test_every_audited_act_has_words() -> None:
    acts = [call.args[3] for _, call in calls("add") if _is_audit(call)]
    codes = {act.value for act in acts if isinstance(act, ast.Constant)}
    assert codes
    for code in map(str, codes):
        assert f"audit.{code}" in catalogue(LANGUAGES[0])


def _is_audit(call: ast.Call) -> bool:
    owner = getattr(call.func, "value", None)
    return getattr(owner, "id", "") == "audit" and len(call.args) > 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_has_its_line_in_menu_and_help(language: str) -> None:
    commands = [command.name for feature in all_features().values() for command in feature.commands]
    for name in commands:
        assert len(forms(catalogue(language)[f"command.{name}"])[0]) <= MENU_LENGTH
        assert "\n" not in forms(catalogue(language)[f"help.{name}"])[0]
