"""SQL of groups: the chats they live in, and who belongs to them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, exists, func, select, update

from db.queries.inbox import upsert
from db.tables import chat, delivery, membership, person, study_group


def add(connection: Connection, **values: Any) -> int | None:
    """Add a group; None where its chat has one already."""
    statement = upsert(connection)(study_group).values(**values)
    statement = statement.on_conflict_do_nothing(index_elements=["chat_id"]).returning(study_group.c.id)
    return connection.execute(statement).scalar()


def lock(connection: Connection, group_id: int) -> None:
    """Let nobody else change who leads the group until the end of this transaction."""
    connection.execute(select(study_group.c.id).where(study_group.c.id == group_id).with_for_update())


def join(connection: Connection, group_id: int, person_id: int, now: datetime) -> None:
    """Make somebody a member, or a member again: who left comes back as no leader."""
    statement = upsert(connection)(membership).values(
        group_id=group_id, person_id=person_id, role="member", joined_at=now
    )
    statement = statement.on_conflict_do_update(
        index_elements=["group_id", "person_id"],
        set_={"left_at": None, "role": "member"},
        where=membership.c.left_at.is_not(None),
    )
    connection.execute(statement)


def make_leader(connection: Connection, group_id: int, person_id: int) -> None:
    """Make a member a leader."""
    connection.execute(
        update(membership)
        .where(membership.c.group_id == group_id, membership.c.person_id == person_id)
        .values(role="leader")
    )


def leave(connection: Connection, group_id: int, person_id: int, now: datetime) -> None:
    """End somebody's membership, and with it what they were in the group."""
    connection.execute(
        update(membership)
        .where(membership.c.group_id == group_id, membership.c.person_id == person_id, membership.c.left_at.is_(None))
        .values(left_at=now, role="member")
    )


def count_members(connection: Connection, group_id: int) -> int:
    """How many belong to the group now."""
    return connection.execute(
        select(func.count())
        .select_from(membership)
        .where(membership.c.group_id == group_id, membership.c.left_at.is_(None))
    ).scalar_one()


def leader_names(connection: Connection, group_id: int) -> list[str]:
    """The names of those who lead the group, the longest a member first."""
    found = connection.execute(
        select(person.c.name)
        .join(membership, membership.c.person_id == person.c.id)
        .where(
            membership.c.group_id == group_id,
            membership.c.role == "leader",
            membership.c.left_at.is_(None),
        )
        .order_by(membership.c.joined_at, membership.c.id)
    )
    return list(found.scalars())


def lose_chat(connection: Connection, chat_telegram_id: int) -> None:
    """Nothing more can be sent to this chat."""
    connection.execute(update(chat).where(chat.c.telegram_id == chat_telegram_id).values(state="gone"))


def drop_groupless_chat(connection: Connection, chat_telegram_id: int) -> None:
    """Forget a chat in which no group is registered, with what was to be sent to it."""
    groupless = (
        select(chat.c.id)
        .where(chat.c.telegram_id == chat_telegram_id)
        .where(~exists().where(study_group.c.chat_id == chat.c.id))
    )
    chat_id = connection.execute(groupless).scalar()
    if chat_id is not None:
        connection.execute(delete(delivery).where(delivery.c.destination_id == chat_id))
        connection.execute(delete(chat).where(chat.c.id == chat_id))


def is_lost(connection: Connection, chat_telegram_id: int) -> bool:
    """Whether the bot was out of this chat."""
    query = select(chat.c.id).where(chat.c.telegram_id == chat_telegram_id, chat.c.state != "active")
    return connection.execute(query).first() is not None


def has_group(connection: Connection, chat_telegram_id: int) -> bool:
    """Whether a group is registered in the chat."""
    query = select(study_group.c.id).join(chat).where(chat.c.telegram_id == chat_telegram_id)
    return connection.execute(query).first() is not None
