"""Units: one with what is below it, where something is moved to, who administers it, and what was done there."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.organisation_cards import act_line
from chat.outgoing import Button, Message
from chat.paging import turning
from services.units import ADD, RENAME, ActsPage, Named, Targets, UnitPage
from texts import Words
from texts.words import name, person_name

LABEL = 30
LISTED = 12
"""Admins that are named; units and groups on one page."""


def tops(found: Sequence[Named], spoken: Words) -> Message:
    """Which of one's units?"""
    rows = tuple((Button(f"🏢 {each.name[:LABEL]}", pack("unit", each.id, 0)),) for each in found)
    return Message(spoken.html("units.which"), rows)


def page(facts: UnitPage, spoken: Words, number: int = 0) -> Message:
    """A unit: where it stands, how much is in it, who administers it; `number` turns what is right below it."""
    above = spoken("units.arrow").join(facts.path[:-1])
    lines = [spoken.html("units.above", path=above)] if above else []
    lines.append(spoken.html("organisation.title", name=name(facts.name)))
    lines.append(spoken.html("units.counts", units=len(facts.units), groups=facts.all_groups, people=facts.people))
    admins = spoken("units.join").join(person_name(each.name, spoken) for each in facts.admins[:LISTED])
    lines.append(spoken.html("units.admins", names=admins) if admins else spoken.html("organisation.no_admins"))
    return Message("\n".join(lines), _keyboard(facts, number, spoken))


def _keyboard(facts: UnitPage, number: int, spoken: Words) -> tuple[tuple[Button, ...], ...]:
    below: list[tuple[Button, ...]] = [
        (Button(f"🏢 {each.name[:LABEL]}", pack("unit", each.id, 0)),) for each in facts.units
    ]
    below += [(Button(f"👥 {each.name[:LABEL]}", pack("unit_group", each.id, 0)),) for each in facts.groups]
    pages = max(1, -(-len(below) // LISTED))
    number = min(max(number, 0), pages - 1)
    rows = below[number * LISTED : (number + 1) * LISTED]
    rows += turning(number, pages, lambda other: pack("unit", facts.id, other), spoken)
    act: list[tuple[Button, ...]] = [
        (
            Button(spoken("button.unit_add"), pack("unit_name", facts.id, ADD)),
            Button(spoken("button.unit_rename"), pack("unit_name", facts.id, RENAME)),
        ),
        (
            Button(spoken("button.unit_admins"), pack("unit_admins", facts.id)),
            Button(spoken("button.unit_acts"), pack("unit_acts", facts.id, 0)),
        ),
    ]
    if not facts.is_root:
        moving = [Button(spoken("button.unit_move"), pack("unit_move", facts.id, 0))]
        if facts.is_empty and facts.parent_id:
            moving.append(Button(spoken("button.unit_remove"), pack("unit_remove", facts.id)))
        act.append(tuple(moving))
    if facts.parent_id:
        act.append((Button(spoken("button.back"), pack("unit", facts.parent_id, 0)),))
    return (*rows, *act)


def ask_name(facts: UnitPage, act: int, spoken: Words) -> Message:
    """How is it called?"""
    key = "units.ask_new" if act == ADD else "units.ask_name"
    return Message(spoken.html(key, name=name(facts.name)), ((_to(facts.id, spoken),),))


def targets(facts: Targets, verb: str, done: str, spoken: Words) -> Message:
    """Where to? `verb` turns the pages, `done` is the tap that moves it."""
    rows = [(Button(f"🏢 {each.name[:LABEL]}", pack(done, facts.moved_id, each.id)),) for each in facts.units]
    turn = turning(facts.page, facts.pages, lambda number: pack(verb, facts.moved_id, number), spoken)
    key = "units.where" if facts.units else "units.nowhere"
    return Message(spoken.html(key, name=name(facts.moved_name)), (*rows, *turn))


def admins(facts: UnitPage, spoken: Words) -> Message:
    """Who administers it: one tap dismisses, a name appoints."""
    rows = [
        (
            Button(
                spoken("button.unit_dismiss", name=person_name(each.name[:LABEL], spoken)),
                pack("unit_off", facts.id, each.id),
            ),
        )
        for each in facts.admins[:LISTED]
    ]
    return Message(spoken.html("units.ask_admin", name=name(facts.name)), (*rows, (_to(facts.id, spoken),)))


def candidates(unit_id: int, found: Sequence[Named], spoken: Words) -> Message:
    """Who is it?"""
    rows = tuple(
        (Button(person_name(each.name[:LABEL], spoken), pack("unit_appoint", unit_id, each.id)),) for each in found
    )
    return Message(spoken.html("units.who"), (*rows, (_to(unit_id, spoken),)))


def acts(facts: ActsPage, zone: ZoneInfo, spoken: Words) -> Message:
    """What was done, one a line."""
    lines = [spoken.html("units.acts", name=name(facts.unit_name))]
    lines += [act_line(act, zone, spoken) for act in facts.acts]
    if not facts.acts:
        lines.append(spoken.html("organisation.no_acts"))
    pages = facts.page + 2 if facts.more else facts.page + 1
    turn = turning(facts.page, pages, lambda number: pack("unit_acts", facts.unit_id, number), spoken)
    return Message("\n".join(lines), (*turn, (_to(facts.unit_id, spoken),)))


def _to(unit_id: int, spoken: Words) -> Button:
    return Button(spoken("button.back"), pack("unit", unit_id, 0))
