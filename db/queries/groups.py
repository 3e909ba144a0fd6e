"""SQL of groups: the chats they live in, and who belongs to them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, exists, func, insert, select, update

from db.queries.inbox import upsert
from db.tables import chat, delivery, membership, past_membership, person, study_group

_BELONGING: Final = (
    select(
        person.c.id,
        func.coalesce(person.c.real_name, person.c.name).label("name"),
        person.c.name.label("public_name"),  # as Telegram shows it; a real name is for private lists
        person.c.real_name,
        person.c.language,
        person.c.chat_id,
        chat.c.state.label("chat_state"),
        membership.c.role,
        membership.c.joined_at,
        membership.c.standing,
        membership.c.committee,
        membership.c.subgroup,
        membership.c.speaks,
        person.c.number,
        person.c.telegram_id,
    )
    .select_from(membership)
    .join(person, person.c.id == membership.c.person_id)
    .outerjoin(chat, chat.c.id == person.c.chat_id)
    .where(membership.c.left_at.is_(None), person.c.forgotten_at.is_(None))
)
"""The members of now; who had their name erased is none any more."""


def lock(connection: Connection, group_id: int) -> None:
    """Let nobody else change who leads the group until the end of this transaction."""
    connection.execute(select(study_group.c.id).where(study_group.c.id == group_id).with_for_update())


def join(connection: Connection, group_id: int, person_id: int, now: datetime, role: str = "member") -> None:
    """Make somebody a member, or a member again: the time that ended is kept beside the new one.

    Who is a member already stays what they are, since when they are.
    """
    known = connection.execute(
        select(membership.c.id, membership.c.joined_at, membership.c.left_at)
        .where(membership.c.group_id == group_id, membership.c.person_id == person_id)
        .with_for_update()
    ).one_or_none()
    if known is None:
        statement = upsert(connection)(membership).values(
            group_id=group_id, person_id=person_id, role=role, joined_at=now
        )
        connection.execute(statement.on_conflict_do_nothing(index_elements=["group_id", "person_id"]))
    elif known.left_at is not None:
        connection.execute(
            insert(past_membership).values(
                group_id=group_id, person_id=person_id, joined_at=known.joined_at, left_at=known.left_at
            )
        )
        connection.execute(
            update(membership).where(membership.c.id == known.id).values(joined_at=now, left_at=None, role=role)
        )


def set_role(connection: Connection, group_id: int, person_id: int, role: str) -> None:
    """Make a member something else: member, deputy or leader."""
    connection.execute(
        update(membership)
        .where(membership.c.group_id == group_id, membership.c.person_id == person_id, membership.c.left_at.is_(None))
        .values(role=role)
    )


def mark(connection: Connection, group_id: int, person_id: int, **values: Any) -> None:
    """Change marks of a member of now: standing, committee, subgroup, speaks."""
    connection.execute(
        update(membership)
        .where(membership.c.group_id == group_id, membership.c.person_id == person_id, membership.c.left_at.is_(None))
        .values(**values)
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
        .join(person, person.c.id == membership.c.person_id)
        .where(membership.c.group_id == group_id, membership.c.left_at.is_(None), person.c.forgotten_at.is_(None))
    ).scalar_one()


def leader_names(connection: Connection, group_id: int) -> list[str]:
    """The names of those who lead the group, the longest a member first."""
    return [row.public_name for row in with_roles(connection, group_id, ("leader",))]


def with_roles(connection: Connection, group_id: int, roles: Collection[str]) -> Sequence[Any]:
    """Who is one of these in the group now, the longest a member first: person, role, state of the private chat."""
    query = _BELONGING.where(membership.c.group_id == group_id, membership.c.role.in_(roles))
    return connection.execute(query.order_by(membership.c.joined_at, membership.c.id)).all()


def member(connection: Connection, group_id: int, person_id: int) -> Any | None:
    """A member of now, as `with_roles` tells of them."""
    query = _BELONGING.where(membership.c.group_id == group_id, membership.c.person_id == person_id)
    return connection.execute(query).one_or_none()


def card_of(connection: Connection, chat_id: int, kind: str) -> Any | None:
    """The newest card that hangs in the chat: message_id and payload."""
    return connection.execute(
        select(delivery.c.message_id, delivery.c.payload)
        .where(delivery.c.destination_id == chat_id, delivery.c.kind == kind, delivery.c.message_id.is_not(None))
        .order_by(delivery.c.id.desc())
        .limit(1)
    ).one_or_none()


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
