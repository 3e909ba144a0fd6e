"""SQL of drafts, series and sessions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, case, func, insert, select, update

from db.queries.checkins import roster_query
from db.queries.inbox import upsert
from db.tables import (
    attendance,
    chat,
    delivery,
    draft,
    membership,
    person,
    response,
    series,
    study_group,
    study_session,
)

_OF_GROUP = (
    study_group.c.name.label("group_name"),
    study_group.c.time_zone,
    study_group.c.language,
    study_group.c.chat_id,
)
_SESSION = (
    select(study_session, *_OF_GROUP, chat.c.telegram_id.label("chat_telegram_id"))
    .join(study_group, study_group.c.id == study_session.c.group_id)
    .join(chat, chat.c.id == study_group.c.chat_id)
)


def add_draft(connection: Connection, group_id: int, person_id: int, facts: dict[str, Any], now: datetime) -> int:
    """Keep what a leader typed; its id."""
    statement = insert(draft).values(group_id=group_id, person_id=person_id, facts=facts, created_at=now)
    return int(connection.execute(statement.returning(draft.c.id)).scalar_one())


def draft_of(connection: Connection, draft_id: int, *, lock: bool = False) -> Any | None:
    """A draft with its group's name, zone, language and chat."""
    query = select(draft, *_OF_GROUP).join(study_group, study_group.c.id == draft.c.group_id)
    query = query.where(draft.c.id == draft_id)
    return connection.execute(query.with_for_update(of=draft) if lock else query).one_or_none()


def change_draft(connection: Connection, draft_id: int, **values: Any) -> None:
    """Change columns of a draft."""
    connection.execute(update(draft).where(draft.c.id == draft_id).values(**values))


def add_series(connection: Connection, **values: Any) -> int:
    """A recurring session; its id."""
    return int(connection.execute(insert(series).values(**values).returning(series.c.id)).scalar_one())


def change_series(connection: Connection, series_id: int, **values: Any) -> None:
    """Change columns of a series."""
    connection.execute(update(series).where(series.c.id == series_id).values(**values))


def any_series_to_extend(connection: Connection, now: datetime) -> bool:
    """Whether the next occurrences of a series are due to be planned."""
    return connection.execute(select(series.c.id).where(series.c.extend_at <= now).limit(1)).first() is not None


def series_to_extend(connection: Connection, now: datetime) -> Sequence[Any]:
    """Those series with their groups' chats, locked; what another replica holds is left to it."""
    return connection.execute(
        select(series, study_group.c.chat_id)
        .join(study_group, study_group.c.id == series.c.group_id)
        .where(series.c.extend_at <= now)
        .with_for_update(skip_locked=True, of=series)
    ).all()


def lock_series(connection: Connection, series_id: int) -> None:
    """Keep a series from being planned further until the transaction ends."""
    connection.execute(select(series.c.id).where(series.c.id == series_id).with_for_update())


def add_session(connection: Connection, **values: Any) -> int | None:
    """A session; its id, None where this occurrence of its series is there already."""
    statement = upsert(connection)(study_session).values(**values).on_conflict_do_nothing()
    found: int | None = connection.execute(statement.returning(study_session.c.id)).scalar()
    return found


def session(connection: Connection, session_id: int, *, lock: bool = False) -> Any | None:
    """A session with its group's name, zone, language and chat; locked, nobody else changes its state."""
    query = _SESSION.where(study_session.c.id == session_id)
    return connection.execute(query.with_for_update(of=study_session) if lock else query).one_or_none()


def share_session(connection: Connection, session_id: int) -> Any | None:
    """The same for an answer to it: many may answer at once, none while it is cancelled or closed."""
    query = _SESSION.where(study_session.c.id == session_id).with_for_update(read=True, of=study_session)
    return connection.execute(query).one_or_none()


def change_session(connection: Connection, session_id: int, **values: Any) -> None:
    """Change columns of a session."""
    connection.execute(update(study_session).where(study_session.c.id == session_id).values(**values))


