"""Swaps of turns: whom to ask, what they are asked, and how it ended."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.outgoing import Button, Message
from chat.paging import turning
from services.swaps import Asked, Offers
from texts import Words, choose, words
from texts.words import name, person_name

LABEL: Final = 24


def offers(facts: Offers, spoken: Words) -> Message:
    """Who can be asked to lead my session."""
    turn, zone = facts.turn, ZoneInfo(facts.turn.time_zone)
    text = spoken.html(
        "swaps.whom" if facts.offers else "swaps.nobody", title=turn.title, when=spoken.when(turn.starts_at, zone)
    )
    rows: list[tuple[Button, ...]] = []
    for each in facts.offers:
        called = person_name(each.name, spoken)[:LABEL]
        if each.theirs_at is None:
            label = spoken("button.swap_give", name=called)
        else:
            label = spoken("button.swap_with", name=called, day=spoken.short_day(each.theirs_at, zone))
        rows.append((Button(label, pack("swap_ask", turn.session_id, each.person_id, each.theirs)),))
    rows += turning(facts.page, facts.pages, lambda page: pack("swap", turn.session_id, page), spoken)
    rows.append((Button(spoken("button.rota"), pack("rota")),))
    return Message(text, tuple(rows))


def asking(facts: Asked, spoken: Words) -> Message:
    """What whoever asks sees: asked, and the way to take it back; or that it was taken back."""
    rows = [(Button(spoken("button.swap_withdraw"), pack("swap_off", facts.id)),)] if facts.state == "open" else []
    rows.append((Button(spoken("button.rota"), pack("rota")),))
    return Message(_text("swaps.asking" if facts.state == "open" else "swaps.withdrawn", facts, spoken), tuple(rows))


def asked(facts: Asked) -> Message:
    """Would you?"""
    spoken = words(choose(facts.language))
    row = (
        Button(spoken("button.swap_yes"), pack("swap_yes", facts.id)),
        Button(spoken("button.swap_no"), pack("swap_no", facts.id)),
    )
    return Message(_text("swaps.ask_swap" if facts.theirs_at else "swaps.ask_give", facts, spoken), (row,))


def answered(facts: Asked, spoken: Words) -> Message:
    """What whoever was asked sees after answering."""
    key = f"swaps.you_{facts.state}"
    return Message(_text(key, facts, spoken), ((Button(spoken("button.rota"), pack("rota")),),))


def told(facts: Asked) -> Message:
    """How it ended, for whoever asked."""
    spoken = words(choose(facts.language))
    return Message(_text(f"swaps.told_{facts.state}", facts, spoken), ((Button(spoken("button.rota"), pack("rota")),),))


def told_leader(facts: Asked) -> Message:
    """Two have changed turns, for the leaders."""
    spoken = words(choose(facts.language))
    key = "swaps.leader_swap" if facts.theirs_at else "swaps.leader_give"
    return Message(_text(key, facts, spoken), ((Button(spoken("button.rota"), pack("rota")),),))


def _text(key: str, facts: Asked, spoken: Words) -> str:
    return spoken.html(
        key,
        asker=person_name(facts.asker, spoken),
        asked=person_name(facts.asked, spoken),
        group=name(facts.group_name),
        title=facts.mine_title,
        when=_when(facts.mine_at, facts, spoken),
        other=facts.theirs_title,
        other_when=_when(facts.theirs_at, facts, spoken),
    )


def _when(at: datetime | None, facts: Asked, spoken: Words) -> str:
    return spoken.when(at, ZoneInfo(facts.time_zone)) if at is not None else ""
