"""⟦一键排期⟧: the proposed dates, one of them to be changed, and what the group is told of what was scheduled."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.day_numbers import clock_number, day_number
from chat.drafts_cards import rows_of
from chat.holiday_words import holiday_words
from chat.outgoing import Button, Message
from chat.paging import turning
from domain.holidays import Holidays
from domain.schedule import USUAL_TIMES
from services.proposals import Item, Preview
from texts import Words, choose, words
from texts.words import name

SHOWN: Final = 10
"""Dates on one page."""

DAYS: Final = 21
"""Days to choose from on one page."""

QUIETLY: Final = 20
"""Dates that the group is told in full."""


def preview(facts: Preview, spoken: Words, holidays: Holidays, page: int = 0) -> Message:
    """What would be scheduled, with a button for each date; or what was."""
    pages = max(1, -(-len(facts.items) // SHOWN))
    page = min(max(page, 0), pages - 1)
    shown = list(enumerate(facts.items))[page * SHOWN : (page + 1) * SHOWN]
    key = {"open": "plans.preview", "published": "plans.published", "dropped": "plans.dropped"}[facts.state]
    lines = [spoken.html(key, group=name(facts.group_name), total=len(facts.items), year=facts.year)]
    if facts.state != "dropped":
        lines += ["", *(f"{number + 1}. {_line(item, facts, holidays, spoken)}" for number, item in shown)]
        lines += _lacking(facts, spoken)
        lines += [spoken.html("plans.unknown_year", year=year) for year in facts.unknown_years]
    return Message("\n".join(lines), _keyboard(facts, page, pages, [number for number, _ in shown], spoken))


def _keyboard(
    facts: Preview, page: int, pages: int, numbers: list[int], spoken: Words
) -> tuple[tuple[Button, ...], ...]:
    turn = turning(page, pages, lambda number: pack("auto_page", facts.id, number), spoken)
    back = (Button(spoken("button.plan_year"), pack("plan_y", facts.group_id, facts.year)),)
    if facts.state == "published":
        undo = (Button(spoken("button.undo"), pack("auto_undo", facts.id)),)
        return (*turn, *((undo,) if facts.undoable else ()), back)
    if facts.state == "dropped":
        return (back,)
    dates = [Button(str(number + 1), pack("auto_item", facts.id, number, facts.revision)) for number in numbers]
    last = [Button(spoken("button.auto_drop"), pack("auto_drop", facts.id))]
    if facts.items:
        label = spoken("button.auto_publish", number=len(facts.items))
        last.insert(0, Button(label, pack("auto_yes", facts.id, facts.revision)))
    return (*rows_of(dates, 5), *turn, tuple(last))


def _line(item: Item, facts: Preview, holidays: Holidays, spoken: Words) -> str:
    return spoken.html(
        "plans.item",
        when=_when(item, facts, spoken),
        what=_what(item, spoken),
        why=_why(item, holidays, spoken),
    )


def _why(item: Item, holidays: Holidays, spoken: Words) -> str:
    return holiday_words(item.day, holidays, spoken) or spoken(f"plans.why_{item.reason}")


def _lacking(facts: Preview, spoken: Words) -> Iterator[str]:
    for one in facts.lacking:
        what = kind_of(one.kind, one.subgroup, spoken)
        reason = spoken(f"plans.lacking_{one.why}")
        yield spoken.html("plans.lacking", what=what, month=spoken.month(one.first), number=one.count, why=reason)


def _when(item: Item, facts: Preview, spoken: Words) -> str:
    zone = ZoneInfo(facts.time_zone)
    return spoken.when(item.at.replace(tzinfo=zone), zone)


def _what(item: Item, spoken: Words) -> str:
    return kind_of(item.kind, item.subgroup, spoken)


def kind_of(kind: str, subgroup: str, spoken: Words) -> str:
    """A kind, of a subgroup with its name."""
    called = spoken(f"kind.{kind}")
    return spoken("plans.line_of_subgroup", kind=called, subgroup=subgroup) if subgroup else called


def title(item: Item, group_language: str) -> str:
    """What a scheduled session is called until somebody names it better: its kind and its month or quarter."""
    spoken = words(choose(group_language))
    period = spoken.month(item.day)
    if item.quarterly:
        period = spoken("plans.quarter_name", number=(item.day.month - 1) // 3 + 1)
    return spoken("plans.title", period=period, kind=kind_of(item.kind, item.subgroup, spoken))


def item(facts: Preview, number: int, spoken: Words, holidays: Holidays) -> Message:
    """One date: another day, another time, or not at all."""
    found, numbers = facts.items[number], (facts.id, number, facts.revision)
    rows = (
        (
            Button(spoken("button.auto_day"), pack("auto_days", *numbers, 0)),
            Button(spoken("button.auto_clock"), pack("auto_clocks", *numbers)),
        ),
        (Button(spoken("button.auto_out"), pack("auto_out", *numbers)), _back(facts, number, spoken)),
    )
    return Message(spoken.html("plans.one", line=_line(found, facts, holidays, spoken)), rows)


def days(facts: Preview, number: int, page: int, spoken: Words, holidays: Holidays) -> Message:
    """The days of its period that are still to come; free ones and shifted working days are marked."""
    found = facts.items[number]
    first = max(found.first, facts.today + timedelta(days=1))
    possible = [first + timedelta(days=ahead) for ahead in range(max((found.last - first).days + 1, 0))]
    pages = max(1, -(-len(possible) // DAYS))
    page = min(max(page, 0), pages - 1)
    zone = ZoneInfo(facts.time_zone)
    buttons = [
        Button(
            _marked(day, found, holidays, spoken, zone),
            pack("auto_day", facts.id, number, facts.revision, day_number(day)),
        )
        for day in possible[page * DAYS : (page + 1) * DAYS]
    ]
    turn = turning(page, pages, lambda other: pack("auto_days", facts.id, number, facts.revision, other), spoken)
    text = spoken.html("plans.choose_day", line=_line(found, facts, holidays, spoken))
    return Message(text, (*rows_of(buttons, 3), *turn, (_to_item(facts, number, spoken),)))


def _marked(day: date, found: Item, holidays: Holidays, spoken: Words, zone: ZoneInfo) -> str:
    label = spoken.short_day(datetime.combine(day, found.at.time(), zone), zone)
    label += f" {spoken.weekday(day)}"
    if holidays.is_shifted(day):
        label += spoken("plans.mark_shifted")
    elif holidays.is_free(day):
        label += spoken("plans.mark_free")
    return f"✓ {label}" if day == found.day else label


def clocks(facts: Preview, number: int, spoken: Words, holidays: Holidays) -> Message:
    """The usual times of day."""
    found = facts.items[number]
    buttons = [
        Button(
            f"✓ {clock:%H:%M}" if clock == found.at.time() else f"{clock:%H:%M}",
            pack("auto_clock", facts.id, number, facts.revision, clock_number(clock)),
        )
        for clock in USUAL_TIMES
    ]
    text = spoken.html("plans.choose_clock", line=_line(found, facts, holidays, spoken))
    return Message(text, (*rows_of(buttons, 4), (_to_item(facts, number, spoken),)))


def told(facts: Preview) -> Message:
    """One quiet message to the group with all dates."""
    spoken = words(choose(facts.group_language))
    lines = [spoken.html("plans.told", count=len(facts.items))]
    lines += [
        spoken.html("plans.told_line", when=_when(each, facts, spoken), what=_what(each, spoken))
        for each in facts.items[:QUIETLY]
    ]
    if len(facts.items) > QUIETLY:
        lines.append(spoken.html("plans.told_more", count=len(facts.items) - QUIETLY))
    return Message("\n".join(lines), silent=True)


def _to_item(facts: Preview, number: int, spoken: Words) -> Button:
    return Button(spoken("button.back"), pack("auto_item", facts.id, number, facts.revision))


def _back(facts: Preview, number: int, spoken: Words) -> Button:
    return Button(spoken("button.back"), pack("auto_page", facts.id, number // SHOWN))
