"""SQL of what time will bring, and of how far a newcomer has come; for the sandbox's page."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from db.tables import (
    attendance,
    chat,
    delivery,
    membership,
    person,
    response,
    study_group,
    study_session,
)


def waiting(connection: Connection, now: datetime, without_policy: str, limit: int) -> Sequence[Any]:
    """The next messages that wait for their time, the earliest first; edits (of that policy) are no news."""
    group = study_group.alias()
    title = func.coalesce(study_session.c.title, "").label("title")
    name = func.coalesce(study_group.c.name, group.c.name, "").label("group_name")
    return connection.execute(
        select(delivery.c.kind, delivery.c.next_at, title, name)
        .join(chat, chat.c.id == delivery.c.destination_id)
        .outerjoin(study_session, study_session.c.id == delivery.c.session_id)
        .outerjoin(study_group, study_group.c.id == study_session.c.group_id)
        .outerjoin(group, group.c.chat_id == delivery.c.destination_id)
        .where(
            delivery.c.state == "pending",
            delivery.c.next_at > now,
            delivery.c.policy != without_policy,
            chat.c.state == "active",
        )
        .order_by(delivery.c.next_at, delivery.c.id)
        .limit(limit)
    ).all()


def sessions(connection: Connection, now: datetime, limit: int) -> Sequence[Any]:
    """The next sessions whose window has not closed, with what their reminders depend on."""
    return connection.execute(
        select(study_session, study_group.c.name.label("group_name"), study_group.c.time_zone)
        .join(study_group, study_group.c.id == study_session.c.group_id)
        .where(study_session.c.state == "scheduled", study_session.c.closes_at > now)
        .order_by(study_session.c.closes_at)
        .limit(limit)
    ).all()


def boards(connection: Connection, now: datetime) -> Sequence[Any]:
    """When each group's weekly board comes."""
    return connection.execute(
        select(study_group.c.id, study_group.c.name, study_group.c.time_zone, study_group.c.next_board_at).where(
            study_group.c.board_shown, study_group.c.next_board_at > now
        )
    ).all()


def met(connection: Connection, group_id: int, start: datetime, end: datetime) -> bool:
    """Whether a group has a session that began in this time."""
    query = select(study_session.c.id).where(
        study_session.c.group_id == group_id,
        study_session.c.starts_at >= start,
        study_session.c.starts_at < end,
        study_session.c.state != "cancelled",
    )
    return connection.execute(query.limit(1)).first() is not None


def first_group(connection: Connection) -> Any | None:
    """The first group that was registered, with its chat and, if it has one, its leader's account."""
    return connection.execute(
        select(study_group.c.id, study_group.c.language, chat.c.telegram_id, person.c.telegram_id.label("leader"))
        .join(chat, chat.c.id == study_group.c.chat_id)
        .outerjoin(
            membership,
            (membership.c.group_id == study_group.c.id)
            & (membership.c.role == "leader")
            & membership.c.left_at.is_(None),
        )
        .outerjoin(person, person.c.id == membership.c.person_id)
        .order_by(study_group.c.id, membership.c.id)
        .limit(1)
    ).one_or_none()


def opens_next(connection: Connection, group_id: int, now: datetime) -> datetime | None:
    """When check-in opens for the group's next session that has not closed."""
    query = select(func.min(study_session.c.opens_at)).where(
        study_session.c.group_id == group_id, study_session.c.state == "scheduled", study_session.c.closes_at > now
    )
    return connection.execute(query).scalar()


def seen(connection: Connection, shown_kinds: Collection[str]) -> dict[str, bool]:
    """Whether there are sessions, answers and check-ins, and whether one of these kinds of messages was sent."""
    facts = {
        "scheduled": select(study_session.c.id).where(study_session.c.state != "cancelled"),
        "answered": select(response.c.person_id),
        "checked_in": select(attendance.c.person_id),
        "shown": select(delivery.c.id).where(delivery.c.kind.in_(shown_kinds), delivery.c.state == "sent"),
    }
    return {name: connection.execute(query.limit(1)).first() is not None for name, query in facts.items()}
