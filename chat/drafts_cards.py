"""What a leader sees of a session before it is published: the echo of a draft and the pages that change it."""

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from chat.cadence_words import cadence_words
from chat.callback_data import pack
from chat.day_numbers import clock_number, day_number
from chat.holiday_words import holiday_words
from chat.outgoing import Button, Delete, Keyboard, Message
from domain.cadence import Form, fitting, to_instant
from domain.holidays import PLAIN, Holidays
from domain.schedule import USUAL_LENGTHS, USUAL_TIMES
from services.draft_changes import LINK, PLACE, TIME, TITLE
from services.drafts import Choice, Echo, Place
from texts import Words, choose, words

DAYS_SHOWN: Final = 7
LAST_PAGE: Final = 12
"""Weeks that can be paged through; a later day is typed."""

_QUESTIONS: Final = {
    TITLE: "drafts.ask_title",
    PLACE: "drafts.ask_place",
    LINK: "drafts.ask_link",
    TIME: "drafts.ask_time",
}
_LEFT_OUT_BY: Final = {PLACE: "no_place", LINK: "no_link"}


def echo(facts: Echo, language: str = "", holidays: Holidays = PLAIN) -> Message:
    """What was understood, to be published or changed; or the question about a time that has passed.

    A date that is a holiday or a shifted working day is flagged, not refused.
    """
    spoken = words(choose(language, facts.language))
    if facts.passed is not None:
        return Message(_passed_text(facts, facts.passed, spoken), _passed_keyboard(facts, spoken), facts.in_group)
    text = "\n".join([_echo_text(facts, spoken), *_flagged(facts, holidays, spoken)])
    return Message(text, _echo_keyboard(facts, spoken), silent=facts.in_group)


def _flagged(facts: Echo, holidays: Holidays, spoken: Words) -> Iterator[str]:
    """The holidays among its dates, while it can still be changed; plain weekends go without saying."""
    days = [facts.typed.starts_at, *facts.dates] if facts.state == "open" else []
    zone = ZoneInfo(facts.time_zone)
    for day in dict.fromkeys(at.astimezone(zone).date() for at in days):
        if holidays.name(day):
            label = spoken.short_day(datetime.combine(day, time(), zone), zone)
            yield spoken.html("drafts.holiday", day=label, words=holiday_words(day, holidays, spoken))


def choose_group(facts: Choice) -> Message:
    """Which group a typed line is meant for."""
    spoken = words(choose(facts.language))
    rows = tuple((Button(place.name[:60], pack("new_in", facts.draft_id, place.group_id)),) for place in facts.places)
    return Message(spoken.html("drafts.choose_group"), rows)


def choose_group_to_plan(places: Iterable[Place], spoken: Words) -> Message:
    """Which group a session is to be planned for, step by step."""
    rows = tuple((Button(place.name[:60], pack("plan_new", place.group_id)),) for place in places)
    return Message(spoken.html("drafts.choose_group"), rows)


def how_to(group_id: int, bot_username: str, spoken: Words) -> Message:
    """How a session is typed, and the way to the steps in private."""
    button = Button(spoken("button.step_by_step"), url=f"https://t.me/{bot_username}?start=new_{group_id}")
    return Message(spoken.html("drafts.how_to"), ((button,),), silent=True)


def times(facts: Echo, spoken: Words, page: int, now: datetime, *, in_private: bool) -> Message:
    """⟦🕐 改时间⟧: another day at the same time, or another time of the day."""
    keyboard = [
        *pairs(_days(facts, spoken, page, now)),
        *_turning(facts, page, spoken),
        *rows_of(_clocks(facts, now), 4),
        *_other_half(facts, spoken),
    ]
    if in_private:
        keyboard.append((Button(spoken("button.type_time"), pack("type_time", facts.draft_id)),))
    keyboard.append((_back(facts.draft_id, spoken),))
    return Message(_with_question(facts, spoken, "drafts.choose_time"), tuple(keyboard))


