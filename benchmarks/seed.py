"""A database for the real bot: a registered group, its members, and a session that has just begun."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from sqlalchemy import Connection, Table, insert, text, update

from chat.callback_data import pack
from db import migrate, sqlite, tables
from db.store import async_url, is_sqlite, sqlite_path
from domain.attendance import window_of
from domain.deliveries import Policy
from handlers.registry import all_features
from services import deliveries
from services.rules import Rules

CHECK_IN_VERB = "checkin"
COUNT_CHECK_INS = (
    "SELECT count(*) FROM attendance JOIN person ON person.id = attendance.person_id"
    " WHERE attendance.status = 'present' AND attendance.method = 'button'"
)
GROUP_ID = 1
SESSION_ID = 1
CHATS_FROM = 10
"""The first id of the private chats' rows, behind those of the groups."""
T = TypeVar("T")


More = Callable[[Connection, Sequence[int], datetime], None]


def prepare(database_url: str, people: Sequence[int], chat_id: int, more: More | None = None) -> str:
    """Migrate an empty database and fill it; return the callback data of the check-in button.

    `people` are the members' Telegram ids (the first one leads), `chat_id` is the group's. The session begins
    now, so every check-in of the run is on time. `more` adds what one contender needs beside that. Raises LookupError
    if no feature answers the button. Blocking, and on PostgreSQL with a loop of its own: call it in a thread.
    """
    if not any(CHECK_IN_VERB in feature.taps for feature in all_features().values()):
        raise LookupError(f"no feature in handlers/ answers the button {CHECK_IN_VERB!r} yet")
    migrate.upgrade(database_url)

    def fill(connection: Connection) -> None:
        now = datetime.now(UTC)
        _fill(connection, people, chat_id, now)
        if more is not None:
            more(connection, people, now)

    if is_sqlite(database_url):
        engine = sqlite.make_engine(sqlite_path(database_url))
        try:
            with engine.begin() as connection:
                fill(connection)
        finally:
            engine.dispose()
    else:
        asyncio.run(_on_postgres(database_url, fill))
    return pack(CHECK_IN_VERB, SESSION_ID)


def count(database_url: str, query: str) -> int:
    """The number that a query gives, after a run. Blocking in the same way."""
    if is_sqlite(database_url):
        with closing(sqlite3.connect(sqlite_path(database_url))) as connection:
            return int(connection.execute(query).fetchone()[0])
    return int(asyncio.run(_on_postgres(database_url, lambda connection: connection.scalar(text(query)))))


async def _on_postgres(database_url: str, work: Callable[[Connection], T]) -> T:
    from db import postgres

    engine = postgres.make_engine(async_url(database_url))
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


def reminders(people: int) -> int:
    """How many messages `add_reminders` makes due for so many people."""
    return people + people // 4 * 2 + _group_messages(people)


