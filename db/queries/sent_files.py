"""SQL of pictures that Telegram has already."""

from datetime import datetime

from sqlalchemy import Connection, select

from db.queries.inbox import upsert
from db.tables import sent_file


def find(connection: Connection, sha256: str) -> str | None:
    """Telegram's id of what is remembered under a digest."""
    return connection.execute(select(sent_file.c.file_id).where(sent_file.c.sha256 == sha256)).scalar()


def put(connection: Connection, sha256: str, file_id: str, now: datetime) -> None:
    """Remember it; a newer id takes the place of an older one."""
    values = {"file_id": file_id, "sent_at": now}
    statement = upsert(connection)(sent_file).values(sha256=sha256, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["sha256"], set_=values))
