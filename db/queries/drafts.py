"""SQL of drafts, and of the series that they become."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, insert, or_, select, update

from db.queries.expectation import held_by
from db.tables import chat, delivery, draft, series, study_group, study_session

_LEADS = (study_group.c.reminder_minutes, study_group.c.leave_minutes, study_group.c.nudge_minutes)
_OF_GROUP = (
    study_group.c.name.label("group_name"),
    study_group.c.time_zone,
    study_group.c.language,
    study_group.c.chat_id,
    *_LEADS,
)


def add_draft(connection: Connection, group_id: int, person_id: int, facts: dict[str, Any], now: datetime) -> int:
    """Keep what a leader typed; its id."""
    statement = insert(draft).values(group_id=group_id, person_id=person_id, facts=facts, created_at=now)
    return int(connection.execute(statement.returning(draft.c.id)).scalar_one())


def draft_of(connection: Connection, draft_id: int, *, lock: bool = False) -> Any | None:
    """A draft with its group's name, zone, language, chat and lead times."""
    query = select(draft, *_OF_GROUP).join(study_group, study_group.c.id == draft.c.group_id)
    query = query.where(draft.c.id == draft_id)
    return connection.execute(query.with_for_update(of=draft) if lock else query).one_or_none()


def change_draft(connection: Connection, draft_id: int, **values: Any) -> None:
    """Change columns of a draft."""
    connection.execute(update(draft).where(draft.c.id == draft_id).values(**values))


def add_series(connection: Connection, **values: Any) -> int:
    """A recurring session; its id."""
    return int(connection.execute(insert(series).values(**values).returning(series.c.id)).scalar_one())


def any_series_to_extend(connection: Connection, now: datetime) -> bool:
    """Whether the next occurrences of a series are due to be planned."""
    return connection.execute(select(series.c.id).where(series.c.extend_at <= now).limit(1)).first() is not None


def series_to_extend(connection: Connection, now: datetime) -> Sequence[Any]:
    """Those series with their groups' chats and lead times, locked; what another replica holds is left to it."""
    return connection.execute(
        select(series, study_group.c.chat_id, *_LEADS)
        .join(study_group, study_group.c.id == series.c.group_id)
        .where(series.c.extend_at <= now)
        .with_for_update(skip_locked=True, of=series)
    ).all()


def series_of(connection: Connection, session_id: int | None) -> int | None:
    """The series that a session belongs to."""
    return connection.execute(select(study_session.c.series_id).where(study_session.c.id == session_id)).scalar()


def lock_group(connection: Connection, group_id: int) -> None:
    """Let one transaction at a time publish for a group; joining and answering go on meanwhile."""
    query = select(study_group.c.id).where(study_group.c.id == group_id)
    connection.execute(query.with_for_update(key_share=True))


def overlapping(connection: Connection, group_id: int, spans: Sequence[tuple[datetime, datetime]]) -> Any | None:
    """The first scheduled session of a group that is held within one of these spans of time."""
    within = [and_(study_session.c.starts_at < end, study_session.c.ends_at > start) for start, end in spans]
    return connection.execute(
        select(study_session.c.title, study_session.c.starts_at)
        .where(held_by([group_id]), study_session.c.state == "scheduled", or_(*within))
        .order_by(study_session.c.starts_at, study_session.c.id)
        .limit(1)
    ).first()


def starting_at(connection: Connection, group_id: int, starts_at: datetime) -> Sequence[Any]:
    """The scheduled sessions of a group that start at one moment."""
    return connection.execute(
        select(study_session.c.title, study_session.c.starts_at).where(
            study_session.c.group_id == group_id,
            study_session.c.starts_at == starts_at,
            study_session.c.state == "scheduled",
        )
    ).all()


def published_sessions(connection: Connection, session_id: int, series_id: int | None) -> Sequence[Any]:
    """The session that was published, or all of its series, locked, with their group's chat."""
    mine = study_session.c.id == session_id if series_id is None else study_session.c.series_id == series_id
    return connection.execute(
        select(study_session.c.id, study_group.c.chat_id)
        .join(study_group, study_group.c.id == study_session.c.group_id)
        .where(mine, study_session.c.state == "scheduled")
        .order_by(study_session.c.id)
        .with_for_update(of=study_session)
    ).all()


def messages_of(connection: Connection, session_id: int) -> Sequence[Any]:
    """The messages about a session that its groups were sent: number and chat (our row of it)."""
    query = (
        select(delivery.c.message_id, delivery.c.destination_id)
        .join(chat, chat.c.id == delivery.c.destination_id)
        .where(delivery.c.session_id == session_id, chat.c.kind == "group", delivery.c.message_id.is_not(None))
    )
    return connection.execute(query.distinct().order_by(delivery.c.message_id)).all()


def last_places(connection: Connection, group_id: int, count: int) -> Sequence[str]:
    """Where a group has last met, the latest first; no place twice."""
    last = func.max(study_session.c.id)
    query = select(study_session.c.place).where(study_session.c.group_id == group_id, study_session.c.place != "")
    return connection.execute(query.group_by(study_session.c.place).order_by(last.desc()).limit(count)).scalars().all()
