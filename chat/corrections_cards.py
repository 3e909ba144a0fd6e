"""The messages around a correction: asking for one, the leaders' request and list, what was decided."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.outgoing import Button, Message
from chat.paging import turning
from domain.attendance import CLAIMABLE
from services.correcting import Decision, Requests
from services.corrections import Correction, Filed, OwnSession
from texts import Words, choose, words
from texts.words import person_name


def filed_toast(result: Filed, spoken: Words) -> str:
    """What somebody reads who asked with one tap in the group, as an alert."""
    if result.outcome == "filed" and not result.reachable:
        return spoken("corrections.filed_unreachable")
    return spoken(f"corrections.{result.outcome}", status=spoken(f"status.{result.correction.recorded}"))


def look(facts: Correction, spoken: Words) -> Message:
    """One's own record of a session: what it should be, or what was asked for already."""
    if facts.state == "open":
        return filed(facts, spoken)
    wanted = tuple(
        Button(spoken(f"status.{status}"), pack("correct_to", facts.session_id, number))
        for number, status in enumerate(CLAIMABLE)
        if status is not facts.recorded
    )
    back = (Button(spoken("button.back"), pack("corrections_own")),)
    if facts.state == "declined":
        appeal = (Button(spoken("button.appeal"), pack("appeal", facts.id)),)
        return Message(spoken.html("corrections.look_declined", **_values(facts, spoken)), (wanted, appeal, back))
    return Message(spoken.html("corrections.look", **_values(facts, spoken)), (wanted, back))


def filed(facts: Correction, spoken: Words) -> Message:
    """What one asked for, and the way back."""
    withdraw = Button(spoken("button.withdraw_correction"), pack("correction_withdraw", facts.id))
    return Message(spoken.html("corrections.waits", **_values(facts, spoken)), ((withdraw,),))


def withdrawn(facts: Correction, spoken: Words) -> Message:
    """What was asked for is taken back."""
    return Message(spoken.html("corrections.withdrawn", **_values(facts, spoken)))


def own(found: Sequence[OwnSession], spoken: Words) -> Message:
    """Which of one's own sessions?"""
    if not found:
        return Message(spoken.html("corrections.none_own"))
    rows = tuple((Button(_own(session, spoken), pack("correction", session.session_id)),) for session in found)
    return Message(spoken.html("corrections.own"), rows)


def request(facts: Correction) -> Message:
    """Asks a leader to decide."""
    return to_decide(facts, words(choose(facts.language)), from_list=False)


def to_decide(facts: Correction, spoken: Words, *, from_list: bool) -> Message:
    """The same in the words of whoever reads it; what is decided already has no buttons for it."""
    if facts.state != "open":
        return decision(Decision(facts, before_you=True), spoken, from_list=from_list)
    accept = [
        Button(spoken(f"button.record_{status}"), pack("correct", facts.id, number, int(from_list)))
        for number, status in enumerate(CLAIMABLE, start=1)
        if status in CLAIMABLE[:2] or status is facts.wanted
    ]
    decline = Button(spoken("button.decline_correction"), pack("correct", facts.id, 0, int(from_list)))
    rows = (tuple(accept), (decline,), *_back(facts, spoken, from_list))
    return Message(spoken.html("corrections.request", **_values(facts, spoken)), rows)


def decision(result: Decision, spoken: Words, *, from_list: bool) -> Message:
    """The request after it was decided, by this leader or another one."""
    facts = result.correction
    key = "corrections.request_accepted" if facts.state == "accepted" else "corrections.request_declined"
    sheet = (Button(spoken("button.correct"), pack("sheet", facts.session_id, 0, 1)),)
    return Message(spoken.html(key, **_values(facts, spoken)), (sheet, *_back(facts, spoken, from_list)))


def decision_toast(result: Decision, spoken: Words) -> str:
    """What the leader reads at once: done, or what somebody else had decided before."""
    facts = result.correction
    prefix = "corrections.toast_was" if result.before_you else "corrections.toast"
    return spoken(f"{prefix}_{facts.state}", status=spoken(f"status.{facts.recorded}"))


def decided(facts: Correction) -> Message:
    """Tells the person what the leader decided; what was declined can be appealed."""
    spoken = words(choose(facts.language))
    text = spoken.html(f"corrections.{facts.state}", **_values(facts, spoken))
    appeal = (Button(spoken("button.appeal"), pack("appeal", facts.id)),)
    return Message(text, (appeal,) if facts.state == "declined" else ())


def requests(facts: Requests, spoken: Words) -> Message:
    """The open corrections of a group, each a button."""
    rows: list[tuple[Button, ...]] = [
        (Button(_request(entry, spoken), pack("correction_request", entry.id)),) for entry in facts.entries
    ]
    rows += turning(facts.page, facts.pages, lambda page: pack("corrections", facts.group_id, page), spoken)
    rows.append((Button(spoken("button.back"), pack("manage", facts.group_id)),))
    if not facts.count:
        return Message(spoken.html("corrections.no_requests", group=facts.group_name), tuple(rows))
    return Message(spoken.html("corrections.requests", count=facts.count, group=facts.group_name), tuple(rows))


def _back(facts: Correction, spoken: Words, from_list: bool) -> tuple[tuple[Button, ...], ...]:
    return ((Button(spoken("button.back"), pack("corrections", facts.group_id)),),) if from_list else ()


def _own(session: OwnSession, spoken: Words) -> str:
    status = spoken("corrections.is_asked") if session.asked else spoken(f"status.{session.recorded}")
    day = spoken.day(session.starts_at, ZoneInfo(session.time_zone))
    return spoken("corrections.own_button", day=day, title=session.title[:24], status=status)


def _request(entry: Correction, spoken: Words) -> str:
    day = spoken.day(entry.starts_at, ZoneInfo(entry.time_zone))
    wanted = spoken(f"status.{entry.wanted}")
    return spoken(
        "corrections.request_button", name=person_name(entry.person_name[:24], spoken), day=day, wanted=wanted
    )


def _values(facts: Correction, spoken: Words) -> dict[str, Any]:
    return {
        "title": facts.title,
        "when": spoken.when(facts.starts_at, ZoneInfo(facts.time_zone)),
        "name": person_name(facts.person_name, spoken),
        "wanted": spoken(f"status.{facts.wanted}"),
        "status": spoken(f"status.{facts.recorded}"),
    }
