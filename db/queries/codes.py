"""SQL of check-in codes: the key behind them, wrong tries, venues, and the sessions that somebody may check in to."""

import secrets
from typing import Any

from sqlalchemy import Connection, select, update

from db.queries.inbox import upsert
from db.tables import attendance, code_try, secret, study_session

KEY_BYTES = 32


def key(connection: Connection, name: str) -> bytes | None:
    """A key of ours; None before it is made."""
    return connection.execute(select(secret.c.value).where(secret.c.name == name)).scalar()


def make_key(connection: Connection, name: str) -> bytes:
    """The key, made where there is none yet; another process may have made it meanwhile."""
    statement = upsert(connection)(secret).values(name=name, value=secrets.token_bytes(KEY_BYTES))
    connection.execute(statement.on_conflict_do_nothing())
    return bytes(connection.execute(select(secret.c.value).where(secret.c.name == name)).scalar_one())


def wrong_tries(connection: Connection, session_id: int, person_id: int) -> int:
    """How many wrong codes somebody has typed for a session."""
    query = select(code_try.c.wrong).where(code_try.c.session_id == session_id, code_try.c.person_id == person_id)
    return int(connection.execute(query).scalar() or 0)


def count_wrong(connection: Connection, session_id: int, person_id: int) -> None:
    """One more."""
    statement = upsert(connection)(code_try).values(session_id=session_id, person_id=person_id, wrong=1)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["session_id", "person_id"], set_={"wrong": code_try.c.wrong + 1}
        )
    )


def status_of(connection: Connection, session_id: int, person_id: int) -> str | None:
    """What is recorded of somebody at a session."""
    query = select(attendance.c.status).where(
        attendance.c.session_id == session_id, attendance.c.person_id == person_id
    )
    return connection.execute(query).scalar()


def set_venue(
    connection: Connection, session_id: int, latitude: float | None, longitude: float | None, metres: int | None
) -> None:
    """Where a session is held; all None: no check-in by location."""
    values = {"venue_latitude": latitude, "venue_longitude": longitude, "venue_metres": metres}
    connection.execute(update(study_session).where(study_session.c.id == session_id).values(**values))


def venues(connection: Connection, session_ids: list[int]) -> dict[int, Any]:
    """The sessions among these that have a venue, by id."""
    rows = connection.execute(
        select(
            study_session.c.id,
            study_session.c.title,
            study_session.c.venue_latitude,
            study_session.c.venue_longitude,
            study_session.c.venue_metres,
        ).where(study_session.c.id.in_(session_ids), study_session.c.venue_metres.is_not(None))
    )
    return {row.id: row for row in rows}
