"""What a leader sees while changing a published session: what, to what, the echo, and what came of it."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.outgoing import Button, Keyboard, Message
from chat.paging import turning
from chat.session_pages_cards import value
from domain.cadence import to_instant
from domain.schedule import USUAL_LENGTHS, USUAL_TIMES
from services.applying import Applied
from services.editing import FIELDS, LENGTH, LINK, PLACE, TIME, TITLE, Editable, Proposal
from services.moving import MovedAsk
from texts import Words, choose, words

DAYS_SHOWN: Final = 14
"""Days on one page where a day is chosen; two in a row are what a phone shows in full."""

LAST_PAGE: Final = 5


def menu(facts: Editable, spoken: Words) -> Message:
    """What is to be changed? Each value stands as it is."""
    zone = ZoneInfo(facts.time_zone)
    lines = [spoken.html("editing.menu", title=facts.title)]
    lines += [_stands(field, text, zone, spoken) for field, text in _values(facts)]
    first = [_field_button(field, facts, spoken) for field in (TITLE, PLACE, LINK)]
    second = [_field_button(field, facts, spoken) for field in (TIME, LENGTH)] if facts.timed else []
    if not facts.timed:
        lines.append(spoken.html("editing.time_fixed"))
    rows = (tuple(first), tuple(second), (Button(spoken("button.back"), pack("session", facts.session_id)),))
    return Message("\n".join(lines), tuple(row for row in rows if row))


def ask(facts: Editable, field: str, spoken: Words, now: datetime, page: int = 0) -> Message:
    """Asks for the new value; what cannot be tapped is typed."""
    now_is = value(field, dict(_values(facts))[field], ZoneInfo(facts.time_zone), spoken)
    text = spoken.html(f"editing.ask_{field}", value=now_is)
    rows: list[tuple[Button, ...]] = []
    if field == TIME:
        rows += _pairs(_days(facts, spoken, page, now), 2)
        rows += turning(page, LAST_PAGE + 1, lambda number: pack("edit_day", facts.session_id, number), spoken)
    elif field == LENGTH:
        rows += _pairs(_lengths(facts, spoken), 3)
    elif field in (PLACE, LINK) and dict(_values(facts))[field]:
        rows.append((Button(spoken("button.clear"), pack("edit_clear", facts.session_id, FIELDS.index(field))),))
    return Message(text, (*rows, _back(facts.session_id, spoken)))


def ask_clock(facts: Editable, day: date, spoken: Words, now: datetime) -> Message:
    """The day is chosen: at what time?"""
    zone = ZoneInfo(facts.time_zone)
    shown = spoken.day(datetime.combine(day, time(12), zone), zone)
    rows = _pairs(_clocks(facts, day, now), 4)
    back = (Button(spoken("button.back"), pack("edit_day", facts.session_id, 0)),)
    return Message(spoken.html("editing.ask_clock", day=shown), (*rows, back))


def echo(facts: Proposal, spoken: Words | None = None) -> Message:
    """The change as it will be, to be confirmed."""
    spoken = spoken or words(choose(facts.language))
    zone = ZoneInfo(facts.time_zone)
    lines = [
        spoken.html("editing.outdated") if facts.outdated else "",
        spoken.html("editing.echo", title=facts.title, when=spoken.when(facts.starts_at, zone)),
        _becomes(facts, spoken),
    ]
    if facts.other_at is not None:
        clock = spoken.time(datetime.fromisoformat(facts.after), zone)
        lines.append(spoken.html("editing.bare_hour", time=clock))
    if facts.field == TIME:
        ends = datetime.fromisoformat(facts.after) + timedelta(minutes=facts.minutes)
        stays = spoken("editing.minutes", count=facts.minutes)
        lines.append(spoken.html("editing.length_stays", length=stays, ends=spoken.time(ends, zone)))
        lines.append(spoken.html("editing.will_move"))
    if facts.answered:
        lines.append(spoken.html("editing.will_ask", count=facts.answered))
    return Message("\n".join(line for line in lines if line), _confirming(facts, spoken))


def applied(result: Applied, spoken: Words) -> Message:
    """What was changed, with the way back."""
    facts = result.proposal
    text = spoken.html("editing.applied", title=facts.title) + "\n" + _becomes(facts, spoken)
    if result.count > 1:
        text += "\n" + spoken.html("editing.applied_later", count=result.count)
    undo = Button(spoken("button.undo"), pack("edit_undo", facts.draft_id))
    return Message(text, ((undo,), (Button(spoken("button.to_session"), pack("session", facts.session_id)),)))


def moved_ask(facts: MovedAsk) -> Message:
    """Asks who had answered whether the new time suits them too."""
    spoken, zone = words(choose(facts.language)), ZoneInfo(facts.time_zone)
    when, before = spoken.when(facts.starts_at, zone), spoken.when(facts.before, zone)
    answers = (
        Button(spoken("button.going"), pack("going", facts.session_id)),
        Button(spoken("button.leave"), pack("leave", facts.session_id)),
    )
    text = spoken.html("editing.moved_ask", title=facts.title, before=before, when=when)
    return Message(text, (answers, (Button(spoken("button.to_session"), pack("session", facts.session_id)),)))


def _values(facts: Editable) -> Iterator[tuple[str, str]]:
    yield TITLE, facts.title
    yield PLACE, facts.place
    yield LINK, facts.link
    yield TIME, facts.starts_at.isoformat()
    yield LENGTH, str(facts.minutes)


def _stands(field: str, text: str, zone: ZoneInfo, spoken: Words) -> str:
    return spoken.html("editing.stands", field=spoken(f"editing.field_{field}"), value=value(field, text, zone, spoken))


def _field_button(field: str, facts: Editable, spoken: Words) -> Button:
    return Button(spoken(f"button.edit_{field}"), pack("edit_field", facts.session_id, FIELDS.index(field)))


def _becomes(facts: Proposal, spoken: Words) -> str:
    zone = ZoneInfo(facts.time_zone)
    return spoken.html(
        "editing.becomes",
        field=spoken(f"editing.field_{facts.field}"),
        before=value(facts.field, facts.before, zone, spoken),
        after=value(facts.field, facts.after, zone, spoken),
    )


def _confirming(facts: Proposal, spoken: Words) -> Keyboard:
    rows: list[tuple[Button, ...]] = []
    if facts.in_series:
        rows.append((Button(spoken("button.only_this"), pack("edit_yes", facts.draft_id, 0)),))
        rows.append((Button(spoken("button.this_and_later"), pack("edit_yes", facts.draft_id, 1)),))
    else:
        rows.append((Button(spoken("button.edit_yes"), pack("edit_yes", facts.draft_id, 0)),))
    if facts.other_at is not None:
        other = spoken.time(facts.other_at, ZoneInfo(facts.time_zone))
        rows.append((Button(spoken("button.edit_half", time=other), pack("edit_half", facts.draft_id)),))
    rows.append((Button(spoken("button.edit_no"), pack("edit_no", facts.draft_id)),))
    return tuple(rows)


def _days(facts: Editable, spoken: Words, page: int, now: datetime) -> Iterator[Button]:
    zone = ZoneInfo(facts.time_zone)
    today = now.astimezone(zone).date()
    for number in range(DAYS_SHOWN):
        day = today + timedelta(days=page * DAYS_SHOWN + number)
        label = spoken.day(datetime.combine(day, time(12), zone), zone)
        yield Button(label, pack("edit_at", facts.session_id, day.toordinal()))


def _clocks(facts: Editable, day: date, now: datetime) -> Iterator[Button]:
    """The session's own time first, then the usual ones, as far as they are still to come."""
    zone = ZoneInfo(facts.time_zone)
    own = facts.starts_at.astimezone(zone).time()
    for clock in (own, *(usual for usual in USUAL_TIMES if usual != own)):
        if to_instant(datetime.combine(day, clock), zone) > now:
            minute = clock.hour * 60 + clock.minute
            yield Button(f"{clock:%H:%M}", pack("edit_clock", facts.session_id, day.toordinal(), minute))


def _lengths(facts: Editable, spoken: Words) -> Iterator[Button]:
    for minutes in USUAL_LENGTHS:
        if minutes != facts.minutes:
            label = spoken("editing.minutes", count=minutes)
            yield Button(label, pack("edit_length", facts.session_id, minutes))


def _pairs(buttons: Iterable[Button], width: int) -> list[tuple[Button, ...]]:
    row = list(buttons)
    return [tuple(row[first : first + width]) for first in range(0, len(row), width)]


def _back(session_id: int, spoken: Words) -> tuple[Button, ...]:
    return (Button(spoken("button.back"), pack("edit", session_id)),)
