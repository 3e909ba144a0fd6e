"""SQL of what people answer to a session: going, or on leave."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, func, select, update

from db.queries.checkins import LEDGER_NAME
from db.queries.expectation import belongs, concerns, expected_now, groups_of
from db.queries.inbox import upsert
from db.tables import chat, invitation, membership, person, response, study_group, study_session


def is_asked(connection: Connection, session_id: int, person_id: int) -> bool:
    """Whether somebody is a member now of a group that holds the session, or was asked to it by name."""
    member = select(membership.c.person_id).where(
        membership.c.group_id.in_(groups_of(session_id)),
        membership.c.person_id == person_id,
        membership.c.left_at.is_(None),
    )
    named = select(invitation.c.person_id).where(
        invitation.c.session_id == session_id, invitation.c.person_id == person_id
    )
    return connection.execute(member.union_all(named)).first() is not None


def group_here(connection: Connection, session_id: int, chat_telegram_id: int) -> int | None:
    """The group of a chat, where it is one of those that hold the session."""
    query = select(study_group.c.id).join(chat, chat.c.id == study_group.c.chat_id)
    query = query.where(chat.c.telegram_id == chat_telegram_id, study_group.c.id.in_(groups_of(session_id)))
    return connection.execute(query).scalar()


def find(connection: Connection, session_id: int, person_id: int) -> Any | None:
    """What somebody answered, with their name, language and private chat; None: nothing yet."""
    return connection.execute(
        select(
            response, LEDGER_NAME.label("name"), person.c.language, person.c.chat_id, chat.c.state.label("chat_state")
        )
        .select_from(response)
        .join(person, person.c.id == response.c.person_id)
        .outerjoin(chat, chat.c.id == person.c.chat_id)
        .where(_this(session_id, person_id))
    ).one_or_none()


def put(connection: Connection, session_id: int, person_id: int, answer: str, now: datetime) -> None:
    """Store an answer anew; a reason or decision about an earlier one goes."""
    values = {"answer": answer, "reason": "", "approved": None, "answered_at": now, "long_leave_id": None}
    statement = upsert(connection)(response).values(session_id=session_id, person_id=person_id, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["session_id", "person_id"], set_=values))


def change(connection: Connection, session_id: int, person_id: int, **values: Any) -> None:
    """Change columns of an answer."""
    connection.execute(update(response).where(_this(session_id, person_id)).values(**values))


def remove(connection: Connection, session_id: int, person_id: int) -> None:
    """The answer is taken back."""
    connection.execute(delete(response).where(_this(session_id, person_id)))


def is_reachable(connection: Connection, chat_id: int | None) -> bool:
    """Whether a private chat can be written to."""
    query = select(chat.c.id).where(chat.c.id == chat_id, chat.c.state == "active")
    return chat_id is not None and connection.execute(query).first() is not None


def coming(connection: Connection, telegram_id: int, now: datetime, limit: int) -> Sequence[Any]:
    """The next sessions of the groups somebody belongs to, with what they answered."""
    return connection.execute(
        select(
            study_session.c.id,
            study_session.c.title,
            study_session.c.starts_at,
            study_group.c.time_zone,
            study_group.c.name.label("group_name"),
            response.c.answer,
        )
        .distinct()
        .select_from(person)
        .join(membership, membership.c.person_id == person.c.id)
        .join(study_session, belongs())
        .join(study_group, study_group.c.id == study_session.c.group_id)
        .outerjoin(response, and_(response.c.session_id == study_session.c.id, response.c.person_id == person.c.id))
        .where(
            person.c.telegram_id == telegram_id,
            expected_now(),
            study_session.c.state == "scheduled",
            study_session.c.starts_at > now,
        )
        .order_by(study_session.c.starts_at, study_session.c.id)
        .limit(limit)
    ).all()


def undecided(connection: Connection, group_id: int, limit: int, offset: int) -> Sequence[Any]:
    """The leaves that a group's leaders are to decide on and nobody has, in the order of the sessions."""
    columns = (
        study_session.c.id,
        study_session.c.group_id,
        study_session.c.title,
        study_session.c.starts_at,
        study_group.c.time_zone,
        study_group.c.language.label("group_language"),
        response.c.person_id,
        response.c.reason,
        response.c.approved,
        LEDGER_NAME.label("name"),
    )
    order = (study_session.c.starts_at, response.c.answered_at, response.c.person_id)
    query = _undecided(select(*columns), group_id).order_by(*order).limit(limit).offset(offset)
    return connection.execute(query).all()


def count_undecided(connection: Connection, group_id: int) -> int:
    """How many of them there are."""
    return int(connection.execute(_undecided(select(func.count()), group_id)).scalar_one())


def _undecided(query: Select[Any], group_id: int) -> Select[Any]:
    """A leave is decided on until its session is closed."""
    return (
        query.select_from(response)
        .join(study_session, study_session.c.id == response.c.session_id)
        .join(study_group, study_group.c.id == study_session.c.group_id)
        .join(person, person.c.id == response.c.person_id)
        .where(
            concerns(group_id, response.c.person_id),
            study_session.c.state == "scheduled",
            response.c.answer == "leave",
            response.c.approved.is_(None),
        )
    )


def _this(session_id: int, person_id: int) -> Any:
    return and_(response.c.session_id == session_id, response.c.person_id == person_id)
