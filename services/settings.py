"""What somebody sets for themselves: time zone, private reminders, quiet hours, and their names."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import people as queries
from domain import names, quiet, zones
from domain.errors import Refusal
from domain.people import Actor
from domain.quiet import QuietHours
from domain.reminders import LEADS
from domain.schedule import minutes
from services import access, deliveries, inputs, people
from services.quiet import quiet_hours
from services.rules import Rules

INPUT: Final = "settings"

DEFAULT: Final = -1
"""The choice of what the organisation does, or the group."""

OFF: Final = 0

QUIET_CHOICES: Final = (
    QuietHours(0, 0),
    QuietHours(22 * 60, 8 * 60),
    QuietHours(21 * 60, 7 * 60),
    QuietHours(23 * 60, 7 * 60),
)
"""Offered as buttons; the first one is none at all."""

BOARD_NAMES: Final = ("name", "nickname", "hidden")

LONGEST_NAME: Final = 40


class Page(IntEnum):
    """A page of the settings; a button carries its number."""

    MAIN, LANGUAGE, ZONE, REMINDERS, QUIET, BOARD, REAL_NAME = range(7)


TYPED: Final = frozenset({Page.ZONE, Page.QUIET, Page.BOARD, Page.REAL_NAME})
"""Pages on which something can be typed."""


@dataclass(frozen=True, slots=True)
class Own:
    """Somebody's settings; None is what they have not chosen, and `default_…` is what holds then."""

    name: str
    default_zone: str
    default_lead: int
    quiet: QuietHours
    time_zone: str | None = None
    private_reminders: bool = False
    lead_minutes: int | None = None
    quiet_chosen: bool = False
    board_name: str = "name"
    nickname: str | None = None
    real_name: str | None = None
    groups: tuple[tuple[int, str], ...] = ()  # whose settings are theirs to change: id and name


@dataclass(frozen=True, slots=True)
class Kept:
    """What something typed came to: columns to change, and the sentence that says so with its values."""

    columns: dict[str, Any]
    text: str
    values: dict[str, str]


def own(connection: Connection, actor: Actor, rules: Rules) -> Own:
    """The settings of the one who asks; the defaults for somebody we never met."""
    row = queries.by_telegram_id(connection, actor.telegram_id)
    if row is None:
        return Own(actor.name, rules.time_zone, minutes(rules.private_reminder), rules.quiet)
    return _own(connection, row, rules)


def choose(connection: Connection, actor: Actor, page: Page, value: int, *, now: datetime, rules: Rules) -> Own:
    """A button was tapped; nothing typed is waited for any more. Raises Refusal `unknown_button`."""
    known = people.start(connection, actor, now)
    queries.change(connection, known.id, **_chosen(page, value))
    stop(connection, actor, now=now)
    return own(connection, actor, rules)


def _chosen(page: Page, value: int) -> dict[str, Any]:
    """What a choice means for the person's row."""
    match page, value:
        case Page.ZONE, _ if value in range(DEFAULT, len(zones.USUAL)):
            return {"time_zone": None if value == DEFAULT else zones.USUAL[value]}
        case Page.REMINDERS, 0:
            return {"private_reminders": False}
        case Page.REMINDERS, _ if value in (DEFAULT, *LEADS):
            # Choosing when to be reminded is the consent to be written to.
            return {"private_reminders": True, "lead_minutes": None if value == DEFAULT else value}
        case Page.QUIET, _ if value in range(DEFAULT, len(QUIET_CHOICES)):
            return hours_columns(None if value == DEFAULT else QUIET_CHOICES[value])
        case Page.BOARD, _ if value in range(len(BOARD_NAMES)):
            return {"board_name": BOARD_NAMES[value]}
        case Page.REAL_NAME, 0:
            return {"real_name": None}
    raise Refusal("unknown_button")


def hours_columns(hours: QuietHours | None) -> dict[str, Any]:
    """Quiet hours as a row of a person or a group holds them; None: the rule's."""
    if hours is None:
        return {"quiet_from": None, "quiet_to": None}
    return {"quiet_from": hours.from_minute, "quiet_to": hours.to_minute}


