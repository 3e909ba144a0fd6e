"""SQL of the processes that share a database and a token."""

from datetime import datetime

from sqlalchemy import Connection, delete, select

from db.queries.inbox import upsert
from db.tables import replica


def beat(connection: Connection, owner: str, now: datetime) -> None:
    """A process is alive."""
    statement = upsert(connection)(replica).values(owner=owner, seen_at=now)
    connection.execute(statement.on_conflict_do_update(index_elements=["owner"], set_={"seen_at": now}))


def alive(connection: Connection, since: datetime) -> list[str]:
    """Those that were seen since a moment, always in the same order."""
    query = select(replica.c.owner).where(replica.c.seen_at >= since).order_by(replica.c.owner)
    return list(connection.execute(query).scalars())


def forget(connection: Connection, before: datetime) -> None:
    """Those that were not seen since."""
    connection.execute(delete(replica).where(replica.c.seen_at < before))


def leave(connection: Connection, owner: str) -> None:
    """A process ends."""
    connection.execute(delete(replica).where(replica.c.owner == owner))
