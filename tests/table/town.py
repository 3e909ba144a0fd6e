"""Two groups alike, one Chinese and one English, with somebody in every role, in one state of a session's life."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Table, insert, select, update

from db.tables import (
    chat,
    correction,
    delivery,
    long_leave,
    makeup,
    material,
    membership,
    person,
    response,
    study_group,
    study_session,
    swap,
    unit,
    unit_admin,
)
from domain.attendance import Moment
from domain.cadence import Cadence, Occurrence
from domain.people import Actor
from services import cancelling, checkins, closing, scheduling
from services.rules import Rules

ROLES: Final = ("stranger", "member", "deputy", "leader", "admin", "operator")
STATES: Final = ("unregistered", "empty", "coming", "open", "ended", "closed", "cancelled")
RULES: Final = Rules()

STARTS_AT: Final = datetime(2026, 12, 2, 11, 0, tzinfo=UTC)  # Wednesday, 19:00 in Beijing
PUBLISHED_AT: Final = STARTS_AT - timedelta(days=3)
NOW: Final = {
    "unregistered": STARTS_AT - timedelta(days=1),
    "empty": STARTS_AT - timedelta(days=1),
    "coming": STARTS_AT - timedelta(days=1),
    "open": STARTS_AT + timedelta(minutes=1),
    "ended": STARTS_AT + timedelta(hours=2),
    "closed": STARTS_AT + timedelta(hours=3),
    "cancelled": STARTS_AT - timedelta(days=1),
}
_BRANCH: Final = {"zh-CN": "第一党支部", "en": "Branch one"}
LONG_AGO: Final = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Side:
    """One of the two groups with its people; numbers are row ids, but for those called telegram."""

    language: str
    chat_telegram_id: int
    actors: dict[str, Actor]
    group: int = 0
    session: int = 0
    later: int = 0
    people: dict[str, int] | None = None
    material: int = 0
    correction: int = 0
    draft: int = 0  # typed by the leader in the group
    plan: int = 0  # being made step by step by the leader
    edit: int = 0  # of the session, begun by the leader
    proposal: int = 0  # dates proposed to the leader
    away: int = 0  # long leave that somebody asks for
    makeup: int = 0  # a task of a member
    branch: int = 0  # a unit below the topmost
    board: int = 0  # sent to the group, of which nobody knows whether it arrived
    swap: int = 0  # of the later session, which a member is to lead; another one is asked

    def id_of(self, who: str) -> int:
        """The row of a person; 0 where we never met them."""
        return (self.people or {}).get(who, 0)


def side(language: str) -> Side:
    """The accounts of one side, before anything is registered."""
    base = 10_000 if language == "en" else 20_000
    names = {
        "stranger": ("Sam Stone", "石头"),
        "member": ("Mia Moss", "莫梅"),
        "deputy": ("Dan Dale", "戴丹"),
        "leader": ("Liz Lake", "李湖"),
        "admin": ("Ann Ash", "安安"),
        "operator": ("Oz Oak", "欧橡"),
        "other": ("Otto Orr", "奥托"),
        "second": ("Sue Sand", "苏沙"),
    }
    actors = {
        who: Actor(base + number, pair[0 if language == "en" else 1], "en" if language == "en" else "zh-hans")
        for number, (who, pair) in enumerate(names.items(), start=1)
    }
    return Side(language, -1_000_000_000_000 - base, actors)


def build(connection: Connection, language: str, state: str) -> Side:
    """One side in a state of the session's life, made by the use cases themselves where they can make it."""
    made = side(language)
    unit_id = connection.execute(select(unit.c.id)).scalar() or _row(
        connection, unit, name="市直机关", created_at=LONG_AGO
    )
    people = {who: _person(connection, actor, language) for who, actor in made.actors.items() if who != "stranger"}
    _row(connection, unit_admin, unit_id=unit_id, person_id=people["admin"], granted_at=LONG_AGO, granted_by=1)
    branch = _row(connection, unit, parent_id=unit_id, name=_BRANCH[language], created_at=LONG_AGO)
    made = changed(made, people=people, branch=branch)
    if state == "unregistered":
        return made
    chat_id = _row(connection, chat, telegram_id=made.chat_telegram_id, kind="group")
    group_id = _row(
        connection,
        study_group,
        unit_id=unit_id,
        chat_id=chat_id,
        name="第一学习小组" if language != "en" else "Study group one",
        language=language,
        time_zone="Asia/Shanghai",
        next_board_at=STARTS_AT + timedelta(days=30),
        created_at=LONG_AGO,
        created_by=people["leader"],
    )
    roles = {"member": "member", "deputy": "deputy", "leader": "leader", "other": "member", "second": "member"}
    for who, role in roles.items():
        _row(connection, membership, group_id=group_id, person_id=people[who], role=role, joined_at=LONG_AGO)
    made = changed(made, group=group_id)
    made = changed(made, away=_away(connection, made), board=_board(connection, made, chat_id))
    if state == "empty":
        return made
    plan = scheduling.Plan(
        group_id, chat_id, people["leader"], "lesson", "党课：学习原著", "三楼会议室", RULES.session_length
    )
    first = Occurrence((STARTS_AT + timedelta(hours=8)).replace(tzinfo=None), STARTS_AT)
    session_id = scheduling.start_series(
        connection, plan, Cadence.weekly(2), first, "Asia/Shanghai", now=PUBLISHED_AT, rules=RULES
    )
    assert session_id is not None
    later = (
        connection.execute(
            select(study_session.c.id)
            .where(study_session.c.group_id == group_id, study_session.c.id != session_id)
            .order_by(study_session.c.starts_at)
        )
        .scalars()
        .first()
    )
    made = changed(made, session=session_id, later=int(later or 0))
    made = changed(made, material=_material(connection, made), swap=_swap(connection, made))
    return _live(connection, made, state)


