"""SQL of a session's minutes: who did what, and who may be chosen for it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from db.queries.checkins import LEDGER_NAME
from db.queries.expectation import listed
from db.tables import person


def names(connection: Connection, person_ids: Sequence[int | None]) -> dict[int, str]:
    """How these people are called on lists for leaders."""
    query = select(person.c.id, LEDGER_NAME.label("name")).where(person.c.id.in_([one for one in person_ids if one]))
    return {row.id: row.name for row in connection.execute(query)}


def choosable(connection: Connection, session_id: int, limit: int, offset: int) -> Sequence[Any]:
    """Everybody on a session's list, by name."""
    return connection.execute(
        _choosable(select(person.c.id, LEDGER_NAME.label("name")), session_id)
        .order_by(LEDGER_NAME, person.c.id)
        .limit(limit)
        .offset(offset)
    ).all()


def count_choosable(connection: Connection, session_id: int) -> int:
    """How many of them there are."""
    return int(connection.execute(_choosable(select(func.count()), session_id)).scalar_one())


def is_choosable(connection: Connection, session_id: int, person_id: int) -> bool:
    """Whether somebody is one of them."""
    query = _choosable(select(person.c.id), session_id).where(person.c.id == person_id)
    return connection.execute(query).first() is not None


def _choosable(query: Any, session_id: int) -> Any:
    on_list = listed(session_id)
    return (
        query.select_from(on_list)
        .join(person, person.c.id == on_list.c.person_id)
        .where(person.c.forgotten_at.is_(None))
    )
