"""Where somebody's points come from: each with its fact, its day and the version of the rule that gave it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import leaderboards as queries
from db.queries import people
from domain.attendance import Status
from domain.people import Actor
from domain.periods import period_of
from domain.scoring import Deed, Fact, deeds, points
from services.point_rules import point_rules
from services.rules import Rules

SHOWN: Final = 10
"""Points on one page."""

PERIODS: Final = ("week", "month", "quarter", "half", "all")
"""A button carries the place."""


@dataclass(frozen=True, slots=True)
class Earned:
    """Points given: for which deed, at which session, on which day of its group, by which version of the rules."""

    deed: Deed
    title: str
    session_id: int
    on: date
    points: int
    version: int


@dataclass(frozen=True, slots=True)
class Why:
    """A page of one's points of a period, the latest first, and the sum of all of them."""

    period: int
    total: int
    count: int
    entries: tuple[Earned, ...]
    page: int
    pages: int


def facts_of(rows: Sequence[Any], made_up: Sequence[Any]) -> list[Fact]:
    """What somebody did, from their records and from what they made up; a fact counts on its group's own day."""
    came = [
        Fact(deed, _day(row.starts_at, row.time_zone), session_id=row.id)
        for row in rows
        for deed in deeds(Status(row.status), row.led)
    ]
    return came + [Fact(Deed.MADE_UP, _day(row.done_at, row.time_zone), session_id=row.id) for row in made_up]


def why(connection: Connection, actor: Actor, period: int, page: int, now: datetime, rules: Rules) -> Why:
    """One's own points of a period; nothing for somebody we never met."""
    period = period if period in range(len(PERIODS)) else 0
    known = people.by_telegram_id(connection, actor.telegram_id)
    rows = queries.record(connection, known.id) if known else ()
    made_up = queries.made_up(connection, known.id) if known else ()
    titles = {row.id: row.title for row in (*made_up, *rows)}
    first, last = _span(now.astimezone(ZoneInfo(rules.time_zone)).date(), period)
    facts = [fact for fact in facts_of(rows, made_up) if first <= fact.on <= last]
    facts.sort(key=lambda fact: (fact.on, fact.session_id or 0, fact.deed), reverse=True)
    given = [
        Earned(
            point.fact.deed,
            titles[point.fact.session_id or 0],
            point.fact.session_id or 0,
            point.fact.on,
            point.points,
            point.version,
        )
        for point in points(facts, point_rules())
    ]
    pages = max(1, -(-len(given) // SHOWN))
    page = min(max(page, 0), pages - 1)
    shown = tuple(given[page * SHOWN : (page + 1) * SHOWN])
    return Why(period, sum(one.points for one in given), len(given), shown, page, pages)


def _span(today: date, period: int) -> tuple[date, date]:
    match PERIODS[period]:
        case "all":
            return date.min, date.max
        case "half":
            return date(today.year, 1 if today.month <= 6 else 7, 1), today
        case name:
            return period_of(today, name)


def _day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()
