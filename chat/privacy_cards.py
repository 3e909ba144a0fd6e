"""What is kept of somebody in plain words, the file with it, and the question before it is erased."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from chat.outgoing import Button, Document, Message
from services.forgetting import Farewell, Leaving
from services.privacy import MyData, Record
from texts import Words, words
from texts.words import name

# What a column holds as a code, and the families of texts that say it.
_SAID: Final = {
    "status": ("status.",),
    "before": ("status.",),
    "after": ("status.",),
    "wanted": ("status.",),
    "reason": ("reason.", "duty_reason."),
    "action": ("audit.",),
    "kind": ("kind.",),
}
_CLOCK: Final = frozenset({"quiet_from", "quiet_to"})
_YES_OR_NO: Final = frozenset(
    {"private_reminders", "approved", "walk_in", "time_uncertain", "by_me", "committee", "speaks"}
)


def privacy(months: int, spoken: Words) -> Message:
    """What is kept, why and how long (0: for ever), with the ways to have it and to be rid of it."""
    buttons = (Button(spoken("button.my_data"), "my_data"),), (Button(spoken("button.forget"), "forget"),)
    how_long = spoken.html("privacy.months", months) if months else spoken.html("privacy.for_ever")
    return Message(f"{spoken.html('privacy.text')}\n\n{how_long}", buttons)


def in_group(link: str, spoken: Words) -> Message:
    """In a group only the way to the private chat."""
    button = Button(spoken("button.open_private"), url=link)
    return Message(spoken.html("start.in_group"), ((button,),), silent=True)


def farewell(facts: Farewell) -> Message:
    """What is erased and what stays, and the word to type."""
    spoken = words(facts.language)
    parts = [spoken.html("privacy.forget")]
    if facts.led_alone:
        groups = spoken("privacy.between").join(name(group) for group in facts.led_alone)
        parts.append(spoken.html("privacy.last_leader", groups=groups))
    if facts.administers_alone:
        parts.append(spoken.html("privacy.last_admin"))
    parts.append(spoken.html("privacy.type_delete"))
    keep = Button(spoken("button.keep_me"), "forget_no")
    return Message("\n\n".join(parts), ((Button(spoken("button.my_data"), "my_data"),), (keep,)))


def leaving(facts: Leaving, spoken: Words) -> Message:
    """When it will be, and the ways back and out."""
    buttons = [(Button(spoken(f"button.{verb}"), verb),) for verb in ("forget_undo", "forget_now")]
    return Message(spoken.html("privacy.leaving", when=spoken.when(facts.at, facts.zone)), tuple(buttons))


def stays(spoken: Words) -> Message:
    """They thought better of it."""
    return Message(spoken.html("privacy.stays"))


def kept(spoken: Words) -> Message:
    """Nothing was erased."""
    return Message(spoken.html("privacy.kept"))


def forgotten(spoken: Words) -> Message:
    """The last message: it names nobody."""
    return Message(spoken.html("privacy.forgotten"))


def document(facts: MyData) -> Document:
    """The file: JSON whose keys are words of the person's language; times are UTC."""
    spoken = words(facts.language)
    told = {spoken(f"data.{section}"): _told(content, spoken) for section, content in facts.sections.items()}
    content = json.dumps(told, ensure_ascii=False, indent=2).encode()
    file_name = spoken("privacy.file_name", day=f"{facts.made_at:%Y-%m-%d}")
    return Document(file_name, content, spoken.html("privacy.caption"))


def _told(content: Record | list[Record], spoken: Words) -> Any:
    if isinstance(content, Mapping):
        return {spoken(f"data.{key}"): _value(key, value, spoken) for key, value in content.items()}
    return [_told(record, spoken) for record in content]


def _value(key: str, value: Any, spoken: Words) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if value is None or value == "":
        return None
    if key in _YES_OR_NO:
        return spoken("data.is_true" if value else "data.is_false")
    if key in _CLOCK:
        return f"{value // 60:02}:{value % 60:02}"
    return _code(key, value, spoken) if isinstance(value, str) else value


def _code(key: str, value: str, spoken: Words) -> str:
    """A code in words where there are words for it, else what stands there."""
    for family in _SAID.get(key, ("data.is_",)):
        try:
            return spoken(f"{family}{value}")
        except KeyError:
            continue
    return value
