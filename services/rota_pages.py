"""The pages of the rota: the list of turns, and for leaders who could lead a session instead."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import audit
from db.queries import rota as queries
from db.queries import sessions as session_queries
from domain.errors import Refusal
from domain.people import Actor
from services import access, people, rota
from services.rules import Rules

SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """A coming session on the list of turns."""

    session_id: int
    title: str
    starts_at: datetime
    time_zone: str
    group_name: str
    speaker: str | None  # None: nobody; empty: somebody whose name was erased
    mine: bool
    led: bool  # by the reader, who may change the speaker


@dataclass(frozen=True, slots=True)
class Rota:
    """The coming turns of the reader's groups; `any_group` says whether one of them has a rota at all."""

    entries: tuple[Entry, ...]
    any_group: bool


def listed(connection: Connection, actor: Actor, chat_telegram_id: int, now: datetime) -> Rota:
    """The turns to come: in a group's chat its own, in private those of one's groups and of those one leads.

    Raises Refusal `not_registered` in a group that is not registered.
    """
    known = people.find(connection, actor.telegram_id)
    person_id = known.id if known else 0
    leads = {row.id for row in access.leads(connection, person_id)}
    if chat_telegram_id < 0:
        group_ids = {access.group_of_chat(connection, chat_telegram_id).id}
    else:
        group_ids = leads | {row.id for row in access.groups_of(connection, person_id)}
    rows = queries.coming(connection, sorted(group_ids), rota.KINDS, now, SHOWN)
    in_private = chat_telegram_id > 0  # what a group reads says nothing of whoever asked
    entries = tuple(
        Entry(
            row.id,
            row.title,
            row.starts_at,
            row.time_zone,
            row.group_name,
            row.speaker if row.speaker_id is not None else None,
            mine=in_private and row.speaker_id == person_id,
            led=in_private and row.group_id in leads,
        )
        for row in rows
    )
    return Rota(entries, queries.has_rota(connection, group_ids))


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could lead a session, and how often they led or will lead since a year ago."""

    id: int
    name: str
    times: int


@dataclass(frozen=True, slots=True)
class Choice:
    """A session, its speaker and a page of who could lead it instead, whose turn it is first."""

    turn: rota.Turn
    is_away: bool
    candidates: tuple[Candidate, ...]
    page: int
    pages: int


def absent(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Choice | None:
    """The speaker is on leave, for a leader; None once somebody else leads it, or they come after all."""
    row = rota.coming(connection, payload, now)
    if row is None or row.speaker_id != payload["person_id"]:
        return None
    if row.speaker_id not in queries.away(connection, row.id):
        return None
    return _choice(connection, row, 0, now, str(payload["language"]))


def choice(connection: Connection, session_id: int, page: int, actor: Actor, now: datetime) -> Choice:
    """For those who lead the group. Raises Refusal: session_gone, not_leader, answers_closed (starts_at, zone)."""
    return _choice(connection, _led(connection, session_id, actor, now, lock=False), page, now, "")


def put(
    connection: Connection, session_id: int, person_id: int, actor: Actor, *, now: datetime, rules: Rules
) -> Choice:
    """Somebody leads it; 0: nobody. Raises Refusal as `choice`, and not_on_list."""
    row = _led(connection, session_id, actor, now)
    if person_id and person_id not in {each.id for each in queries.speakers(connection, session_id)}:
        raise Refusal("not_on_list")
    if row.speaker_id != (person_id or None):
        session_queries.change_session(connection, session_id, speaker_id=person_id or None)
        rota.change(connection, row, row.speaker_id, now, rules)
        subject = f"session:{session_id}"
        audit.add(connection, now, actor.telegram_id, "rota_change", group_id=row.group_id, subject=subject)
    return _choice(connection, session_queries.session(connection, session_id), 0, now, "")


def _choice(connection: Connection, row: Any, page: int, now: datetime, language: str) -> Choice:
    found = [each for each in rota.order(connection, row) if each.id != row.speaker_id]
    pages = max(1, -(-len(found) // SHOWN))
    page = min(max(page, 0), pages - 1)
    since = row.starts_at - timedelta(days=365)
    led = [each.person_id for each in queries.turns(connection, row.group_id, rota.KINDS, since)]
    shown = found[page * SHOWN : (page + 1) * SHOWN]
    candidates = tuple(Candidate(each.id, each.name, led.count(each.id)) for each in shown)
    is_away = row.speaker_id in queries.away(connection, row.id)
    return Choice(rota.turn_of(connection, row, now, language), is_away, candidates, page, pages)


def _led(connection: Connection, session_id: int, actor: Actor, now: datetime, *, lock: bool = True) -> Any:
    row = session_queries.session(connection, session_id, lock=lock)
    if row is None or row.state == "cancelled":
        raise Refusal("session_gone")
    known = people.find(connection, actor.telegram_id)
    access.require_leader(connection, known.id if known else 0, row.group_id)
    if row.state != "scheduled" or row.starts_at <= now:
        raise Refusal("answers_closed", starts_at=row.starts_at, zone=row.time_zone)
    return row
