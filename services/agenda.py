"""What comes next of itself: what waits in the outbox, and what the planners of the jobs will make due."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import agenda as queries
from db.queries import nudges as nudge_queries
from db.queries import reminders as reminder_queries
from domain import reminders as reminder_rule
from domain.deliveries import Policy
from domain.leaderboards import week_of
from services import closing, nudges, reminders
from services.quiet import quiet_hours
from services.rules import Rules

BOARD: Final = "leaderboard"
SESSIONS: Final = 6
"""How many sessions are looked at: those after them come later than what is asked for."""


@dataclass(frozen=True, slots=True, order=True)
class Coming:
    """Something that will be sent at a moment: its kind of delivery, and which session or group it is about."""

    at: datetime
    kind: str
    title: str
    group: str


def coming(connection: Connection, now: datetime, rules: Rules, limit: int = 5) -> list[Coming]:
    """What is sent next, the earliest first, each thing once; what is due already is under way and not among it.

    It reads only. What people do meanwhile changes it, so it is a look ahead and no promise.
    """
    found = {
        Coming(row.next_at, row.kind, row.title, row.group_name)
        for row in queries.waiting(connection, now, Policy.REPEAT.value, 4 * limit)
    }
    for session in queries.sessions(connection, now, SESSIONS):
        found.update(_of_session(connection, session, now, rules))
    found.update(_boards(connection, now))
    return sorted(one for one in found if one.at > now)[:limit]


def _of_session(connection: Connection, row: Any, now: datetime, rules: Rules) -> Iterator[Coming]:
    """Private reminders, the question to who has not answered, and the request to close."""
    if row.remind_privately_at is not None:
        for member in reminder_queries.members(connection, row.id):
            moment = row.starts_at - reminders.lead_of(member, rules)
            zone = ZoneInfo(member.time_zone or row.time_zone)
            at = reminder_rule.send_at(moment, row.starts_at, quiet_hours(member, rules), zone)
            if row.published_at is None or moment > row.published_at:
                yield Coming(at, reminders.PRIVATE, row.title, row.group_name)
    if row.nudge_at is not None and any(one.reachable for one in nudge_queries.missing(connection, row.id)):
        yield Coming(row.nudge_at, nudges.NUDGE, row.title, row.group_name)
    if row.close_prompted_at is None:
        yield Coming(row.closes_at, closing.PROMPT, row.title, row.group_name)


def _boards(connection: Connection, now: datetime) -> Iterator[Coming]:
    """Weekly boards, where the week that they are of has something on it."""
    for row in queries.boards(connection, now):
        week = week_of(row.next_board_at, ZoneInfo(row.time_zone)).before
        if queries.met(connection, row.id, week.starts_at, week.ends_at):
            yield Coming(row.next_board_at, BOARD, "", row.name)
