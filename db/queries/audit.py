"""SQL of the audit log: privileged acts, by ids and codes."""

from datetime import datetime

from sqlalchemy import Connection, insert

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
