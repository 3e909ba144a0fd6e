"""SQL of the files handed in for a session."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select

from db.tables import material

MATERIAL: Final = "material"
"""The purpose of what is handed out before a session."""

MINUTES: Final = "minutes"
"""The purpose of what belongs to its minutes: signed lists, photographs."""


def add(
    connection: Connection,
    session_id: int,
    form: str,
    file_id: str,
    file_name: str,
    person_id: int,
    now: datetime,
    purpose: str = MATERIAL,
) -> int:
    """Keep a file by Telegram's id of it; ours."""
    statement = insert(material).values(
        session_id=session_id,
        form=form,
        file_id=file_id,
        file_name=file_name,
        added_by=person_id,
        added_at=now,
        purpose=purpose,
    )
    return int(connection.execute(statement.returning(material.c.id)).scalar_one())


def of_session(connection: Connection, session_id: int, purpose: str = MATERIAL) -> Sequence[Any]:
    """The files of a session in the order they came in: what is studied, or what shows that it was held."""
    query = select(material).where(material.c.session_id == session_id, material.c.purpose == purpose)
    return connection.execute(query.order_by(material.c.id)).all()


def find(connection: Connection, material_id: int) -> Any | None:
    """One file."""
    return connection.execute(select(material).where(material.c.id == material_id)).one_or_none()


def remove(connection: Connection, material_id: int) -> None:
    """It is handed in no more."""
    connection.execute(delete(material).where(material.c.id == material_id))
