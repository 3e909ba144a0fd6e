"""Long leave: which group, from when to when, why; the request to leaders and what they decided."""

from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.outgoing import Button, Keyboard, Message
from chat.paging import turning
from services.long_leaves import Choice, LongLeave, Page
from texts import Words, choose, words
from texts.words import name, person_name

LABEL: Final = 40


def choice(facts: Choice, spoken: Words) -> Message:
    """The long leaves there are, and the groups for another one."""
    rows: list[tuple[Button, ...]] = [
        (Button(_label(leave, spoken), pack("long_leave", leave.id)),) for leave in facts.leaves
    ]
    several = len(facts.groups) > 1
    for group_id, group_name in facts.groups:
        label = spoken("button.long_leave_in", group=group_name[:LABEL]) if several else spoken("button.long_leave_new")
        rows.append((Button(label, pack("long_new", group_id)),))
    rows.append((Button(spoken("button.back"), pack("leave_list")),))
    return Message(spoken.html("long_leaves.choice"), tuple(rows))


def _label(facts: LongLeave, spoken: Words) -> str:
    return f"{_span(facts, spoken)} · {spoken(f'long_leaves.state_{facts.state}')}"[:60]


def ask_days(group_name: str, spoken: Words) -> Message:
    """From when to when?"""
    back = (Button(spoken("button.back"), pack("long_leaves")),)
    return Message(spoken.html("long_leaves.ask_days", group=name(group_name)), (back,))


def own(facts: LongLeave, spoken: Words) -> Message:
    """One's own long leave as it stands."""
    rows: list[tuple[Button, ...]] = []
    if facts.state in ("open", "approved"):
        rows.append((Button(spoken("button.long_leave_end"), pack("long_end", facts.id)),))
    rows.append((Button(spoken("button.back"), pack("long_leaves")),))
    return Message(_text("long_leaves.own", facts, spoken), tuple(rows))


def requested(facts: LongLeave) -> Message:
    """A leader is asked."""
    return to_decide(facts, words(choose(facts.language)))


def to_decide(facts: LongLeave, spoken: Words) -> Message:
    """One long leave for a leader; a decision can be changed."""
    buttons: Keyboard = ()
    if facts.state != "withdrawn":
        choices = {
            "approved": Button(spoken("button.approve"), pack("long_ok", facts.id)),
            "declined": Button(spoken("button.decline"), pack("long_no", facts.id)),
        }
        row = [button for state, button in choices.items() if state != facts.state]
        if facts.state == "approved":
            row.append(Button(spoken("button.long_leave_stop"), pack("long_stop", facts.id)))
        buttons = (tuple(row),)
    return Message(_text("long_leaves.request", facts, spoken), buttons)


def decided(facts: LongLeave) -> Message:
    """What became of it."""
    spoken = words(choose(facts.language))
    return Message(_text(f"long_leaves.told_{facts.state}", facts, spoken))


def ended(facts: LongLeave) -> Message:
    """A leader ended it."""
    spoken = words(choose(facts.language))
    return Message(_text(f"long_leaves.ended_{facts.state}", facts, spoken))


def of_group(facts: Page, spoken: Words) -> Message:
    """Those of a group: what waits for a decision, then who is away or will be."""
    rows = [
        (Button(f"{person_name(each.name, spoken)[:20]} · {_label(each, spoken)}"[:60], pack("long_look", each.id)),)
        for each in facts.leaves
    ]
    turn = turning(facts.page, facts.pages, lambda page: pack("long_wait", facts.group_id, page), spoken)
    back = (Button(spoken("button.back"), pack("leaves", facts.group_id, 0)),)
    text = spoken.html("long_leaves.of_group" if facts.leaves else "long_leaves.none_of_group")
    return Message(text, (*rows, *turn, back))


def _text(key: str, facts: LongLeave, spoken: Words) -> str:
    return spoken.html(
        key,
        name=person_name(facts.name, spoken),
        group=name(facts.group_name),
        days=_span(facts, spoken),
        reason=spoken(f"reason.{facts.reason}"),
        state=spoken(f"long_leaves.state_{facts.state}"),
        number=facts.sessions,
    )


def _span(facts: LongLeave, spoken: Words) -> str:
    return spoken("long_leaves.span", first=_day(facts.first, spoken), last=_day(facts.last, spoken))


def _day(day: date, spoken: Words) -> str:
    zone = ZoneInfo("UTC")
    return spoken.short_day(datetime.combine(day, time(), zone), zone)
