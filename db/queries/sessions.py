"""SQL of drafts, series, sessions and answers."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, case, func, insert, select, update

from db.queries.inbox import upsert
from db.tables import chat, draft, membership, person, response, series, study_group, study_session

_DRAFT = select(
    draft,
    study_group.c.name.label("group_name"),
    study_group.c.time_zone,
    study_group.c.language,
    study_group.c.chat_id,
).join(study_group, study_group.c.id == draft.c.group_id)
_SESSION = (
    select(
        study_session,
        study_group.c.chat_id,
        study_group.c.time_zone,
        study_group.c.language,
        study_group.c.name.label("group_name"),
        chat.c.telegram_id.label("chat_telegram_id"),
    )
    .join(study_group, study_group.c.id == study_session.c.group_id)
    .join(chat, chat.c.id == study_group.c.chat_id)
)


def add_draft(connection: Connection, **values: Any) -> int:
    """Keep what a leader typed."""
    return int(connection.execute(insert(draft).values(**values).returning(draft.c.id)).scalar_one())


def draft_of(connection: Connection, draft_id: int, *, lock: bool = False) -> Any | None:
    """A draft with its group."""
    query = _DRAFT.where(draft.c.id == draft_id)
    return connection.execute(query.with_for_update(of=draft) if lock else query).one_or_none()


def change_draft(connection: Connection, draft_id: int, **values: Any) -> None:
    """Change columns of a draft."""
    connection.execute(update(draft).where(draft.c.id == draft_id).values(**values))


def add_series(connection: Connection, **values: Any) -> int:
    """Add a recurring session."""
    return int(connection.execute(insert(series).values(**values).returning(series.c.id)).scalar_one())


def any_series_to_extend(connection: Connection, now: datetime) -> bool:
    """Whether a series needs its next occurrences."""
    return connection.execute(select(series.c.id).where(series.c.extend_at <= now).limit(1)).first() is not None


def take_series_to_extend(connection: Connection, now: datetime) -> list[Any]:
    """The series that need their next occurrences, with where their group is."""
    return list(
        connection.execute(
            select(series, study_group.c.chat_id)
            .join(study_group, study_group.c.id == series.c.group_id)
            .where(series.c.extend_at <= now)
            .with_for_update(skip_locked=True, of=series)
        ).all()
    )


def extended(connection: Connection, series_id: int, planned_until: datetime, extend_at: datetime) -> None:
    """How far a series is planned now."""
    connection.execute(
        update(series).where(series.c.id == series_id).values(planned_until=planned_until, extend_at=extend_at)
    )


def end_series(connection: Connection, series_id: int) -> None:
    """No further occurrences."""
    connection.execute(update(series).where(series.c.id == series_id).values(extend_at=None))


def add_session(connection: Connection, **values: Any) -> int | None:
    """Add a session; None where this occurrence of its series exists already."""
    statement = upsert(connection)(study_session).values(**values).on_conflict_do_nothing()
    return connection.execute(statement.returning(study_session.c.id)).scalar()


def session(connection: Connection, session_id: int, *, lock: bool = False) -> Any | None:
    """A session with what its group says of place, zone and language."""
    query = _SESSION.where(study_session.c.id == session_id)
    return connection.execute(query.with_for_update(of=study_session) if lock else query).one_or_none()


def change_session(connection: Connection, session_id: int, **values: Any) -> None:
    """Change columns of a session."""
    connection.execute(update(study_session).where(study_session.c.id == session_id).values(**values))


def answer(connection: Connection, session_id: int, person_id: int, answer_: str, now: datetime) -> None:
    """What somebody answers; the last answer counts, and a decision on an earlier leave goes with it."""
    statement = upsert(connection)(response).values(
        session_id=session_id, person_id=person_id, answer=answer_, reason="", answered_at=now
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["session_id", "person_id"],
            set_={"answer": answer_, "reason": "", "approved": None, "answered_at": now},
        )
    )


def response_of(connection: Connection, session_id: int, person_id: int) -> Any | None:
    """What somebody answered."""
    return connection.execute(
        select(response).where(response.c.session_id == session_id, response.c.person_id == person_id)
    ).one_or_none()


def change_response(connection: Connection, session_id: int, person_id: int, **values: Any) -> None:
    """Change columns of an answer."""
    connection.execute(
        update(response).where(response.c.session_id == session_id, response.c.person_id == person_id).values(**values)
    )


def counts(connection: Connection, session_id: int) -> tuple[int, int, int]:
    """How many of the members come, are on leave, and have not answered."""
    row = connection.execute(
        select(
            func.count(case((response.c.answer == "going", 1))),
            func.count(case((and_(response.c.answer == "leave", response.c.approved.is_not(False)), 1))),
            func.count(),
        )
        .select_from(study_session)
        .join(membership, and_(membership.c.group_id == study_session.c.group_id, membership.c.left_at.is_(None)))
        .outerjoin(
            response,
            and_(response.c.session_id == study_session.c.id, response.c.person_id == membership.c.person_id),
        )
        .where(study_session.c.id == session_id)
    ).one()
    going, leave, everybody = (int(number) for number in row)
    return going, leave, everybody - going - leave


def upcoming_of_chat(connection: Connection, chat_telegram_id: int, now: datetime, limit: int) -> list[Any]:
    """The next sessions of the group in a chat."""
    query = _SESSION.where(
        chat.c.telegram_id == chat_telegram_id, study_session.c.state == "scheduled", study_session.c.closes_at >= now
    )
    return list(connection.execute(query.order_by(study_session.c.starts_at).limit(limit)).all())


def upcoming_of_person(connection: Connection, telegram_id: int, now: datetime, limit: int) -> list[Any]:
    """The next sessions of somebody's groups."""
    query = (
        _SESSION.join(membership, membership.c.group_id == study_group.c.id)
        .join(person, person.c.id == membership.c.person_id)
        .where(
            person.c.telegram_id == telegram_id,
            membership.c.left_at.is_(None),
            study_session.c.state == "scheduled",
            study_session.c.closes_at >= now,
        )
    )
    return list(connection.execute(query.order_by(study_session.c.starts_at).limit(limit)).all())


