"""SQL of corrections that members ask for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select, update

from db.queries.checkins import LEDGER_NAME
from db.queries.expectation import belongs, was_expected
from db.queries.inbox import upsert
from db.tables import (
    attendance,
    chat,
    correction,
    delivery,
    membership,
    person,
    study_group,
    study_session,
)

_CORRECTION = (
    select(
        correction,
        study_session.c.group_id,
        study_session.c.title,
        study_session.c.starts_at,
        study_session.c.state.label("session_state"),
        study_group.c.name.label("group_name"),
        study_group.c.time_zone,
        study_group.c.language.label("group_language"),
        LEDGER_NAME.label("name"),
        person.c.language,
        person.c.chat_id,
        chat.c.state.label("chat_state"),
        attendance.c.status,
    )
    .select_from(correction)
    .join(study_session, study_session.c.id == correction.c.session_id)
    .join(study_group, study_group.c.id == study_session.c.group_id)
    .join(person, person.c.id == correction.c.person_id)
    .outerjoin(chat, chat.c.id == person.c.chat_id)
    .outerjoin(
        attendance,
        and_(attendance.c.session_id == correction.c.session_id, attendance.c.person_id == correction.c.person_id),
    )
)


def find(connection: Connection, correction_id: int) -> Any | None:
    """A correction with its session, its group, its person and what is recorded of them."""
    return connection.execute(_CORRECTION.where(correction.c.id == correction_id)).one_or_none()


def change(connection: Connection, correction_id: int, **values: Any) -> None:
    """Change columns of a correction."""
    connection.execute(update(correction).where(correction.c.id == correction_id).values(**values))


def unit_of(connection: Connection, group_id: int) -> int:
    """The unit that a group is in."""
    query = select(study_group.c.unit_id).where(study_group.c.id == group_id)
    return int(connection.execute(query).scalar_one())


def of_person(connection: Connection, session_id: int, person_id: int) -> Any | None:
    """The correction that somebody asked for at a session."""
    query = _CORRECTION.where(correction.c.session_id == session_id, correction.c.person_id == person_id)
    return connection.execute(query).one_or_none()


def put(connection: Connection, session_id: int, person_id: int, wanted: str, now: datetime) -> int:
    """Open a correction, or one that was settled again; its id."""
    values = {"wanted": wanted, "state": "open", "asked_at": now, "decided_at": None, "decided_by": None}
    statement = upsert(connection)(correction).values(session_id=session_id, person_id=person_id, **values)
    statement = statement.on_conflict_do_update(index_elements=["session_id", "person_id"], set_=values)
    return int(connection.execute(statement.returning(correction.c.id)).scalar_one())


def settle(connection: Connection, correction_id: int, state: str, now: datetime, person_id: int) -> None:
    """An open correction is accepted, declined or withdrawn."""
    connection.execute(
        update(correction)
        .where(correction.c.id == correction_id)
        .values(state=state, decided_at=now, decided_by=person_id)
    )


def settle_met(
    connection: Connection, session_id: int, person_id: int, status: str, now: datetime, leader_id: int
) -> bool:
    """What was asked for has been recorded by hand; whether something was asked for."""
    done = connection.execute(
        update(correction)
        .where(
            correction.c.session_id == session_id,
            correction.c.person_id == person_id,
            correction.c.state == "open",
            correction.c.wanted == status,
        )
        .values(state="accepted", decided_at=now, decided_by=leader_id)
    )
    return bool(done.rowcount)


def unsettle(connection: Connection, session_id: int, person_id: int, decided_at: datetime) -> None:
    """What was recorded by hand at that moment is taken back, so what was asked for is open again."""
    connection.execute(
        update(correction)
        .where(
            correction.c.session_id == session_id,
            correction.c.person_id == person_id,
            correction.c.state == "accepted",
            correction.c.decided_at == decided_at,
        )
        .values(state="open", decided_at=None, decided_by=None)
    )


def open_of_group(connection: Connection, group_id: int, limit: int, offset: int) -> Sequence[Any]:
    """The open corrections of a group's sessions, the oldest first."""
    query = _open(_CORRECTION, group_id).order_by(correction.c.asked_at, correction.c.id)
    return connection.execute(query.limit(limit).offset(offset)).all()


def count_open(connection: Connection, group_id: int) -> int:
    """How many of them there are."""
    query = select(func.count()).select_from(correction)
    query = query.join(study_session, study_session.c.id == correction.c.session_id)
    return int(connection.execute(_open(query, group_id)).scalar_one())


def _open(query: Select[Any], group_id: int) -> Select[Any]:
    return query.where(
        study_session.c.group_id == group_id, study_session.c.state != "cancelled", correction.c.state == "open"
    )


def own(connection: Connection, person_id: int, since: datetime, now: datetime, limit: int) -> Sequence[Any]:
    """The sessions of the last days that somebody was expected at and is not recorded as present, the latest first.

    With what is recorded of them and the correction they asked for.
    """
    return connection.execute(
        select(
            study_session.c.id,
            study_session.c.title,
            study_session.c.starts_at,
            study_group.c.time_zone,
            attendance.c.status,
            correction.c.id.label("correction_id"),
            correction.c.state,
            correction.c.wanted,
        )
        .select_from(study_session)
        .join(study_group, study_group.c.id == study_session.c.group_id)
        .join(
            membership,
            and_(belongs(), membership.c.person_id == person_id),
        )
        .outerjoin(attendance, and_(attendance.c.session_id == study_session.c.id, attendance.c.person_id == person_id))
        .outerjoin(correction, and_(correction.c.session_id == study_session.c.id, correction.c.person_id == person_id))
        .where(
            study_session.c.ends_at >= since,
            or_(study_session.c.closes_at < now, study_session.c.state == "closed"),
            study_session.c.state != "cancelled",
            or_(attendance.c.status.is_(None), attendance.c.status.not_in(("present", "sitting_in"))),
            or_(attendance.c.id.is_not(None), was_expected()),
        )
        .order_by(study_session.c.starts_at.desc(), study_session.c.id.desc())
        .limit(limit)
    ).all()


def waits(connection: Connection, session_id: int, kind: str, chat_id: int) -> bool:
    """Whether a message of this kind about a session waits already for somebody."""
    query = select(delivery.c.id).where(
        delivery.c.session_id == session_id,
        delivery.c.kind == kind,
        delivery.c.destination_id == chat_id,
        delivery.c.state == "pending",
    )
    return connection.execute(query).first() is not None
