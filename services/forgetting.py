"""Being forgotten: asked for with a word, undone within seven days, and then erased for good."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import people as people_queries
from db.queries import privacy as queries
from db.queries import sessions as session_queries
from domain.errors import Refusal
from domain.people import Actor
from services import access, deliveries, groups, inputs, people
from services.rules import Rules
from services.sessions import refresh_card

FAREWELL: Final = "forget"
INPUT: Final = "forget"

GRACE: Final = timedelta(days=7)
"""So long it can be undone."""

CONFIRMED: Final = frozenset({"删除", "delete"})
"""What is to be typed, in any case of letters."""


@dataclass(frozen=True, slots=True)
class Farewell:
    """What somebody should know before everything is erased."""

    led_alone: tuple[str, ...]  # names of groups that nobody else leads
    administers_alone: bool
    language: str


@dataclass(frozen=True, slots=True)
class Leaving:
    """When somebody will be erased, and the zone they read it in."""

    at: datetime
    zone: ZoneInfo


def ask(connection: Connection, actor: Actor, *, language: str, now: datetime) -> Farewell:
    """Somebody wants to be forgotten: from now on their word is waited for."""
    known = people.start(connection, actor, now)
    inputs.ask(connection, actor.telegram_id, INPUT, now=now)
    return _farewell(connection, known.id, language)


def ask_by_command(
    connection: Connection, actor: Actor, *, language: str, now: datetime, reply_key: str, rules: Rules
) -> None:
    """The same by command; the question is a delivery. Who is leaving already is told when, and can undo it."""
    if leaving(connection, actor, rules) is not None:
        _say_when(connection, actor, reply_key=reply_key, language=language, now=now, rules=rules)
        return
    ask(connection, actor, language=language, now=now)
    known = people.start(connection, actor, now)
    assert known.chat_id is not None
    deliveries.enqueue(
        connection,
        key=reply_key,
        kind=FAREWELL,
        destination_id=known.chat_id,
        payload={"person_id": known.id, "language": language},
        due_at=now,
        expires_at=now + inputs.WAITS,
        priority=deliveries.REPLY,
    )


def farewell(connection: Connection, payload: Mapping[str, Any], _now: datetime) -> Farewell | None:
    """What somebody should know before; None for who is erased already."""
    known = people.by_id(connection, int(payload["person_id"]))
    return _farewell(connection, known.id, str(payload["language"])) if known.telegram_id else None


def _farewell(connection: Connection, person_id: int, language: str) -> Farewell:
    alone = tuple(row.name for row in queries.led_alone(connection, person_id))
    return Farewell(alone, queries.administers_alone(connection, person_id), language)


def keep(connection: Connection, actor: Actor, *, now: datetime) -> None:
    """Nothing is erased, and nothing waited for any more."""
    waiting = inputs.awaited(connection, actor.telegram_id, now)
    if waiting is not None and waiting.purpose == INPUT:
        inputs.answered(connection, actor.telegram_id)


def forget(
    connection: Connection, actor: Actor, typed: str, *, reply_key: str, language: str, now: datetime, rules: Rules
) -> bool:
    """Erase whoever typed the word, in seven days, and say so; False for somebody of whom nothing is kept.

    Until then they are on no board and get no reminder. Raises Refusal `forget_not_typed`.
    """
    if typed.strip().casefold() not in CONFIRMED:
        raise Refusal("forget_not_typed")
    row = people_queries.by_telegram_id(connection, actor.telegram_id)
    if row is None:
        return False
    keep(connection, actor, now=now)
    people_queries.change(connection, row.id, forget_at=row.forget_at or now + GRACE)
    _say_when(connection, actor, reply_key=reply_key, language=language, now=now, rules=rules)
    return True


def _say_when(
    connection: Connection, actor: Actor, *, reply_key: str, language: str, now: datetime, rules: Rules
) -> None:
    known, facts = people.start(connection, actor, now), leaving(connection, actor, rules)
    assert known.chat_id is not None
    assert facts is not None
    _tell_when(connection, known.chat_id, facts, key=reply_key, language=language, now=now)


def _tell_when(connection: Connection, chat_id: int, facts: Leaving, *, key: str, language: str, now: datetime) -> None:
    """Say it, for as long as it can be undone: who is told after a restore did not ask for it just now."""
    deliveries.reply(
        connection,
        key=key,
        chat_id=chat_id,
        text="privacy.leaving",
        values={"when": {"as": "when", "at": facts.at.isoformat(), "zone": facts.zone.key}},
        language=language,
        now=now,
        buttons=[[("button.forget_undo", "forget_undo")], [("button.forget_now", "forget_now")]],
        lasts=facts.at - now,
    )


def leaving(connection: Connection, actor: Actor, rules: Rules) -> Leaving | None:
    """When somebody will be erased; None for who stays."""
    row = people_queries.by_telegram_id(connection, actor.telegram_id)
    if row is None or row.forget_at is None:
        return None
    return Leaving(row.forget_at, ZoneInfo(row.time_zone or rules.time_zone))


def stay(connection: Connection, actor: Actor) -> bool:
    """They thought better of it: everything is as it was. False: they were not leaving."""
    row = people_queries.by_telegram_id(connection, actor.telegram_id)
    if row is None or row.forget_at is None:
        return False
    people_queries.change(connection, row.id, forget_at=None)
    return True


def erase_now(connection: Connection, actor: Actor, *, now: datetime, rules: Rules) -> bool:
    """They will not wait the seven days. False: they were not leaving."""
    row = people_queries.by_telegram_id(connection, actor.telegram_id)
    if row is None or row.forget_at is None:
        return False
    _erase(connection, row, now, rules)
    return True


def any_due(connection: Connection, now: datetime) -> bool:
    """Whether somebody's seven days are over."""
    return queries.any_to_forget(connection, now)


