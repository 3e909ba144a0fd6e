"""SQL of the audit log: privileged acts, by ids and codes."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select

from db.tables import audit


def add(
    connection: Connection,
    at: datetime,
    actor_telegram_id: int,
    action: str,
    *,
    group_id: int | None = None,
    unit_id: int | None = None,
    subject: str = "",
) -> None:
    """Write down who did what, in the transaction that does it."""
    connection.execute(
        insert(audit).values(
            at=at, actor_id=actor_telegram_id, action=action, group_id=group_id, unit_id=unit_id, subject=subject
        )
    )


def latest(connection: Connection, unit_ids: Collection[int], group_ids: Collection[int], limit: int) -> Sequence[Any]:
    """The newest acts in these units and groups."""
    return connection.execute(
        select(audit)
        .where(or_(audit.c.unit_id.in_(unit_ids), audit.c.group_id.in_(group_ids)))
        .order_by(audit.c.id.desc())
        .limit(limit)
    ).all()
