"""SQL of private reminders: which sessions to look at, and which members are to be reminded of one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, select, update

from db.queries.expectation import belongs, expected_now
from db.tables import chat, membership, person, response, study_group, study_session

_TO_LOOK_AT = (study_session.c.state == "scheduled") & study_session.c.remind_privately_at.is_not(None)
_DUE = (
    select(study_session, study_group.c.time_zone, study_group.c.language)
    .join(study_group, study_group.c.id == study_session.c.group_id)
    .with_for_update(skip_locked=True, of=study_session)
)


def any_due(connection: Connection, now: datetime) -> bool:
    """Whether a session is to be looked at for its private reminders."""
    query = select(study_session.c.id).where(_TO_LOOK_AT, study_session.c.remind_privately_at <= now).limit(1)
    return connection.execute(query).first() is not None


def due(connection: Connection, now: datetime) -> Sequence[Any]:
    """Those sessions, locked; what another replica holds is left to it."""
    return connection.execute(_DUE.where(_TO_LOOK_AT, study_session.c.remind_privately_at <= now)).all()


def look_again(connection: Connection, session_id: int, at: datetime | None) -> None:
    """When the session is to be looked at next; None: it is done."""
    connection.execute(update(study_session).where(study_session.c.id == session_id).values(remind_privately_at=at))


def members(connection: Connection, session_id: int) -> Sequence[Any]:
    """Who is expected at a session, wishes private reminders, can be reached, and is not on leave from it."""
    return connection.execute(
        select(
            person.c.id,
            person.c.chat_id,
            person.c.language,
            person.c.lead_minutes,
            person.c.quiet_from,
            person.c.quiet_to,
            person.c.time_zone,
        )
        .distinct()
        .join(membership, membership.c.person_id == person.c.id)
        .join(study_session, study_session.c.id == session_id)
        .join(chat, chat.c.id == person.c.chat_id)
        .outerjoin(response, and_(response.c.session_id == session_id, response.c.person_id == person.c.id))
        .where(
            belongs(),
            expected_now(),
            person.c.private_reminders,
            person.c.forget_at.is_(None),
            chat.c.state == "active",
            response.c.answer.is_(None) | (response.c.answer != "leave") | response.c.approved.is_(False),
        )
        .order_by(person.c.id)
    ).all()


def wishes(connection: Connection, person_id: int, session_id: int) -> bool:
    """Whether somebody is expected at a session and wishes private reminders, now that one is to be sent."""
    query = (
        select(person.c.id)
        .join(membership, membership.c.person_id == person.c.id)
        .join(study_session, study_session.c.id == session_id)
        .where(person.c.id == person_id, person.c.private_reminders, person.c.forget_at.is_(None))
        .where(belongs(), expected_now())
    )
    return connection.execute(query).first() is not None
