"""Swaps of turns in the rota: a speaker asks somebody, who agrees or not; nothing changes without both."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import audit
from db.queries import radar as reader_queries
from db.queries import rota as queries
from db.queries import sessions as session_queries
from domain import rota as rule
from domain.errors import Refusal
from domain.people import Actor
from domain.rota import Objection, Swap
from services import deliveries, people, quiet, rota
from services.rules import Rules

ASKED, ANSWERED, TOLD = "swap_asked", "swap_answered", "swap_told"

SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class Offer:
    """Somebody who can be asked: to take over, or (`theirs`) to change their own turn for mine."""

    person_id: int
    name: str
    theirs: int
    theirs_at: datetime | None


@dataclass(frozen=True, slots=True)
class Offers:
    """A session that the reader is to lead, and a page of who can be asked."""

    turn: rota.Turn
    offers: tuple[Offer, ...]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A swap as those concerned read it; `theirs_at` None: it is only taken over."""

    id: int
    state: str  # open | accepted | declined | withdrawn
    group_name: str
    time_zone: str
    asker: str
    asked: str
    mine_title: str
    mine_at: datetime
    theirs_title: str
    theirs_at: datetime | None
    language: str


def offers(connection: Connection, session_id: int, page: int, actor: Actor, now: datetime) -> Offers:
    """Who can be asked to lead my session. Raises Refusal: session_gone, swap_not_yours."""
    row, _known = _mine(connection, session_id, actor, now, lock=False)
    found = _offers(connection, row, now)
    pages = max(1, -(-len(found) // SHOWN))
    page = min(max(page, 0), pages - 1)
    turn = rota.turn_of(connection, row, now, "")
    return Offers(turn, tuple(found[page * SHOWN : (page + 1) * SHOWN]), page, pages)


def _offers(connection: Connection, row: Any, now: datetime) -> list[Offer]:
    """First those who have a turn to change for it, then everybody for taking over; all can be written to."""
    coming = queries.turns(connection, row.group_id, rota.KINDS, now)
    leaves = queries.leaves(connection, [row.id, *(turn.id for turn in coming)])
    reachable = {
        each.id: each
        for each in queries.speakers(connection, row.id)
        if each.id != row.speaker_id
        and (row.id, each.id) not in leaves
        and each.chat_id is not None
        and each.chat_state == "active"
    }
    found = []
    for turn in coming:
        is_theirs = turn.id != row.id and turn.starts_at > now and turn.person_id in reachable
        if is_theirs and (turn.id, row.speaker_id) not in leaves:
            found.append(Offer(turn.person_id, reachable[turn.person_id].name, turn.id, turn.starts_at))
    return found + [Offer(each.id, each.name, 0, None) for each in reachable.values()]


def ask(
    connection: Connection,
    session_id: int,
    person_id: int,
    theirs: int,
    actor: Actor,
    *,
    now: datetime,
    rules: Rules,
) -> Asked:
    """Somebody is asked in private; whoever was asked before about this session is not any more.

    Raises Refusal: session_gone, swap_not_yours, swap_outdated.
    """
    row, known = _mine(connection, session_id, actor, now)
    if not any((offer.person_id, offer.theirs) == (person_id, theirs) for offer in _offers(connection, row, now)):
        raise Refusal("swap_outdated")
    queries.withdraw_open(connection, [session_id], now)
    swap_id = queries.add_swap(
        connection,
        asker_id=known.id,
        mine_id=session_id,
        asked_id=person_id,
        theirs_id=theirs or None,
        state="open",
        asked_at=now,
    )
    found = queries.swap_of(connection, swap_id)
    _send(connection, found, ASKED, found.asked_chat_id, found.asked_language, now, rules)
    return _asked(found, "")


def withdraw(connection: Connection, swap_id: int, actor: Actor, *, now: datetime) -> Asked:
    """Whoever asked asks no more; a second time changes nothing. Raises Refusal `swap_outdated`."""
    row = queries.find_swap(connection, swap_id, lock=True)
    known = people.find(connection, actor.telegram_id)
    if row is None or known is None or row.asker_id != known.id:
        raise Refusal("swap_outdated")
    if row.state == "open":
        queries.end_swap(connection, swap_id, "withdrawn", now)
    elif row.state != "withdrawn":
        raise Refusal("swap_decided")
    return _asked(queries.swap_of(connection, swap_id), "")


def answer(connection: Connection, swap_id: int, actor: Actor, *, agrees: bool, now: datetime, rules: Rules) -> Asked:
    """Whoever was asked agrees or not; agreeing changes both turns at once, and a second answer nothing.

    Raises Refusal: swap_not_asked, swap_outdated, swap_too_late, swap_decided.
    """
    known = people.find(connection, actor.telegram_id)
    found = queries.find_swap(connection, swap_id)
    if found is None or known is None or found.asked_id != known.id:
        raise Refusal(Objection.NOT_ASKED.value)
    # Sessions before the swap, the smaller number first: everybody who changes a speaker locks in this order.
    ids = sorted(each for each in (found.mine_id, found.theirs_id) if each is not None)
    sessions = {each: session_queries.session(connection, each, lock=True) for each in ids}
    row = queries.find_swap(connection, swap_id, lock=True)
    wanted = "accepted" if agrees else "declined"
    if row is None or row.state == "withdrawn":
        raise Refusal(Objection.OUTDATED.value)
    if row.state != "open":
        if row.state != wanted:
            raise Refusal("swap_decided")
        return _asked(row, "")
    if agrees:
        _exchange(connection, row, sessions, known.id, actor, now, rules)
    queries.end_swap(connection, swap_id, wanted, now)
    row = queries.swap_of(connection, swap_id)
    _send(connection, row, ANSWERED, row.asker_chat_id, row.asker_language, now, rules)
    return _asked(row, "")


def _exchange(
    connection: Connection,
    row: Any,
    sessions: Mapping[int, Any],
    person_id: int,
    actor: Actor,
    now: datetime,
    rules: Rules,
) -> None:
    held = {key: each for key, each in sessions.items() if each is not None and each.state == "scheduled"}
    wish = Swap(row.asker_id, row.mine_id, row.asked_id, row.theirs_id)
    speakers = {key: each.speaker_id for key, each in held.items() if each.speaker_id is not None}
    changes = rule.accept(wish, person_id, speakers, {key: each.starts_at for key, each in held.items()}, now)
    if isinstance(changes, Objection):
        raise Refusal(changes.value)
    queries.end_swap(connection, row.id, "accepted", now)  # before its turns change: that withdraws what is open
    for session_id, speaker_id in sorted(changes.items()):
        session_queries.change_session(connection, session_id, speaker_id=speaker_id)
        rota.change(connection, held[session_id], None, now, rules)
    subject = f"session:{row.mine_id}"
    audit.add(connection, now, actor.telegram_id, "rota_swap", group_id=row.group_id, subject=subject)
    for leader in reader_queries.leaders(connection, row.group_id):
        if leader.id not in (row.asker_id, row.asked_id):
            _send(connection, row, TOLD, leader.chat_id, leader.language, now, rules)


def told(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Asked | None:
    """What somebody is asked; None once it is decided or withdrawn, or the session has begun."""
    row = queries.find_swap(connection, int(payload["swap_id"]))
    if row is None or row.state != "open" or row.mine_at <= now:
        return None
    return _asked(row, str(payload["language"]))


def decided(connection: Connection, payload: Mapping[str, Any], _now: datetime) -> Asked | None:
    """How it ended, for whoever asked and for the leaders."""
    row = queries.find_swap(connection, int(payload["swap_id"]))
    return None if row is None or row.state not in ("accepted", "declined") else _asked(row, str(payload["language"]))


def _mine(
    connection: Connection, session_id: int, actor: Actor, now: datetime, *, lock: bool = True
) -> tuple[Any, people.Known]:
    row = session_queries.session(connection, session_id, lock=lock)
    if row is None or row.state != "scheduled" or row.starts_at <= now:
        raise Refusal("session_gone")
    known = people.find(connection, actor.telegram_id)
    if known is None or row.speaker_id != known.id:
        raise Refusal("swap_not_yours")
    return row, known


def _send(
    connection: Connection, row: Any, kind: str, chat_id: int | None, language: str | None, now: datetime, rules: Rules
) -> None:
    if chat_id is None:
        return
    due_at = quiet.calm_at(connection, chat_id, rules, now)
    deliveries.enqueue(
        connection,
        key=f"swap:{row.id}:{kind}:{chat_id}",
        kind=kind,
        destination_id=chat_id,
        payload={"swap_id": row.id, "language": language or row.group_language},
        due_at=due_at,
        expires_at=max(row.mine_at, due_at + timedelta(hours=1)),
    )


def _asked(row: Any, language: str) -> Asked:
    return Asked(
        row.id,
        row.state,
        row.group_name,
        row.time_zone,
        row.asker,
        row.asked,
        row.mine_title,
        row.mine_at,
        row.theirs_title or "",
        row.theirs_at,
        language,
    )
