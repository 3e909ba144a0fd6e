"""Asking for long leave: from when to when, by calendar or typed, and why; for oneself, or by a leader for a member."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import access as access_queries
from db.queries import groups as group_queries
from db.queries import long_leaves as queries
from domain import long_leave as rule
from domain.errors import Refusal
from domain.people import Actor
from services import access, deliveries, inputs, own_leaders, people
from services.leaves import REASONS
from services.long_leaves import REQUEST, SHOWN, LongLeave, leave_of, send, today_in
from services.rules import Rules

DAYS: Final = "long_leave_days"
"""What is waited for: from when to when."""

ONESELF: Final = 0
"""In a button, in place of a person: whoever taps it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The groups somebody can take a long leave from, and the leaves that they have."""

    groups: tuple[tuple[int, str], ...]
    leaves: tuple[LongLeave, ...]


@dataclass(frozen=True, slots=True)
class Asking:
    """Whose days are asked: one's own, or by a leader those of a member, who then has a name."""

    group_id: int
    group_name: str
    person_id: int  # `ONESELF` for one's own
    name: str
    today: date


def choice(connection: Connection, actor: Actor, now: datetime) -> Choice:
    """What there is and what there can be. Raises Refusal `no_group`."""
    known = people.find(connection, actor.telegram_id)
    groups = access.groups_of(connection, known.id) if known is not None else ()
    if known is None or not groups:
        raise Refusal("no_group")
    rows = queries.own(connection, known.id, now.date() - timedelta(days=1), SHOWN)
    leaves = tuple(leave_of(connection, row, now) for row in rows)
    return Choice(tuple((row.id, row.name) for row in groups), leaves)


def asking(connection: Connection, group_id: int, person_id: int, actor: Actor, now: datetime) -> Asking:
    """Whose days are asked. Raises Refusal: not_member; for a member also not_leader, person_left, own_leave."""
    known = people.find(connection, actor.telegram_id)
    group = access_queries.group(connection, group_id)
    known_id = known.id if known is not None else 0
    if person_id == ONESELF:
        access.require_member(connection, known_id, group_id)
    else:
        access.require_leader(connection, known_id, group_id)
    name = ""
    if person_id != ONESELF:
        if person_id == known_id:
            raise Refusal("own_leave")
        member = group_queries.member(connection, group_id, person_id)
        if member is None:
            raise Refusal("person_left")
        name = member.name
    assert group is not None
    today = now.astimezone(ZoneInfo(group.time_zone)).date()
    return Asking(group_id, group.name, person_id, name, today)


def ask_days(connection: Connection, group_id: int, person_id: int, actor: Actor, *, now: datetime) -> Asking:
    """From now on a range of days can be typed, too. Refusals as `asking`."""
    facts = asking(connection, group_id, person_id, actor, now)
    inputs.ask(connection, actor.telegram_id, DAYS, group_id, person_id, now=now)
    return facts


def chosen(
    connection: Connection, group_id: int, person_id: int, first: date, last: date, actor: Actor, now: datetime
) -> Asking:
    """Days that are possible, so that the reason can be asked.

    Refusals as `asking`, and: long_leave_past, long_leave_too_long, long_leave_overlaps.
    """
    facts = asking(connection, group_id, person_id, actor, now)
    require_possible(connection, group_id, person_id or _id_of(connection, actor), first, last, facts.today)
    return facts


def days_typed(
    connection: Connection,
    group_id: int,
    person_id: int,
    first: date,
    last: date,
    actor: Actor,
    *,
    reply_key: str,
    language: str,
    now: datetime,
) -> None:
    """The days are known; the reason is asked. Refusals as `chosen`."""
    facts = chosen(connection, group_id, person_id, first, last, actor, now)
    inputs.answered(connection, actor.telegram_id)
    deliveries.reply(
        connection,
        key=reply_key,
        chat_id=people.chat_id(connection, actor.telegram_id, "private"),
        text="long_leaves.why_theirs" if facts.name else "long_leaves.why",
        values={"first": first.isoformat(), "last": last.isoformat(), **({"name": facts.name} if facts.name else {})},
        language=language,
        now=now,
        buttons=[
            [(f"reason.{reason}", taken(facts, first, last, number)) for number, reason in enumerate(REASONS)],
        ],
    )


def taken(facts: Asking, first: date, last: date, reason: int) -> str:
    """What the button of a reason carries."""
    days = f"{first.toordinal()}:{last.toordinal()}:{reason}"
    if facts.person_id == ONESELF:
        return f"long_take:{facts.group_id}:{days}"
    return f"long_put:{facts.group_id}:{facts.person_id}:{days}"


def request(
    connection: Connection,
    group_id: int,
    first: date,
    last: date,
    reason: int,
    actor: Actor,
    *,
    now: datetime,
    rules: Rules,
) -> LongLeave:
    """Ask for it; leaders are asked in private, else the nearest admins. A second tap changes nothing.

    Refusals as `chosen`, unknown_button.
    """
    person = people.meet(connection, actor, now)
    access.require_member(connection, person.id, group_id)
    row, is_new = add(connection, group_id, person.id, first, last, reason, now)
    stop_waiting(connection, actor, now)
    if is_new:
        for leader in own_leaders.of_group(connection, group_id, person.id):
            send(connection, row, REQUEST, leader.chat_id, leader.language, now, rules)
    return replace(leave_of(connection, row, now), is_own=True)


def add(
    connection: Connection, group_id: int, person_id: int, first: date, last: date, reason: int, now: datetime
) -> tuple[Any, bool]:
    """A new long leave, or the one of the very same days that somebody has; whether it is new."""
    if reason not in range(len(REASONS)):
        raise Refusal("unknown_button")
    queries.lock_member(connection, group_id, person_id)
    there = queries.overlapping(connection, group_id, person_id, first, last)
    if there is not None and (there.first_day, there.last_day, there.reason) == (first, last, REASONS[reason]):
        return queries.find(connection, there.id), False
    require_possible(connection, group_id, person_id, first, last, today_in(connection, group_id, now))
    leave_id = queries.add(
        connection,
        group_id=group_id,
        person_id=person_id,
        first_day=first,
        last_day=last,
        reason=REASONS[reason],
        asked_at=now,
    )
    return queries.find(connection, leave_id), True


def require_possible(
    connection: Connection, group_id: int, person_id: int, first: date, last: date, today: date
) -> None:
    """Raises Refusal: long_leave_past, long_leave_too_long (limit), long_leave_overlaps (first, last)."""
    objection = rule.objection(first, last, today)
    if objection is not None:
        raise Refusal(objection.value, limit=rule.LONGEST)
    other = queries.overlapping(connection, group_id, person_id, first, last)
    if other is not None:
        days = {"first": other.first_day.isoformat(), "last": other.last_day.isoformat()}
        raise Refusal("long_leave_overlaps", **days)


def stop_waiting(connection: Connection, actor: Actor, now: datetime) -> None:
    """The days were chosen with buttons, so that a typed text is no answer any more."""
    waiting = inputs.awaited(connection, actor.telegram_id, now)
    if waiting is not None and waiting.purpose == DAYS:
        inputs.answered(connection, actor.telegram_id)


def _id_of(connection: Connection, actor: Actor) -> int:
    known = people.find(connection, actor.telegram_id)
    return known.id if known is not None else 0
