"""The card of a group with its ⟦Join⟧ button, and what people read when they join a group or lead it."""

from chat.callback_data import pack
from chat.outgoing import Button, Edit, Keyboard, Message
from services.groups import Card, Joined
from services.leaders import Appointed
from texts import Words, words
from texts.words import name

SHOWN_NAME = 40
"""Characters of a group's name in an answer to a tap, which holds 200 in all (Bot API, answerCallbackQuery)."""


def card(facts: Card) -> Message:
    """The card as a new message."""
    return Message(_card_text(facts), _card_keyboard(facts))


def edited(facts: Card) -> Edit:
    """The card as it hangs in the chat, brought up to date."""
    return Edit(facts.message_id or 0, _card_text(facts), _card_keyboard(facts))


def _card_text(facts: Card) -> str:
    spoken = words(facts.language)
    lines = [
        spoken.html("groups.registered", name=name(facts.name)),
        spoken.html("groups.members", count=facts.members),
    ]
    if facts.leaders:
        leaders = spoken("groups.between").join(name(leader) for leader in facts.leaders)
        lines += [spoken.html("groups.leader", name=leaders), spoken.html("groups.next_step")]
    else:
        lines.append(spoken.html("groups.needs_leader"))
    return "\n".join(lines)


def _card_keyboard(facts: Card) -> Keyboard:
    spoken = words(facts.language)
    first = [Button(spoken("button.join"), pack("join", facts.group_id))]
    if not facts.leaders:
        first.append(Button(spoken("button.lead"), pack("lead", facts.group_id)))
    link = f"https://t.me/{facts.bot_username}?start=remind_on"
    return (tuple(first), (Button(spoken("button.private_reminders"), url=link),))


def joined(result: Joined, spoken: Words) -> str:
    """What whoever joined reads, with the way to private reminders where they are off."""
    group = name(result.group[:SHOWN_NAME])
    if result.repeated:
        return spoken("groups.joined_already", group=group)
    text = spoken("groups.joined", group=group)
    return text if result.reachable else f"{text}\n{spoken('groups.joined_hint')}"


def leading(result: Appointed, spoken: Words) -> str:
    """What the new leader reads at once; the group gets a message."""
    return spoken("groups.leading_already" if result.repeated else "groups.leading")


def leads_already(result: Appointed, spoken: Words) -> Message:
    """The answer to an appointment that changes nothing."""
    return Message(spoken.html("groups.leads_already", name=name(result.name)))
