"""A group with a session to be held, written directly, and what tests of attendance ask of the outbox."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select, update
from study_life import Somebody, StudyLife

from db.tables import attendance, attendance_change, chat, delivery, person, study_group
from domain.attendance import Moment, Status
from domain.errors import Refusal
from services import checkins, responses
from services.rules import Rules

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # Tuesday, 17:00 in Shanghai
STARTS_AT = datetime(2026, 12, 2, 6, 0, tzinfo=UTC)  # Wednesday, 14:00
ENDS_AT = STARTS_AT + timedelta(minutes=90)
AFTER = ENDS_AT + timedelta(minutes=5)
RULES = Rules()


class Group:
    """A group with a leader (reachable), a member and somebody who is none, in a chat of its own."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.life = StudyLife(connection)
        self.unit_id = self.life.unit()
        self.id = self.life.group(self.unit_id)
        self.chat_row = connection.execute(select(study_group.c.chat_id)).scalar_one()
        self.telegram_id = connection.execute(select(chat.c.telegram_id)).scalar_one()
        self.leader = self.life.member(self.id, "组长", role="leader")
        self.member = self.life.member(self.id, "李明")
        self.outsider = self.life.person("王芳")
        self.leader_chat = self.start(self.leader)

    def start(self, somebody: Somebody, **values: Any) -> int:
        """They pressed Start: their private chat."""
        chat_id = self.life.row(chat, telegram_id=somebody.actor.telegram_id, kind="private")
        values = {"chat_id": chat_id, **values}
        self.connection.execute(update(person).where(person.c.id == somebody.id).values(**values))
        return chat_id

    def session(self, **values: Any) -> int:
        """A session that is still to be held; its id."""
        return self.life.session(self.id, STARTS_AT, self.leader, **{"state": "scheduled", **values})

    def answer(self, session_id: int, who: Somebody, wanted: str, now: datetime = NOW) -> responses.Answered:
        """Somebody taps a button of the card in the group."""
        return responses.answer(
            self.connection, session_id, who.actor, self.telegram_id, wanted, at(now), now=now, rules=RULES
        )

    def check_in(self, session_id: int, who: Somebody, now: datetime = STARTS_AT) -> checkins.CheckIn:
        """Somebody taps ⟦签到⟧ in the group."""
        return checkins.check_in(
            self.connection, session_id, who.actor, self.telegram_id, at(now), now=now, rules=RULES
        )

    def recorded(self, session_id: int, who: Somebody) -> Status:
        """What is recorded of somebody."""
        query = select(attendance.c.status).where(
            attendance.c.session_id == session_id, attendance.c.person_id == who.id
        )
        return Status(self.connection.execute(query).scalar() or "unrecorded")

    def history(self, who: Somebody) -> list[tuple[str, str, str]]:
        """The changes of somebody's records: before, after, method."""
        query = select(attendance_change).where(attendance_change.c.person_id == who.id)
        rows = self.connection.execute(query.order_by(attendance_change.c.id))
        return [(row.before, row.after, row.method) for row in rows]

    def deliveries(self, *kinds: str) -> list[Any]:
        """What is in the outbox, in order of its being due."""
        query = select(delivery).order_by(delivery.c.due_at, delivery.c.id)
        return list(self.connection.execute(query.where(delivery.c.kind.in_(kinds))).all())


def at(now: datetime, not_before: datetime | None = None) -> Moment:
    """The moment of a tap."""
    return Moment(now, not_before)


def refused(code: str) -> "pytest.RaisesExc[Refusal]":
    """Expects a refusal with this code."""
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == code)
