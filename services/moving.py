"""Moving a session to another time: told anew, asked anew; and splitting a series where it goes on differently."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import drafts as draft_queries
from db.queries import editing as queries
from db.queries import joint as joint_queries
from db.queries import long_leaves as leave_queries
from db.queries import responses
from db.queries import sessions as session_queries
from domain import schedule
from domain.cadence import Cadence, to_instant
from domain.moving import MovedSeries, move_series
from services import deliveries, joint, rota, scheduling
from services.responses import calm_unless_pressing
from services.rules import Rules
from services.sessions import mark_moved, refresh_card, take_buttons_off
from services.undo import UNDO_WITHIN

MOVED_ASK: Final = "moved_ask"


def move(
    connection: Connection,
    row: Any,
    starts_at: datetime,
    length: timedelta,
    *,
    aloud: bool,
    now: datetime,
    rules: Rules,
    **columns: Any,
) -> list[dict[str, Any]]:
    """Hold a session at another time; the answers that were taken back, as `move_back` wants them.

    All that was due is due anew under the next revision. A card that hangs says that it was moved, and a new one is
    posted (`aloud` or silently). Who had answered is asked again in private, once it can no longer be undone.
    """
    known = _is_announced(connection, row, now)
    columns["moved_from"] = row.starts_at
    retime(connection, row, starts_at, length, at_once=known, aloud=aloud, now=now, rules=rules, **columns)
    moved = session_queries.session(connection, row.id)
    answers = queries.answers(connection, row.id)
    queries.take_answers_back(connection, row.id)
    leave_queries.cover(connection, row.id, starts_at.astimezone(ZoneInfo(row.time_zone)).date(), now)
    rota.moved(connection, row.id, now, rules)
    for answer in answers:
        if answer.chat_id is not None and answer.chat_state == "active":
            _ask_again(connection, moved, answer, row.starts_at, now, rules)
    return [_stored(answer) for answer in answers]


def retime(
    connection: Connection,
    row: Any,
    starts_at: datetime,
    length: timedelta,
    *,
    at_once: bool,
    aloud: bool,
    now: datetime,
    rules: Rules,
    **columns: Any,
) -> None:
    """Put a session to a time under its next revision, with all messages that brings; `at_once`: its card is due."""
    leads = scheduling.leads_of(row, rules)
    times = scheduling.times_of(row.kind, starts_at, length, leads, now=now, rules=rules)
    deliveries.cancel_for_session(connection, row.id)
    for each in joint.everywhere(connection, row):
        if each.card_message_id is not None:
            mark_moved(connection, each, each.card_message_id, now)
        if each.checkin_message_id is not None:
            take_buttons_off(connection, each, each.checkin_message_id, now)
    replaced = {"card_message_id": None, "checkin_message_id": None, "close_prompted_at": None}
    revision = row.revision + 1
    session_queries.change_session(connection, row.id, revision=revision, **replaced, **times, **columns)
    scheduling.announce(
        connection, row.id, revision, row.chat_id, times, leads, at_once=at_once, silent=not aloud, now=now, rules=rules
    )
    if row.joint:
        joint_queries.forget_messages(connection, row.id)
        others = joint_queries.other_groups(connection, row.id)
        scheduling.announce_elsewhere(
            connection, row.id, revision, others, times, at_once=at_once, silent=not aloud, now=now, rules=rules
        )


def change_length(connection: Connection, row: Any, length: timedelta, now: datetime, rules: Rules) -> None:
    """Hold a session longer or shorter; it starts when it did, so nobody is told or asked anew."""
    leads = scheduling.leads_of(row, rules)
    times = scheduling.times_of(row.kind, row.starts_at, length, leads, now=now, rules=rules)
    prompted = row.close_prompted_at if times["ends_at"] <= now else None
    ends = {name: times[name] for name in ("late_from", "ends_at", "closes_at")}
    session_queries.change_session(connection, row.id, close_prompted_at=prompted, **ends)
    queries.expire(connection, row.id, (schedule.CHECKIN_OPEN, schedule.CARD_LIVE), times["closes_at"])
    refresh_card(connection, row, now, timedelta())


def move_back(
    connection: Connection,
    row: Any,
    starts_at: datetime,
    answers: Sequence[Mapping[str, Any]],
    *,
    moved_from: datetime | None,
    now: datetime,
    rules: Rules,
) -> None:
    """Undo a move: the time of before, silently, with the answers that `move` took back; nobody is asked."""
    known, length = _is_announced(connection, row, now), row.ends_at - row.starts_at
    retime(connection, row, starts_at, length, at_once=known, aloud=False, now=now, rules=rules, moved_from=moved_from)
    queries.take_answers_back(connection, row.id)
    for answer in answers:
        answered_at = datetime.fromisoformat(answer["answered_at"])
        queries.give_answer_back(connection, {**answer, "answered_at": answered_at})
    rota.moved(connection, row.id, now, rules)


def _is_announced(connection: Connection, row: Any, now: datetime) -> bool:
    return row.card_message_id is not None or queries.is_card_due(connection, row.id, now)


def _stored(answer: Any) -> dict[str, Any]:
    names = ("session_id", "person_id", "answer", "reason", "approved")
    return {**{name: getattr(answer, name) for name in names}, "answered_at": answer.answered_at.isoformat()}


def _ask_again(connection: Connection, row: Any, answer: Any, before: datetime, now: datetime, rules: Rules) -> None:
    deliveries.enqueue(
        connection,
        key=scheduling.delivery_key(row.id, row.revision, MOVED_ASK, 0, answer.chat_id),
        kind=MOVED_ASK,
        destination_id=answer.chat_id,
        session_id=row.id,
        payload={
            "session_id": row.id,
            "revision": row.revision,
            "person_id": answer.person_id,
            "before": before.isoformat(),
            "language": answer.language or row.language,
        },
        due_at=calm_unless_pressing(connection, row, answer.chat_id, rules, now + UNDO_WITHIN),
        expires_at=row.starts_at,
    )


@dataclass(frozen=True, slots=True)
class MovedAsk:
    """The facts of the question whether somebody can come at the new time."""

    session_id: int
    title: str
    before: datetime
    starts_at: datetime
    time_zone: str
    language: str


def moved_ask(connection: Connection, payload: Mapping[str, Any], now: datetime) -> MovedAsk | None:
    """The question as it is to be asked now; None where it was answered, or is moved again, or will not be held."""
    row = session_queries.session(connection, int(payload["session_id"]))
    if row is None or row.state != "scheduled" or row.revision != payload["revision"] or now >= row.starts_at:
        return None
    if responses.find(connection, row.id, int(payload["person_id"])) is not None:
        return None
    before = datetime.fromisoformat(payload["before"])
    return MovedAsk(row.id, row.title, before, row.starts_at, row.time_zone, str(payload["language"]))


@dataclass(frozen=True, slots=True)
class Split:
    """A series that goes on as a new one: its sessions, in order, and where each of them is to be."""

    old_id: int
    new_id: int
    extend_at: datetime | None  # of the old one, before it ended
    rows: tuple[Any, ...]
    starts: Mapping[int, datetime]  # session → its start, where the series moves


def split(connection: Connection, row: Any, starts_at: datetime | None = None, **facts: Any) -> Split:
    """End a series before a session of it, and let a new one go on from there with the changed `facts`.

    Sessions keep their rows, and with them cards, answers and attendance; they only get the new series, and where it
    moves (`starts_at` of this session) their new place in it.
    """
    old = queries.series_of(connection, row.series_id)
    rows = session_queries.from_occurrence(connection, old.id, row.nominal_local)
    zone = ZoneInfo(old.time_zone)
    first = row.nominal_local
    if starts_at is not None:
        first = starts_at.astimezone(zone).replace(tzinfo=None, fold=0)
    moved = move_series(Cadence.from_rrule(old.cadence), row.nominal_local, first, zone, old.planned_until)
    goes_on = _goes_on(old, moved, first, starts_at is not None)
    new_id = draft_queries.add_series(connection, **goes_on, **_facts_of(old, facts))
    session_queries.change_series(connection, old.id, extend_at=None)
    starts: dict[int, datetime] = {}
    for each in rows:
        nominal = moved.places.get(each.nominal_local)
        if nominal is None:
            continue
        session_queries.change_session(connection, each.id, series_id=new_id, nominal_local=nominal)
        if starts_at is not None:
            starts[each.id] = to_instant(nominal, zone)
    placed = tuple(each for each in rows if each.nominal_local in moved.places)
    return Split(old.id, new_id, old.extend_at, placed, starts)


def _facts_of(old: Any, changed: Mapping[str, Any]) -> dict[str, Any]:
    """What a series says of its sessions, with what is changed of it."""
    names = ("group_id", "kind", "title", "place", "link", "minutes", "created_by", "audience", "subgroup")
    return {**{name: getattr(old, name) for name in names}, **changed}


def _goes_on(old: Any, moved: MovedSeries, first: datetime, is_moved: bool) -> dict[str, Any]:
    return {
        "cadence": moved.cadence.to_rrule(),
        "first_local": first,
        "time_zone": old.time_zone,
        "planned_until": moved.planned_until if is_moved else old.planned_until,
        "extend_at": old.extend_at,
    }


def join_again(connection: Connection, old_id: int, new_id: int, extend_at: datetime | None) -> None:
    """Take a split back, once its sessions are back in their series."""
    queries.remove_series(connection, new_id)
    session_queries.change_series(connection, old_id, extend_at=extend_at)
