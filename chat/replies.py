"""A reply that waited in the outbox, put into words when it is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from chat.outgoing import Button, Keyboard, Message
from texts import Words, words
from texts.words import name

LINK: Final = "https:"
LITERAL: Final = "="


@dataclass(frozen=True, slots=True)
class Reply:
    """The facts of a reply, as `services.deliveries.reply` wrote them down."""

    text: str
    language: str
    values: Mapping[str, Any]
    buttons: Sequence[Sequence[Sequence[str]]]


def render(facts: Reply) -> Message:
    """The message. A whole number named `count` chooses the plural."""
    spoken = words(facts.language)
    values = {key: _worded(key, value, spoken) for key, value in facts.values.items()}
    count = values.pop("count", None)
    return Message(spoken.html(facts.text, count, **values), _keyboard(facts, spoken))


def _worded(key: str, value: Any, spoken: Words) -> Any:
    if isinstance(value, Mapping):
        return _moment(value, spoken)
    if isinstance(value, str) and (key == "name" or key.endswith("_name")):
        return name(value) if value else spoken("roster.former")
    return value


def _moment(value: Mapping[str, str], spoken: Words) -> str:
    forms = {"when": spoken.when, "date": spoken.date, "day": spoken.day, "time": spoken.time}
    return forms[value["as"]](datetime.fromisoformat(value["at"]), ZoneInfo(value["zone"]))


def _keyboard(facts: Reply, spoken: Words) -> Keyboard:
    return tuple(tuple(_button(label, data, spoken) for label, data in row) for row in facts.buttons)


def _button(label: str, data: str, spoken: Words) -> Button:
    # What a person wrote, such as a group's name, is marked and shown as it is.
    shown = label.removeprefix(LITERAL) if label.startswith(LITERAL) else spoken(label)
    return Button(shown, url=data) if data.startswith(LINK) else Button(shown, data)
