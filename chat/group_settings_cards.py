"""The pages of a group's settings in private, and what /settings answers in the group."""

from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.outgoing import Button, Keyboard, Message
from chat.settings_cards import (
    choices,
    in_rows,
    language_name,
    length,
    quiet,
    quiet_choices,
    usual_zones,
    zone_choice,
)
from services.group_settings import BOARDS, LEAVES, NUDGES, PURPOSES, REMINDERS, TYPED, Group, Page
from services.settings import DEFAULT, OFF
from texts import LANGUAGES, Words, choose
from texts.words import name


def page(group: Group, which: Page, spoken: Words) -> Message:
    """A page: the first one, or what can be chosen of one setting."""
    if which is Page.MAIN:
        return _main(group, spoken)
    code = which.name.lower()
    typed = [(Button(spoken(f"button.type_{code}"), pack("gset_type", group.id, which)),)] if which in TYPED else []
    back = Button(spoken("button.back"), pack("group_settings", group.id))
    about = spoken.html(f"settings.about_group_{code}", name=name(group.name))
    return Message(about, (*_choices(group, which, spoken), *typed, (back,)))


def asked(group_id: int, which: Page, spoken: Words) -> Message:
    """What is to be typed now, with the way out."""
    back = Button(spoken("button.back"), pack("gset_stop", group_id, which))
    return Message(spoken.html(f"settings.type_{which.name.lower()}"), ((back,),))


def in_group(group: Group, thread_id: int | None, bot_username: str, spoken: Words) -> Message:
    """What a leader reads in the group: the way to the private page, and in a forum what this topic is for."""
    link = f"https://t.me/{bot_username}?start=gs_{group.id}"
    rows: list[tuple[Button, ...]] = [(Button(spoken("button.open_group_settings"), url=link),)]
    if thread_id is not None:
        rows += [
            (Button(spoken(f"button.topic_{purpose}"), pack("gtopic", group.id, number, thread_id)),)
            for number, purpose in enumerate(PURPOSES)
        ]
    if group.topics:
        rows.append((Button(spoken("button.topics_off"), pack("gtopic_off", group.id)),))
    text = [spoken.html("settings.in_group")]
    if thread_id is not None or group.topics:
        text.append(_topics(group, spoken))
    return Message("\n".join(text), tuple(rows), silent=True)


def _main(group: Group, spoken: Words) -> Message:
    values = {
        "language": language_name(LANGUAGES.index(choose(group.language)), spoken),
        "zone": spoken.zone(ZoneInfo(group.time_zone)),
        "reminder": _before(group.reminder_minutes, group.default_reminder, "settings.none", spoken),
        "leave": _before(group.leave_minutes, group.default_leave, "settings.until_start", spoken),
        "nudge": _before(group.nudge_minutes, group.default_nudge, "settings.never", spoken),
        "quiet": quiet(group.quiet, group.quiet_chosen, spoken),
        "board": _board(group.board, spoken),
        "topics": _topics(group, spoken),
        "rota": _on_off(group.rota, spoken),
    }
    lines = [spoken.html("settings.group_title", name=name(group.name))]
    lines += [spoken.html(f"settings.line_group_{code}", value=value) for code, value in values.items()]
    buttons = [
        Button(spoken(f"button.gset_{which.name.lower()}"), pack("gset_page", group.id, which))
        for which in Page
        if which and (which is not Page.TOPICS or group.topics)
    ]
    return Message("\n".join(lines), (*in_rows(buttons), (Button(spoken("button.back"), pack("manage", group.id)),)))


def _choices(group: Group, which: Page, spoken: Words) -> Keyboard:
    labels: dict[int, str]
    match which:
        case Page.LANGUAGE:
            labels = {number: language_name(number, spoken) for number in range(len(LANGUAGES))}
            chosen: int | None = LANGUAGES.index(choose(group.language))
        case Page.ZONE:
            labels, chosen = usual_zones(spoken), zone_choice(group.time_zone)
        case Page.REMINDER:
            labels = _lengths(REMINDERS, group.default_reminder, "settings.none", spoken)
            chosen = _chosen(group.reminder_minutes)
        case Page.LEAVE:
            labels = _lengths(LEAVES, group.default_leave, "settings.until_start", spoken)
            chosen = _chosen(group.leave_minutes)
        case Page.NUDGE:
            labels = _lengths(NUDGES, group.default_nudge, "settings.never", spoken)
            chosen = _chosen(group.nudge_minutes)
        case Page.QUIET:
            return quiet_choices("gset_to", (group.id, which), group.quiet, group.quiet_chosen, spoken)
        case Page.BOARD:
            labels = {number: _board(board, spoken) for number, board in enumerate(BOARDS)}
            chosen = BOARDS.index(group.board)
        case Page.ROTA:
            labels, chosen = {int(on): _on_off(on, spoken) for on in (True, False)}, int(group.rota)
        case Page.TOPICS:
            labels, chosen = {OFF: spoken("button.topics_off")}, None
        case _:
            labels, chosen = {}, None
    return choices("gset_to", (group.id, which), labels, chosen)


def _on_off(on: bool, spoken: Words) -> str:
    return spoken("settings.on" if on else "settings.off")


def _board(board: str, spoken: Words) -> str:
    return spoken(f"settings.board_{board}") if board else spoken("settings.off")


def _lengths(offered: tuple[int, ...], default: int, zero: str, spoken: Words) -> dict[int, str]:
    labels = {DEFAULT: spoken("settings.default", value=_length(default, zero, spoken))}
    return labels | {minutes: _length(minutes, zero, spoken) for minutes in offered}


def _length(minutes: int, zero: str, spoken: Words) -> str:
    """A length of time; none has a word of its own in each setting."""
    return length(minutes, spoken) if minutes else spoken(zero)


def _chosen(minutes: int | None) -> int:
    return DEFAULT if minutes is None else minutes


def _before(minutes: int | None, default: int, zero: str, spoken: Words) -> str:
    """How long before the start something comes, marked where it is the organisation's choice."""
    held = default if minutes is None else minutes
    said = spoken("settings.before", value=length(held, spoken)) if held else spoken(zero)
    return spoken("settings.default", value=said) if minutes is None else said


def _topics(group: Group, spoken: Words) -> str:
    """Which purposes have a topic of their own."""
    key = "_".join(sorted(group.topics)) or "none"
    return spoken(f"settings.topics_{key}")
