"""Joint sessions: one session that several groups hold; each has its own card and check-in message in its own chat."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection

from db.queries import checkins as queries
from db.queries import joint as joint_queries


def others(connection: Connection, row: Any) -> list[Any]:
    """A session's row as each of the other groups has it: their chat, language and messages; mostly there are none."""
    if not row.joint:
        return []
    return [_seen_by(row, other) for other in queries.other_chats(connection, row.id)]


def everywhere(connection: Connection, row: Any) -> list[Any]:
    """The row as every group has it, its own group first."""
    return [row, *others(connection, row)]


def seen_from(connection: Connection, row: Any, payload: Mapping[str, Any]) -> Any | None:
    """The row as the group has it that a message is for; None where that group does not hold it any more."""
    group_id = payload.get("group_id")
    if row is None or group_id is None or group_id == row.group_id:
        return row
    return next((other for other in others(connection, row) if other.group_id == group_id), None)


def set_message(connection: Connection, row: Any, **message: int | None) -> None:
    """Where a group's card (`card_message_id`) or check-in message (`checkin_message_id`) hangs."""
    if getattr(row, "is_other", False):
        joint_queries.change(connection, row.id, row.group_id, **message)
    else:
        joint_queries.change_own(connection, row.id, **message)


def suffix_of(row: Any) -> str:
    """What makes the key of a message in another group's chat differ from that of the session's own group."""
    return f":{row.chat_id}" if getattr(row, "is_other", False) else ""


def payload_of(row: Any) -> dict[str, Any]:
    """What a message in another group's chat holds beside the session, so that it is told as that group has it."""
    return {"group_id": row.group_id} if getattr(row, "is_other", False) else {}


def _seen_by(row: Any, other: Any) -> Any:
    return SimpleNamespace(**{**row._asdict(), **other._asdict(), "is_other": True})
