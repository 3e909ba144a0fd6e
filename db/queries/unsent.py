"""SQL of what was not sent in time, and of what may not have arrived."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select, update

from db.tables import chat, delivery, study_group, study_session
from db.tables.metadata import Instant

AT_ONCE = 500
"""Numbers in one question: far fewer than either database takes."""

_SKIP_EXPIRED = (
    update(delivery)
    .where(
        delivery.c.state == "pending",
        delivery.c.next_at <= bindparam("now", type_=Instant()),
        delivery.c.expires_at < bindparam("now", type_=Instant()),
    )
    .values(state="skipped", last_error="expired")
    .returning(delivery.c.kind, delivery.c.session_id, delivery.c.destination_id)
)
_DELIVERY = (
    select(delivery, chat.c.telegram_id, chat.c.kind.label("place"), study_group.c.id.label("group_id"))
    .add_columns(study_group.c.name.label("group_name"), study_group.c.unit_id, study_group.c.language)
    .join(chat, chat.c.id == delivery.c.destination_id)
    .outerjoin(study_group, study_group.c.chat_id == chat.c.id)
)
_SESSIONS = select(study_session.c.id, study_session.c.title, study_session.c.starts_at, study_session.c.group_id)
_GROUP = (study_group.c.id, study_group.c.name, study_group.c.unit_id, study_group.c.language, study_group.c.time_zone)


def skip_expired(connection: Connection, now: datetime) -> Sequence[Any]:
    """What is past its usefulness is not sent any more: kind, session_id and destination_id of each."""
    return connection.execute(_SKIP_EXPIRED, {"now": now}).all()


def reachable(connection: Connection, chat_ids: Collection[int]) -> set[int]:
    """Those of these chats that can be written to."""
    query = select(chat.c.id).where(chat.c.state == "active")
    return {row.id for row in _in_parts(connection, query, chat.c.id, chat_ids)}


def sessions(connection: Connection, session_ids: Collection[int]) -> dict[int, Any]:
    """Sessions by id: title, starts_at, group_id."""
    return {row.id: row for row in _in_parts(connection, _SESSIONS, study_session.c.id, session_ids)}


def groups(connection: Connection, group_ids: Collection[int]) -> dict[int, Any]:
    """Groups by id: name, unit_id, language, time_zone."""
    return {row.id: row for row in _in_parts(connection, select(*_GROUP), study_group.c.id, group_ids)}


def groups_of_chats(connection: Connection, chat_ids: Collection[int]) -> dict[int, int]:
    """The group that each of these chats is of, as far as they are of any."""
    query = select(study_group.c.id, study_group.c.chat_id)
    return {row.chat_id: row.id for row in _in_parts(connection, query, study_group.c.chat_id, chat_ids)}


def one(connection: Connection, delivery_id: int, *, lock: bool = False) -> Any | None:
    """A delivery with its telegram_id, place (private or group), and the id, name, unit and language of the group."""
    query = _DELIVERY.where(delivery.c.id == delivery_id)
    return connection.execute(query.with_for_update(of=delivery) if lock else query).one_or_none()


def has_key(connection: Connection, dedupe_key: str) -> bool:
    """Whether there is a delivery of this key."""
    return connection.execute(select(delivery.c.id).where(delivery.c.dedupe_key == dedupe_key)).first() is not None


def arrived(connection: Connection, delivery_id: int) -> None:
    """Somebody saw that it is there."""
    connection.execute(update(delivery).where(delivery.c.id == delivery_id).values(state="sent"))


def _in_parts(connection: Connection, query: Select[Any], column: Any, numbers: Collection[int]) -> list[Any]:
    found: list[Any] = []
    ordered = sorted(numbers)
    for first in range(0, len(ordered), AT_ONCE):
        found += connection.execute(query.where(column.in_(ordered[first : first + AT_ONCE]))).all()
    return found
