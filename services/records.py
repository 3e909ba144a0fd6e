"""Somebody's own record, for nobody but themselves."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import leaderboards as queries
from db.queries import makeups as makeup_queries
from db.queries import people
from domain.attendance import Status
from domain.leaderboards import week_of
from domain.ledger import Counts, count
from domain.people import Actor
from domain.scoring import total
from services import corrections
from services.point_rules import point_rules
from services.points import facts_of

LATEST = 5
"""Sessions that are listed."""


@dataclass(frozen=True, slots=True)
class LatestSession:
    """One of the sessions that are listed."""

    kind: str
    title: str
    starts_at: datetime
    zone: ZoneInfo
    status: Status


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """Somebody's attendance at closed sessions, points this week and in all, and latest sessions.

    `correctable`: whether there is a session that a correction can be asked for. `makeups`: open make-up tasks;
    None for who never had one.
    """

    counts: Counts
    points_this_week: int
    points: int
    latest: tuple[LatestSession, ...]
    correctable: bool = False
    makeups: int | None = None


def own(connection: Connection, actor: Actor, now: datetime) -> OwnRecord:
    """The record of the one who asks; an empty one for somebody we never met."""
    known = people.by_telegram_id(connection, actor.telegram_id)
    rows = queries.record(connection, known.id) if known else ()
    made_up = queries.made_up(connection, known.id) if known else ()
    this_week = facts_of(
        [row for row in rows if _is_this_week(row.starts_at, row, now)],
        [row for row in made_up if _is_this_week(row.done_at, row, now)],
    )
    return OwnRecord(
        counts=count(Status(row.status) for row in rows if row.state == "closed"),
        points_this_week=total(this_week, point_rules()),
        points=total(facts_of(rows, made_up), point_rules()),
        latest=tuple(_latest(row) for row in rows[:LATEST]),
        correctable=bool(corrections.own(connection, actor, now)),
        makeups=_open_makeups(connection, known.id) if known else None,
    )


def _open_makeups(connection: Connection, person_id: int) -> int | None:
    has_any = makeup_queries.count_own(connection, person_id)
    return makeup_queries.count_own_open(connection, person_id) if has_any else None


def _is_this_week(at: datetime, row: Any, now: datetime) -> bool:
    week = week_of(now, ZoneInfo(row.time_zone))
    return week.starts_at <= at < week.ends_at


def _latest(row: Any) -> LatestSession:
    return LatestSession(row.kind, row.title, row.starts_at, ZoneInfo(row.time_zone), Status(row.status))
