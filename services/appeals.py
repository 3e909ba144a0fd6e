"""Appeals: whoever's correction was declined can ask once that somebody else decides, an admin where there is one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import audit
from db.queries import checkins as checkin_queries
from db.queries import corrections as queries
from db.queries import marking as marking_queries
from db.queries import radar as reader_queries
from db.queries import sessions as session_queries
from domain.attendance import CORRECTABLE, Status
from domain.errors import Refusal
from domain.names import clean
from domain.people import Actor
from services import access, deliveries, inputs, marking, people
from services.corrections import Correction, correction_of, send
from services.rules import Rules

APPEAL: Final = "appeal"
"""The input that is waited for: why the record is wrong."""

REQUEST, DECIDED = "appeal_request", "appeal_decided"

LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class Step:
    """What happened to a record: `how` is the method of a change, or asked or declined of the correction."""

    at: datetime
    before: Status
    after: Status
    how: str
    by: str
    is_own: bool  # by the person whose record it is


@dataclass(frozen=True, slots=True)
class Appeal:
    """A declined correction with what its person says, for whoever decides, and how that ended."""

    correction: Correction
    text: str
    settled: bool
    history: tuple[Step, ...] = ()  # only for whoever decides


def ask(connection: Connection, correction_id: int, actor: Actor, *, now: datetime) -> Appeal:
    """From now on the reason can be typed.

    Raises Refusal: correction_gone, appeal_not_declined, appeal_again, appeal_too_late, appeal_nobody.
    """
    row = _appealable(connection, correction_id, actor, now)
    inputs.ask(connection, actor.telegram_id, APPEAL, correction_id, now=now)
    return _appeal(row, row.group_language)


def typed(
    connection: Connection,
    correction_id: int,
    text: str,
    actor: Actor,
    *,
    reply_key: str,
    language: str,
    now: datetime,
    rules: Rules,
) -> None:
    """Why it is wrong: those who can decide are asked. Refusals as `ask`, appeal_too_long (limit, length)."""
    row = _appealable(connection, correction_id, actor, now)
    why = clean(text)
    if len(why) > LONGEST:
        raise Refusal("appeal_too_long", limit=LONGEST, length=len(why))
    queries.change(connection, correction_id, appealed_at=now, appeal=why)
    inputs.answered(connection, actor.telegram_id)
    session = session_queries.session(connection, row.session_id)
    for reader in _judges(connection, row, session):
        language_of = reader.language or row.group_language
        payload = {"correction_id": correction_id, "language": language_of}
        key = f"correction:{correction_id}:{REQUEST}:{reader.chat_id}"
        send(connection, key, REQUEST, reader.chat_id, row.session_id, payload, now, rules)
    deliveries.reply(
        connection,
        key=reply_key,
        chat_id=people.chat_id(connection, actor.telegram_id, "private"),
        text="appeals.asked",
        values={"title": row.title[:100]},
        language=language,
        now=now,
    )


def decide(
    connection: Connection, correction_id: int, actor: Actor, *, change: bool, now: datetime, rules: Rules
) -> Appeal:
    """⟦改正⟧ or ⟦维持⟧, once; the person and whoever had declined are told.

    Raises Refusal: correction_gone, appeal_not_yours (who declined it, whose it is, or who has no right to it).
    """
    found = queries.find(connection, correction_id)
    if found is None or found.appealed_at is None:
        raise Refusal("correction_gone")
    session = checkin_queries.lock_session(connection, found.session_id)
    row = queries.find(connection, correction_id)
    assert row is not None
    known = people.find(connection, actor.telegram_id)
    if known is None or not _may_judge(connection, row, session, known.id):
        raise Refusal("appeal_not_yours")
    history = _history(connection, row)
    if not _is_settled(row):
        if row.state != "declined":  # taken back, or filed anew meanwhile
            raise Refusal("correction_gone")
        if change:
            marking.correct(connection, session, row.person_id, known.id, Status(row.wanted), now=now, rules=rules)
        declined_by = row.decided_by
        queries.settle(connection, correction_id, "accepted" if change else "declined", now, known.id)
        subject = f"session:{row.session_id}:person:{row.person_id}"
        action = "appeal_accepted" if change else "appeal_declined"
        audit.add(connection, now, actor.telegram_id, action, group_id=row.group_id, subject=subject)
        for person_id in (row.person_id, declined_by):
            _tell(connection, row, person_id, now, rules)
    return _appeal(queries.find(connection, correction_id), row.group_language, history)


def request(connection: Connection, payload: Mapping[str, Any], _now: datetime) -> Appeal | None:
    """What somebody is asked to decide; None once it is decided."""
    row = queries.find(connection, int(payload["correction_id"]))
    return (
        None
        if row is None or row.state != "declined" or _is_settled(row)
        else _appeal(row, str(payload["language"]), _history(connection, row))
    )


def decided(connection: Connection, payload: Mapping[str, Any], _now: datetime) -> Appeal | None:
    """How it ended."""
    row = queries.find(connection, int(payload["correction_id"]))
    return None if row is None else _appeal(row, str(payload["language"]))


def _appealable(connection: Connection, correction_id: int, actor: Actor, now: datetime) -> Any:
    row = queries.find(connection, correction_id)
    known = people.find(connection, actor.telegram_id)
    if row is None or known is None or row.person_id != known.id:
        raise Refusal("correction_gone")
    if row.state != "declined" or row.decided_at is None:
        raise Refusal("appeal_not_declined")
    if row.appealed_at is not None:
        raise Refusal("appeal_again")
    if now > row.decided_at + CORRECTABLE:
        raise Refusal("appeal_too_late")
    if not _judges(connection, row, session_queries.session(connection, row.session_id)):
        raise Refusal("appeal_nobody")
    return row


def _judges(connection: Connection, row: Any, session: Any) -> list[Any]:
    """Who is asked: the nearest admins, else the group's other leaders; never who declined it or whose it is."""
    group_unit = queries.unit_of(connection, session.group_id)
    others = {row.person_id, row.decided_by}
    admins = [one for one in reader_queries.admins_above(connection, group_unit) if one.id not in others]
    nearest = [one for one in admins if one.depth == admins[0].depth]
    return nearest or [one for one in reader_queries.leaders(connection, session.group_id) if one.id not in others]


