"""SQL of registering a group: the group's row, the link to its first settings, and taking it all back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from db.queries.inbox import upsert
from db.tables import (
    chat,
    deep_link,
    draft,
    group_topic,
    membership,
    past_membership,
    series,
    study_group,
    study_session,
    unit,
)


def add_group(connection: Connection, **values: Any) -> int | None:
    """Add a group; None where its chat has one already."""
    statement = upsert(connection)(study_group).values(**values)
    statement = statement.on_conflict_do_nothing(index_elements=["chat_id"]).returning(study_group.c.id)
    return connection.execute(statement).scalar()


def change_group(connection: Connection, group_id: int, **values: Any) -> None:
    """Change columns of a group."""
    connection.execute(update(study_group).where(study_group.c.id == group_id).values(**values))


def add_link(connection: Connection, token: str, purpose: str, subject_id: int, expires_at: datetime) -> None:
    """Keep a link's secret until it expires."""
    connection.execute(
        insert(deep_link).values(token=token, purpose=purpose, subject_id=subject_id, expires_at=expires_at)
    )


def linked(connection: Connection, token: str, purpose: str, now: datetime) -> int | None:
    """What a link opens; None for one that is unknown or expired."""
    return connection.execute(
        select(deep_link.c.subject_id).where(
            deep_link.c.token == token, deep_link.c.purpose == purpose, deep_link.c.expires_at > now
        )
    ).scalar()


def link_to(connection: Connection, purpose: str, subject_id: int, now: datetime) -> str | None:
    """The secret of the link that opens this, while there is one."""
    return connection.execute(
        select(deep_link.c.token)
        .where(deep_link.c.purpose == purpose, deep_link.c.subject_id == subject_id, deep_link.c.expires_at > now)
        .order_by(deep_link.c.expires_at.desc())
        .limit(1)
    ).scalar()


def drop_expired_links(connection: Connection, now: datetime) -> None:
    """Forget the secrets that open nothing any more."""
    connection.execute(delete(deep_link).where(deep_link.c.expires_at <= now))


def count_units(connection: Connection) -> int:
    """How many units there are."""
    return connection.execute(select(func.count()).select_from(unit)).scalar_one()


def units(connection: Connection, limit: int, offset: int) -> Sequence[Any]:
    """Some of the units by name: id, name."""
    return connection.execute(
        select(unit.c.id, unit.c.name).order_by(unit.c.name, unit.c.id).limit(limit).offset(offset)
    ).all()


def unit_name(connection: Connection, unit_id: int) -> str | None:
    """What a unit is called; None where there is no such unit."""
    return connection.execute(select(unit.c.name).where(unit.c.id == unit_id)).scalar()


def is_touched(connection: Connection, group_id: int, registrant_id: int) -> bool:
    """Whether more has happened in a group than that it was registered: others joined, somebody leads, plans exist."""
    others = select(membership.c.id).where(
        membership.c.group_id == group_id,
        or_(membership.c.person_id != registrant_id, membership.c.role != "member", membership.c.left_at.is_not(None)),
    )
    if connection.execute(others.limit(1)).first() is not None:
        return True
    planned = (select(table.c.id).where(table.c.group_id == group_id).limit(1) for table in (study_session, series))
    drafted = select(draft.c.id).where(draft.c.group_id == group_id).limit(1)
    return any(connection.execute(query).first() is not None for query in (*planned, drafted))


def delete_group(connection: Connection, group_id: int) -> None:
    """Take a group back with what belongs to it alone; its chat and its entries in the log stay."""
    connection.execute(delete(deep_link).where(deep_link.c.purpose == "reg", deep_link.c.subject_id == group_id))
    for table in (group_topic, past_membership, membership):
        connection.execute(delete(table).where(table.c.group_id == group_id))
    connection.execute(delete(study_group).where(study_group.c.id == group_id))


def chat_of(connection: Connection, group_id: int) -> int | None:
    """Telegram's number of a group's chat."""
    query = select(chat.c.telegram_id).join(study_group, study_group.c.chat_id == chat.c.id)
    return connection.execute(query.where(study_group.c.id == group_id)).scalar()