def _board(connection: Connection, made: Side, chat_id: int) -> int:
    return _row(
        connection,
        delivery,
        dedupe_key=f"board:{made.group}",
        kind="leaderboard",
        policy="once",
        priority=50,
        destination_id=chat_id,
        payload={"group_id": made.group, "week_start": "2026-11-23"},
        due_at=PUBLISHED_AT,
        next_at=PUBLISHED_AT,
        expires_at=PUBLISHED_AT + timedelta(days=1),
        state="unconfirmed",
    )


def _live(connection: Connection, made: Side, state: str) -> Side:
    """Let the session be lived up to the state: leave asked for, check-ins, closing, cancelling."""
    leader, members = made.actors["leader"], made.chat_telegram_id
    asked = PUBLISHED_AT + timedelta(hours=1)
    _row(
        connection,
        response,
        session_id=made.session,
        person_id=made.id_of("other"),
        answer="leave",
        reason="sick",
        answered_at=asked,
    )
    if state == "cancelled":
        cancelling.cancel(connection, made.session, leader, and_later=False, now=NOW["coming"])
    if state in ("open", "ended", "closed"):
        at = STARTS_AT - timedelta(minutes=5)
        second = made.actors["second"]
        checkins.check_in(connection, made.session, second, members, Moment(at, None), now=at, rules=RULES)
    if state != "closed":
        return made
    at = NOW["closed"] - timedelta(minutes=30)
    closing.close(connection, made.session, leader, now=at, rules=RULES)
    asked_for = {"session_id": made.session, "person_id": made.id_of("other"), "wanted": "present", "asked_at": at}
    task = select(makeup.c.id).where(makeup.c.session_id == made.session, makeup.c.person_id == made.id_of("member"))
    return changed(
        made,
        correction=_row(connection, correction, **asked_for),
        makeup=int(connection.execute(task).scalar_one()),
    )


def _person(connection: Connection, actor: Actor, language: str) -> int:
    chat_id = _row(connection, chat, telegram_id=actor.telegram_id, kind="private")
    return _row(
        connection,
        person,
        telegram_id=actor.telegram_id,
        name=actor.name,
        language=language,
        chat_id=chat_id,
        private_reminders=True,
        created_at=LONG_AGO,
    )


def _away(connection: Connection, made: Side) -> int:
    """Long leave that somebody asks for, in days to come."""
    return _row(
        connection,
        long_leave,
        group_id=made.group,
        person_id=made.id_of("other"),
        first_day=date(2027, 1, 4),
        last_day=date(2027, 1, 8),
        reason="official",
        asked_at=PUBLISHED_AT,
    )


def _swap(connection: Connection, made: Side) -> int:
    """The later session is a member's turn in the rota, and they ask another one to lead it."""
    turn = {"kind": "study", "speaker_id": made.id_of("member")}
    connection.execute(update(study_session).where(study_session.c.id == made.later).values(turn))
    connection.execute(update(study_group).where(study_group.c.id == made.group).values(rota=True))
    asked = {"asker_id": made.id_of("member"), "mine_id": made.later, "asked_id": made.id_of("other")}
    return _row(connection, swap, **asked, asked_at=PUBLISHED_AT)


def _material(connection: Connection, made: Side) -> int:
    return _row(
        connection,
        material,
        session_id=made.session,
        form="document",
        file_id="BQAC-1",
        file_name="原著.pdf",
        added_by=made.id_of("leader"),
        added_at=PUBLISHED_AT,
    )


def changed(made: Side, **values: Any) -> Side:
    """The same side, of which more is known."""
    return replace(made, **values)


def _row(connection: Connection, table: Table, **values: Any) -> int:
    key = table.c.id if "id" in table.c else table.c.session_id
    return int(connection.execute(insert(table).values(**values).returning(key)).scalar_one())
