"""SQL of the files handed in for a session."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from db.tables import material


def add(
    connection: Connection,
    session_id: int,
    form: str,
    file_id: str,
    file_name: str,
    person_id: int,
    now: datetime,
) -> int:
    """Keep a file by Telegram's id of it; ours."""
    statement = insert(material).values(
        session_id=session_id, form=form, file_id=file_id, file_name=file_name, added_by=person_id, added_at=now
    )
    return int(connection.execute(statement.returning(material.c.id)).scalar_one())


def of_session(connection: Connection, session_id: int) -> Sequence[Any]:
    """The files of a session in the order they came in."""
    query = select(material).where(material.c.session_id == session_id).order_by(material.c.id)
    return connection.execute(query).all()


def find(connection: Connection, material_id: int) -> Any | None:
    """One file."""
    return connection.execute(select(material).where(material.c.id == material_id)).one_or_none()


def remove(connection: Connection, material_id: int) -> None:
    """It is handed in no more."""
    connection.execute(delete(material).where(material.c.id == material_id))
