"""SQL of what people answer to a session: going, or on leave."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, select, update

from db.queries.inbox import upsert
from db.tables import chat, membership, person, response


def membership_of(connection: Connection, group_id: int, person_id: int) -> bool:
    """Whether somebody is a member of a group now."""
    query = select(membership.c.id).where(
        membership.c.group_id == group_id, membership.c.person_id == person_id, membership.c.left_at.is_(None)
    )
    return connection.execute(query).first() is not None


def find(connection: Connection, session_id: int, person_id: int) -> Any | None:
    """What somebody answered, with their name, language and private chat; None: nothing yet."""
    return connection.execute(
        select(response, person.c.name, person.c.language, person.c.chat_id, chat.c.state.label("chat_state"))
        .select_from(response)
        .join(person, person.c.id == response.c.person_id)
        .outerjoin(chat, chat.c.id == person.c.chat_id)
        .where(_this(session_id, person_id))
    ).one_or_none()


def put(connection: Connection, session_id: int, person_id: int, answer: str, now: datetime) -> None:
    """Store an answer anew; a reason or decision about an earlier one goes."""
    values = {"answer": answer, "reason": "", "approved": None, "answered_at": now}
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


def _this(session_id: int, person_id: int) -> Any:
    return and_(response.c.session_id == session_id, response.c.person_id == person_id)
