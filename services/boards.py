"""Boards of a month, a quarter and half a year: the group's best people, and the groups of the unit side by side."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import leaderboards as queries
from domain.attendance import CAME, Status
from domain.collective import GroupShare, Ranked, collective, most_improved
from domain.errors import Refusal
from domain.leaderboards import Place, midnight, ranked, top, week_of
from domain.people import Actor
from domain.periods import period_of
from services import access, people
from services.leaderboards import scores_between
from services.rules import Rules

MONTH, QUARTER, HALF = 1, 2, 3
"""The periods beside the week, as buttons carry them."""

PERIODS: Final = {MONTH: "month", QUARTER: "quarter", HALF: "half"}


@dataclass(frozen=True, slots=True)
class PeriodBoard:
    """A period of a group: `own` is the reader's place, None in a group's chat or without one."""

    group_id: int
    group_name: str
    period: int
    first: date
    last: date
    running: bool
    shown: tuple[Place, ...]
    equals_left_out: int
    own: Place | None
    groups: tuple[Ranked, ...]
    improved: Ranked | None
    minimum: int


def span(day: date, period: int) -> tuple[date, date]:
    """The first and last day of the period that a day falls into. Raises Refusal `unknown_button`."""
    if period not in PERIODS:
        raise Refusal("unknown_button")
    if period != HALF:
        return period_of(day, PERIODS[period])
    first = date(day.year, 1 if day.month <= 6 else 7, 1)
    return first, date(day.year, 6, 30) if day.month <= 6 else date(day.year, 12, 31)


def in_chat(
    connection: Connection, chat_telegram_id: int, group_id: int, period: int, now: datetime, rules: Rules
) -> PeriodBoard:
    """The board in the group's own chat. Raises Refusal: not_registered, unknown_button."""
    found = access.group_of_chat(connection, chat_telegram_id)
    if found.id != group_id:
        raise Refusal("unknown_button")
    return _board(connection, found, period, 0, now, rules)


def own(connection: Connection, actor: Actor, group_id: int, period: int, now: datetime, rules: Rules) -> PeriodBoard:
    """The board of one's group with one's own place. Raises Refusal: not_member, unknown_button."""
    known = people.find(connection, actor.telegram_id)
    group = queries.group(connection, group_id)
    if known is None or group is None:
        raise Refusal("not_member")
    if not access.administers(connection, known.id, group_id):
        access.require_member(connection, known.id, group_id)
    return _board(connection, group, period, known.id, now, rules)


def _board(connection: Connection, group: Any, period: int, person_id: int, now: datetime, rules: Rules) -> PeriodBoard:
    zone = ZoneInfo(group.time_zone)
    today = now.astimezone(zone).date()
    first, last = span(today, period)
    places = _places(connection, group, first, last, person_id, zone, rules)
    shown, left_out = top(places)
    groups = _groups(connection, group.id, first, last, period, zone, rules)
    return PeriodBoard(
        group.id,
        group.name,
        period,
        first,
        last,
        running=today <= last,
        shown=shown,
        equals_left_out=left_out,
        own=next((place for place in places if place.person_id == person_id), None),
        groups=groups,
        improved=most_improved(groups),
        minimum=rules.board_minimum,
    )


def _places(
    connection: Connection, group: Any, first: date, last: date, person_id: int, zone: ZoneInfo, rules: Rules
) -> list[Place]:
    """Everybody with points who was expected often enough."""
    after = last + timedelta(days=1)
    often = queries.expected_often(
        connection, group.id, midnight(first, zone), midnight(after, zone), rules.board_minimum
    )
    scores = scores_between(connection, group.id, first, after, zone, also=person_id)
    return ranked(score for score in scores if score.person_id in often)


def _groups(
    connection: Connection, group_id: int, first: date, last: date, period: int, zone: ZoneInfo, rules: Rules
) -> tuple[Ranked, ...]:
    rows = queries.groups_beside(connection, group_id)
    ids = [row.id for row in rows]
    before = span(first - timedelta(days=1), period)
    now_shares = _shares(connection, ids, first, last, zone)
    then_shares = _shares(connection, ids, *before, zone)
    shares = [
        GroupShare(
            row.id,
            row.name,
            now_shares[row.id].rate,
            then_shares[row.id].rate,
            now_shares[row.id].sessions,
            now_shares[row.id].worst_week,
        )
        for row in rows
    ]
    return collective(shares, rules.board_minimum)


@dataclass(frozen=True, slots=True)
class _Share:
    rate: float | None
    sessions: int
    worst_week: float


def _shares(connection: Connection, ids: Sequence[int], first: date, last: date, zone: ZoneInfo) -> dict[int, _Share]:
    """Each group's rate over some days, how many sessions it held, and its worst week."""
    start, end = midnight(first, zone), midnight(last + timedelta(days=1), zone)
    by_group: dict[int, dict[int, list[tuple[date, str, int]]]] = defaultdict(lambda: defaultdict(list))
    for row in queries.shares_of_sessions(connection, ids, start, end):
        monday = week_of(row.starts_at, zone).monday
        by_group[row.group_id][row.session_id].append((monday, row.status, row.times))
    found = {}
    for group_id in ids:
        sessions = by_group[group_id]
        counts = [count for rows in sessions.values() for count in rows]
        weeks: dict[date, list[tuple[date, str, int]]] = defaultdict(list)
        for count in counts:
            weeks[count[0]].append(count)
        rates = [rate for rows in weeks.values() if (rate := _rate(rows)) is not None]
        found[group_id] = _Share(_rate(counts), len(sessions), min(rates, default=0.0))
    return found


def _rate(counts: Sequence[tuple[date, str, int]]) -> float | None:
    came = sum(times for _, status, times in counts if status in CAME)
    due = sum(times for _, status, times in counts if status not in (Status.SITTING_IN, Status.EXCUSED))
    return came / due if due else None
