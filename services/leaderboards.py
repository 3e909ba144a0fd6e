"""Weekly leaderboards: when one is due, what stands on it, and where somebody stands.

Points count as soon as somebody is recorded, so a session that its leader has not closed yet takes none away;
the attendance rate waits for the closing, because nobody is absent before it.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import leaderboards as queries
from domain.attendance import CAME, Status
from domain.cadence import next_weekly
from domain.deliveries import Policy
from domain.errors import Refusal
from domain.leaderboards import Board, Score, Tally, Week, board, midnight, ranked, week_of
from domain.people import Actor
from domain.scoring import Fact, deeds, total
from services import access, deliveries, people
from services.point_rules import point_rules
from services.rules import Rules

EXPIRES = timedelta(hours=24)
"""A board that could not be sent for a day is no news any more."""


@dataclass(frozen=True, slots=True)
class PostedBoard:
    """A board with the language of its group."""

    board: Board
    language: str


@dataclass(frozen=True, slots=True)
class GroupChoice:
    """A group to choose from."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands in a week: `rank` is None without points; `people` have some."""

    week: Week
    rank: int | None
    people: int
    points: int
    running: bool


def any_due(connection: Connection, now: datetime) -> bool:
    """Whether a weekly board is due in any group."""
    return queries.any_due(connection, now)


def plan(connection: Connection, now: datetime, rules: Rules) -> None:
    """Make the boards of the last whole week due where the group wants them, and set each group's next time.

    After a long stop only the last week gets a board: older ones are no news.
    """
    for row in queries.due(connection, now):
        zone = ZoneInfo(row.time_zone)
        if row.board_shown:
            _post(connection, row, week_of(now, zone).before.monday, now)
        following = next_weekly(rules.board_weekday, rules.board_time, zone, after=now)
        queries.set_next(connection, row.id, following)


def _post(connection: Connection, row: Any, monday: date, now: datetime) -> None:
    deliveries.enqueue(
        connection,
        key=f"board:{row.id}:{monday.isoformat()}",
        kind="leaderboard",
        destination_id=row.chat_id,
        payload={"group_id": row.id, "week_start": monday.isoformat()},
        due_at=now,
        expires_at=now + EXPIRES,
        policy=Policy.ONCE,
    )


def posted(connection: Connection, payload: Mapping[str, Any], now: datetime) -> PostedBoard | None:
    """What the weekly message says; None where nothing happened in that week, or the group wants none any more."""
    row = queries.group(connection, int(payload["group_id"]))
    if row is None or not row.board_shown:
        return None
    week = Week(date.fromisoformat(payload["week_start"]), ZoneInfo(row.time_zone))
    made = _board(connection, row.id, week, now)
    return None if made.is_empty else PostedBoard(made, row.language)


def this_week(connection: Connection, actor: Actor, group_id: int, now: datetime) -> Board:
    """The board of the week so far, for people of the group. Raises Refusal `not_member`."""
    _, zone = _member(connection, actor, group_id)
    return _board(connection, group_id, week_of(now, zone), now)


def in_chat(connection: Connection, chat_telegram_id: int, now: datetime) -> Board:
    """The board of the week so far in the group's own chat. Raises Refusal `not_registered`."""
    found = access.group_of_chat(connection, chat_telegram_id)
    return _board(connection, found.id, week_of(now, ZoneInfo(found.time_zone)), now)


def own_groups(connection: Connection, actor: Actor) -> list[GroupChoice]:
    """The groups whose board somebody may look at: those they are a member of."""
    known = people.find(connection, actor.telegram_id)
    rows = access.groups_of(connection, known.id) if known else ()
    return [GroupChoice(row.id, row.name) for row in rows]


def standing(connection: Connection, actor: Actor, group_id: int, monday: date, now: datetime) -> Standing:
    """Where the one who asks stands in a week of their group: among those on the board, who they may be none of.

    Raises Refusal `not_member`.
    """
    person_id, zone = _member(connection, actor, group_id)
    week = Week(monday, zone)
    places = ranked(_scores(connection, group_id, week, also=person_id))
    mine = next((place for place in places if place.person_id == person_id), None)
    return Standing(
        week,
        rank=mine.rank if mine else None,
        people=len(places),
        points=mine.points if mine else 0,
        running=now < week.ends_at,
    )


def _member(connection: Connection, actor: Actor, group_id: int) -> tuple[int, ZoneInfo]:
    """The actor's own id and the group's zone, for its members only: a button's number can be anybody's guess."""
    known = people.find(connection, actor.telegram_id)
    group = queries.group(connection, group_id)
    if known is None or group is None:
        raise Refusal("not_member")
    access.require_member(connection, known.id, group_id)
    return known.id, ZoneInfo(group.time_zone)


def _board(connection: Connection, group_id: int, week: Week, now: datetime) -> Board:
    return board(
        group_id,
        week,
        _tally(connection, group_id, week, now),
        _tally(connection, group_id, week.before, now),
        _scores(connection, group_id, week),
        running=now < week.ends_at,
    )


def _tally(connection: Connection, group_id: int, week: Week, now: datetime) -> Tally:
    by_status = queries.statuses(connection, group_id, week.starts_at, week.ends_at)
    sessions = queries.sessions(connection, group_id, week.starts_at, week.ends_at, now)
    return Tally(
        closed_sessions=sessions.get("closed", 0),
        open_sessions=sessions.get("scheduled", 0),
        came=sum(by_status.get(status, 0) for status in CAME),
        expected=sum(by_status.values()) - by_status.get(Status.SITTING_IN, 0),
        excused=by_status.get(Status.EXCUSED, 0),
    )


def _scores(connection: Connection, group_id: int, week: Week, also: int = 0) -> list[Score]:
    """The points of the week, counted by the table that held on each day; of who hides, only those of `also`."""
    rules = point_rules()
    sums: dict[int, int] = defaultdict(int)
    names: dict[int, str] = {}
    for first, end in rules.periods(week.monday, week.next_monday):
        for row in queries.deeds(connection, group_id, midnight(first, week.zone), midnight(end, week.zone)):
            if row.hidden and row.person_id != also:
                continue
            facts = [Fact(deed, first, row.times) for deed in deeds(Status(row.status), row.led)]
            sums[row.person_id] += total(facts, rules)
            names[row.person_id] = row.name
    return [Score(person_id, names[person_id], sums[person_id]) for person_id in sums]
