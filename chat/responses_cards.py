"""The messages around an answer: what the person reads, the reason asked for, the leader's decision."""

from typing import Any
from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.outgoing import Button, Message
from services.responses import REASONS, Answered, Leave
from texts import Words, choose, words
from texts.words import name


def answered(result: Answered, spoken: Words) -> str:
    """What the person reads after the commit."""
    if result.repeated:
        key = f"responses.{result.answer}_already"
    elif result.answer == "leave" and not result.reachable:
        key = "responses.leave_unreachable"
    else:
        key = f"responses.{result.answer}"
    return spoken(key) + ("\n" + spoken("responses.joined") if result.joined else "")


def ask_reason(facts: Leave) -> Message:
    """Asks, in private, why somebody is on leave."""
    return own_leave(facts, words(choose(facts.language)))


def own_leave(facts: Leave, spoken: Words) -> Message:
    """One's own leave: its reason, which can be changed, and the way back."""
    key = "responses.reason_known" if facts.reason else "responses.ask_reason"
    reasons = tuple(
        Button(spoken(f"reason.{reason}"), pack("leave_reason", facts.session_id, number))
        for number, reason in enumerate(REASONS)
    )
    withdraw = (Button(spoken("button.withdraw"), pack("withdraw", facts.session_id)),)
    return Message(spoken.html(key, **_values(facts, spoken)), (reasons, withdraw))


def withdrawn(spoken: Words) -> Message:
    """One's leave is taken back."""
    return Message(spoken.html("responses.withdrawn"))


def request(facts: Leave) -> Message:
    """Asks a leader to decide."""
    spoken = words(choose(facts.language))
    return Message(spoken.html("responses.request", **_values(facts, spoken)), (_decisions(facts, spoken),))


def decision(facts: Leave, spoken: Words) -> Message:
    """The request after a leader's decision; the other choice stays open until the session is closed."""
    key = "responses.approved_by_you" if facts.approved else "responses.declined_by_you"
    other = _decisions(facts, spoken)[1 if facts.approved else 0]
    return Message(spoken.html(key, **_values(facts, spoken)), ((other,),))


def decided(facts: Leave) -> Message:
    """Tells the person what the leader decided."""
    spoken = words(choose(facts.language))
    key = "responses.approved" if facts.approved else "responses.declined"
    return Message(spoken.html(key, **_values(facts, spoken)))


def _decisions(facts: Leave, spoken: Words) -> tuple[Button, ...]:
    return (
        Button(spoken("button.approve"), pack("approve", facts.session_id, facts.person_id)),
        Button(spoken("button.decline"), pack("decline", facts.session_id, facts.person_id)),
    )


def _values(facts: Leave, spoken: Words) -> dict[str, Any]:
    return {
        "title": facts.title,
        "when": spoken.when(facts.starts_at, ZoneInfo(facts.time_zone)),
        "name": name(facts.person_name),
        "reason": spoken(f"reason.{facts.reason}" if facts.reason else "reason.unsaid"),
    }