def _may_judge(connection: Connection, row: Any, session: Any, person_id: int) -> bool:
    if person_id == row.person_id or (not _is_settled(row) and person_id == row.decided_by):
        return False
    return access.administers(connection, person_id, session.group_id) or any(
        one.id == person_id for one in _judges(connection, row, session)
    )


def _is_settled(row: Any) -> bool:
    return bool(row.decided_at is not None and row.appealed_at is not None and row.decided_at > row.appealed_at)


def _tell(connection: Connection, row: Any, person_id: int | None, now: datetime, rules: Rules) -> None:
    person = people.by_id(connection, person_id) if person_id is not None else None
    if person is not None and person.chat_id is not None:
        payload = {"correction_id": row.id, "language": person.language or row.group_language}
        key = f"correction:{row.id}:{DECIDED}:{person.id}"
        send(connection, key, DECIDED, person.chat_id, row.session_id, payload, now, rules)


def _appeal(row: Any, language: str, history: tuple[Step, ...] = ()) -> Appeal:
    return Appeal(correction_of(row, language), row.appeal, _is_settled(row), history)


def _history(connection: Connection, row: Any) -> tuple[Step, ...]:
    """The last changes of a record, what was asked for and who said no, in order."""
    steps = [
        Step(
            change.at,
            Status(change.before),
            Status(change.after),
            change.method,
            change.actor,
            change.actor_id == row.person_id,
        )
        for change in reversed(marking_queries.told_changes(connection, row.session_id, row.person_id))
    ]
    recorded, wanted = Status(row.status or Status.UNRECORDED), Status(row.wanted)
    steps.append(Step(row.asked_at, recorded, wanted, "asked", row.name, is_own=True))
    if row.decided_by is not None and not _is_settled(row):
        decider = marking_queries.name_of(connection, row.decided_by)
        steps.append(Step(row.decided_at, recorded, wanted, "declined", decider, is_own=False))
    return tuple(sorted(steps, key=lambda step: step.at))