def repeats(facts: Echo, spoken: Words) -> Message:
    """⟦🔁 重复⟧: the ways of recurring that fit the day."""
    day, chosen = facts.typed.starts_local.date(), facts.typed.rule
    rules = [(0, None), *((int(form), rule) for form in Form if (rule := fitting(form, day)) is not None)]
    buttons = [
        Button(
            _ticked(cadence_words(rule, spoken) if rule else spoken("button.once"), rule == chosen),
            pack("cadence", facts.draft_id, number),
        )
        for number, rule in rules
    ]
    keyboard = (*((button,) for button in buttons), (_back(facts.draft_id, spoken),))
    return Message(_with_question(facts, spoken, "drafts.choose_repeat"), keyboard)


def more(facts: Echo, spoken: Words, *, bot_username: str, in_private: bool) -> Message:
    """⟦✏️ 更多⟧: the length, and in private what is typed; from a group there is the way there."""
    lengths = [
        Button(
            _ticked(spoken("drafts.minutes", count=minutes), minutes == facts.typed.minutes),
            pack("length", facts.draft_id, minutes),
        )
        for minutes in USUAL_LENGTHS
    ]
    typed = _typed_buttons(facts, spoken) if in_private else _way_to_private(facts, spoken, bot_username)
    keyboard = (*rows_of(lengths, 3), *typed, (_back(facts.draft_id, spoken),))
    return Message(_with_question(facts, spoken, "drafts.choose_more"), keyboard)


def ask(draft_id: int, purpose: str, spoken: Words) -> Message:
    """The question for something typed, with the way back; a place and a link can be left out too."""
    row = [_back(draft_id, spoken)]
    if purpose in _LEFT_OUT_BY:
        row.append(Button(spoken("button.without"), pack(_LEFT_OUT_BY[purpose], draft_id)))
    return Message(spoken.html(_QUESTIONS[purpose]), (tuple(row),))


def taken_back(message_id: int) -> Delete:
    """A message about a session whose publishing was undone."""
    return Delete(message_id)


def rows_of(buttons: Iterable[Button], width: int) -> list[tuple[Button, ...]]:
    """Buttons in rows of so many."""
    row = list(buttons)
    return [tuple(row[first : first + width]) for first in range(0, len(row), width)]


def pairs(buttons: Iterable[Button]) -> list[tuple[Button, ...]]:
    """Buttons two in a row, which is as many days as a phone shows in full."""
    return rows_of(buttons, 2)


def _days(facts: Echo, spoken: Words, page: int, now: datetime) -> Iterator[Button]:
    """Seven days at the draft's own time, from the first on which that is still to come."""
    zone, clock = ZoneInfo(facts.time_zone), facts.typed.starts_local.time()
    today = now.astimezone(zone).date()
    begins = 0 if to_instant(datetime.combine(today, clock), zone) > now else 1
    for number in range(DAYS_SHOWN):
        day = today + timedelta(days=begins + page * DAYS_SHOWN + number)
        label = spoken.day(datetime.combine(day, clock, zone), zone)
        chosen = day == facts.typed.starts_local.date()
        yield Button(_ticked(label, chosen), pack("day", facts.draft_id, day_number(day)))


def _clocks(facts: Echo, now: datetime) -> Iterator[Button]:
    """The usual times, as far as they are still to come on the draft's day."""
    zone, local = ZoneInfo(facts.time_zone), facts.typed.starts_local
    for clock in USUAL_TIMES:
        if to_instant(datetime.combine(local.date(), clock), zone) > now:
            label = _ticked(f"{clock:%H:%M}", clock == local.time())
            yield Button(label, pack("clock", facts.draft_id, clock_number(clock)))


def _turning(facts: Echo, page: int, spoken: Words) -> Keyboard:
    row = []
    if page > 0:
        row.append(Button(spoken("button.week_before"), pack("retime", facts.draft_id, page - 1)))
    if page < LAST_PAGE:
        row.append(Button(spoken("button.week_after"), pack("retime", facts.draft_id, page + 1)))
    return (tuple(row),)


def _typed_buttons(facts: Echo, spoken: Words) -> Keyboard:
    typed = [Button(spoken(f"button.{verb}"), pack(verb, facts.draft_id)) for verb in ("retitle", "replace", "relink")]
    return (tuple(typed[:2]), tuple(typed[2:]))


def _way_to_private(facts: Echo, spoken: Words, bot_username: str) -> Keyboard:
    url = f"https://t.me/{bot_username}?start=draft_{facts.draft_id}"
    return ((Button(spoken("button.more_in_private"), url=url),),)


