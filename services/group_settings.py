"""What leaders set for their group: language, time zone, reminders, deadlines, its board, its topics and its name."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import access as access_queries
from db.queries import audit
from db.queries import settings as queries
from domain import zones
from domain.cadence import next_weekly
from domain.errors import Refusal
from domain.people import Actor
from domain.quiet import QuietHours
from domain.schedule import minutes
from services import access, groups, inputs, people, rota
from services.quiet import quiet_hours
from services.rules import Rules
from services.settings import (
    DEFAULT,
    QUIET_CHOICES,
    Kept,
    hours_columns,
    say_kept,
    typed_hours,
    typed_name,
    typed_zone,
)

INPUT: Final = "group_settings"

REMINDERS: Final = (60, 120, 720, 1440, 2880, 0)
"""Minutes before the start at which the group is reminded; 0: not at all."""

LEAVES: Final = (0, 60, 120, 1440)
"""Minutes before the start until which leave is asked for; 0: until the start."""

NUDGES: Final = (120, 360, 1440, 0)
"""Minutes before the start at which who has not answered is asked; 0: never."""

BOARDS: Final = ("", "none", "light", "dark")
"""How the weekly board comes: not at all, as text, as a light or a dark picture; a button carries the place."""

PURPOSES: Final = ("sessions", "board")
"""What may have a topic of its own; a button carries the place in this list."""

LONGEST_NAME: Final = 64


class Page(IntEnum):
    """A page of a group's settings; a button carries its number."""

    MAIN, LANGUAGE, ZONE, REMINDER, LEAVE, NUDGE, QUIET, BOARD, TOPICS, NAME, ROTA = range(11)


TYPED: Final = frozenset({Page.ZONE, Page.QUIET, Page.NAME})
"""Pages on which something can be typed."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group's settings; None is what it has not chosen, and `default_…` is what holds then."""

    id: int
    name: str
    chat_telegram_id: int
    language: str
    time_zone: str
    reminder_minutes: int | None
    default_reminder: int
    leave_minutes: int | None
    default_leave: int
    nudge_minutes: int | None
    default_nudge: int
    quiet: QuietHours
    quiet_chosen: bool
    board: str  # one of BOARDS
    topics: tuple[str, ...]  # purposes that have a topic
    rota: bool  # whether speakers are assigned in turn


def read(connection: Connection, actor: Actor, group_id: int, rules: Rules) -> Group:
    """A group's settings, for its leaders and the admins above it. Raises Refusal: not_leader, unknown_button."""
    return _group(connection, _allowed(connection, actor, group_id), rules)


def in_chat(connection: Connection, actor: Actor, chat_telegram_id: int, rules: Rules) -> Group:
    """The same for the group of a chat. Raises Refusal: not_registered, not_leader."""
    return read(connection, actor, access.group_of_chat(connection, chat_telegram_id).id, rules)


def choose(
    connection: Connection, actor: Actor, group_id: int, page: Page, value: int, *, now: datetime, rules: Rules
) -> Group:
    """A button was tapped. Raises Refusal: not_leader, unknown_button."""
    row = _allowed(connection, actor, group_id)
    if page is Page.TOPICS:
        queries.clear_topics(connection, row.id)
    else:
        _change(connection, row.id, _chosen(page, value), now, rules)
    _note(connection, actor, row.id, page, now)
    stop(connection, actor, now=now)
    return _group(connection, access_queries.group(connection, row.id), rules)


def choose_language(
    connection: Connection, actor: Actor, group_id: int, language: str, *, now: datetime, rules: Rules
) -> Group:
    """The language in which the group is spoken to. Raises Refusal: not_leader, unknown_button."""
    row = _allowed(connection, actor, group_id)
    _change(connection, row.id, {"language": language}, now, rules)
    _note(connection, actor, row.id, Page.LANGUAGE, now)
    return _group(connection, access_queries.group(connection, row.id), rules)


def _chosen(page: Page, value: int) -> dict[str, Any]:
    """What a choice means for the group's row."""
    chosen = None if value == DEFAULT else value
    match page:
        case Page.ZONE if value in range(len(zones.USUAL)):
            return {"time_zone": zones.USUAL[value]}
        case Page.REMINDER if value in (DEFAULT, *REMINDERS):
            return {"reminder_minutes": chosen}
        case Page.LEAVE if value in (DEFAULT, *LEAVES):
            return {"leave_minutes": chosen}
        case Page.NUDGE if value in (DEFAULT, *NUDGES):
            return {"nudge_minutes": chosen}
        case Page.QUIET if value in range(DEFAULT, len(QUIET_CHOICES)):
            return hours_columns(None if value == DEFAULT else QUIET_CHOICES[value])
        case Page.BOARD if value in range(len(BOARDS)):
            return {"board_shown": value > 0, "picture_theme": BOARDS[value] or "light"}
        case Page.ROTA if value in (0, 1):
            return {"rota": bool(value)}
    raise Refusal("unknown_button")


