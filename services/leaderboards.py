"""Weekly leaderboards: when one is due, what stands on it, and where somebody stands.

Points count as soon as somebody is recorded, so a session that its leader has not closed yet takes none away;
the attendance rate waits for the closing, because nobody is absent before it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import leaderboards as queries
from db.queries import people as people_queries
from db.queries import roster as roster_queries
from domain.attendance import CAME, Status
from domain.board_facts import BoardPicture, GroupRate, NextSession
from domain.cadence import next_weekly
from domain.deliveries import Policy
from domain.errors import Refusal
from domain.leaderboards import Board, Score, Tally, Week, board, midnight, ranked, week_of
from domain.people import Actor
from domain.scoring import Fact, PointRules, earned, total
from services import access, deliveries, people, sent_files
from services.point_rules import point_rules
from services.rules import Rules

EXPIRES = timedelta(hours=24)
"""A board that could not be sent for a day is no news any more."""


SHOWN = "board_shown"
"""The kind of the delivery that brings a picture somebody asked for."""

STREAK = timedelta(weeks=53)
"""How far back a streak is looked for."""


@dataclass(frozen=True, slots=True)
class PostedBoard:
    """A board with the language of its group, and what its picture shows; None: it wants none.

    `remembered_as` names the picture, `file_id` is Telegram's id of it where it was sent before.
    """

    board: Board
    language: str
    picture: BoardPicture | None = None
    remembered_as: str = ""
    file_id: str = ""


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
    return None if made.is_empty else pictured(connection, row, made, now)


def pictured(connection: Connection, row: Any, made: Board, now: datetime) -> PostedBoard:
    """A board with what its picture shows beside it: the groups of the unit, the streak, the next session."""
    if row.picture_theme == "none":
        return PostedBoard(made, row.language)
    coming = roster_queries.next_session(connection, row.id, now)
    picture = BoardPicture(
        row.name,
        made,
        _beside(connection, row.id, made.week),
        _streak(connection, row.id, made.week),
        None if coming is None else NextSession(coming.title, coming.starts_at, coming.place),
        dark=row.picture_theme == "dark",
    )
    name = sent_files.name_of(picture, row.language)
    return PostedBoard(made, row.language, picture, name, sent_files.find(connection, name))


def _beside(connection: Connection, group_id: int, week: Week) -> tuple[GroupRate, ...]:
    """The groups of the unit that have a rate for the week."""
    groups = queries.groups_beside(connection, group_id)
    tallies = _tallies(queries.shares(connection, [row.id for row in groups], week.starts_at, week.ends_at))
    return tuple(
        GroupRate(row.name, rate, own=row.id == group_id)
        for row in groups
        if row.id in tallies and (rate := tallies[row.id].rate) is not None
    )


def _tallies(rows: Iterable[Any]) -> dict[int, Tally]:
    """What `shares` says of each group."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for row in rows:
        found[row.group_id][row.status] = row.times
    return {
        group_id: Tally(
            came=sum(by_status.get(status, 0) for status in CAME),
            expected=sum(by_status.values()) - by_status.get(Status.SITTING_IN, 0),
            excused=by_status.get(Status.EXCUSED, 0),
        )
        for group_id, by_status in found.items()
    }


def _streak(connection: Connection, group_id: int, week: Week) -> int:
    """The weeks in a row, up to this one, in which everybody came who was to come; weeks without sessions pass."""
    rows = queries.fullness(connection, group_id, week.starts_at - STREAK, week.ends_at)
    missing: dict[date, int] = defaultdict(int)
    for row in rows:
        missing[week_of(row.starts_at, week.zone).monday] += row.missing
    streak = 0
    for monday in sorted(missing, reverse=True):
        if missing[monday]:
            break
        streak += 1
    return streak


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
    """The points of the week; of who hides, only those of `also`."""
    return scores_between(connection, group_id, week.monday, week.next_monday, week.zone, also=also)


def scores_between(
    connection: Connection, group_id: int, first: date, after: date, zone: ZoneInfo, *, also: int = 0
) -> list[Score]:
    """The points from a day to before another, counted by the table that held on each day; hidden people as above."""
    rules = point_rules()
    sums: dict[int, int] = defaultdict(int)
    names: dict[int, str] = {}
    for begin, end in rules.periods(first, after):
        worth = _worth_on(begin, rules)
        for row in queries.deeds(connection, group_id, midnight(begin, zone), midnight(end, zone)):
            if row.hidden and row.person_id != also:
                continue
            sums[row.person_id] += worth(row.status, row.led, row.times)
            names[row.person_id] = row.name
    return [Score(person_id, names[person_id], sums[person_id]) for person_id in sums]


def _worth_on(day: date, rules: PointRules) -> Callable[[str, bool, int], int]:
    """What a row is worth on a day; a board has thousands of rows and a handful of different ones."""
    return cache(lambda status, led, times: total((Fact(deed, day, times) for deed in earned(status, led)), rules))


def ask_picture(
    connection: Connection, actor: Actor, chat_telegram_id: int, group_id: int, monday: date, now: datetime
) -> None:
    """Make the picture of a week due in this chat, at most once a minute. Raises Refusal: not_member, unknown_button.

    In a group it is only its own; in private that of a group one belongs to.
    """
    if chat_telegram_id < 0:
        if access.group_of_chat(connection, chat_telegram_id).id != group_id:
            raise Refusal("unknown_button")
    else:
        _member(connection, actor, group_id)
    chat_id = people_queries.chat_id(connection, chat_telegram_id, "group" if chat_telegram_id < 0 else "private")
    deliveries.enqueue(
        connection,
        key=f"{SHOWN}:{chat_id}:{group_id}:{monday.isoformat()}:{now:%Y%m%d%H%M}",
        kind=SHOWN,
        destination_id=chat_id,
        payload={"group_id": group_id, "week_start": monday.isoformat()},
        due_at=now,
        expires_at=now + deliveries.REPLY_EXPIRES,
        policy=Policy.ONCE,
        priority=deliveries.REPLY,
    )


def shown(connection: Connection, payload: Mapping[str, Any], now: datetime) -> PostedBoard | None:
    """The picture somebody asked for, also where the group posts none."""
    row = queries.group(connection, int(payload["group_id"]))
    if row is None:
        return None
    week = Week(date.fromisoformat(payload["week_start"]), ZoneInfo(row.time_zone))
    return pictured(connection, row, _board(connection, row.id, week, now), now)
