"""An appeal: why, what whoever decides reads, and how it ended."""

from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.outgoing import Button, Message
from services.appeals import Appeal, Step
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
    return Message("\n".join([_text("appeals.request", facts, spoken), *_history(facts, spoken)]), (row,))


def decided(facts: Appeal) -> Message:
    """How it ended, for its person and for whoever had declined."""
    return Message(_text(f"appeals.was_{facts.correction.state}", facts, words(choose(facts.correction.language))))


def _history(facts: Appeal, spoken: Words) -> list[str]:
    """What happened to the record, a line for each step."""
    zone = ZoneInfo(facts.correction.time_zone)
    lines = [
        spoken.html(
            "appeals.step",
            when=spoken.when(step.at, zone),
            what=_what(step, spoken),
            by=spoken("appeals.themselves") if step.is_own else person_name(step.by, spoken),
        )
        for step in facts.history
    ]
    return ["", spoken.html("appeals.history"), *lines] if lines else []


def _what(step: Step, spoken: Words) -> str:
    return spoken(
        f"appeals.how_{step.how}",
        before=spoken(f"status.{step.before}"),
        after=spoken(f"status.{step.after}"),
    )


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
