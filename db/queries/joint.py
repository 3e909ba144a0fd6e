"""SQL of joint sessions: which other groups hold one, and who is asked to a session of named people."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select, update

from db.queries.expectation import groups_of
from db.queries.inbox import upsert
from db.tables import invitation, membership, person, session_group, study_group, study_session


def add_groups(connection: Connection, session_id: int, group_ids: Collection[int]) -> None:
    """These groups hold the session too; a second time changes nothing."""
    for group_id in sorted(group_ids):
        statement = upsert(connection)(session_group).values(session_id=session_id, group_id=group_id)
        connection.execute(statement.on_conflict_do_nothing())
    if group_ids:
        change_own(connection, session_id, joint=True)


def groups(connection: Connection, group_ids: Collection[int]) -> Sequence[Any]:
    """Groups with their chats and lead times, in order of their ids."""
    query = select(study_group).where(study_group.c.id.in_(group_ids)).order_by(study_group.c.id)
    return connection.execute(query).all()


def change(connection: Connection, session_id: int, group_id: int, **values: Any) -> None:
    """Change what is kept of another group's part in a session."""
    key = (session_group.c.session_id == session_id) & (session_group.c.group_id == group_id)
    connection.execute(update(session_group).where(key).values(**values))


def change_own(connection: Connection, session_id: int, **values: Any) -> None:
    """Change columns of the session itself."""
    connection.execute(update(study_session).where(study_session.c.id == session_id).values(**values))


def forget_messages(connection: Connection, session_id: int) -> None:
    """The messages in the other groups' chats are no longer the living ones."""
    values = {"card_message_id": None, "checkin_message_id": None}
    connection.execute(update(session_group).where(session_group.c.session_id == session_id).values(**values))


def invite(connection: Connection, session_id: int, person_ids: Collection[int]) -> None:
    """Ask these people to a session; a second time changes nothing."""
    for person_id in sorted(person_ids):
        statement = upsert(connection)(invitation).values(session_id=session_id, person_id=person_id)
        connection.execute(statement.on_conflict_do_nothing())


def uninvite(connection: Connection, session_id: int, person_id: int) -> None:
    """They are not asked any more."""
    key = (invitation.c.session_id == session_id) & (invitation.c.person_id == person_id)
    connection.execute(delete(invitation).where(key))


def invited(connection: Connection, session_id: int) -> Sequence[int]:
    """The ids of those who are asked."""
    query = select(invitation.c.person_id).join(person).where(invitation.c.session_id == session_id)
    return connection.execute(query.order_by(invitation.c.person_id)).scalars().all()


def other_groups(connection: Connection, session_id: int) -> Sequence[int]:
    """The ids of the other groups that hold a session."""
    query = select(session_group.c.group_id).where(session_group.c.session_id == session_id)
    return connection.execute(query.order_by(session_group.c.group_id)).scalars().all()


def last_of_series(connection: Connection, series_id: int) -> int | None:
    """The last session of a series that is planned: what it asks goes on."""
    query = select(study_session.c.id).where(study_session.c.series_id == series_id)
    return connection.execute(query.order_by(study_session.c.starts_at.desc()).limit(1)).scalar()


def own_groups(connection: Connection, session_id: int, person_id: int) -> list[int]:
    """Of the groups that hold a session, those that somebody belongs to."""
    query = select(membership.c.group_id).where(
        membership.c.person_id == person_id,
        membership.c.left_at.is_(None),
        membership.c.group_id.in_(groups_of(session_id)),
    )
    return list(connection.execute(query.order_by(membership.c.group_id)).scalars())
