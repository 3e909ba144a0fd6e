"""SQL of a group's people as its leader sees them, and of invitations to lead."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, and_, case, delete, func, insert, select

from db.queries.expectation import held_by
from db.tables import audit, chat, deep_link, delivery, membership, person, study_group, study_session

INVITATION: Final = "handover"
_ORDER: Final = case((membership.c.role == "leader", 0), (membership.c.role == "deputy", 1), else_=2)
_NAME: Final = func.coalesce(person.c.real_name, person.c.name)
_REACHABLE: Final = func.coalesce(chat.c.state, "") == "active"


def people(connection: Connection, group_id: int, roles: Collection[str], limit: int, offset: int) -> Sequence[Any]:
    """The group's people of now: leaders, deputies, members, each by name; id, name, role, reachable."""
    query = _in_group(
        select(person.c.id, _NAME.label("name"), membership.c.role, _REACHABLE.label("reachable")), group_id
    )
    query = query.where(membership.c.role.in_(roles)).order_by(_ORDER, _NAME, person.c.id)
    return connection.execute(query.limit(limit).offset(offset)).all()


def count(connection: Connection, group_id: int, roles: Collection[str]) -> int:
    """How many of them there are."""
    query = _in_group(select(func.count()), group_id).where(membership.c.role.in_(roles))
    return int(connection.execute(query).scalar_one())


def count_unreachable(connection: Connection, group_id: int) -> int:
    """How many never pressed Start, or blocked the bot."""
    return int(connection.execute(_in_group(select(func.count()), group_id).where(~_REACHABLE)).scalar_one())


def _in_group(query: Select[Any], group_id: int) -> Select[Any]:
    """Who had their name erased is in no list."""
    return (
        query.select_from(membership)
        .join(person, person.c.id == membership.c.person_id)
        .outerjoin(chat, chat.c.id == person.c.chat_id)
        .where(
            membership.c.group_id == group_id,
            membership.c.left_at.is_(None),
            person.c.forgotten_at.is_(None),
        )
    )


def memberships(connection: Connection, person_id: int, limit: int, offset: int) -> Sequence[Any]:
    """The groups somebody belongs to by name: id, name, role, joined_at, time_zone."""
    return connection.execute(
        select(
            study_group.c.id,
            study_group.c.name,
            study_group.c.time_zone,
            membership.c.role,
            membership.c.joined_at,
        )
        .join(membership, membership.c.group_id == study_group.c.id)
        .where(membership.c.person_id == person_id, membership.c.left_at.is_(None))
        .order_by(study_group.c.name, study_group.c.id)
        .limit(limit)
        .offset(offset)
    ).all()


def count_memberships(connection: Connection, person_id: int) -> int:
    """How many groups somebody belongs to."""
    query = select(func.count()).where(membership.c.person_id == person_id, membership.c.left_at.is_(None))
    return int(connection.execute(query).scalar_one())


def last_act(connection: Connection, group_id: int, action: str, subject: str) -> Any | None:
    """The newest entry of the log about this: at, actor_id, subject, which begins with `subject`."""
    return connection.execute(
        select(audit.c.at, audit.c.actor_id, audit.c.subject)
        .where(audit.c.group_id == group_id, audit.c.action == action, audit.c.subject.startswith(subject))
        .order_by(audit.c.id.desc())
        .limit(1)
    ).one_or_none()


def posted_since(connection: Connection, chat_id: int, key: str, since: datetime) -> datetime | None:
    """When a message whose key begins so was last made due in a chat, if that was after `since`."""
    return connection.execute(
        select(delivery.c.due_at)
        .where(
            delivery.c.destination_id == chat_id,
            delivery.c.dedupe_key.startswith(key, autoescape=True),
            delivery.c.due_at > since,
        )
        .order_by(delivery.c.due_at.desc())
        .limit(1)
    ).scalar()


def invite(connection: Connection, group_id: int, leader_id: int, person_id: int, expires_at: datetime) -> None:
    """A leader asks somebody to take over; an older question of theirs in this group is withdrawn."""
    withdraw_invitation(connection, group_id, leader_id)
    token = f"{_asked_by(group_id, leader_id)}{person_id}"
    connection.execute(
        insert(deep_link).values(token=token, purpose=INVITATION, subject_id=group_id, expires_at=expires_at)
    )


def withdraw_invitation(connection: Connection, group_id: int, leader_id: int) -> bool:
    """Take back what a leader asked; False where they asked nobody."""
    asked = and_(deep_link.c.purpose == INVITATION, deep_link.c.token.startswith(_asked_by(group_id, leader_id)))
    return connection.execute(delete(deep_link).where(asked)).rowcount > 0


def invitation(connection: Connection, group_id: int, leader_id: int, person_id: int, now: datetime) -> bool:
    """Whether that leader's question to that person stands."""
    query = select(deep_link.c.token).where(
        deep_link.c.token == f"{_asked_by(group_id, leader_id)}{person_id}",
        deep_link.c.purpose == INVITATION,
        deep_link.c.expires_at > now,
    )
    return connection.execute(query).first() is not None


def invitation_from(connection: Connection, group_id: int, leader_id: int, now: datetime) -> str | None:
    """The name of whoever a leader has asked to take over."""
    asked_by = _asked_by(group_id, leader_id)
    token = connection.execute(
        select(deep_link.c.token).where(
            deep_link.c.purpose == INVITATION,
            deep_link.c.token.startswith(asked_by),
            deep_link.c.expires_at > now,
        )
    ).scalar()
    if token is None:
        return None
    return connection.execute(select(_NAME).where(person.c.id == int(token.removeprefix(asked_by)))).scalar()


def _asked_by(group_id: int, leader_id: int) -> str:
    return f"{INVITATION}:{group_id}:{leader_id}:"


def next_session(connection: Connection, group_id: int, now: datetime) -> Any | None:
    """The group's session that runs or comes next: title, starts_at."""
    return connection.execute(
        select(study_session.c.title, study_session.c.starts_at, study_session.c.place)
        .where(
            held_by([group_id]),
            study_session.c.state == "scheduled",
            study_session.c.ends_at > now,
        )
        .order_by(study_session.c.starts_at)
        .limit(1)
    ).one_or_none()
