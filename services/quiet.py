"""Private messages that can wait do not come in somebody's quiet hours."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import people as queries
from domain.quiet import QuietHours
from services.rules import Rules


def calm_at(connection: Connection, chat_id: int, rules: Rules, at: datetime) -> datetime:
    """`at`, or the end of the quiet hours that it lies in of whoever has this private chat (our row of it)."""
    row = queries.quiet_hours(connection, chat_id)
    zone = ZoneInfo(row.time_zone if row is not None and row.time_zone else rules.time_zone)
    return quiet_hours(row, rules).after(at, zone)


def quiet_hours(row: Any, rules: Rules) -> QuietHours:
    """The quiet hours that a row of a person or a group sets, else the rule's."""
    if row is None or row.quiet_from is None or row.quiet_to is None:
        return rules.quiet
    return QuietHours(row.quiet_from, row.quiet_to)
