"""SQL of what is measured: on indexes only, for it is asked every few seconds."""

from datetime import datetime

from sqlalchemy import Connection, func, literal, select

from db.tables import delivery
from db.tables import inbox as updates

UNDER_WAY = ("pending", "claimed", "sending")


def ping(connection: Connection) -> bool:
    """Whether a query comes back."""
    return bool(connection.execute(select(literal(1))).scalar_one())


def inbox(connection: Connection) -> dict[str, int]:
    """Updates that are not done, by state."""
    query = select(updates.c.state, func.count()).where(updates.c.state.in_(("new", "quarantined")))
    return {state: int(number) for state, number in connection.execute(query.group_by(updates.c.state)).all()}


def outbox(connection: Connection) -> dict[str, int]:
    """Deliveries that are not finished, by state."""
    query = select(delivery.c.state, func.count()).where(delivery.c.state.in_(UNDER_WAY))
    return {state: int(number) for state, number in connection.execute(query.group_by(delivery.c.state)).all()}


def oldest_due(connection: Connection, now: datetime) -> datetime | None:
    """When the delivery was due that waits longest to be sent."""
    query = select(func.min(delivery.c.due_at)).where(delivery.c.state == "pending", delivery.c.next_at <= now)
    return connection.execute(query).scalar()
