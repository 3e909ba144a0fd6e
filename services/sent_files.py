"""Pictures that Telegram has already: sent again they need neither drawing nor uploading."""

import hashlib
from datetime import datetime

from sqlalchemy import Connection

from db.queries import sent_files as queries


def name_of(*facts: object) -> str:
    """What a picture of these facts is remembered as: the same facts make the same picture."""
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def find(connection: Connection, name: str) -> str:
    """Telegram's id of a picture; empty where it has not got it yet."""
    return queries.find(connection, name) or ""


def keep(connection: Connection, name: str, file_id: str, now: datetime) -> None:
    """Telegram has it now under this id."""
    queries.put(connection, name, file_id, now)
