"""Rows for tests of boards and exports: units, groups, people, sessions and attendance, written directly."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Connection, Table, insert

from db.tables import (
    attendance,
    chat,
    membership,
    person,
    study_group,
    study_session,
    unit,
    unit_admin,
)
from domain.people import Actor

LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Somebody:
    """A person with their account."""

    id: int
    actor: Actor


class StudyLife:
    """Makes rows with fresh numbers, and returns their ids."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._numbers = count(1)

    def row(self, table: Table, **values: Any) -> int:
        made = self._connection.execute(insert(table).values(**values).returning(table.c.id))
        return int(made.scalar_one())

    def unit(self, name: str = "机关党委", parent: int | None = None) -> int:
        return self.row(unit, name=name, parent_id=parent, created_at=LONG_AGO)

    def group(self, unit_id: int, name: str = "第一学习小组", **values: Any) -> int:
        chat_id = self.row(chat, telegram_id=-1000 - next(self._numbers), kind="group")
        return self.row(
            study_group,
            **{
                "unit_id": unit_id,
                "chat_id": chat_id,
                "name": name,
                "language": "zh-CN",
                "time_zone": "Asia/Shanghai",
                "created_at": LONG_AGO,
                **values,
            },
        )

    def person(self, name: str) -> Somebody:
        telegram_id = 500 + next(self._numbers)
        person_id = self.row(person, telegram_id=telegram_id, name=name, created_at=LONG_AGO)
        return Somebody(person_id, Actor(telegram_id, name))

    def member(self, group_id: int, name: str, role: str = "member", **values: Any) -> Somebody:
        somebody = self.person(name)
        self.join(group_id, somebody, role, **values)
        return somebody

    def join(self, group_id: int, somebody: Somebody, role: str = "member", **values: Any) -> int:
        facts = {"joined_at": LONG_AGO, **values}
        return self.row(membership, group_id=group_id, person_id=somebody.id, role=role, **facts)

    def admin(self, unit_id: int, somebody: Somebody) -> int:
        return self.row(unit_admin, unit_id=unit_id, person_id=somebody.id, granted_at=LONG_AGO, granted_by=1)

    def session(self, group_id: int, starts_at: datetime, by: Somebody, **values: Any) -> int:
        ends_at = starts_at + timedelta(minutes=90)
        facts = {
            "nominal_local": starts_at.replace(tzinfo=None),
            "kind": "study",
            "title": "学习原著",
            "opens_at": starts_at - timedelta(minutes=15),
            "late_from": starts_at + timedelta(minutes=10),
            "state": "closed",
            **values,
        }
        return self.row(
            study_session,
            group_id=group_id,
            starts_at=starts_at,
            ends_at=ends_at,
            closes_at=ends_at,
            created_by=by.id,
            **facts,
        )

    def came(self, session_id: int, at: datetime, **statuses: Somebody | tuple[Somebody, ...]) -> None:
        """Attendance by status: `came(session, at, present=(li, wang), absent=zhao)`."""
        for status, people in statuses.items():
            for somebody in people if isinstance(people, tuple) else (people,):
                self.row(
                    attendance,
                    session_id=session_id,
                    person_id=somebody.id,
                    status=status,
                    method="button" if status in ("present", "late") else "closing",
                    at=at,
                )
