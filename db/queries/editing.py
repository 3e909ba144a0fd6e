"""SQL of changing a published session: its history, its series, and the answers that a move takes back."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from db.queries.inbox import upsert
from db.tables import chat, delivery, draft, person, response, series, session_change, study_session


def add_change(
    connection: Connection, session_id: int, person_id: int, at: datetime, field: str, before: str, after: str
) -> int:
    """Keep who changed what of a session; the number of the change."""
    statement = insert(session_change).values(
        session_id=session_id, actor_id=person_id, at=at, field=field, before=before, after=after
    )
    return int(connection.execute(statement.returning(session_change.c.id)).scalar_one())


def last_change(connection: Connection, session_id: int) -> int:
    """The number of the newest change of a session; 0 where nothing was changed."""
    query = select(func.max(session_change.c.id)).where(session_change.c.session_id == session_id)
    return connection.execute(query).scalar() or 0


def count_changes(connection: Connection, session_id: int) -> int:
    """How often a session was changed."""
    query = select(func.count()).select_from(session_change).where(session_change.c.session_id == session_id)
    return int(connection.execute(query).scalar_one())


def changes(connection: Connection, session_id: int, limit: int, offset: int) -> Sequence[Any]:
    """The changes of a session with who made them, the newest first."""
    return connection.execute(
        select(session_change, person.c.name)
        .join(person, person.c.id == session_change.c.actor_id)
        .where(session_change.c.session_id == session_id)
        .order_by(session_change.c.id.desc())
        .limit(limit)
        .offset(offset)
    ).all()


def series_of(connection: Connection, series_id: int) -> Any:
    """A series, locked: it is not planned further meanwhile."""
    return connection.execute(select(series).where(series.c.id == series_id).with_for_update()).one()


def expire(connection: Connection, session_id: int, kinds: Collection[str], at: datetime) -> None:
    """What waits to be sent of these kinds is of use until `at`."""
    connection.execute(
        update(delivery)
        .where(delivery.c.session_id == session_id, delivery.c.kind.in_(kinds), delivery.c.state == "pending")
        .values(expires_at=at)
    )


def answers(connection: Connection, session_id: int) -> Sequence[Any]:
    """What people answered to a session, and how they can be written to."""
    return connection.execute(
        select(response, person.c.chat_id, person.c.language, chat.c.state.label("chat_state"))
        .join(person, person.c.id == response.c.person_id)
        .outerjoin(chat, chat.c.id == person.c.chat_id)
        .where(response.c.session_id == session_id)
        .order_by(response.c.person_id)
    ).all()


def take_answers_back(connection: Connection, session_id: int) -> None:
    """Nobody has answered any more."""
    connection.execute(delete(response).where(response.c.session_id == session_id))


def give_answer_back(connection: Connection, values: dict[str, Any]) -> None:
    """An answer as it was, unless that person has answered anew."""
    statement = upsert(connection)(response).values(**values)
    connection.execute(statement.on_conflict_do_nothing(index_elements=["session_id", "person_id"]))


def is_card_due(connection: Connection, session_id: int, now: datetime) -> bool:
    """Whether a card of the session was due already, so that the group may have read it."""
    query = select(delivery.c.id).where(
        delivery.c.session_id == session_id,
        delivery.c.kind == "session_card",
        delivery.c.due_at <= now,
        delivery.c.state != "cancelled",
    )
    return connection.execute(query.limit(1)).first() is not None


def remove_series(connection: Connection, series_id: int) -> None:
    """A series that has no sessions any more goes."""
    connection.execute(delete(series).where(series.c.id == series_id))


def sessions_in(connection: Connection, series_id: int) -> set[int]:
    """The sessions of a series."""
    query = select(study_session.c.id).where(study_session.c.series_id == series_id)
    return set(connection.execute(query).scalars())


def applied_drafts(connection: Connection) -> Sequence[Any]:
    """The changes that were applied and still hold what would take them back."""
    return connection.execute(select(draft).where(draft.c.state == "applied")).all()
