"""SQL of long leave, and of the answers that it gives to sessions."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, literal, select, true, update

from db.queries.checkins import LEDGER_NAME
from db.queries.expectation import belongs, expected_now
from db.queries.inbox import upsert
from db.tables import attendance, chat, long_leave, membership, person, response, study_group, study_session


def add(connection: Connection, **values: Any) -> int:
    """Ask for a long leave; its id."""
    return int(connection.execute(insert(long_leave).values(**values).returning(long_leave.c.id)).scalar_one())


def find(connection: Connection, leave_id: int, *, lock: bool = False) -> Any | None:
    """A long leave with its person and group."""
    query = _leaves().where(long_leave.c.id == leave_id)
    return connection.execute(query.with_for_update(of=long_leave) if lock else query).one_or_none()


def _leaves() -> Select[Any]:
    return (
        select(
            long_leave,
            LEDGER_NAME.label("name"),
            person.c.chat_id,
            person.c.telegram_id,
            person.c.language,
            chat.c.state.label("chat_state"),
            study_group.c.name.label("group_name"),
            study_group.c.language.label("group_language"),
            study_group.c.time_zone,
        )
        .select_from(long_leave)
        .join(person, person.c.id == long_leave.c.person_id)
        .outerjoin(chat, chat.c.id == person.c.chat_id)
        .join(study_group, study_group.c.id == long_leave.c.group_id)
    )


def change(connection: Connection, leave_id: int, **values: Any) -> None:
    """Change columns of a long leave."""
    connection.execute(update(long_leave).where(long_leave.c.id == leave_id).values(**values))


def lock_member(connection: Connection, group_id: int, person_id: int) -> None:
    """Nobody else asks for a long leave of this member meanwhile."""
    query = select(membership.c.person_id).where(membership.c.group_id == group_id, membership.c.person_id == person_id)
    connection.execute(query.with_for_update()).all()


def overlapping(connection: Connection, group_id: int, person_id: int, first: date, last: date) -> Any | None:
    """An open or approved long leave that shares a day with a span."""
    return connection.execute(
        select(long_leave).where(
            long_leave.c.group_id == group_id,
            long_leave.c.person_id == person_id,
            long_leave.c.state.in_(("open", "approved")),
            long_leave.c.first_day <= last,
            long_leave.c.last_day >= first,
        )
    ).first()


def own(connection: Connection, person_id: int, today: date, limit: int) -> Sequence[Any]:
    """Somebody's long leaves that are not over, in order."""
    query = _leaves().where(
        long_leave.c.person_id == person_id,
        long_leave.c.last_day >= today,
        long_leave.c.state.in_(("open", "approved")),
    )
    return connection.execute(query.order_by(long_leave.c.first_day, long_leave.c.id).limit(limit)).all()


def current(connection: Connection, group_id: int, since: date, limit: int, offset: int) -> Sequence[Any]:
    """The long leaves of a group that wait for a decision, and then the approved ones that last to a day or longer."""
    query = _leaves().where(_is_current(group_id, since))
    order = (long_leave.c.state != "open", long_leave.c.first_day, long_leave.c.id)
    return connection.execute(query.order_by(*order).limit(limit).offset(offset)).all()


def count_current(connection: Connection, group_id: int, since: date) -> int:
    """How many of them there are."""
    query = select(func.count()).select_from(long_leave).where(_is_current(group_id, since))
    return int(connection.execute(query).scalar_one())


def _is_current(group_id: int, since: date) -> Any:
    is_wanted = (long_leave.c.state == "open") | ((long_leave.c.state == "approved") & (long_leave.c.last_day >= since))
    return (long_leave.c.group_id == group_id) & is_wanted


def count_undecided(connection: Connection, group_id: int) -> int:
    """How many of them there are."""
    query = select(func.count()).where(long_leave.c.group_id == group_id, long_leave.c.state == "open")
    return int(connection.execute(query).scalar_one())


def sessions_within(
    connection: Connection, group_id: int, person_id: int, since: datetime, before: datetime
) -> Sequence[Any]:
    """The scheduled sessions that somebody is expected at in a group, that start within a time, and are not begun."""
    return connection.execute(
        select(study_session.c.id, study_session.c.starts_at)
        .select_from(study_session)
        .join(membership, (membership.c.person_id == person_id) & (membership.c.group_id == group_id))
        .outerjoin(attendance, (attendance.c.session_id == study_session.c.id) & (attendance.c.person_id == person_id))
        .where(
            belongs(),
            expected_now(),
            study_session.c.state == "scheduled",
            study_session.c.starts_at >= since,
            study_session.c.starts_at < before,
            attendance.c.id.is_(None),
        )
        .order_by(study_session.c.id)
    ).all()


def put_on_leave(
    connection: Connection, session_id: int, person_id: int, reason: str, leave_id: int, now: datetime
) -> None:
    """The answer of somebody on long leave: on leave, approved; another answer goes, but leave of their own stays."""
    values = {
        "answer": "leave",
        "reason": reason,
        "approved": True,
        "answered_at": now,
        "long_leave_id": leave_id,
    }
    statement = upsert(connection)(response).values(session_id=session_id, person_id=person_id, **values)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["session_id", "person_id"],
            set_=values,
            where=(response.c.answer != "leave") | response.c.approved.is_(False),
        )
    )


def take_off_leave(connection: Connection, session_ids: Sequence[int], leave_id: int) -> None:
    """Whom this long leave kept away is expected again at these sessions."""
    connection.execute(
        delete(response).where(
            response.c.session_id.in_(session_ids),
            response.c.long_leave_id == leave_id,
            response.c.answer == "leave",
        )
    )


def cover(connection: Connection, session_id: int, day: date, now: datetime, person_id: int | None = None) -> None:
    """Everybody (or one person) expected whose approved long leave covers the day of a session is on leave from it."""
    columns = ("session_id", "person_id", "answer", "reason", "approved", "answered_at", "long_leave_id")
    first = func.min(long_leave.c.id)
    found = (
        select(long_leave.c.person_id, first.label("id"))
        .join(
            membership,
            (membership.c.person_id == long_leave.c.person_id) & (membership.c.group_id == long_leave.c.group_id),
        )
        .join(study_session, study_session.c.id == session_id)
        .where(
            belongs(),
            expected_now(),
            long_leave.c.state == "approved",
            long_leave.c.first_day <= day,
            long_leave.c.last_day >= day,
            long_leave.c.person_id == person_id if person_id is not None else true(),
        )
        .group_by(long_leave.c.person_id)
        .subquery()
    )
    covered = select(
        literal(session_id),
        found.c.person_id,
        literal("leave"),
        long_leave.c.reason,
        true(),
        literal(now, response.c.answered_at.type),
        found.c.id,
    ).join(long_leave, long_leave.c.id == found.c.id)
    statement = upsert(connection)(response).from_select(columns, covered)
    connection.execute(statement.on_conflict_do_nothing())
