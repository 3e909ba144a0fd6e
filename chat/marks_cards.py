"""Asking which subgroup a member belongs to."""

from chat.callback_data import pack
from chat.outgoing import Button, Message
from services.marks import Asked
from texts import Words
from texts.words import name, person_name

LISTED = 12


def ask(facts: Asked, spoken: Words) -> Message:
    """The next message is to be its name."""
    ids = (facts.group_id, facts.person_id)
    whose = person_name(facts.name, spoken)
    known = spoken("marks.join").join(name(each) for each in facts.known[:LISTED])
    text = spoken.html("marks.ask", name=whose, known=known) if known else spoken.html("marks.ask_first", name=whose)
    rows = (
        (Button(spoken("button.no_subgroup"), pack("subgroup_off", *ids)),),
        (Button(spoken("button.back"), pack("member", *ids)),),
    )
    return Message(text, rows)
