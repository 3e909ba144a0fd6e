"""An appeal: why, what whoever decides reads, and how it ended."""

from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.outgoing import Button, Message
from services.appeals import Appeal
from texts import Words, choose, words
from texts.words import person_name


def ask(facts: Appeal, spoken: Words) -> Message:
    """Please say why."""
    return Message(_text("appeals.ask", facts, spoken))


def request(facts: Appeal) -> Message:
    """Somebody is asked to decide."""
    return to_decide(facts, words(choose(facts.correction.language)))


def to_decide(facts: Appeal, spoken: Words) -> Message:
    """The appeal with its two answers, or how it ended."""
    if facts.settled:
        return Message(_text(f"appeals.was_{facts.correction.state}", facts, spoken))
    number = facts.correction.id
    row = (
        Button(spoken("button.appeal_yes"), pack("appeal_yes", number)),
        Button(spoken("button.appeal_no"), pack("appeal_no", number)),
    )
    return Message(_text("appeals.request", facts, spoken), (row,))


def decided(facts: Appeal) -> Message:
    """How it ended, for its person and for whoever had declined."""
    return Message(_text(f"appeals.was_{facts.correction.state}", facts, words(choose(facts.correction.language))))


def _text(key: str, facts: Appeal, spoken: Words) -> str:
    correction = facts.correction
    return spoken.html(
        key,
        name=person_name(correction.person_name, spoken),
        title=correction.title,
        when=spoken.when(correction.starts_at, ZoneInfo(correction.time_zone)),
        recorded=spoken(f"status.{correction.recorded}"),
        wanted=spoken(f"status.{correction.wanted}"),
        why=facts.text,
    )
