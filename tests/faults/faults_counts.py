"""Counts in a bot's database that show whether anything was lost or doubled."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from db.tables import attendance, attendance_change, delivery, inbox
from services import checkins


@dataclass(frozen=True)
class Counts:
    """What became of the check-ins of one session."""

    attendance: int
    people: int
    on_time: int
    history: int
    people_in_history: int
    inbox_left: int
    quarantined: int
    live_cards: int
    live_state: str
    unsettled: int  # deliveries that are claimed or being sent


def handled(connection: Connection) -> int:
    """Taps whose effect is committed. Ends the transaction, so that the next look sees what is new."""
    done = connection.execute(select(func.count()).where(inbox.c.state == "done")).scalar_one()
    connection.rollback()
    return int(done)


def count(connection: Connection, session_id: int) -> Counts:
    """Everything that must agree at the end."""
    here = attendance.c.session_id == session_id
    rows, people = connection.execute(
        select(func.count(), func.count(attendance.c.person_id.distinct())).where(here)
    ).one()
    on_time = select(func.count()).where(here, attendance.c.status == "present")
    history, people_in_history = connection.execute(
        select(func.count(), func.count(attendance_change.c.person_id.distinct())).where(
            attendance_change.c.session_id == session_id
        )
    ).one()
    states = connection.execute(select(inbox.c.state, func.count()).group_by(inbox.c.state)).all()
    inbox_by_state = {row.state: row[1] for row in states}
    live = connection.execute(
        select(delivery.c.state).where(delivery.c.dedupe_key == f"session:{session_id}:{checkins.LIVE}")
    ).all()
    under_way = select(func.count()).where(delivery.c.state.in_(("claimed", "sending")))
    return Counts(
        attendance=rows,
        people=people,
        on_time=connection.execute(on_time).scalar_one(),
        history=history,
        people_in_history=people_in_history,
        inbox_left=inbox_by_state.get("new", 0),
        quarantined=inbox_by_state.get("quarantined", 0),
        live_cards=len(live),
        live_state=live[0].state if live else "none",
        unsettled=connection.execute(under_way).scalar_one(),
    )
