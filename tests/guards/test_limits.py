"""What Telegram takes and what fits a phone: alerts, buttons, menus, help, links, and the words for commands."""

import inspect
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from string import Formatter
from zoneinfo import ZoneInfo

import pytest
from babel.messages.pofile import read_po

from bot.dispatch import Dispatch
from bot.menus import menu
from chat.aliases import Aliases, aliases_of
from chat.callback_data import pack
from chat.feature import GROUP, PRIVATE
from chat.fitting import MAX_TEXT, length
from chat.start_cards import CATEGORIES, help_categories, help_page
from handlers.registry import all_features
from services.menus import ADMINS, EVERYBODY, LEADERS, OPERATORS
from texts import LANGUAGES, words
from texts.words import catalogue_files

ALERT = 200
"""Characters of an answer to a tap (Bot API, answerCallbackQuery)."""

BUTTON = 64
"""Characters of a button that a phone still shows in one line or two."""

LARGEST_ID = 2**31
"""A row id that no installation reaches; SQLite's own go further, and data that is too long is refused when packed."""

NAME = "王" * 64
AUDIENCES = (EVERYBODY, LEADERS, ADMINS, OPERATORS)


def sentences(language: str, prefix: str) -> Iterator[tuple[str, str]]:
    """Every form of every sentence whose key begins like this."""
    for path in catalogue_files(language):
        with path.open("rb") as file:
            for message in read_po(file, locale=language.replace("-", "_")):
                key = str(message.id[0] if isinstance(message.id, tuple | list) else message.id)
                forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
                if key.startswith(prefix):
                    yield from ((key, str(form)) for form in forms)


def filled(language: str, form: str) -> str:
    """A sentence with values as long as they come: names, moments in words, numbers, what somebody typed."""
    spoken = words(language)
    moment = spoken.when(datetime(2026, 12, 30, 11, 30, tzinfo=UTC), ZoneInfo("Asia/Shanghai"))
    values: dict[str, object] = {}
    for _, field, _, _ in Formatter().parse(form):
        if field is not None:
            values[field] = moment if field.endswith(("_at", "when", "until")) else 20
            if field in ("group", "leader", "name", "group_name"):
                values[field] = NAME
    return form.format(**values)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_fits_an_alert(language: str) -> None:
    for key, form in sentences(language, "refusal."):
        assert len(filled(language, form)) <= ALERT, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_button_fits_and_says_something(language: str) -> None:
    for key, form in sentences(language, "button."):
        if "{" not in form:
            assert len(form) <= BUTTON, key
        assert re.search(r"\w|\{", form), f"{key}: a sign alone says nothing to whoever cannot see it"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_has_words_that_mean_it_alone(language: str) -> None:
    commands = Dispatch(all_features()).commands
    Aliases(commands)
    for name in commands:
        assert all(aliases_of(name, language)), name


def test_every_command_can_be_named_and_stands_on_a_page_of_help() -> None:
    for command in Dispatch(all_features()).commands.values():
        assert re.fullmatch(r"[a-z0-9_]{1,32}", command.name)
        assert command.category in CATEGORIES
        assert command.audience in AUDIENCES


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("audiences", [AUDIENCES[:number] for number in range(1, 5)])
def test_menus_and_help_fit(language: str, audiences: tuple[str, ...]) -> None:
    commands, spoken = Dispatch(all_features()).commands.values(), words(language)
    theirs = [command for command in commands if command.audience in audiences]
    shown = help_categories(theirs, spoken)
    assert length(shown.text) <= MAX_TEXT
    pages = [help_page(theirs, category, spoken).text for category in CATEGORIES]
    assert all(length(page) <= MAX_TEXT for page in pages)
    for command in theirs:
        assert any(f"/{command.name} " in page for page in pages), command.name
    for place in (PRIVATE, GROUP):
        for entry in menu(commands, place, spoken, audiences):
            assert 1 <= len(entry.description) <= 256


def test_buttons_and_links_fit_into_what_telegram_carries() -> None:
    features = all_features().values()
    for feature in features:
        for prefix in feature.links:
            assert re.fullmatch(r"[A-Za-z0-9]{1,16}", prefix), prefix
        for verb, handle in feature.taps.items():
            numbers = len(inspect.signature(handle).parameters) - 2
            assert len(pack(verb, *[LARGEST_ID] * numbers).encode()) <= 64, verb
        for purpose in feature.inputs:
            assert len(purpose) <= 32, purpose