def _group_messages(people: int) -> int:
    """One more than the 20 a minute where everybody else's messages take a minute, fewer where they take less."""
    return min(people // 57, 21)


def add_reminders(connection: Connection, people: Sequence[int], now: datetime) -> None:
    """Messages that are all due: a reminder to each, two replies more to each fourth, and those of the group."""
    chats = [{"id": CHATS_FROM + i, "telegram_id": person, "kind": "private"} for i, person in enumerate(people)]
    connection.execute(insert(tables.chat), chats)
    connection.execute(update(tables.person).values(private_reminders=True))
    common = {"policy": Policy.RESEND.value, "due_at": now, "next_at": now, "expires_at": now + timedelta(days=1)}
    rows = [
        {
            "dedupe_key": f"reminder:{i}",
            "kind": "private_reminder",
            "priority": deliveries.DUE,
            "destination_id": CHATS_FROM + i,
            "session_id": SESSION_ID,
            "payload": {"session_id": SESSION_ID, "person_id": i + 1, "language": "zh-CN"},
            **common,
        }
        for i in range(len(people))
    ]
    said = {"text": "checkins.offer", "language": "zh-CN", "values": {}, "buttons": []}
    own, group = [CHATS_FROM + i for i in range(len(people) // 4) for _ in range(2)], _group_messages(len(people))
    replies = [
        {
            "dedupe_key": f"reply:{i}",
            "kind": "reply",
            "priority": deliveries.DUE,
            "destination_id": place,
            "session_id": None,
            "payload": said,
            **common,
        }
        for i, place in enumerate([1] * group + own)
    ]
    # The group's first, because 21 of them take a minute, and what is due longest goes first.
    rows = [*replies[:group], *rows, *replies[group:]]
    connection.execute(insert(tables.delivery), rows)


HISTORY_GROUP = 2
HISTORY_DAYS = 200
HISTORY_PEOPLE = 500


def add_history(connection: Connection, people: Sequence[int], now: datetime) -> None:
    """A second group that the first person leads, with 100,000 records: 500 people in each of 200 closed sessions."""
    since = now - timedelta(days=HISTORY_DAYS + 2)
    _add(connection, tables.chat, id=2, telegram_id=-1_001_900_000_002, kind="group")
    _add(connection, tables.chat, id=3, telegram_id=people[0], kind="private")
    connection.execute(update(tables.person).where(tables.person.c.id == 1).values(chat_id=3))
    _add_group(connection, HISTORY_GROUP, 2, "第二学习小组", now, since)
    _add_members(connection, HISTORY_GROUP, min(HISTORY_PEOPLE, len(people)), since)
    for day in range(1, HISTORY_DAYS + 1):
        _add_session(connection, SESSION_ID + day, HISTORY_GROUP, now - timedelta(days=day), Rules(), "closed")
    rows = [
        {
            "session_id": SESSION_ID + day,
            "person_id": person,
            "status": ("present", "late", "absent", "excused")[(day + person) % 4],
            "method": "leader",
            "at": now - timedelta(days=day),
        }
        for day in range(1, HISTORY_DAYS + 1)
        for person in range(1, min(HISTORY_PEOPLE, len(people)) + 1)
    ]
    connection.execute(insert(tables.attendance), rows)


def export_button() -> str:
    """The button that orders all of that history as a workbook."""
    today = datetime.now(UTC).date().toordinal()
    return pack("export_make", HISTORY_GROUP, today - HISTORY_DAYS - 2, today, 0)


def _fill(connection: Connection, people: Sequence[int], chat_id: int, now: datetime) -> None:
    rules = Rules()
    last_month = now - timedelta(days=30)
    _add_people(connection, people, last_month)
    _add(connection, tables.unit, id=1, name="组织", created_at=last_month)
    _add(connection, tables.chat, id=1, telegram_id=chat_id, kind="group")
    _add_group(connection, GROUP_ID, 1, "青年理论学习小组", now, last_month)
    _add_members(connection, GROUP_ID, len(people), last_month)
    _add_session(connection, SESSION_ID, GROUP_ID, now, rules)


def _add_group(connection: Connection, group_id: int, chat_id: int, name: str, now: datetime, since: datetime) -> None:
    rules = Rules()
    _add(
        connection,
        tables.study_group,
        id=group_id,
        unit_id=1,
        chat_id=chat_id,
        name=name,
        language=rules.language,
        time_zone=rules.time_zone,
        next_board_at=now + timedelta(days=7),
        created_at=since,
        created_by=1,
    )


def _add_people(connection: Connection, people: Sequence[int], since: datetime) -> None:
    rows = [
        # The name that the updates carry, so that the run measures check-ins and not changes of name.
        {"id": i, "telegram_id": person, "name": f"同学{person % 100_000} 王", "created_at": since}
        for i, person in enumerate(people, 1)
    ]
    connection.execute(insert(tables.person), rows)


def _add_members(connection: Connection, group_id: int, how_many: int, since: datetime) -> None:
    rows = [
        {"group_id": group_id, "person_id": i, "role": "leader" if i == 1 else "member", "joined_at": since}
        for i in range(1, how_many + 1)
    ]
    connection.execute(insert(tables.membership), rows)


def _add_session(
    connection: Connection, session_id: int, group_id: int, starts: datetime, rules: Rules, state: str = "scheduled"
) -> None:
    ends = starts + rules.session_length
    window = window_of(starts, ends, rules.window)
    _add(
        connection,
        tables.study_session,
        id=session_id,
        group_id=group_id,
        state=state,
        nominal_local=starts.replace(tzinfo=None),
        kind="lesson",
        title="党课：学习原著",
        place="三楼会议室",
        opens_at=window.opens_at,
        starts_at=starts,
        late_from=window.late_from,
        ends_at=ends,
        closes_at=window.closes_at,
        checkin_message_id=4242,  # the message of the prepared taps
        created_by=1,
    )


def _add(connection: Connection, table: Table, **values: object) -> None:
    connection.execute(insert(table).values(**values))