_TO_REMIND = and_(study_session.c.state == "scheduled", study_session.c.remind_privately_at.is_not(None))


def any_to_remind(connection: Connection, now: datetime) -> bool:
    """Whether a session's private reminders are due."""
    query = select(study_session.c.id).where(_TO_REMIND, study_session.c.remind_privately_at <= now).limit(1)
    return connection.execute(query).first() is not None


def take_to_remind(connection: Connection, now: datetime) -> list[Any]:
    """The sessions whose private reminders are due; marked as seen to."""
    rows = list(
        connection.execute(
            select(study_session)
            .where(_TO_REMIND, study_session.c.remind_privately_at <= now)
            .with_for_update(skip_locked=True)
        ).all()
    )
    connection.execute(
        update(study_session).where(study_session.c.id.in_([row.id for row in rows])).values(remind_privately_at=None)
    )
    return rows


def to_remind(connection: Connection, session_id: int) -> list[Any]:
    """Who wants a private reminder of a session: members who turned it on and are not on leave."""
    return list(
        connection.execute(
            select(person.c.id, person.c.chat_id, person.c.language)
            .select_from(study_session)
            .join(membership, and_(membership.c.group_id == study_session.c.group_id, membership.c.left_at.is_(None)))
            .join(person, person.c.id == membership.c.person_id)
            .outerjoin(response, and_(response.c.session_id == study_session.c.id, response.c.person_id == person.c.id))
            .where(
                study_session.c.id == session_id,
                person.c.private_reminders,
                person.c.chat_id.is_not(None),
                func.coalesce(response.c.answer, "") != "leave",
            )
        ).all()
    )
