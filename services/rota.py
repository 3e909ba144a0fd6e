"""The rota of speakers (领学): whose turn a session is, changes of it, and reminders to prepare."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import minutes as name_queries
from db.queries import radar as reader_queries
from db.queries import rota as queries
from db.queries import sessions as session_queries
from domain import rota as rule
from domain.kinds import Kind
from domain.rota import Speaker
from services import deliveries, people, quiet
from services.rules import Rules
from services.sessions import refresh_card
from services.undo import UNDO_WITHIN

TURN, PREPARE, RELIEVED, AWAY = "rota_turn", "rota_prepare", "rota_relieved", "rota_away"

KINDS: Final = (Kind.STUDY.value,)
"""The kinds that members lead in turn; a lesson has a lecturer of its own."""

LOOKED_BACK: Final = timedelta(days=730)
"""How far back turns count: far more than a round of any group."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A session with its speaker, for a message to one person."""

    session_id: int
    title: str
    starts_at: datetime
    time_zone: str
    group_name: str
    speaker: str
    days: int  # local days until it starts
    language: str


def assign(connection: Connection, session_id: int, now: datetime, rules: Rules) -> None:
    """Give a session that was just scheduled its speaker, where its group has a rota and nobody is down for it."""
    row = session_queries.session(connection, session_id)
    if row is None or row.kind not in KINDS or row.speaker_id is not None or row.starts_at <= now:
        return
    if not queries.has_rota(connection, [row.group_id]):
        return
    found = order(connection, row)
    if found:
        session_queries.change_session(connection, session_id, speaker_id=found[0].id)
        _tell(connection, session_queries.session(connection, session_id), found[0], now, rules)


def deal(connection: Connection, group_id: int, now: datetime, rules: Rules) -> None:
    """Assign all coming sessions that nobody leads yet: the rota was switched on, or somebody left."""
    for session_id in queries.without_speaker(connection, group_id, KINDS, now):
        assign(connection, session_id, now, rules)
        row = session_queries.session(connection, session_id)
        if row is not None and row.card_message_id is not None:
            refresh_card(connection, row, now, rules.live_every)


def left(connection: Connection, group_id: int, person_id: int, now: datetime, rules: Rules) -> None:
    """Somebody left the group: their turns go to whoever is next."""
    found = queries.coming_of(connection, group_id, person_id, now)
    for session_id in found:
        session_queries.change_session(connection, session_id, speaker_id=None)
        deliveries.cancel_for_session(connection, session_id, (TURN, PREPARE))
    queries.withdraw_open(connection, found, now)
    if found:
        deal(connection, group_id, now, rules)


def order(connection: Connection, row: Any) -> list[Any]:
    """Who could lead a session, whose turn it is first; who is on leave is left out."""
    zone = ZoneInfo(row.time_zone)
    day = row.starts_at.astimezone(zone).date()
    there = {each.id: each for each in queries.speakers(connection, row.id)}
    known = [
        rule.Turn(each.person_id, each.starts_at.astimezone(zone).date())
        for each in queries.turns(connection, row.group_id, KINDS, row.starts_at - LOOKED_BACK)
        if each.id != row.id
    ]
    speakers = [Speaker(each.id, each.joined_at.astimezone(zone).date()) for each in there.values()]
    joined = [speaker for speaker in speakers if speaker.joined_on <= day] or speakers
    gone = queries.away(connection, row.id)
    return [there[person_id] for person_id in rule.order(joined, known, gone)]


def moved(connection: Connection, session_id: int, now: datetime, rules: Rules) -> None:
    """A session is at another time: its speaker is reminded of that one, and its leaders told where they are away."""
    row = session_queries.session(connection, session_id)
    if row is None or row.speaker_id is None:
        return
    _remind(connection, row, people.by_id(connection, row.speaker_id), now, rules)
    if row.speaker_id in queries.away(connection, session_id):
        away(connection, row, row.speaker_id, now, rules)


