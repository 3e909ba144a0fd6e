"""The messages around a check-in: the one with the button and its counter, and what a tap is answered."""

from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.outgoing import Button, Edit, Keyboard, Message
from domain.attendance import Status
from domain.quorum import Standing
from services.checkins import CheckIn, Live, NextCheckIn
from texts import Words, words


def opened(facts: Live) -> Message:
    """The message with the check-in button; it makes no sound, the reminder has."""
    return Message(_live_text(facts), _live_keyboard(facts), silent=True)


def edited(facts: Live) -> Edit:
    """The same message, brought up to date; after the window its button asks for a correction."""
    return Edit(facts.message_id or 0, _live_text(facts), _live_keyboard(facts))


def answer(result: CheckIn, spoken: Words) -> str:
    """What the person reads after the commit."""
    at = spoken.time(result.at, ZoneInfo(result.time_zone))
    if result.repeated:
        return spoken("checkins.repeated", time=at, status=spoken(f"status.{result.status}"))
    keys = {Status.PRESENT: "checkins.on_time", Status.SITTING_IN: "checkins.sitting_in"}
    key = keys.get(result.status, "checkins.late")
    lines = [spoken(key, time=at)]
    if result.walk_in:
        lines.append(spoken("checkins.walk_in"))
    if result.time_uncertain:
        lines.append(spoken("checkins.uncertain"))
    return "\n".join(lines)


def none_open(coming: NextCheckIn | None, spoken: Words) -> Message:
    """Nothing is open now; when the next check-in opens, where that is soon."""
    if coming is None:
        return Message(spoken.html("checkins.none_open"))
    when = spoken.when(coming.opens_at, ZoneInfo(coming.time_zone))
    return Message(spoken.html("checkins.opens_next", title=coming.title, when=when))


def summary(facts: Live, spoken: Words) -> str:
    """The numbers of a session in one line."""
    parts = [spoken("checkins.count", came=facts.came, expected=facts.expected)]
    for label, number in (
        ("late", facts.late),
        ("excused", facts.excused),
        ("absent", facts.absent if facts.state == "closed" else 0),
        ("sitting_in", facts.sitting_in),
    ):
        if number:
            parts.append(spoken("checkins.count_of", status=spoken(f"status.{label}"), number=number))
    return spoken("checkins.count_join").join(parts)


def _live_text(facts: Live) -> str:
    spoken = words(facts.language)
    zone = ZoneInfo(facts.time_zone)
    span = f"{spoken.time(facts.opens_at, zone)}–{spoken.time(facts.closes_at, zone)}"
    text = spoken.html(f"checkins.live_{facts.state}", title=facts.title, span=span, summary=summary(facts, spoken))
    return text if facts.quorum is None else f"{text}\n{quorum_line(facts.quorum, spoken)}"


def quorum_line(standing: Standing, spoken: Words) -> str:
    """Who has a vote and is there, and whether it can decide now."""
    numbers = {"there": standing.voters_there, "voters": standing.voters, "needed": standing.needed}
    key = "checkins.can_decide" if standing.can_decide else "checkins.cannot_decide"
    return spoken.html(key, **numbers, short=standing.short)


def _live_keyboard(facts: Live) -> Keyboard:
    is_open = facts.state in ("early", "open", "late")
    label, verb = ("button.check_in", "checkin") if is_open else ("button.ask_correction", "correction")
    return ((Button(words(facts.language)(label), pack(verb, facts.session_id)),),)
