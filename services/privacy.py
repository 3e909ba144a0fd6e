"""What is kept of somebody: shown to them as a file, and erased when they say so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import people as people_queries
from db.queries import privacy as queries
from db.queries import sessions as session_queries
from domain.errors import Refusal
from domain.people import Actor
from services import access, deliveries, groups, inputs, people
from services.rules import Rules
from services.sessions import refresh_card

DATA: Final = "my_data"
FAREWELL: Final = "forget"
INPUT: Final = "forget"

EXPIRES: Final = timedelta(hours=1)

CONFIRMED: Final = frozenset({"删除", "delete"})
"""What is to be typed, in any case of letters."""

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Farewell:
    """What somebody should know before everything is erased."""

    led_alone: tuple[str, ...]  # names of groups that nobody else leads
    administers_alone: bool
    language: str


@dataclass(frozen=True, slots=True)
class MyData:
    """Everything that is kept of somebody, section by section."""

    sections: Mapping[str, Record | list[Record]]
    made_at: datetime
    language: str


def order(connection: Connection, actor: Actor, *, language: str, now: datetime) -> None:
    """Make the file with somebody's data due; a second tap within a minute makes no second file."""
    known = people.start(connection, actor, now)
    assert known.chat_id is not None
    deliveries.enqueue(
        connection,
        key=f"{DATA}:{known.id}:{now:%Y%m%d%H%M}",
        kind=DATA,
        destination_id=known.chat_id,
        payload={"person_id": known.id, "language": language},
        due_at=now,
        expires_at=now + EXPIRES,
        priority=deliveries.REPLY,
    )


def data(connection: Connection, payload: Mapping[str, Any], now: datetime) -> MyData | None:
    """Everything that is kept of somebody; None for who is erased."""
    row = people_queries.by_id(connection, int(payload["person_id"]))
    if row.telegram_id is None:
        return None
    waiting = inputs.awaited(connection, row.telegram_id, now)
    sections: dict[str, Record | list[Record]] = {
        "person": _person(row),
        "memberships": _rows(queries.memberships(connection, row.id)),
        "admin_of": _rows(queries.administered(connection, row.id)),
        "answers": _rows(queries.answers(connection, row.id)),
        "attendance": _rows(queries.attended(connection, row.id)),
        "attendance_changes": _rows(queries.changes(connection, row.id)),
        "corrections": _rows(queries.corrections(connection, row.id)),
        "sessions": _rows(queries.sessions(connection, row.id)),
        "series": _rows(queries.series(connection, row.id)),
        "registered": _rows(queries.registered(connection, row.id)),
        "session_changes": _rows(queries.session_changes(connection, row.id)),
        "marks": _rows(queries.marks(connection, row.id)),
        "drafts": _rows(queries.drafts(connection, row.id)),
        "materials": _rows(queries.materials(connection, row.id)),
        "makeups": _rows(queries.makeups(connection, row.id)),
        "long_leaves": _rows(queries.long_leaves(connection, row.id)),
        "invitations": _rows(queries.invitations(connection, row.id)),
        "swaps": _rows(queries.swaps(connection, row.id)),
        "wrong_codes": _rows(queries.wrong_codes(connection, row.id)),
        "duty_reasons": _rows(queries.duty_reasons(connection, row.id)),
        "proposals": _rows(queries.proposals(connection, row.id)),
        "imports": _rows(queries.imports(connection, row.id)),
        "acts": _rows(queries.acts(connection, row.telegram_id)),
        "messages": _rows(queries.messages(connection, row.chat_id)),
        "awaited": [{"purpose": waiting.purpose}] if waiting is not None else [],
    }
    return MyData(sections, now, str(payload["language"]))


def _person(row: Any) -> Record:
    """Somebody's own row, but for the ids that mean something to the database alone."""
    internal = {"id", "chat_id", "last_group_id", "forgotten_at", "merged_into"}
    return {name: value for name, value in row._mapping.items() if name not in internal}


def _rows(found: Iterable[Any]) -> list[Record]:
    return [dict(row._mapping) for row in found]


def ask(connection: Connection, actor: Actor, *, language: str, now: datetime) -> Farewell:
    """Somebody wants to be forgotten: from now on their word is waited for."""
    known = people.start(connection, actor, now)
    inputs.ask(connection, actor.telegram_id, INPUT, now=now)
    return _farewell(connection, known.id, language)


def ask_by_command(connection: Connection, actor: Actor, *, language: str, now: datetime, reply_key: str) -> None:
    """The same by command; the question is a delivery."""
    known = people.start(connection, actor, now)
    assert known.chat_id is not None
    ask(connection, actor, language=language, now=now)
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


def forget(connection: Connection, actor: Actor, typed: str, *, now: datetime, rules: Rules) -> None:
    """Erase whoever typed the word: nothing leads from a record to them any more, and it cannot be undone.

    What the organisation keeps of the past is nobody's from now on. Raises Refusal `forget_not_typed`.
    """
    if typed.strip().casefold() not in CONFIRMED:
        raise Refusal("forget_not_typed")
    row = people_queries.by_telegram_id(connection, actor.telegram_id)
    if row is None:
        return
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
