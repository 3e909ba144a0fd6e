"""Moving a member to another group: where to, what it does, and that it is done."""

from typing import Final

from chat.callback_data import pack
from chat.outgoing import Button, Message
from chat.paging import turning
from services.transfers import Choice, Transfer
from texts import Words
from texts.words import name, person_name

LABEL: Final = 40


def choice(facts: Choice, spoken: Words) -> Message:
    """Where to?"""
    ids = (facts.group_id, facts.person_id)
    rows: list[tuple[Button, ...]] = [
        (Button(name(group_name[:LABEL]), pack("transfer_to", *ids, target_id)),)
        for target_id, group_name in facts.targets
    ]
    rows += turning(facts.page, facts.pages, lambda page: pack("transfer", *ids, page), spoken)
    rows.append((Button(spoken("button.back"), pack("member", *ids)),))
    key = "transfers.choose" if facts.targets else "transfers.nowhere"
    return Message(spoken.html(key, name=person_name(facts.name, spoken)), tuple(rows))


def preview(facts: Transfer, spoken: Words) -> Message:
    """What becomes of them."""
    ids = (facts.group_id, facts.person_id)
    rows = (
        (Button(spoken("button.transfer_yes"), pack("transfer_yes", *ids, facts.target_id)),),
        (Button(spoken("button.back"), pack("member", *ids)),),
    )
    return Message(_text("transfers.preview", facts, spoken), rows)


def moved(facts: Transfer, spoken: Words) -> Message:
    """It is done."""
    back = Button(spoken("button.back"), pack("roster", facts.group_id, 0))
    there = Button(spoken("button.transfer_back"), pack("member", facts.target_id, facts.person_id))
    return Message(_text("transfers.done", facts, spoken), ((there,), (back,)))


def _text(key: str, facts: Transfer, spoken: Words) -> str:
    return spoken.html(
        key,
        name=person_name(facts.name, spoken),
        group=name(facts.group_name),
        target=name(facts.target_name),
    )
