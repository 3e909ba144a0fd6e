"""A database for the real bot: a registered group, its members, and a session that has just begun."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Table, insert

from chat.callback_data import pack
from db import migrate, sqlite, tables
from db.store import sqlite_path
from domain.attendance import window_of
from handlers.registry import all_features
from services.rules import Rules

CHECK_IN_VERB = "checkin"
COUNT_CHECK_INS = (
    "SELECT count(*) FROM attendance JOIN person ON person.id = attendance.person_id"
    " WHERE attendance.status = 'present' AND attendance.method = 'button'"
)
GROUP_ID = 1
SESSION_ID = 1


def prepare(database_url: str, people: Sequence[int], chat_id: int) -> str:
    """Migrate an empty SQLite database and fill it; return the callback data of the check-in button.

    `people` are the members' Telegram ids (the first one leads), `chat_id` is the group's. The session begins
    now, so every check-in of the run is on time. Raises LookupError if no feature answers the button.
    """
    if not any(CHECK_IN_VERB in feature.taps for feature in all_features().values()):
        raise LookupError(f"no feature in handlers/ answers the button {CHECK_IN_VERB!r} yet")
    migrate.upgrade(database_url)
    engine = sqlite.make_engine(sqlite_path(database_url))
    try:
        with engine.begin() as connection:
            _fill(connection, people, chat_id, datetime.now(UTC))
    finally:
        engine.dispose()
    return pack(CHECK_IN_VERB, SESSION_ID)


def _fill(connection: Connection, people: Sequence[int], chat_id: int, now: datetime) -> None:
    rules = Rules()
    last_month = now - timedelta(days=30)
    _add_people(connection, people, last_month)
    _add(connection, tables.unit, id=1, name="组织", created_at=last_month)
    _add(connection, tables.chat, id=1, telegram_id=chat_id, kind="group")
    _add(
        connection,
        tables.study_group,
        id=GROUP_ID,
        unit_id=1,
        chat_id=1,
        name="青年理论学习小组",
        language=rules.language,
        time_zone=rules.time_zone,
        next_board_at=now + timedelta(days=7),
        created_at=last_month,
        created_by=1,
    )
    _add_members(connection, len(people), last_month)
    _add_session(connection, now, rules)


def _add_people(connection: Connection, people: Sequence[int], since: datetime) -> None:
    rows = [
        # The name that the updates carry, so that the run measures check-ins and not changes of name.
        {"id": i, "telegram_id": person, "name": f"同学{person % 100_000} 王", "created_at": since}
        for i, person in enumerate(people, 1)
    ]
    connection.execute(insert(tables.person), rows)


def _add_members(connection: Connection, count: int, since: datetime) -> None:
    rows = [
        {"group_id": GROUP_ID, "person_id": i, "role": "leader" if i == 1 else "member", "joined_at": since}
        for i in range(1, count + 1)
    ]
    connection.execute(insert(tables.membership), rows)


def _add_session(connection: Connection, now: datetime, rules: Rules) -> None:
    ends = now + rules.session_length
    window = window_of(now, ends, rules.window)
    _add(
        connection,
        tables.study_session,
        id=SESSION_ID,
        group_id=GROUP_ID,
        nominal_local=now.replace(tzinfo=None),
        kind="lesson",
        title="党课：学习原著",
        place="三楼会议室",
        opens_at=window.opens_at,
        starts_at=now,
        late_from=window.late_from,
        ends_at=ends,
        closes_at=window.closes_at,
        checkin_message_id=4242,  # the message of the prepared taps
        created_by=1,
    )


def _add(connection: Connection, table: Table, **values: object) -> None:
    connection.execute(insert(table).values(**values))
