"""SQL of proposed dates, and of what a group's habits are read from."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from db.queries.expectation import held_by
from db.tables import proposal, study_group, study_session

_OF_GROUP = (
    study_group.c.name.label("group_name"),
    study_group.c.time_zone,
    study_group.c.language,
    study_group.c.chat_id,
    study_group.c.reminder_minutes,
    study_group.c.leave_minutes,
    study_group.c.nudge_minutes,
)


def add(connection: Connection, group_id: int, person_id: int, facts: dict[str, Any], now: datetime) -> int:
    """Keep proposed dates; the id."""
    statement = insert(proposal).values(group_id=group_id, person_id=person_id, facts=facts, created_at=now)
    return int(connection.execute(statement.returning(proposal.c.id)).scalar_one())


def find(connection: Connection, proposal_id: int, *, lock: bool = False) -> Any | None:
    """Proposed dates with their group's name, zone, language, chat and lead times."""
    query = select(proposal, *_OF_GROUP).join(study_group, study_group.c.id == proposal.c.group_id)
    query = query.where(proposal.c.id == proposal_id)
    return connection.execute(query.with_for_update(of=proposal) if lock else query).one_or_none()


def change(connection: Connection, proposal_id: int, **values: Any) -> None:
    """Change columns of proposed dates."""
    connection.execute(update(proposal).where(proposal.c.id == proposal_id).values(**values))


def meetings(connection: Connection, group_id: int, since: datetime, before: datetime) -> Sequence[Any]:
    """When a group met or will meet, alone or with others, and as what; cancelled sessions not."""
    return connection.execute(
        select(study_session.c.kind, study_session.c.starts_at, study_session.c.ends_at)
        .where(
            held_by([group_id]),
            study_session.c.starts_at >= since,
            study_session.c.starts_at < before,
            study_session.c.state != "cancelled",
        )
        .order_by(study_session.c.starts_at)
    ).all()
