"""The pages of somebody's own settings, which are edited into one another."""

from collections.abc import Iterable, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.outgoing import Button, Keyboard, Message
from domain import zones
from domain.quiet import QuietHours
from domain.reminders import LEADS
from services.settings import BOARD_NAMES, DEFAULT, OFF, QUIET_CHOICES, TYPED, Own, Page
from texts import LANGUAGES, Words
from texts.words import name

HOUR: Final = 60
DAY: Final = 24 * HOUR

MOST_GROUPS: Final = 5
"""Groups that the first page leads to; /manage leads to all."""

CHOSEN: Final = "✓ "


def page(own: Own, which: Page, spoken: Words) -> Message:
    """A page: the first one, or what can be chosen of one setting."""
    if which is Page.MAIN:
        return _main(own, spoken)
    back = Button(spoken("button.back"), "set")
    typed = [(Button(spoken(f"button.type_{which.name.lower()}"), pack("set_type", which)),)] if which in TYPED else []
    return Message(_about(own, which, spoken), (*_choices(own, which, spoken), *typed, (back,)))


def asked(which: Page, spoken: Words) -> Message:
    """What is to be typed now, with the way out."""
    back = Button(spoken("button.back"), pack("set_stop", which))
    return Message(spoken.html(f"settings.type_{which.name.lower()}"), ((back,),))


def _main(own: Own, spoken: Words) -> Message:
    lines = [
        spoken.html("settings.title"),
        spoken.html("settings.line_language", value=spoken("settings.this_language")),
        spoken.html("settings.line_zone", value=_zone(own, spoken)),
        spoken.html("settings.line_reminders", value=_reminders(own, spoken)),
        spoken.html("settings.line_quiet", value=quiet(own.quiet, own.quiet_chosen, spoken)),
        spoken.html("settings.line_board", value=_board(own, spoken)),
        spoken.html("settings.line_real_name", value=name(own.real_name) if own.real_name else spoken("settings.none")),
    ]
    pages = [Button(spoken(f"button.set_{which.name.lower()}"), pack("set_page", which)) for which in Page if which]
    groups = [
        (Button(spoken("button.group_settings", name=group[:40]), pack("group_settings", group_id)),)
        for group_id, group in own.groups[:MOST_GROUPS]
    ]
    return Message("\n".join(lines), (*in_rows(pages), *groups))


def _about(own: Own, which: Page, spoken: Words) -> str:
    """The text above the choices."""
    key = f"settings.about_{which.name.lower()}"
    if which is Page.BOARD:
        return spoken.html(key, name=name(own.real_name or own.name))
    return spoken.html(key)


def _choices(own: Own, which: Page, spoken: Words) -> Keyboard:
    chosen: int | None
    match which:
        case Page.LANGUAGE:
            labels = {number: language_name(number, spoken) for number in range(len(LANGUAGES))}
            chosen = LANGUAGES.index(spoken.language)
        case Page.ZONE:
            same = spoken("settings.as_group", value=spoken.zone(ZoneInfo(own.default_zone)))
            labels = {DEFAULT: same} | usual_zones(spoken)
            chosen = zone_choice(own.time_zone)
        case Page.REMINDERS:
            labels = {DEFAULT: spoken("settings.default", value=length(own.default_lead, spoken))}
            labels |= {lead: length(lead, spoken) for lead in LEADS} | {OFF: spoken("settings.off")}
            chosen = OFF if not own.private_reminders else DEFAULT if own.lead_minutes is None else own.lead_minutes
        case Page.QUIET:
            return quiet_choices("set_to", (which,), own.quiet, own.quiet_chosen, spoken)
        case Page.BOARD:
            labels = {number: _board_choice(own, number, spoken) for number in range(len(BOARD_NAMES))}
            chosen = BOARD_NAMES.index(own.board_name)
        case _:
            labels, chosen = {OFF: spoken("button.remove_real_name")} if own.real_name else {}, None
    return choices("set_to", (which,), labels, chosen)


def _board_choice(own: Own, number: int, spoken: Words) -> str:
    if BOARD_NAMES[number] == "nickname" and own.nickname:
        return spoken("settings.nickname", name=name(own.nickname[:20]))
    return spoken(f"settings.board_{BOARD_NAMES[number]}")


def _zone(own: Own, spoken: Words) -> str:
    if own.time_zone is None:
        return spoken("settings.as_group", value=spoken.zone(ZoneInfo(own.default_zone)))
    return spoken.zone(ZoneInfo(own.time_zone))


def _reminders(own: Own, spoken: Words) -> str:
    if not own.private_reminders:
        return spoken("settings.off")
    if own.lead_minutes is None:
        default = length(own.default_lead, spoken)
        return spoken("settings.before", value=spoken("settings.default", value=default))
    return spoken("settings.before", value=length(own.lead_minutes, spoken))


def _board(own: Own, spoken: Words) -> str:
    if own.board_name == "hidden":
        return spoken("settings.board_hidden")
    return name(own.nickname if own.board_name == "nickname" and own.nickname else own.real_name or own.name)


# What a group's settings show in the same way.


def language_name(number: int, spoken: Words) -> str:
    """A language under its own name."""
    return spoken(f"settings.language_{number}")


def length(minutes: int, spoken: Words) -> str:
    """15 分钟, 1 小时, 1 天 / 15 min, 1 h, 1 day."""
    if minutes and minutes % DAY == 0:
        return spoken("settings.days", count=minutes // DAY)
    if minutes and minutes % HOUR == 0:
        return spoken("settings.hours", count=minutes // HOUR)
    return spoken("settings.minutes", count=minutes)


def quiet(hours: QuietHours, chosen: bool, spoken: Words) -> str:
    """Quiet hours, marked where they are the organisation's."""
    said = spoken("settings.hours_from_to", start=hours.start, end=hours.end) if hours else spoken("settings.off")
    return said if chosen else spoken("settings.default", value=said)


def usual_zones(spoken: Words) -> dict[int, str]:
    """The zones that are offered, by their place in the list."""
    return {number: spoken.zone(ZoneInfo(zone)) for number, zone in enumerate(zones.USUAL)}


def zone_choice(zone: str | None) -> int | None:
    """Which of the offered zones it is."""
    if zone is None:
        return DEFAULT
    return zones.USUAL.index(zone) if zone in zones.USUAL else None


def quiet_choices(verb: str, numbers: Sequence[int], hours: QuietHours, chosen: bool, spoken: Words) -> Keyboard:
    """The quiet hours that are offered: what the organisation does, some usual ones, none."""
    labels = {DEFAULT: spoken("settings.as_organisation")}
    for number, offered in enumerate(QUIET_CHOICES):
        labels[number] = quiet(offered, True, spoken)
    found = QUIET_CHOICES.index(hours) if hours in QUIET_CHOICES else None
    return choices(verb, numbers, labels, found if chosen else DEFAULT)


def choices(verb: str, numbers: Sequence[int], labels: dict[int, str], chosen: int | None) -> Keyboard:
    """Buttons of what can be chosen, two in a row, the chosen one marked; each carries its own number last."""
    return in_rows(
        [
            Button(f"{CHOSEN if number == chosen else ''}{label[:1].upper()}{label[1:]}", pack(verb, *numbers, number))
            for number, label in labels.items()
        ]
    )


def in_rows(buttons: Iterable[Button], wide: int = 2) -> Keyboard:
    """Buttons in rows of `wide`."""
    found = list(buttons)
    return tuple(tuple(found[first : first + wide]) for first in range(0, len(found), wide))
