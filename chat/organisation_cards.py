"""What an operator and an admin see of the organisation."""

from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.outgoing import Button, Message
from services.organisation import Act, Overview
from texts import Words
from texts.words import name, person_name


def overview(facts: Overview, spoken: Words) -> Message:
    """The root unit, its admins, the number of groups, and how to change them."""
    lines = [
        spoken.html("organisation.title", name=name(facts.unit or spoken("unit.default"))),
        spoken.html("organisation.groups", count=facts.groups),
        spoken.html("organisation.admins" if facts.admins else "organisation.no_admins"),
    ]
    lines += [
        spoken.html("organisation.admin", name=name(admin.name), number=admin.telegram_id) for admin in facts.admins
    ]
    keyboard = ((Button(spoken("button.units"), pack("unit", facts.unit_id, 0)),),) if facts.unit_id else ()
    return Message("\n".join([*lines, "", spoken.html("organisation.usage")]), keyboard)


def act_line(act: Act, zone: ZoneInfo, spoken: Words) -> str:
    """Who did what to whom, when and where."""
    line = spoken.html(
        "organisation.act",
        at=spoken.when(act.at, zone),
        name=person_name(act.actor, spoken),
        action=_action(act.action, spoken),
    )
    subject = spoken("roster.former") if act.subject is None else act.subject
    about = [spoken.html("organisation.about", name=name(text)) for text in (subject, act.group) if text]
    return "".join([line, *about])


def _action(code: str, spoken: Words) -> str:
    """An act in words; the log outlives the code that wrote it, so an old act may have none."""
    try:
        return spoken(f"audit.{code}")
    except KeyError:
        return code