def ask(connection: Connection, actor: Actor, page: Page, *, now: datetime) -> None:
    """Wait for what is typed next in private. Raises Refusal `unknown_button`."""
    if page not in TYPED:
        raise Refusal("unknown_button")
    people.start(connection, actor, now)
    inputs.ask(connection, actor.telegram_id, INPUT, page, now=now)


def stop(connection: Connection, actor: Actor, *, now: datetime) -> None:
    """Wait no longer for what would be typed on a page of the settings."""
    waiting = inputs.awaited(connection, actor.telegram_id, now)
    if waiting is not None and waiting.purpose == INPUT:
        inputs.answered(connection, actor.telegram_id)


def typed(
    connection: Connection, actor: Actor, page: Page, text: str, *, language: str, now: datetime, reply_key: str
) -> None:
    """What was typed is kept, and the settings are shown anew.

    Raises Refusal: unknown_zone, unclear_hours, name_unreadable, name_too_long, unknown_button.
    """
    kept = _typed(page, text)
    known = people.start(connection, actor, now)
    queries.change(connection, known.id, **kept.columns)
    say_kept(connection, known, kept, "set", language=language, now=now, reply_key=reply_key)


def _typed(page: Page, text: str) -> Kept:
    match page:
        case Page.ZONE:
            return typed_zone(text)
        case Page.QUIET:
            return typed_hours(text)
        case Page.BOARD:
            nickname = typed_name(text, LONGEST_NAME)
            columns = {"board_name": "nickname", "nickname": nickname}
            return Kept(columns, "settings.kept_nickname", {"name": nickname})
        case Page.REAL_NAME:
            name = typed_name(text, LONGEST_NAME)
            return Kept({"real_name": name}, "settings.kept_real_name", {"name": name})
    raise Refusal("unknown_button")


def say_kept(
    connection: Connection,
    known: people.Known,
    kept: Kept,
    back: str,
    *,
    language: str,
    now: datetime,
    reply_key: str,
) -> None:
    """Tell in private what was kept, with the button that leads back to the settings."""
    assert known.chat_id is not None
    deliveries.reply(
        connection,
        key=reply_key,
        chat_id=known.chat_id,
        text=kept.text,
        values=kept.values,
        language=language,
        now=now,
        buttons=[[("button.back_to_settings", back)]],
    )


def typed_zone(text: str) -> Kept:
    """A time zone as somebody typed it. Raises Refusal `unknown_zone`."""
    found = zones.find(text)
    if found is None:
        raise Refusal("unknown_zone")
    return Kept({"time_zone": found}, "settings.kept_zone", {"zone": found})


def typed_hours(text: str) -> Kept:
    """Quiet hours as somebody typed them. Raises Refusal `unclear_hours`."""
    found = quiet.parse(text)
    if found is None:
        raise Refusal("unclear_hours")
    if not found:
        return Kept(hours_columns(found), "settings.kept_no_quiet", {})
    return Kept(hours_columns(found), "settings.kept_quiet", {"start": found.start, "end": found.end})


def typed_name(text: str, longest: int) -> str:
    """A name as somebody typed it. Raises Refusal: name_unreadable, name_too_long."""
    name = names.clean(text)
    if not name:
        raise Refusal("name_unreadable")
    if len(name) > longest:
        raise Refusal("name_too_long", most=longest)
    return name


def _own(connection: Connection, row: Any, rules: Rules) -> Own:
    belongs = access.groups_of(connection, row.id)
    led = [group for group in access.leads(connection, row.id) if access.may_appoint(connection, row.id, group.id)]
    return Own(
        name=row.name,
        time_zone=row.time_zone,
        default_zone=belongs[0].time_zone if belongs else rules.time_zone,
        private_reminders=row.private_reminders,
        lead_minutes=row.lead_minutes,
        default_lead=minutes(rules.private_reminder),
        quiet=quiet_hours(row, rules),
        quiet_chosen=row.quiet_from is not None,
        board_name=row.board_name,
        nickname=row.nickname,
        real_name=row.real_name,
        groups=tuple((group.id, group.name) for group in led),
    )
