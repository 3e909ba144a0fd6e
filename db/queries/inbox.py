"""SQL of the inbox and of the moment until which we were listening."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, or_, select, update

from db.tables import inbox, listening

_THIS = (inbox.c.bot_id == bindparam("bot")) & (inbox.c.update_id == bindparam("update"))
_STATE = select(inbox.c.state).where(_THIS)
_DONE = update(inbox).where(_THIS, inbox.c.state == "new").values(state="done", raw=None)
_TRY = update(inbox).where(_THIS).values(tries=inbox.c.tries + 1).returning(inbox.c.tries)
_QUARANTINE = update(inbox).where(_THIS).values(state="quarantined", reference=bindparam("ref"))


def upsert(connection: Connection) -> Any:
    """The dialect's INSERT that knows ON CONFLICT; the two spell it the same way."""
    return insert_of(connection.dialect.name)


def insert_of(dialect: str) -> Any:
    """The same by the dialect's name. Only the one in use is loaded: PostgreSQL's takes 2 MiB."""
    if dialect == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as postgres_insert

        return postgres_insert
    from sqlalchemy.dialects.sqlite import insert as sqlite_insert

    return sqlite_insert


@cache
def _taking_in(dialect: str) -> Any:
    """Built once: by webhook it runs for every few updates."""
    return insert_of(dialect)(inbox).on_conflict_do_nothing().returning(inbox.c.update_id)


def insert(connection: Connection, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Store updates; the ids of those that were not there before, in no order."""
    return list(connection.execute(_taking_in(connection.dialect.name), rows).scalars())


def state(connection: Connection, bot_id: int, update_id: int) -> str | None:
    """new, done or quarantined; None for an update that was never taken in."""
    return connection.execute(_STATE, {"bot": bot_id, "update": update_id}).scalar()


def mark_done(connection: Connection, bot_id: int, update_id: int) -> bool:
    """The update is handled; its text is not kept. False: it was no longer new, or never there."""
    return connection.execute(_DONE, {"bot": bot_id, "update": update_id}).rowcount == 1


def count_try(connection: Connection, bot_id: int, update_id: int) -> int:
    """One more failed try; how many there were."""
    return int(connection.execute(_TRY, {"bot": bot_id, "update": update_id}).scalar_one())


def quarantine(connection: Connection, bot_id: int, update_id: int, reference: str) -> None:
    """Set an update aside; its text is kept for whoever looks into the fault."""
    connection.execute(_QUARANTINE, {"bot": bot_id, "update": update_id, "ref": reference})


def unhandled(connection: Connection, bot_id: int, others: Collection[str]) -> list[int]:
    """What was taken in and not handled yet, and is in the hands of none of `others`; oldest first."""
    query = select(inbox.c.update_id).where(_open(bot_id, others))
    return list(connection.execute(query.order_by(inbox.c.received_at, inbox.c.update_id)).scalars())


def take(
    connection: Connection, bot_id: int, update_ids: Collection[int], owner: str, others: Collection[str]
) -> Sequence[Any]:
    """Take those of these into the owner's hands that are still unhandled and in the hands of none of `others`."""
    taken = (
        update(inbox)
        .where(_open(bot_id, others), inbox.c.update_id.in_(update_ids))
        .values(owner=owner)
        .returning(inbox.c.update_id, inbox.c.raw, inbox.c.received_at, inbox.c.not_before)
    )
    return sorted(connection.execute(taken).all(), key=lambda row: (row.received_at, row.update_id))


def _open(bot_id: int, others: Collection[str]) -> ColumnElement[bool]:
    free = or_(inbox.c.owner.is_(None), inbox.c.owner.not_in(others))
    return and_(inbox.c.state == "new", inbox.c.bot_id == bot_id, free)


def prune(connection: Connection, before: datetime) -> int:
    """Forget the keys of updates handled before a moment; Telegram repeats none after a day."""
    return connection.execute(delete(inbox).where(inbox.c.state == "done", inbox.c.received_at < before)).rowcount


def listened_until(connection: Connection, bot_id: int) -> datetime | None:
    """The last moment we know we were listening."""
    return connection.execute(select(listening.c.until).where(listening.c.bot_id == bot_id)).scalar()


def note_listening(connection: Connection, bot_id: int, until: datetime) -> None:
    """Remember that we were listening."""
    statement = upsert(connection)(listening).values(bot_id=bot_id, until=until)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["bot_id"], set_={"until": statement.excluded.until})
    )