def _back(draft_id: int, spoken: Words) -> Button:
    return Button(spoken("button.back_to_draft"), pack("draft", draft_id))


def _ticked(label: str, chosen: bool) -> str:
    return f"✓ {label}" if chosen else label


def _with_question(facts: Echo, spoken: Words, key: str) -> str:
    return f"{_echo_text(facts, spoken)}\n\n{spoken.html(key)}"


def _passed_text(facts: Echo, passed: datetime, spoken: Words) -> str:
    zone = ZoneInfo(facts.time_zone)
    return spoken.html(
        "drafts.passed",
        passed=spoken.when(passed.replace(tzinfo=zone), zone),
        proposed=spoken.when(facts.typed.starts_at, zone),
        title=facts.typed.title,
    )


def _passed_keyboard(facts: Echo, spoken: Words) -> Keyboard:
    yes = Button(spoken("button.take_proposed"), pack("proposed", facts.draft_id))
    return ((yes, Button(spoken("button.choose_time"), pack("retime", facts.draft_id))),)


def _echo_text(facts: Echo, spoken: Words) -> str:
    typed, zone = facts.typed, ZoneInfo(facts.time_zone)
    when = f"{spoken.date(typed.starts_at, zone)} {spoken.time(typed.starts_at, zone)}"
    key = "drafts.published" if facts.state == "published" else "drafts.echo"
    place = spoken.html("drafts.place", place=typed.place) if typed.place else ""
    lines = [
        spoken.html(key, count=typed.minutes, when=when, zone=spoken.zone(zone)),
        spoken.html("drafts.what", title=typed.title),
        place,
        spoken.html("drafts.link", link=typed.link) if typed.link else "",
        spoken.html("drafts.group_line", group=facts.group_name),
        *_dates(facts, spoken, zone),
    ]
    if facts.state == "open":
        lines.extend(_doubts(facts, spoken, zone))
    return "\n".join(line for line in lines if line)


def _dates(facts: Echo, spoken: Words, zone: ZoneInfo) -> Iterator[str]:
    """How it recurs, with the next dates."""
    if facts.typed.rule is not None:
        dates = spoken("drafts.between").join(spoken.day(at, zone) for at in facts.dates)
        yield spoken.html("drafts.recurs", rule=cadence_words(facts.typed.rule, spoken), dates=dates)


def _doubts(facts: Echo, spoken: Words, zone: ZoneInfo) -> Iterator[str]:
    """What the line left open, what the clocks make of it, and what else is in the way."""
    if facts.other_at is not None:
        yield spoken.html("drafts.bare_hour", time=spoken.time(facts.typed.starts_at, zone))
    if facts.typed.in_gap:
        yield spoken.html("drafts.in_gap", time=spoken.time(facts.typed.starts_at, zone))
    if facts.far:
        year = facts.typed.starts_local.year
        yield spoken.html("drafts.far", year=year)
    if facts.clash is not None:
        when = spoken.when(facts.clash.starts_at, zone)
        yield spoken.html("drafts.clash", when=when, title=facts.clash.title)


def _other_half(facts: Echo, spoken: Words) -> Keyboard:
    """⟦改为 07:00⟧ where that may have been meant."""
    if facts.other_at is None:
        return ()
    time = spoken.time(facts.other_at, ZoneInfo(facts.time_zone))
    return ((Button(spoken("button.other_half", time=time), pack("half", facts.draft_id)),),)


def _echo_keyboard(facts: Echo, spoken: Words) -> Keyboard:
    if facts.state != "open":
        undo = Button(spoken("button.undo"), pack("undo_publish", facts.draft_id))
        return ((undo,),) if facts.undoable else ()
    label = "button.publish_anyway" if facts.clash is not None else "button.publish"
    rows: list[tuple[Button, ...]] = [(Button(spoken(label), pack("publish", facts.draft_id, facts.revision)),)]
    rows.extend(_other_half(facts, spoken))
    changes = [Button(spoken(f"button.{verb}"), pack(verb, facts.draft_id)) for verb in ("retime", "repeat", "more")]
    drop = Button(spoken("button.drop"), pack("drop", facts.draft_id))
    return (*rows, (changes[0], changes[1]), (changes[2], drop))
