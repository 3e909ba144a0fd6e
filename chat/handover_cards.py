"""Handing the lead of a group over, and stepping down, as it is said in private."""

from chat.callback_data import pack
from chat.leaders_cards import choice
from chat.outgoing import Button, Message
from services.handover import Candidate, Done
from services.leaders import Choice, Page
from texts import Words
from texts.words import name


def pick_heir(facts: Choice, spoken: Words) -> Message:
    """Who is to lead?"""
    key = "leaders.pick_heir" if facts.people else "leaders.nobody_to_pick"
    return choice(facts, spoken, key, "hand_to", "hand")


def ask_handover(facts: Candidate, spoken: Words) -> Message:
    """Is it to be them? Who cannot be reached cannot be asked; then how they become reachable."""
    key = "leaders.ask_handover" if facts.reachable else "leaders.heir_unreachable"
    rows = [(Button(spoken("button.back"), pack("hand", facts.group_id)),)]
    if facts.reachable:
        rows.insert(0, (Button(spoken("button.invite"), pack("hand_yes", facts.group_id, facts.person_id)),))
    return Message(spoken.html(key, name=name(facts.name), group=name(facts.group_name)), tuple(rows))


def offered(facts: Candidate, spoken: Words) -> Message:
    """The question is on its way."""
    rows = (
        (Button(spoken("button.withdraw_offer"), pack("hand_back", facts.group_id)),),
        (Button(spoken("button.back"), pack("leaders", facts.group_id)),),
    )
    return Message(spoken.html("leaders.offered", name=name(facts.name)), rows)


def accepted(done: Done, spoken: Words) -> Message:
    """What the new leader reads, with the way to the hub."""
    hub = (Button(spoken("button.manage"), pack("manage", done.group_id)),)
    return Message(spoken.html("groups.you_lead", group_name=name(done.group_name)), (hub,))


def declined(done: Done, spoken: Words) -> Message:
    """What whoever did not want to lead reads."""
    return Message(spoken.html("leaders.you_declined", group=name(done.group_name), name=name(done.name)))


def ask_step_down(facts: Page, spoken: Words) -> Message:
    """Really? Who would be the last one is told what happens then."""
    alone = facts.leads and len(facts.leaders) == 1
    key = "leaders.ask_step_down_alone" if alone else "leaders.ask_step_down"
    rows = (
        (Button(spoken("button.step_down_yes"), pack("step_down_yes", facts.group_id)),),
        (Button(spoken("button.back"), pack("leaders", facts.group_id)),),
    )
    return Message(spoken.html(key, group=name(facts.group_name)), rows)


def stepped_down(done: Done, spoken: Words) -> Message:
    """Somebody is a member again."""
    return Message(spoken.html("leaders.you_stepped_down", group=name(done.group_name)))
