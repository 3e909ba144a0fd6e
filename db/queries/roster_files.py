"""SQL of rosters that come from a file: whom they may mean, and what is taken over."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from db.queries.checkins import LEDGER_NAME
from db.tables import membership, person, roster_import


def members(connection: Connection, group_id: int) -> Sequence[Any]:
    """Everybody of a group with what a roster says of them, leaders first, then by name."""
    return connection.execute(
        select(
            person.c.id,
            LEDGER_NAME.label("name"),
            person.c.name.label("public_name"),
            person.c.number,
            person.c.telegram_id,
            membership.c.role,
            membership.c.standing,
            membership.c.committee,
            membership.c.subgroup,
        )
        .join(membership, membership.c.person_id == person.c.id)
        .where(membership.c.group_id == group_id, membership.c.left_at.is_(None), person.c.forgotten_at.is_(None))
        .order_by(membership.c.role != "leader", membership.c.role != "deputy", LEDGER_NAME, person.c.id)
    ).all()


def numbered(connection: Connection, numbers: Collection[str]) -> Sequence[Any]:
    """The people anywhere in the organisation who have one of these numbers: id, name, number."""
    return connection.execute(
        select(person.c.id, LEDGER_NAME.label("name"), person.c.number).where(
            person.c.number.in_(numbers), person.c.forgotten_at.is_(None), person.c.merged_into.is_(None)
        )
    ).all()


def open_import(connection: Connection, import_id: int) -> Any | None:
    """An import that waits for a yes; nobody else takes it up meanwhile."""
    query = select(roster_import).where(roster_import.c.id == import_id, roster_import.c.state == "open")
    return connection.execute(query.with_for_update()).one_or_none()


def keep(connection: Connection, group_id: int, person_id: int, rows: Any, now: datetime) -> int:
    """A roster that was read; an older one of the same person and group that waits is dropped."""
    waiting = (roster_import.c.group_id == group_id) & (roster_import.c.person_id == person_id)
    older = update(roster_import).where(waiting, roster_import.c.state == "open")
    # Not deleted: its number could become that of the new one, which an old button would then take over.
    connection.execute(older.values(state="dropped", rows={}))
    statement = insert(roster_import).values(group_id=group_id, person_id=person_id, rows=rows, created_at=now)
    return int(connection.execute(statement.returning(roster_import.c.id)).scalar_one())


def change(connection: Connection, import_id: int, **values: Any) -> None:
    """Change columns of an import."""
    connection.execute(update(roster_import).where(roster_import.c.id == import_id).values(**values))


def add_person(connection: Connection, name: str, number: str, now: datetime) -> int:
    """Somebody who has no account here yet."""
    values = {"name": name, "real_name": name, "number": number or None, "created_at": now}
    return int(connection.execute(insert(person).values(**values).returning(person.c.id)).scalar_one())
