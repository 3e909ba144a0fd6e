"""Steps of a group's life for tests: registering, joining, appointing, and what was said on the way."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, select

from chat import leaders_cards
from chat.outgoing import Message
from chat.replies import render
from db.tables import delivery, membership, person, unit, unit_admin
from domain.errors import Refusal
from domain.people import Actor
from jobs.replies import facts
from services import groups, leaders, leaving, people, registration, role_notices
from services.rules import Rules

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HERE = -100500
LI, WANG, ZHAO = Actor(501, "李明"), Actor(502, "王芳"), Actor(503, "赵强")
BOSS = Actor(900, "主管")
BOT = "study_bot"


def register(connection: Connection, actor: Actor = LI, chat_id: int = HERE, **changes: Any) -> int:
    given = {
        "is_chat_admin": True,
        "token": f"token{chat_id}",
        "organisation_name": "机关党委",
        "bot_username": BOT,
        "rules": Rules(),
        "now": NOW,
        "reply_key": f"reply:1:{chat_id}",
        "title": "第一学习小组",
        **changes,
    }
    return registration.register(connection, actor, chat_id, given.pop("title"), **given)


def join(
    connection: Connection, group_id: int, actor: Actor, chat_id: int = HERE, now: datetime = NOW
) -> groups.Joined:
    return groups.join(connection, group_id, actor, chat_id, message_id=70, bot_username=BOT, now=now, rules=Rules())


def part(connection: Connection, actor: Actor, now: datetime = NOW) -> None:
    leaving.part(connection, actor.telegram_id, HERE, now=now, rules=Rules(), reply_key=f"part:{actor.telegram_id}")


def appoint(
    connection: Connection, whom: Actor, by: Actor, *, is_chat_admin: bool = False, key: str = "a", now: datetime = NOW
) -> leaders.Appointed:
    return leaders.appoint(
        connection,
        whom,
        by,
        HERE,
        is_chat_admin=is_chat_admin,
        bot_username=BOT,
        now=now,
        rules=Rules(),
        reply_key=key,
    )


def led_group(connection: Connection, *members: Actor) -> int:
    """A group that 李明 leads, who has pressed Start; gives its id."""
    group_id = register(connection)
    appoint(connection, LI, LI, is_chat_admin=True, key="first")
    people.start(connection, LI, NOW)
    for member in members:
        join(connection, group_id, member)
    return group_id


def make_admin(connection: Connection, actor: Actor = BOSS) -> Actor:
    """An admin of everything."""
    boss = people.meet(connection, actor, NOW)
    root = connection.execute(select(unit.c.id).order_by(unit.c.id).limit(1)).scalar_one()
    connection.execute(unit_admin.insert().values(unit_id=root, person_id=boss.id, granted_at=NOW, granted_by=1))
    return actor


def id_of(connection: Connection, actor: Actor) -> int:
    return int(connection.execute(select(person.c.id).where(person.c.telegram_id == actor.telegram_id)).scalar_one())


def role(connection: Connection, actor: Actor) -> str | None:
    """What somebody is now in the one group of the test; None: no member."""
    return connection.execute(
        select(membership.c.role)
        .join(person)
        .where(person.c.telegram_id == actor.telegram_id, membership.c.left_at.is_(None))
    ).scalar()


def message(connection: Connection, key: str) -> Message:
    """A reply or a notice as it is sent."""
    row = connection.execute(
        select(delivery.c.kind, delivery.c.payload).where(delivery.c.dedupe_key == key)
    ).one_or_none()
    assert row is not None, f"nothing is due under {key}"
    if row.kind == role_notices.NOTICE:
        return leaders_cards.notice(role_notices.notice(connection, row.payload, NOW))
    return render(facts(connection, row.payload, NOW))


def said(connection: Connection, key: str) -> str:
    return message(connection, key).text


def told(connection: Connection, key: str, actor: Actor) -> str:
    """What a person was told in private."""
    return said(connection, f"{key}:to:{id_of(connection, actor)}")


def offered(shown: Message) -> list[str | None]:
    """What the buttons carry."""
    return [button.data or button.url for row in shown.keyboard for button in row]


def refused(act: Callable[[], object]) -> str:
    """The code of the refusal that an act meets."""
    with pytest.raises(Refusal) as met:
        act()
    return met.value.code
