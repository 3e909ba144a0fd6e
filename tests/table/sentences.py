"""Which sentence of texts/ somebody was told: from what they read back to its key."""

import html
import re
from functools import cache
from string import Formatter

from babel.messages.pofile import read_po

from texts.words import catalogue_files

MOST_GENERAL = 2
"""A sentence with fewer letters of its own than this says nothing of where a text comes from."""

_NOT_LETTERS = re.compile(r"\(\.\*\?\)|[\s\\/:.,·]")


@cache
def patterns(language: str) -> dict[str, list[re.Pattern[str]]]:
    """For every key its forms as patterns: what stands in for a value may be anything."""
    found: dict[str, list[re.Pattern[str]]] = {}
    for path in catalogue_files(language):
        with path.open("rb") as file:
            for message in read_po(file, locale=language.replace("-", "_")):
                if message.id:
                    key = str(message.id[0] if isinstance(message.id, tuple | list) else message.id)
                    forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
                    found[key] = [re.compile(_pattern(str(form)), re.DOTALL) for form in forms]
    return found


@cache
def literals(language: str) -> dict[str, int]:
    """For every key how many letters of its own it has at least."""
    return {
        key: min(len(_NOT_LETTERS.sub("", pattern.pattern)) for pattern in forms)
        for key, forms in patterns(language).items()
    }


def says(text: str, key: str, language: str) -> bool:
    """Whether a text begins with the sentence of a key; what is no sentence stands between brackets."""
    if key.startswith("("):
        return text == key
    plain = html.unescape(text)
    return any(pattern.match(plain) for pattern in patterns(language).get(key, ()))


def keys_of(text: str, language: str) -> list[str]:
    """The keys of the sentences that a text begins with: first what begins with its own letters, then the longest."""
    if text.startswith("(") and text.endswith(")"):
        return [text]
    own = literals(language)
    keys = [key for key in patterns(language) if own[key] >= MOST_GENERAL and says(text, key, language)]
    wordy = [key for key in keys if not key.startswith(("button.", "command.", "help.", "alias."))]
    return sorted(wordy, key=lambda key: (_begins_with_a_value(key, language), -own[key]))


def _begins_with_a_value(key: str, language: str) -> bool:
    return all(pattern.pattern.startswith("(") for pattern in patterns(language)[key])


def _pattern(form: str) -> str:
    parts = (re.escape(html.unescape(text)) + ("" if field is None else "(.*?)") for text, field, _, _ in _parse(form))
    return "".join(parts)


def _parse(form: str) -> list[tuple[str, str | None, str | None, str | None]]:
    return list(Formatter().parse(form))