def _change(connection: Connection, group_id: int, values: dict[str, Any], now: datetime, rules: Rules) -> None:
    """Change the group's row; in another zone the next board comes at another moment."""
    if "time_zone" in values:
        zone = ZoneInfo(values["time_zone"])
        values["next_board_at"] = next_weekly(rules.board_weekday, rules.board_time, zone, after=now)
    queries.change_group(connection, group_id, **values)
    if values.get("rota"):
        rota.deal(connection, group_id, now, rules)
    if values.keys() & {"name", "language"}:
        groups.refresh_newest_card(connection, group_id, now, rules)


def ask(connection: Connection, actor: Actor, group_id: int, page: Page, *, now: datetime) -> None:
    """Wait for what is typed next in private. Raises Refusal: not_leader, unknown_button."""
    row = _allowed(connection, actor, group_id)
    if page not in TYPED:
        raise Refusal("unknown_button")
    people.start(connection, actor, now)
    inputs.ask(connection, actor.telegram_id, INPUT, row.id, page, now=now)


def stop(connection: Connection, actor: Actor, *, now: datetime) -> None:
    """Wait no longer for what would be typed on a page of a group's settings."""
    waiting = inputs.awaited(connection, actor.telegram_id, now)
    if waiting is not None and waiting.purpose == INPUT:
        inputs.answered(connection, actor.telegram_id)


def typed(
    connection: Connection,
    actor: Actor,
    group_id: int,
    page: Page,
    text: str,
    *,
    language: str,
    now: datetime,
    rules: Rules,
    reply_key: str,
) -> None:
    """What was typed is kept, and the settings are shown anew.

    Raises Refusal: not_leader, unknown_zone, unclear_hours, name_unreadable, name_too_long, unknown_button.
    """
    row = _allowed(connection, actor, group_id)
    kept = _typed(page, text)
    _change(connection, row.id, kept.columns, now, rules)
    _note(connection, actor, row.id, page, now)
    back = f"group_settings:{row.id}"
    known = people.start(connection, actor, now)
    say_kept(connection, known, kept, back, language=language, now=now, reply_key=reply_key)


def _typed(page: Page, text: str) -> Kept:
    match page:
        case Page.ZONE:
            kept = typed_zone(text)
            return Kept(kept.columns, "settings.kept_group_zone", kept.values)
        case Page.QUIET:
            return typed_hours(text)
        case Page.NAME:
            name = typed_name(text, LONGEST_NAME)
            return Kept({"name": name}, "settings.kept_group_name", {"name": name})
    raise Refusal("unknown_button")


def set_topic(
    connection: Connection,
    actor: Actor,
    group_id: int,
    purpose: int,
    thread_id: int,
    chat_telegram_id: int,
    *,
    now: datetime,
    rules: Rules,
) -> Group:
    """A purpose goes to this topic of the group's own chat. Raises Refusal: not_leader, unknown_button."""
    row = _allowed(connection, actor, group_id)
    if row.chat_telegram_id != chat_telegram_id or purpose not in range(len(PURPOSES)):
        raise Refusal("unknown_button")
    queries.set_topic(connection, row.id, PURPOSES[purpose], thread_id)
    _note(connection, actor, row.id, Page.TOPICS, now)
    return _group(connection, row, rules)


def _allowed(connection: Connection, actor: Actor, group_id: int) -> Any:
    """The group's row, if its settings are the actor's to change: deputies change nothing of it."""
    row = access_queries.group(connection, group_id)
    if row is None:
        raise Refusal("unknown_button")
    known = people.find(connection, actor.telegram_id)
    if known is None or not access.may_appoint(connection, known.id, row.id):
        raise Refusal("not_leader")
    return row


def _note(connection: Connection, actor: Actor, group_id: int, page: Page, now: datetime) -> None:
    subject = f"group:{group_id}:{page.name.lower()}"
    audit.add(connection, now, actor.telegram_id, "group_settings", group_id=group_id, subject=subject)


def _group(connection: Connection, row: Any, rules: Rules) -> Group:
    return Group(
        id=row.id,
        name=row.name,
        chat_telegram_id=row.chat_telegram_id,
        language=row.language,
        time_zone=row.time_zone,
        reminder_minutes=row.reminder_minutes,
        default_reminder=minutes(rules.group_reminder),
        leave_minutes=row.leave_minutes,
        default_leave=minutes(rules.leave_before),
        nudge_minutes=row.nudge_minutes,
        default_nudge=minutes(rules.nudge),
        quiet=quiet_hours(row, rules),
        quiet_chosen=row.quiet_from is not None,
        board=row.picture_theme if row.board_shown else "",
        topics=tuple(sorted(queries.topics(connection, row.id))),
        rota=row.rota,
    )
