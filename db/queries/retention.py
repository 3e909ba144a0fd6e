"""SQL of forgetting personal details by age, so many rows at a time; who came, and what counts, stays."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Table, delete, or_, select, update

from db.tables import (
    audit,
    code_try,
    correction,
    delivery,
    draft,
    inbox,
    long_leave,
    makeup,
    proposal,
    response,
    study_session,
)

AT_ONCE: Final = 2_000
"""Rows of a table in one go, so that nobody waits for it."""

_OVER: Final = ("sent", "skipped", "rejected", "cancelled", "unconfirmed")


def forget_details(connection: Connection, before: datetime) -> int:
    """Forget the details of what was over before a moment; how many rows, at most `AT_ONCE` of each table."""
    old_sessions = select(study_session.c.id).where(study_session.c.starts_at < before)
    old_leaves = select(long_leave.c.id).where(long_leave.c.last_day < before.date())
    of_old_leave = response.c.long_leave_id.in_(old_leaves)
    words = or_(makeup.c.note != "", makeup.c.file_id != "", makeup.c.file_name != "")
    is_settled = or_(makeup.c.done_at < before, makeup.c.waived_at < before)
    is_decided = (correction.c.asked_at < before) & (correction.c.state != "open")
    blanked: list[tuple[Table, ColumnElement[bool], Mapping[str, Any]]] = [
        (response, response.c.session_id.in_(old_sessions) & (response.c.reason != ""), {"reason": ""}),
        (response, of_old_leave, {"long_leave_id": None}),
        (makeup, is_settled & words, {"note": "", "form": "", "file_id": "", "file_name": ""}),
        (correction, is_decided & (correction.c.appeal != ""), {"appeal": ""}),
        (inbox, (inbox.c.received_at < before) & inbox.c.raw.is_not(None), {"raw": None}),
    ]
    number = sum(_change(connection, *each) for each in blanked)
    kept_leaves = select(response.c.long_leave_id).where(response.c.long_leave_id.is_not(None))
    gone: list[tuple[Table, ColumnElement[bool]]] = [
        (long_leave, (long_leave.c.last_day < before.date()) & long_leave.c.id.not_in(kept_leaves)),
        (draft, draft.c.created_at < before),
        (proposal, (proposal.c.created_at < before) & (proposal.c.state != "open")),
        (code_try, code_try.c.session_id.in_(old_sessions)),
        (audit, audit.c.at < before),
        (delivery, (delivery.c.due_at < before) & delivery.c.state.in_(_OVER)),
    ]
    return number + sum(_remove(connection, *each) for each in gone)


def _change(connection: Connection, table: Table, condition: ColumnElement[bool], values: Mapping[str, Any]) -> int:
    return connection.execute(update(table).where(_some(table, condition)).values(**values)).rowcount


def _remove(connection: Connection, table: Table, condition: ColumnElement[bool]) -> int:
    return connection.execute(delete(table).where(_some(table, condition))).rowcount


def _some(table: Table, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """So many rows of those that a condition fits, by the last column of their key."""
    key = list(table.primary_key)[-1]
    return key.in_(select(key).where(condition).limit(AT_ONCE)) & condition
