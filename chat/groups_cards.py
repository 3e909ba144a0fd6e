"""What people read when they join a group or lead it."""

from chat.outgoing import Message
from services.groups import Appointed, Joined
from texts import Words
from texts.words import name

SHOWN_NAME = 40
"""Characters of a group's name in an answer to a tap, which holds 200 in all (Bot API, answerCallbackQuery)."""


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
