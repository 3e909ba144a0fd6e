"""SQL of nudges: whose answer is missing when it is time to ask for it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, select, update

from db.queries.expectation import belongs, expected_now
from db.tables import chat, membership, person, response, study_group, study_session

_TO_NUDGE = (study_session.c.state == "scheduled") & study_session.c.nudge_at.is_not(None)

_MISSING = (
    select(
        person.c.id,
        person.c.chat_id,
        person.c.language,
        ((chat.c.state == "active") & person.c.private_reminders & person.c.forget_at.is_(None)).label("reachable"),
    )
    .join(membership, membership.c.person_id == person.c.id)
    .join(study_session, belongs())
    .outerjoin(chat, chat.c.id == person.c.chat_id)
    .outerjoin(response, and_(response.c.session_id == study_session.c.id, response.c.person_id == person.c.id))
    .where(expected_now(), response.c.answer.is_(None))
    .distinct()
    .order_by(person.c.id)
)


def any_due(connection: Connection, now: datetime) -> bool:
    """Whether it is time to ask those who have not answered a session."""
    query = select(study_session.c.id).where(_TO_NUDGE, study_session.c.nudge_at <= now).limit(1)
    return connection.execute(query).first() is not None


def take_due(connection: Connection, now: datetime) -> Sequence[Any]:
    """Those sessions, which this marks as done; what another replica holds is left to it."""
    rows = connection.execute(
        select(
            study_session.c.id,
            study_session.c.group_id,
            study_session.c.revision,
            study_session.c.starts_at,
            study_group.c.language,
        )
        .join(study_group, study_group.c.id == study_session.c.group_id)
        .where(_TO_NUDGE, study_session.c.nudge_at <= now)
        .with_for_update(skip_locked=True, of=study_session)
    ).all()
    connection.execute(
        update(study_session).where(study_session.c.id.in_([row.id for row in rows])).values(nudge_at=None)
    )
    return rows


def missing(connection: Connection, session_id: int) -> Sequence[Any]:
    """The members of now who have not answered, and whether they can and want to be written to."""
    return connection.execute(_MISSING.where(study_session.c.id == session_id)).all()


def is_missing(connection: Connection, session_id: int, person_id: int) -> bool:
    """Whether somebody has still not answered, is still a member and still wants to be written to."""
    found = connection.execute(_MISSING.where(study_session.c.id == session_id, person.c.id == person_id)).first()
    return found is not None and bool(found.reachable)
