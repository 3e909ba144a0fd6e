"""Long leave: which group, from when to when, why; the request to leaders and what they decided."""

from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from chat import days_calendar
from chat.callback_data import pack
from chat.outgoing import Button, Message
from chat.paging import turning
from domain.long_leave import is_over, shorter_ends
from services.leaves import REASONS
from services.long_leave_asking import Asking, Choice, taken
from services.long_leave_decisions import Page
from services.long_leaves import LongLeave
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


def ask_days(facts: Asking, first: date | None, month: int, spoken: Words) -> Message:
    """From when to when? A month to choose the first day from, then the last one; typing them works, too."""
    chosen = first.toordinal() if first else 0
    ids = (facts.group_id, facts.person_id)

    def button_of(day: date) -> Button | None:
        if day < facts.today:
            return None
        if first is None or day < first:  # a first day, or another one
            return Button(str(day.day), pack("long_cal", *ids, day.toordinal(), days_calendar.month_of(day)))
        label = f"[{day.day}]" if day == first else str(day.day)
        return Button(label, pack("long_days", *ids, chosen, day.toordinal()))

    rows = days_calendar.rows(month, button_of, lambda number: pack("long_cal", *ids, chosen, number), spoken)
    begins = days_calendar.begins(month)
    asked = spoken.html("long_leaves.ask_days", group=name(facts.group_name))
    if facts.name:
        asked = spoken.html("long_leaves.ask_days_of", name=person_name(facts.name, spoken))
    key = "long_leaves.first_day" if first is None else "long_leaves.last_day"
    chosen_day = _day(first, spoken) if first else ""
    step = spoken.html(key, year=begins.year, month=spoken.month(begins), first=chosen_day)
    back = pack("member", *ids) if facts.name else pack("long_leaves")
    return Message(f"{asked}\n{step}", (*rows, (Button(spoken("button.back"), back),)))


def why(facts: Asking, first: date, last: date, spoken: Words) -> Message:
    """The days are chosen: for what reason?"""
    reasons = tuple(
        Button(spoken(f"reason.{reason}"), taken(facts, first, last, number)) for number, reason in enumerate(REASONS)
    )
    text = spoken.html("long_leaves.why", first=first.isoformat(), last=last.isoformat())
    if facts.name:
        text = spoken.html(
            "long_leaves.why_theirs",
            first=first.isoformat(),
            last=last.isoformat(),
            name=person_name(facts.name, spoken),
        )
    again = pack("long_cal", facts.group_id, facts.person_id, 0, days_calendar.month_of(first))
    return Message(text, (reasons, (Button(spoken("button.back"), again),)))


def shown(facts: LongLeave, spoken: Words) -> Message:
    """One long leave as it stands, for its person or for a leader."""
    return _own(facts, spoken) if facts.is_own else to_decide(facts, spoken)


def _own(facts: LongLeave, spoken: Words) -> Message:
    rows: list[tuple[Button, ...]] = []
    if facts.state in ("open", "approved") and not is_over(facts.last, facts.today):
        rows += _shorter(facts, spoken)
        rows.append((Button(spoken("button.long_leave_end"), pack("long_end", facts.id)),))
    rows.append((Button(spoken("button.back"), pack("long_leaves")),))
    return Message(_text("long_leaves.own", facts, spoken), tuple(rows))


def _shorter(facts: LongLeave, spoken: Words) -> list[tuple[Button, ...]]:
    if shorter_ends(facts.first, facts.last, facts.today) is None:
        return []
    return [(Button(spoken("button.long_leave_shorten"), pack("long_short", facts.id)),)]


def choose_end(facts: LongLeave, month: int | None, spoken: Words) -> Message:
    """Which day is to be the last one?"""
    ends = shorter_ends(facts.first, facts.last, facts.today)
    back = (Button(spoken("button.back"), pack("long_leave", facts.id)),)
    if ends is None or facts.state not in ("open", "approved"):
        return Message(spoken.html("long_leaves.no_shorter"), (back,))
    earliest, latest = ends

    def button_of(day: date) -> Button | None:
        if not earliest <= day <= latest:
            return None
        return Button(str(day.day), pack("long_cut", facts.id, day.toordinal()))

    shown_month = days_calendar.month_of(earliest) if month is None else month
    rows = days_calendar.rows(shown_month, button_of, lambda number: pack("long_short", facts.id, number), spoken)
    begins = days_calendar.begins(shown_month)
    text = spoken.html(
        "long_leaves.choose_end",
        days=_span(facts, spoken),
        first=_day(earliest, spoken),
        last=_day(latest, spoken),
        year=begins.year,
        month=spoken.month(begins),
    )
    return Message(text, (*rows, back))


def requested(facts: LongLeave) -> Message:
    """A leader is asked."""
    return to_decide(facts, words(choose(facts.language)))


def to_decide(facts: LongLeave, spoken: Words) -> Message:
    """One long leave for a leader; a decision can be changed until the leave is over."""
    rows: list[tuple[Button, ...]] = []
    over = is_over(facts.last, facts.today)
    if facts.state == "open" or (facts.state != "withdrawn" and not over):
        choices = {
            "approved": Button(spoken("button.approve"), pack("long_ok", facts.id)),
            "declined": Button(spoken("button.decline"), pack("long_no", facts.id)),
        }
        rows.append(tuple(button for state, button in choices.items() if state != facts.state))
    if facts.state == "approved" and not over:
        rows += _shorter(facts, spoken)
        rows.append((Button(spoken("button.long_leave_stop"), pack("long_end", facts.id)),))
    rows.append((Button(spoken("button.back"), pack("long_wait", facts.group_id, 0)),))
    return Message(_text("long_leaves.request", facts, spoken), tuple(rows))


def decided(facts: LongLeave) -> Message:
    """What became of it."""
    spoken = words(choose(facts.language))
    return Message(_text(f"long_leaves.told_{facts.state}", facts, spoken))


def entered(facts: LongLeave) -> Message:
    """A leader entered it: for its person, who can shorten or end it."""
    spoken = words(choose(facts.language))
    button = Button(spoken("button.long_leave"), pack("long_leave", facts.id))
    return Message(_text("long_leaves.told_entered", facts, spoken), ((button,),))


def ended(facts: LongLeave) -> Message:
    """A leader ended or shortened it."""
    spoken = words(choose(facts.language))
    return Message(_text(f"long_leaves.ended_{facts.state}", facts, spoken))


def of_group(facts: Page, spoken: Words) -> Message:
    """Those of a group: what waits for a decision, then who is away or will be."""
    rows = [
        (Button(f"{person_name(each.name, spoken)[:20]} · {_label(each, spoken)}"[:60], pack("long_leave", each.id)),)
        for each in facts.leaves
    ]
    rows.append((Button(spoken("button.long_leave_for"), pack("roster", facts.group_id, 0)),))
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
