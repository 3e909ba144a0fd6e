"""A registered group whose session is open for check-in now: rows for tests of a tap's whole road."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, insert, literal, select

from chat.callback_data import pack
from db import sqlite
from db.store import is_sqlite, sqlite_path
from db.tables import chat, membership, person, study_group, study_session, unit
from db.tables.metadata import Instant
from domain.attendance import window_of
from services import checkins, deliveries
from services.rules import Rules


@dataclass(frozen=True, slots=True)
class OpenSession:
    """The numbers of what was made."""

    group_id: int
    session_id: int
    chat_row: int
    chat_telegram_id: int

    @property
    def button(self) -> str:
        """The data of its check-in button."""
        return pack("checkin", self.session_id)


def engine_of(url: str, *, read_only: bool = False) -> Engine:
    """A plain engine for looking into a bot's database from outside."""
    if is_sqlite(url):
        return sqlite.make_engine(sqlite_path(url), read_only=read_only)
    return create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))


def open_session(
    connection: Connection, chat_telegram_id: int, members: Sequence[int], leader: int, starts_at: datetime
) -> OpenSession:
    """A group in a chat, its members by their Telegram ids, and a session that starts at `starts_at`."""
    rules, long_ago = Rules(), starts_at - timedelta(days=30)
    unit_id = _row(connection, unit, name="机关党委", created_at=long_ago)
    chat_row = _row(connection, chat, telegram_id=chat_telegram_id, kind="group")
    group_id = _row(
        connection,
        study_group,
        unit_id=unit_id,
        chat_id=chat_row,
        name="第一学习小组",
        language=rules.language,
        time_zone=rules.time_zone,
        next_board_at=starts_at + timedelta(days=30),
        created_at=long_ago,
    )
    leader_id = _row(connection, person, telegram_id=leader, name="组长", created_at=long_ago)
    _row(connection, membership, group_id=group_id, person_id=leader_id, role="leader", joined_at=long_ago)
    _add_members(connection, group_id, members, long_ago)
    window = window_of(starts_at, starts_at + rules.session_length, rules.window)
    session_id = _row(
        connection,
        study_session,
        group_id=group_id,
        nominal_local=starts_at.replace(tzinfo=None),
        kind="lesson",
        title="党课：学习原著",
        opens_at=window.opens_at,
        starts_at=starts_at,
        late_from=window.late_from,
        ends_at=starts_at + rules.session_length,
        closes_at=window.closes_at,
        created_by=leader_id,
    )
    return OpenSession(group_id, session_id, chat_row, chat_telegram_id)


def announce(connection: Connection, made: OpenSession, now: datetime) -> None:
    """Make the message with the check-in button due now."""
    deliveries.enqueue(
        connection,
        key=f"session:{made.session_id}:1:{checkins.OPEN}:{made.chat_row}",
        kind=checkins.OPEN,
        destination_id=made.chat_row,
        session_id=made.session_id,
        payload={"session_id": made.session_id},
        due_at=now,
        expires_at=now + timedelta(hours=1),
    )


def _add_members(connection: Connection, group_id: int, members: Sequence[int], since: datetime) -> None:
    if not members:
        return
    connection.execute(
        insert(person),
        [{"telegram_id": member, "name": f"组员{member}", "created_at": since} for member in members],
    )
    columns = ("group_id", "person_id", "role", "joined_at")
    everybody = select(literal(group_id), person.c.id, literal("member"), literal(since, Instant())).where(
        person.c.telegram_id.in_(members)
    )
    connection.execute(insert(membership).from_select(columns, everybody))


def _row(connection: Connection, table: Table, **values: Any) -> int:
    return int(connection.execute(insert(table).values(**values).returning(table.c.id)).scalar_one())
