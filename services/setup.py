"""The first settings of a group, step by step in private; every step can be skipped."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import access as access_queries
from db.queries import audit
from db.queries import groups as group_queries
from db.queries import registration as queries
from domain import names, zones
from domain.errors import Refusal
from domain.people import Actor
from services import access, deliveries, groups, inputs, leaders, people
from services.registration import next_board, stop_waiting
from services.rules import Rules

PAGE: Final = "setup_page"

LONGEST_NAME: Final = 64
UNITS_SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class Told:
    """What Telegram told just now of the group's chat, and of the person in it."""

    is_chat_admin: bool
    is_forum: bool


class Step(IntEnum):
    """The steps in their order; each can be skipped, and then what is set stays."""

    NAME = 0
    UNIT = 1
    TOPIC = 2
    ZONE = 3
    LANGUAGE = 4
    DONE = 5


@dataclass(frozen=True, slots=True)
class Place:
    """Where a group lives, for asking Telegram who its admins are; `leads` where that need not be asked."""

    group_id: int
    chat_telegram_id: int
    leads: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A step as it is shown: what is set so far, and what there is to choose from."""

    group_id: int
    step: Step
    name: str
    unit: str
    time_zone: str
    language: str
    led: bool
    units: tuple[tuple[int, str], ...] = ()  # on this page of them
    unit_page: int = 0
    unit_pages: int = 1
    several_units: bool = False
    message_id: int | None = None  # of the message that is edited; None: a new one
    spoken: str | None = None  # the reader's language, for a page that waits in the outbox


def linked(connection: Connection, token: str, actor: Actor, now: datetime) -> Place:
    """The group whose first settings a link opens. Raises Refusal: link_expired."""
    group_id = queries.linked(connection, token, groups.SETUP_LINK, now)
    if group_id is None:
        raise Refusal("link_expired")
    return place(connection, group_id, actor)


def place(connection: Connection, group_id: int, actor: Actor) -> Place:
    """Where the group of a button lives. Raises Refusal: not_registered."""
    chat_telegram_id = queries.chat_of(connection, group_id)
    if chat_telegram_id is None:
        raise Refusal("not_registered")
    known = people.find(connection, actor.telegram_id)
    leads = known is not None and access.is_leader(connection, known.id, group_id)
    return Place(group_id, chat_telegram_id, leads)


def begin(
    connection: Connection,
    group_id: int,
    actor: Actor,
    *,
    told: Told,
    language: str,
    now: datetime,
    reply_key: str,
) -> None:
    """Somebody opened the link: show the first step and wait for a name. Raises what `turn` raises."""
    _require(connection, group_id, actor, told, now)
    chat_id = people.start(connection, actor, now).chat_id
    assert chat_id is not None
    inputs.ask(connection, actor.telegram_id, groups.SETUP_NAME, group_id, now=now)
    payload = {"group_id": group_id, "step": Step.NAME, "language": language, "telegram_id": actor.telegram_id}
    _enqueue_page(connection, chat_id, payload, reply_key, now)


def turn(
    connection: Connection,
    group_id: int,
    step: Step,
    actor: Actor,
    *,
    told: Told,
    message_id: int,
    unit_page: int = 0,
    now: datetime,
) -> Page:
    """Go to a step; a name is waited for on the first one only.

    A step in which there is nothing to choose is passed over: one unit only, or a chat without topics.
    Raises Refusal: not_registered, not_chat_admin, link_expired.
    """
    _require(connection, group_id, actor, told, now)
    if step is Step.NAME:
        inputs.ask(connection, actor.telegram_id, groups.SETUP_NAME, group_id, message_id, now=now)
    else:
        stop_waiting(connection, actor, now)
    return _page(connection, group_id, _shown(connection, step, told), unit_page)


def name_typed(
    connection: Connection,
    group_id: int,
    message_id: int | None,
    typed: str,
    actor: Actor,
    *,
    told: Told,
    language: str,
    now: datetime,
    rules: Rules,
    reply_key: str,
) -> None:
    """The name of the group, as somebody typed it; the message of the steps then shows the next one.

    Raises Refusal: not_registered, not_chat_admin, link_expired, name_empty, name_too_long.
    """
    _require(connection, group_id, actor, told, now)
    name = names.clean(typed)
    if not name:
        raise Refusal("name_empty")
    if len(name) > LONGEST_NAME:
        raise Refusal("name_too_long", most=LONGEST_NAME)
    _change(connection, group_id, actor, rules, now, name=name)
    chat_id = people.start(connection, actor, now).chat_id
    assert chat_id is not None
    payload = {
        "group_id": group_id,
        "step": _shown(connection, Step.UNIT, told),
        "language": language,
        "message_id": message_id,
    }
    _enqueue_page(connection, chat_id, payload, reply_key, now)


def choose(
    connection: Connection,
    group_id: int,
    step: Step,
    choice: int,
    actor: Actor,
    *,
    told: Told,
    languages: tuple[str, ...],
    now: datetime,
    rules: Rules,
) -> Page:
    """A unit, a time zone or a language is chosen by its button; shows the step after it.

    Raises Refusal: not_registered, not_chat_admin, link_expired, unknown_button.
    """
    _require(connection, group_id, actor, told, now)
    values: dict[str, Any]
    if step is Step.UNIT and queries.unit_name(connection, choice) is not None:
        values = {"unit_id": choice}
    elif step is Step.ZONE and 0 <= choice < len(zones.USUAL):
        zone = zones.USUAL[choice]
        values = {"time_zone": zone, "next_board_at": next_board(rules, zone, now)}
    elif step is Step.LANGUAGE and 0 <= choice < len(languages):
        values = {"language": languages[choice]}
    else:
        raise Refusal("unknown_button")
    _change(connection, group_id, actor, rules, now, **values)
    stop_waiting(connection, actor, now)
    return _page(connection, group_id, _shown(connection, Step(step + 1), told))


def lead(
    connection: Connection,
    place: Place,
    actor: Actor,
    *,
    told: Told,
    bot_username: str,
    now: datetime,
    rules: Rules,
    reply_key: str,
) -> leaders.Appointed:
    """⟦I will lead⟧ at the end of the steps.

    Raises Refusal: not_registered, not_chat_admin, link_expired, has_leader.
    """
    _require(connection, place.group_id, actor, told, now)
    return leaders.volunteer(
        connection,
        place.group_id,
        actor,
        place.chat_telegram_id,
        is_chat_admin=told.is_chat_admin,
        message_id=None,
        bot_username=bot_username,
        now=now,
        rules=rules,
        reply_key=reply_key,
    )


def page(connection: Connection, payload: Any, now: datetime) -> Page | None:
    """A step that waits in the outbox, as it stands when it is sent; None where the group is gone."""
    group_id = int(payload["group_id"])
    if access_queries.group(connection, group_id) is None:
        return None
    return _page(
        connection,
        group_id,
        Step(payload["step"]),
        message_id=payload.get("message_id"),
        spoken=payload["language"],
    )


def page_sent(connection: Connection, payload: Any, message_id: int, now: datetime) -> None:
    """The first step hangs in the chat: whoever types the name now sees that message go on."""
    telegram_id = payload.get("telegram_id")
    waiting = inputs.awaited(connection, telegram_id, now) if telegram_id else None
    if waiting is not None and (waiting.purpose, waiting.numbers) == (groups.SETUP_NAME, (payload["group_id"],)):
        inputs.ask(connection, telegram_id, groups.SETUP_NAME, payload["group_id"], message_id, now=now)


def _require(connection: Connection, group_id: int, actor: Actor, told: Told, now: datetime) -> None:
    """Its leaders always may; a Telegram admin of its chat for the day on which the link is alive."""
    if access_queries.group(connection, group_id) is None:
        raise Refusal("not_registered")
    known = people.find(connection, actor.telegram_id)
    if known is not None and access.is_leader(connection, known.id, group_id):
        return
    if not told.is_chat_admin:
        raise Refusal("not_chat_admin")
    if queries.link_to(connection, groups.SETUP_LINK, group_id, now) is None:
        raise Refusal("link_expired")


def _page(
    connection: Connection,
    group_id: int,
    step: Step,
    unit_page: int = 0,
    *,
    message_id: int | None = None,
    spoken: str | None = None,
) -> Page:
    group = access_queries.group(connection, group_id)
    assert group is not None
    count = queries.count_units(connection)
    pages = max(1, -(-count // UNITS_SHOWN))
    unit_page = min(max(unit_page, 0), pages - 1)
    rows = queries.units(connection, UNITS_SHOWN, unit_page * UNITS_SHOWN) if step is Step.UNIT else ()
    return Page(
        group_id,
        step,
        group.name,
        queries.unit_name(connection, group.unit_id) or "",
        group.time_zone,
        group.language,
        bool(group_queries.leader_names(connection, group_id)),
        tuple((row.id, row.name) for row in rows),
        unit_page,
        pages,
        count > 1,
        message_id,
        spoken,
    )


def _shown(connection: Connection, step: Step, told: Told) -> Step:
    """The step itself, or the next one in which there is something to choose."""
    if step is Step.UNIT and queries.count_units(connection) < 2:
        step = Step.TOPIC
    return Step.ZONE if step is Step.TOPIC and not told.is_forum else step


def _change(connection: Connection, group_id: int, actor: Actor, rules: Rules, now: datetime, **values: object) -> None:
    queries.change_group(connection, group_id, **values)
    audit.add(connection, now, actor.telegram_id, "group_settings", group_id=group_id, subject=f"group:{group_id}")
    groups.refresh_newest_card(connection, group_id, now, rules)


def _enqueue_page(connection: Connection, chat_id: int, payload: dict[str, Any], reply_key: str, now: datetime) -> None:
    deliveries.enqueue(
        connection,
        key=reply_key,
        kind=PAGE,
        destination_id=chat_id,
        payload=payload,
        due_at=now,
        expires_at=now + deliveries.REPLY_EXPIRES,
        priority=deliveries.REPLY,
    )
