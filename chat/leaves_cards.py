"""The private talk about a leave: which session, why, the request to the leaders, and what they decided."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.outgoing import Button, Keyboard, Message
from chat.paging import turning
from services.leaves import REASONS, SEEN, Decision, Leave, Offer, Requests
from texts import Words, choose, words
from texts.words import person_name

_STATES = {None: "waiting", True: "granted", False: "turned_down"}


def offers(found: Sequence[Offer], spoken: Words) -> Message:
    """Which session is it? Group names are told where there are several."""
    long = (Button(spoken("button.long_leave"), pack("long_leaves")),)
    if not found:
        return Message(spoken.html("leaves.nothing_comes"), (long,))
    several = len({offer.group_name for offer in found}) > 1
    rows = tuple((Button(_offer(offer, several, spoken), pack("leave_from", offer.session_id)),) for offer in found)
    return Message(spoken.html("leaves.which"), (*rows, long))


def look(facts: Leave | Offer, spoken: Words) -> Message:
    """One's leave as it stands, or why leave is wanted; nothing is recorded before a reason is chosen."""
    if isinstance(facts, Leave):
        return own_leave(facts, spoken)
    when = spoken.when(facts.starts_at, ZoneInfo(facts.time_zone))
    reasons = _reasons("leave_take", facts.session_id, spoken)
    back = (Button(spoken("button.back"), pack("leave_list")),)
    return Message(spoken.html("leaves.why", when=when, title=facts.title), (reasons, back))


def leave_keyboard(session_id: int, spoken: Words) -> Keyboard:
    """The reasons to choose from, and the way back."""
    withdraw = (Button(spoken("button.withdraw"), pack("withdraw", session_id)),)
    return (_reasons("leave_reason", session_id, spoken), withdraw)


def ask_reason(facts: Leave) -> Message:
    """Asks, in private, why somebody is on leave."""
    return own_leave(facts, words(choose(facts.language)))


def own_leave(facts: Leave, spoken: Words) -> Message:
    """One's own leave: its reason, which can be changed, what was decided, and the way back."""
    if not facts.reason:
        text = spoken.html("leaves.ask_reason", **_values(facts, spoken))
    else:
        state = spoken(f"leaves.{_STATES[facts.approved]}")
        text = spoken.html("leaves.own", state=state, **_values(facts, spoken))
    return Message(text, leave_keyboard(facts.session_id, spoken))


def withdrawn(facts: Offer, spoken: Words) -> Message:
    """One's leave is taken back; coming is one tap away."""
    when = spoken.when(facts.starts_at, ZoneInfo(facts.time_zone))
    going = Button(spoken("button.going"), pack("going", facts.session_id))
    return Message(spoken.html("leaves.withdrawn", when=when, title=facts.title), ((going,),))


def request(facts: Leave) -> Message:
    """Asks a leader to decide."""
    return _to_decide(facts, words(choose(facts.language)), from_list=False)


def listed(facts: Leave, spoken: Words) -> Message:
    """A request opened from the group's list of them."""
    return decision(Decision(facts, before_you=False), spoken, from_list=True)


def decision(result: Decision, spoken: Words, *, from_list: bool = False) -> Message:
    """The request after a leader's decision; the other choice stays open until the session is closed."""
    facts = result.leave
    if facts.approved is None:
        return _to_decide(facts, spoken, from_list=from_list)
    key = "leaves.request_granted" if facts.approved else "leaves.request_turned_down"
    other = _decisions(facts, spoken, from_list)[1 if facts.approved else 0]
    return Message(spoken.html(key, **_values(facts, spoken)), ((other,), *_back(facts, spoken, from_list)))


def decision_toast(result: Decision, spoken: Words) -> str:
    """What the leader reads at once: done, or what somebody else had decided before."""
    approved = result.leave.approved
    if approved is None:
        return spoken("leaves.toast_open_again")
    key = f"leaves.toast_was_{_STATES[approved]}" if result.before_you else f"leaves.toast_{_STATES[approved]}"
    return spoken(key)


def decided(facts: Leave) -> Message:
    """Tells the person what the leader decided; whoever was turned down can say that they come."""
    spoken = words(choose(facts.language))
    if facts.approved:
        return Message(spoken.html("leaves.approved", **_values(facts, spoken)))
    going = Button(spoken("button.going"), pack("going", facts.session_id))
    return Message(spoken.html("leaves.declined", **_values(facts, spoken)), ((going,),))


def requests(facts: Requests, spoken: Words) -> Message:
    """The open requests of a group, each a button."""
    rows: list[tuple[Button, ...]] = [
        (Button(_request(entry, spoken), pack("leave_request", entry.session_id, entry.person_id)),)
        for entry in facts.entries
    ]
    rows += turning(facts.page, facts.pages, lambda page: pack("leaves", facts.group_id, page), spoken)
    waiting = facts.long_leaves
    label = spoken("button.long_leaves_waiting", number=waiting) if waiting else spoken("button.long_leave")
    rows.append((Button(label, pack("long_wait", facts.group_id, 0)),))
    rows.append((Button(spoken("button.back"), pack("manage", facts.group_id)),))
    if not facts.count:
        return Message(spoken.html("leaves.no_requests", group=facts.group_name), tuple(rows))
    return Message(spoken.html("leaves.requests", count=facts.count, group=facts.group_name), tuple(rows))


def _to_decide(facts: Leave, spoken: Words, *, from_list: bool) -> Message:
    rows = (_decisions(facts, spoken, from_list), *_back(facts, spoken, from_list))
    return Message(spoken.html("leaves.request", **_values(facts, spoken)), rows)


def _decisions(facts: Leave, spoken: Words, from_list: bool) -> tuple[Button, ...]:
    numbers = (facts.session_id, facts.person_id, SEEN.index(facts.approved), int(from_list))
    return (
        Button(spoken("button.approve"), pack("approve", *numbers)),
        Button(spoken("button.decline"), pack("decline", *numbers)),
    )


def _back(facts: Leave, spoken: Words, from_list: bool) -> Keyboard:
    return ((Button(spoken("button.back"), pack("leaves", facts.group_id)),),) if from_list else ()


def _reasons(verb: str, session_id: int, spoken: Words) -> tuple[Button, ...]:
    return tuple(
        Button(spoken(f"reason.{reason}"), pack(verb, session_id, number)) for number, reason in enumerate(REASONS)
    )


def _offer(offer: Offer, several: bool, spoken: Words) -> str:
    when = spoken.when(offer.starts_at, ZoneInfo(offer.time_zone))
    label = spoken("leaves.offer", when=when, title=offer.title[:24])
    if several:
        label = spoken("leaves.in_group", label=label, group=offer.group_name[:16])
    return spoken("leaves.is_on_leave", label=label) if offer.on_leave else label


def _request(entry: Leave, spoken: Words) -> str:
    day = spoken.day(entry.starts_at, ZoneInfo(entry.time_zone))
    return spoken(
        "leaves.request_button",
        name=person_name(entry.person_name[:24], spoken),
        reason=_reason(entry, spoken),
        day=day,
    )


def _reason(facts: Leave, spoken: Words) -> str:
    return spoken(f"reason.{facts.reason}" if facts.reason else "reason.unsaid")


def _values(facts: Leave, spoken: Words) -> dict[str, Any]:
    return {
        "title": facts.title,
        "when": spoken.when(facts.starts_at, ZoneInfo(facts.time_zone)),
        "name": person_name(facts.person_name, spoken),
        "reason": _reason(facts, spoken),
    }
