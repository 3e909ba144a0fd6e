"""The first settings of a group, one step a page; and what stands where a registration was taken back."""

from typing import Any
from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.outgoing import Button, Edit, Keyboard, Message
from chat.paging import turning
from domain import zones
from services.setup import Page, Step
from texts import LANGUAGES, Words, choose, words
from texts.words import name

LABEL_NAME = 32


def unregistered(spoken: Words) -> Message:
    """The card after ⟦Undo⟧: it can be registered again."""
    return Message(spoken.html("registration.undone"), ((Button(spoken("button.register"), pack("register")),),))


def waited(facts: Page) -> Message | Edit:
    """A step that waited in the outbox: a new message, or in the place of the step before it."""
    message = page(facts, words(choose(facts.spoken)))
    return message if facts.message_id is None else Edit(facts.message_id, message.text, message.keyboard)


def page(facts: Page, spoken: Words) -> Message:
    """A step: what is set, what can be chosen, and the way on without a change."""
    if facts.step is Step.DONE:
        return _summary(facts, spoken)
    text = spoken.html(f"registration.step_{facts.step.name.lower()}", **_values(facts, spoken))
    onward = "button.setup_next" if facts.step is Step.TOPIC else "button.setup_keep"
    skip = (Button(spoken(onward), pack("setup", facts.group_id, facts.step + 1)),)
    return Message(text, (*_choices(facts, spoken), skip))


def _choices(facts: Page, spoken: Words) -> Keyboard:
    if facts.step is Step.UNIT:
        rows = [(_choice(facts, unit_id, title[:LABEL_NAME]),) for unit_id, title in facts.units]
        turn = turning(
            facts.unit_page,
            facts.unit_pages,
            lambda page: pack("setup", facts.group_id, Step.UNIT, page),
            spoken,
        )
        return (*rows, *turn)
    if facts.step is Step.ZONE:
        buttons = [_choice(facts, at, spoken.zone(ZoneInfo(zone))) for at, zone in enumerate(zones.USUAL)]
        return tuple(tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2))
    if facts.step is Step.LANGUAGE:
        return tuple(
            (_choice(facts, at, words(each)("registration.this_language")),) for at, each in enumerate(LANGUAGES)
        )
    return ()


def _choice(facts: Page, number: int, label: str) -> Button:
    return Button(label, pack("setup_set", facts.group_id, facts.step, number))


def _summary(facts: Page, spoken: Words) -> Message:
    key = "registration.done_in_unit" if facts.several_units else "registration.done"
    lead = (Button(spoken("button.lead"), pack("setup_lead", facts.group_id)),)
    return Message(spoken.html(key, **_values(facts, spoken)), () if facts.led else (lead,))


def _values(facts: Page, spoken: Words) -> dict[str, Any]:
    return {
        "name": name(facts.name),
        "unit": name(facts.unit),
        "zone": spoken.zone(ZoneInfo(facts.time_zone)),
        "language": words(choose(facts.language))("registration.this_language"),
    }
