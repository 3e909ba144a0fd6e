"""A registered group with its people, and what tests of sessions ask of its outbox."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update
from study_life import Somebody, StudyLife

from db.tables import chat, delivery, person, study_group, study_session
from domain.attendance import Moment
from services import drafts, publishing
from services.drafts import Echo, Typed
from services.rules import Rules

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # Tuesday, 17:00 in Shanghai
STARTS_AT = datetime(2026, 12, 2, 11, 0, tzinfo=UTC)  # Wednesday, 19:00
RULES = Rules()
TYPED = Typed(
    title="党课：学习原著",
    kind="lesson",
    place="三楼会议室",
    starts_local=datetime(2026, 12, 2, 19, 0),  # noqa: DTZ001 — wall clock
    starts_at=STARTS_AT,
    minutes=90,
    cadence=None,
    bare_hour=False,
    in_gap=False,
)


class Group:
    """A group with a leader (reachable) and a member, in a chat of its own."""

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

    def draft(self, typed: Typed = TYPED, key: str = "reply:1:1") -> int:
        return drafts.add(
            self.connection,
            self.id,
            self.leader.actor,
            self.telegram_id,
            typed,
            reply_key=key,
            language="zh-CN",
            now=NOW,
        )

    def publish(self, draft_id: int, by: Somebody | None = None, now: datetime = NOW) -> Echo:
        actor = (by or self.leader).actor
        return publishing.publish(self.connection, draft_id, actor, rules=RULES, now=now).echo

    def session(self, typed: Typed = TYPED) -> int:
        """A published session; its id."""
        self.publish(self.draft(typed))
        return int(self.connection.execute(select(study_session.c.id)).scalar_one())

    def deliveries(self, *kinds: str) -> list[Any]:
        """What is in the outbox, in order of its being due."""
        query = select(delivery).order_by(delivery.c.due_at, delivery.c.id)
        return list(self.connection.execute(query.where(delivery.c.kind.in_(kinds))).all())

    def sessions(self) -> list[Any]:
        return list(self.connection.execute(select(study_session).order_by(study_session.c.starts_at)).all())


def at(now: datetime, not_before: datetime | None = None) -> Moment:
    """The moment of a tap."""
    return Moment(now, not_before)


def before_start(minutes: int) -> datetime:
    return STARTS_AT - timedelta(minutes=minutes)