def change(connection: Connection, row: Any, before: int | None, now: datetime, rules: Rules) -> None:
    """The speaker of a session was changed (the row is as it was before): the card and all messages follow.

    Whoever leads it now is told and reminded, whoever did is told that they need not; what was asked is withdrawn.
    """
    if row.card_message_id is not None:
        refresh_card(connection, row, now, rules.live_every)
    if row.state != "scheduled" or row.starts_at <= now:
        return
    deliveries.cancel_for_session(connection, row.id, (TURN, PREPARE, RELIEVED, AWAY))
    queries.withdraw_open(connection, [row.id], now)
    fresh = session_queries.session(connection, row.id)
    if fresh is None:
        return
    if fresh.speaker_id is not None:
        _tell(connection, fresh, people.by_id(connection, fresh.speaker_id), now, rules)
    if before is not None and before != fresh.speaker_id:
        _send(connection, fresh, RELIEVED, people.by_id(connection, before), now + UNDO_WITHIN, now, rules)


def away(connection: Connection, row: Any, person_id: int, now: datetime, rules: Rules) -> None:
    """Somebody is on leave from a session that they were to lead: its leaders are told, and who could do it instead."""
    if row.speaker_id != person_id or row.starts_at <= now:
        return
    for leader in reader_queries.leaders(connection, row.group_id):
        if leader.id != person_id:
            _send(connection, row, AWAY, leader, now, now, rules, of=person_id)


def _tell(connection: Connection, row: Any, speaker: Any, now: datetime, rules: Rules) -> None:
    _send(connection, row, TURN, speaker, now + UNDO_WITHIN, now, rules)
    _remind(connection, row, speaker, now, rules)


def _remind(connection: Connection, row: Any, speaker: Any, now: datetime, rules: Rules) -> None:
    zone = ZoneInfo(row.time_zone)
    for at in rule.preparations(row.starts_at, zone, now + UNDO_WITHIN, rules.prepare_days):
        _send(connection, row, PREPARE, speaker, at, now, rules)


def _send(
    connection: Connection, row: Any, kind: str, reader: Any, at: datetime, now: datetime, rules: Rules, of: int = 0
) -> None:
    if reader.chat_id is None:
        return
    due_at = quiet.calm_at(connection, reader.chat_id, rules, at)
    if due_at >= row.starts_at:
        return
    until = due_at + timedelta(days=1)
    deliveries.enqueue(
        connection,
        key=f"session:{row.id}:{row.revision}:{kind}:{reader.id}:{at.isoformat()}:{now.isoformat()}",
        kind=kind,
        destination_id=reader.chat_id,
        session_id=row.id,
        payload={"session_id": row.id, "person_id": of or reader.id, "language": reader.language or row.language},
        due_at=due_at,
        expires_at=min(row.starts_at, until),
    )


def turn(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Turn | None:
    """Whose turn it is, for the speaker; None once somebody else leads it, or it has begun."""
    row = coming(connection, payload, now)
    if row is None or row.speaker_id != payload["person_id"]:
        return None
    return turn_of(connection, row, now, str(payload["language"]))


def relieved(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Turn | None:
    """Somebody else leads it now, for who was to; None where it is theirs again."""
    row = coming(connection, payload, now)
    if row is None or row.speaker_id == payload["person_id"]:
        return None
    return turn_of(connection, row, now, str(payload["language"]))


def coming(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Any | None:
    """The session of a message, as long as it is still to come."""
    row = session_queries.session(connection, int(payload["session_id"]))
    return row if row is not None and row.state == "scheduled" and row.starts_at > now else None


def turn_of(connection: Connection, row: Any, now: datetime, language: str) -> Turn:
    """The facts of a turn from its session's row."""
    zone = ZoneInfo(row.time_zone)
    days = (row.starts_at.astimezone(zone).date() - now.astimezone(zone).date()).days
    called = name_queries.names(connection, [row.speaker_id])
    speaker = called.get(row.speaker_id, "") or ""
    return Turn(row.id, row.title, row.starts_at, row.time_zone, row.group_name, speaker, days, language)