def erase_due(connection: Connection, now: datetime, rules: Rules) -> None:
    """Erase those whose seven days are over."""
    for row in queries.take_to_forget(connection, now):
        _erase(connection, row, now, rules)


def _erase(connection: Connection, row: Any, now: datetime, rules: Rules) -> None:
    """Nothing leads from a record to them any more, and it cannot be undone.

    What the organisation keeps of the past is nobody's from now on.
    """
    groups_left, left_alone = access.groups_of(connection, row.id), queries.led_alone(connection, row.id)
    to_come = queries.answered_to_come(connection, row.id, now)
    queries.erase(connection, row, to_come, now)
    for session_id in to_come:
        _refresh(connection, session_id, now, rules)
    for group in groups_left:
        groups.refresh_newest_card(connection, group.id, now, rules)
    for group in left_alone:
        _tell_group(connection, group, row.id, now)


def _refresh(connection: Connection, session_id: int, now: datetime, rules: Rules) -> None:
    """The counts on the session's card are others now."""
    row = session_queries.session(connection, session_id)
    if row is not None and row.state == "scheduled" and row.card_message_id is not None:
        refresh_card(connection, row, now, rules.live_every)


def _tell_group(connection: Connection, group: Any, person_id: int, now: datetime) -> None:
    """A group that nobody leads any more is told, without a name."""
    deliveries.reply(
        connection,
        key=f"group:{group.id}:leaderless:{person_id}",
        chat_id=group.chat_id,
        text="privacy.group_without_leader",
        language=group.language,
        now=now,
    )


class Erased(NamedTuple):
    """Somebody who was erased, by their row alone: in an older copy the same row still has their name."""

    person_id: int
    created_at: datetime
    erased_at: datetime


def erased(connection: Connection) -> list[Erased]:
    """Everybody who was erased."""
    return [Erased(*row) for row in queries.forgotten(connection)]


def erase_again(connection: Connection, gone: Iterable[Erased], rules: Rules) -> int:
    """After an older copy was restored: erase those who were erased since it was made; how many."""
    number = 0
    for each in gone:
        row = queries.person_of(connection, each.person_id, each.created_at)
        if row is not None and row.forgotten_at is None:
            _erase(connection, row, each.erased_at, rules)
            number += 1
    return number


Wanted = Mapping[tuple[int, datetime], datetime | None]
"""By a person's row and when it was made: when they will be erased; None for who stays."""


def wanted(connection: Connection) -> Wanted:
    """Who is leaving and who stays."""
    return {(row.id, row.created_at): row.forget_at for row in queries.wanted_by_row(connection)}


def leave_again(connection: Connection, former: Wanted, now: datetime, rules: Rules) -> int:
    """After an older copy was restored: who is leaving is who was, as the former database says.

    Of whom it does not know may have thought better of it since the copy was made, so they have the seven days anew
    and are told; how many.
    """
    number = 0
    for row in queries.leaving(connection):
        is_known = (row.id, row.created_at) in former
        at = former[row.id, row.created_at] if is_known else now + GRACE
        people_queries.change(connection, row.id, forget_at=at)
        if at is not None and not is_known:
            number += 1
            if row.chat_id is not None:
                facts = Leaving(at, ZoneInfo(row.time_zone or rules.time_zone))
                key, language = f"{FAREWELL}:restored:{row.id}:{now.isoformat()}", row.language or "zh-CN"
                _tell_when(connection, row.chat_id, facts, key=key, language=language, now=now)
    for (person_id, created_at), at in former.items():
        if at is not None:
            row = queries.person_of(connection, person_id, created_at)
            if row is not None and row.forgotten_at is None:
                people_queries.change(connection, person_id, forget_at=at)
    return number