def answers(connection: Connection, session_id: int) -> Any:
    """How many are going, on leave, and have not replied; a declined leave is none of them."""
    people = roster_query(session_id).subquery()
    leave = (people.c.answer == "leave") & (people.c.approved.is_(None) | people.c.approved)
    return connection.execute(
        select(
            func.count(case((people.c.answer == "going", 1))).label("going"),
            func.count(case((leave, 1))).label("leave"),
            func.count(case((people.c.answer.is_(None), 1))).label("no_reply"),
        ).select_from(people)
    ).one()


def is_reminder(connection: Connection, session_id: int, message_id: int | None) -> bool:
    """Whether this message of a session is its reminder."""
    query = select(delivery.c.id).where(
        delivery.c.session_id == session_id,
        delivery.c.kind == "group_reminder",
        delivery.c.message_id == message_id,
    )
    return message_id is not None and connection.execute(query).first() is not None


def anybody_came(connection: Connection, session_id: int) -> bool:
    """Whether somebody's attendance is recorded."""
    query = select(attendance.c.id).where(attendance.c.session_id == session_id).limit(1)
    return connection.execute(query).first() is not None


def later_of_series(connection: Connection, series_id: int, starts_at: datetime) -> Sequence[Any]:
    """The sessions of a series from one on that are still to be held, locked, in order."""
    return connection.execute(
        _SESSION.where(
            study_session.c.series_id == series_id,
            study_session.c.starts_at >= starts_at,
            study_session.c.state == "scheduled",
        )
        .order_by(study_session.c.starts_at)
        .with_for_update(of=study_session)
    ).all()


def coming(connection: Connection, group_ids: Sequence[int], since: datetime, limit: int) -> Sequence[Any]:
    """The scheduled sessions of groups that end after a moment, in order."""
    return connection.execute(_coming(group_ids, since).limit(limit)).all()


def coming_for(
    connection: Connection, person_id: int, group_ids: Sequence[int], since: datetime, limit: int
) -> Sequence[Any]:
    """The same with what somebody answered."""
    query = _coming(group_ids, since).outerjoin(
        response, and_(response.c.session_id == study_session.c.id, response.c.person_id == person_id)
    )
    return connection.execute(query.add_columns(response.c.answer).limit(limit)).all()


def _coming(group_ids: Sequence[int], since: datetime) -> Select[Any]:
    return _SESSION.where(
        study_session.c.group_id.in_(group_ids),
        study_session.c.state == "scheduled",
        study_session.c.ends_at > since,
    ).order_by(study_session.c.starts_at, study_session.c.id)


_TO_REMIND = (study_session.c.state == "scheduled") & study_session.c.remind_privately_at.is_not(None)


def any_to_remind(connection: Connection, now: datetime) -> bool:
    """Whether a private reminder's time has come."""
    query = select(study_session.c.id).where(_TO_REMIND, study_session.c.remind_privately_at <= now).limit(1)
    return connection.execute(query).first() is not None


def take_to_remind(connection: Connection, now: datetime) -> Sequence[Any]:
    """The sessions whose private reminder's time has come, which this marks as done."""
    due = _SESSION.where(_TO_REMIND, study_session.c.remind_privately_at <= now)
    rows = connection.execute(due.with_for_update(skip_locked=True, of=study_session)).all()
    connection.execute(
        update(study_session).where(study_session.c.id.in_([row.id for row in rows])).values(remind_privately_at=None)
    )
    return rows


def to_remind(connection: Connection, session_id: int, group_id: int) -> Sequence[Any]:
    """The members who wish private reminders, can be reached, and are not on leave from this session."""
    return connection.execute(
        select(person.c.id, person.c.chat_id, person.c.language)
        .join(membership, membership.c.person_id == person.c.id)
        .join(chat, chat.c.id == person.c.chat_id)
        .outerjoin(response, and_(response.c.session_id == session_id, response.c.person_id == person.c.id))
        .where(
            membership.c.group_id == group_id,
            membership.c.left_at.is_(None),
            person.c.private_reminders,
            chat.c.state == "active",
            response.c.answer.is_(None) | (response.c.answer != "leave") | response.c.approved.is_(False),
        )
        .order_by(person.c.id)
    ).all()
