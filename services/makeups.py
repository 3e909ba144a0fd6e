"""Make-up study: a task for who missed a session, handed in as a note, confirmed by a leader where that is asked."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import audit
from db.queries import checkins as checkin_queries
from db.queries import makeups as queries
from db.queries import radar as reader_queries
from domain import makeup as rule
from domain.attendance import Status
from domain.cadence import to_instant
from domain.errors import Refusal
from domain.makeup import OWING, Makeup, MakeupState, Objection
from domain.names import clean
from domain.people import Actor
from services import access, deliveries, inputs, people, quiet
from services.rules import Rules
from services.undo import UNDO_WITHIN, require_in_time

TASK, REMINDER, HANDED, DECIDED = "makeup_task", "makeup_reminder", "makeup_handed", "makeup_decided"

NOTE: Final = "makeup_note"
"""What is waited for: a note as text, or a picture or file."""

LONGEST: Final = 1000
SHOWN: Final = 8
REMIND_AT: Final = time(9)
"""When the reminder comes, on the day before the last."""

KEPT: Final = timedelta(days=7)
"""How long a message about a task is still worth sending."""

DECISIONS: Final = ("confirm", "back", "waive")
"""What a leader can do with a task; a button carries the place."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task as its person and the leaders read it."""

    id: int
    session_id: int
    group_id: int
    group_name: str
    title: str
    starts_at: datetime
    time_zone: str
    name: str
    state: MakeupState
    last_day: date
    late: bool
    note: str
    form: str
    file_id: str
    file_name: str
    files: int  # of the session, to study from
    reachable: bool
    undoable: bool
    language: str = ""


def settle(
    connection: Connection, row: Any, person_id: int, before: Status, after: Status, now: datetime, rules: Rules
) -> None:
    """A record of a closed session became another: make, waive or leave the task as `domain.makeup` says."""
    days = queries.days_of(connection, row.group_id)
    days = rules.makeup_days if days is None else days
    if days == 0:
        return
    found = queries.of_person(connection, row.id, person_id)
    task = None if found is None else _read(found)
    fresh = Makeup(rule.due_at(now, ZoneInfo(row.time_zone), days))
    following = rule.after_correction(task, before, after, now, fresh)
    if following is None or following == task:
        return
    queries.put(connection, row.id, person_id, now, decided_by=None, **asdict(following))
    if following == fresh:
        _tell_task(connection, queries.of_person(connection, row.id, person_id), now, rules)


def closed(connection: Connection, row: Any, now: datetime, rules: Rules) -> None:
    """A session was closed: everybody who missed it gets a task."""
    for each in queries.owing(connection, row.id, sorted(OWING)):
        settle(connection, row, each.person_id, Status.UNRECORDED, Status(each.status), now, rules)


def own(connection: Connection, actor: Actor, now: datetime) -> list[Task]:
    """One's own tasks, open ones first."""
    known = people.find(connection, actor.telegram_id)
    rows = queries.own(connection, known.id, SHOWN) if known is not None else ()
    return [_task(connection, row, now) for row in rows]


def mine(connection: Connection, makeup_id: int, actor: Actor, now: datetime) -> Task:
    """One of them. Raises Refusal `makeup_gone`."""
    return _task(connection, _own(connection, makeup_id, actor, lock=False), now)


def ask_note(connection: Connection, makeup_id: int, actor: Actor, *, now: datetime) -> Task:
    """From now on a note, a picture or a file is taken in. Raises Refusal: makeup_gone, makeup_done, makeup_waived."""
    row = _own(connection, makeup_id, actor, lock=False)
    _require(_read(row).objection())
    inputs.ask(connection, actor.telegram_id, NOTE, makeup_id, now=now)
    return _task(connection, row, now)


def hand_in(
    connection: Connection,
    makeup_id: int,
    actor: Actor,
    *,
    text: str,
    form: str,
    file_id: str,
    file_name: str,
    reply_key: str,
    language: str,
    now: datetime,
    rules: Rules,
) -> None:
    """A note or a file came in: the task is done, or waits for a leader; the last one counts.

    Raises Refusal: makeup_gone, makeup_done, makeup_waived, makeup_too_long (limit, length).
    """
    row = _own(connection, makeup_id, actor)
    note = "\n".join(line for line in map(clean, text.splitlines()) if line)
    if len(note) > LONGEST:
        raise Refusal("makeup_too_long", limit=LONGEST, length=len(note))
    following = rule.submit(_read(row), now, note_suffices=rules.makeup_note_suffices)
    if isinstance(following, Objection):
        raise Refusal(following.value)
    handed = {"note": note, "form": form, "file_id": file_id, "file_name": clean(file_name)[:80]}
    queries.put(connection, row.session_id, row.person_id, now, **asdict(following), **handed)
    inputs.answered(connection, actor.telegram_id)
    deliveries.reply(
        connection,
        key=reply_key,
        chat_id=people.chat_id(connection, actor.telegram_id, "private"),
        text="makeups.done" if following.done_at else "makeups.waits",
        values={"title": row.title[:100]},
        language=language,
        now=now,
        buttons=[[("button.my_makeups", "makeups")]],
    )
    if following.done_at is None:
        _ask_leaders(connection, queries.find(connection, makeup_id), now, rules)


@dataclass(frozen=True, slots=True)
class Tasks:
    """A page of a group's open tasks."""

    group_id: int
    group_name: str
    entries: tuple[Task, ...]
    count: int
    page: int
    pages: int


def of_group(connection: Connection, group_id: int, page: int, actor: Actor, now: datetime) -> Tasks:
    """What is still to be made up in a group. Raises Refusal: not_leader."""
    known = people.find(connection, actor.telegram_id)
    access.require_leader(connection, known.id if known else 0, group_id)
    count = queries.count_open(connection, group_id)
    pages = max(1, -(-count // SHOWN))
    page = min(max(page, 0), pages - 1)
    rows = queries.open_of_group(connection, group_id, SHOWN, page * SHOWN)
    entries = tuple(_task(connection, row, now) for row in rows)
    group = checkin_queries.group_name(connection, group_id)
    return Tasks(group_id, group, entries, count, page, pages)


def to_decide(connection: Connection, makeup_id: int, actor: Actor, now: datetime) -> Task:
    """A task for its leader. Raises Refusal: makeup_gone, not_leader."""
    return _task(connection, _led(connection, makeup_id, actor, lock=False), now)


def decide(connection: Connection, makeup_id: int, decision: int, actor: Actor, *, now: datetime, rules: Rules) -> Task:
    """⟦确认⟧ ⟦退回⟧ ⟦免补⟧; the person is told once it can no longer be undone.

    Raises Refusal: makeup_gone, not_leader, unknown_button, makeup_own, makeup_done, makeup_waived,
    makeup_nothing_submitted.
    """
    if decision not in range(len(DECISIONS)):
        raise Refusal("unknown_button")
    row = _led(connection, makeup_id, actor)
    leader = people.meet(connection, actor, now)
    if leader.id == row.person_id:
        raise Refusal("makeup_own")
    task = _read(row)
    match DECISIONS[decision]:
        case "confirm":
            following = rule.confirm(task, now)
        case "back":
            following = rule.send_back(task)
        case _:
            following = rule.waive(task, now)
    if isinstance(following, Objection):
        raise Refusal(following.value)
    queries.put(connection, row.session_id, row.person_id, now, decided_by=leader.id, **asdict(following))
    subject = f"session:{row.session_id}:person:{row.person_id}"
    action = f"makeup_{DECISIONS[decision]}"
    audit.add(connection, now, actor.telegram_id, action, group_id=row.group_id, subject=subject)
    key = f"makeup:{makeup_id}:{DECIDED}:{DECISIONS[decision]}:{now.isoformat()}"
    _tell(connection, row, DECIDED, key, now + UNDO_WITHIN, rules, decision=DECISIONS[decision])
    return _task(connection, queries.find(connection, makeup_id), now)


def undo(connection: Connection, makeup_id: int, actor: Actor, *, now: datetime) -> Task:
    """Take a confirmation or a waiver back within a minute. Raises Refusal: makeup_gone, not_leader, undo_too_late."""
    row = _led(connection, makeup_id, actor)
    task = _read(row)
    if task.done_at is None and task.waived_at is None:
        return _task(connection, row, now)
    require_in_time(task.waived_at or task.done_at, now)
    values = {"done_at": None, "waived_at": None, "decided_by": None}
    queries.put(connection, row.session_id, row.person_id, now, due_at=task.due_at, **values)
    subject = f"session:{row.session_id}:person:{row.person_id}"
    audit.add(connection, now, actor.telegram_id, "makeup_undo", group_id=row.group_id, subject=subject)
    return _task(connection, queries.find(connection, makeup_id), now)


def told(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Task | None:
    """The facts of a task's message, as long as it is still to be made up."""
    task = _of_payload(connection, payload, now)
    return task if task is not None and task.state in (MakeupState.PENDING, MakeupState.OVERDUE) else None


def handed(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Task | None:
    """The facts of what a leader is to confirm; None once somebody has."""
    task = _of_payload(connection, payload, now)
    return task if task is not None and task.state is MakeupState.SUBMITTED else None


def decided(connection: Connection, payload: Mapping[str, Any], now: datetime) -> tuple[Task, str] | None:
    """What a leader decided, where that still holds."""
    task, decision = _of_payload(connection, payload, now), str(payload["decision"])
    holds = {"confirm": MakeupState.DONE, "waive": MakeupState.WAIVED}
    if task is None or (decision in holds and task.state is not holds[decision]):
        return None
    if decision == "back" and task.state not in (MakeupState.PENDING, MakeupState.OVERDUE):
        return None
    return task, decision


def _of_payload(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Task | None:
    row = queries.find(connection, int(payload["makeup_id"]))
    return None if row is None else _task(connection, row, now, str(payload["language"]))


def _tell_task(connection: Connection, row: Any, now: datetime, rules: Rules) -> None:
    """Tell the person once the closing can no longer be undone, and in the morning before the last day again.

    What was due of a task that is made anew is not sent any more.
    """
    if row.chat_id is not None:
        deliveries.cancel_for_session(connection, row.session_id, (TASK, REMINDER), row.chat_id)
    _tell(connection, row, TASK, f"makeup:{row.id}:{TASK}:{now.isoformat()}", now + UNDO_WITHIN, rules)
    zone = ZoneInfo(row.time_zone)
    day = rule.last_day(_read(row), zone) - timedelta(days=1)
    remind_at = to_instant(datetime.combine(day, REMIND_AT), zone)
    if remind_at > now + timedelta(days=1):
        _tell(connection, row, REMINDER, f"makeup:{row.id}:{REMINDER}:{now.isoformat()}", remind_at, rules)


def _tell(connection: Connection, row: Any, kind: str, key: str, at: datetime, rules: Rules, **facts: str) -> None:
    if row.chat_id is None or row.chat_state != "active":
        return
    payload = {"makeup_id": row.id, "language": row.language or row.group_language, **facts}
    _enqueue(connection, row.session_id, kind, key, row.chat_id, payload, at, rules)


def _ask_leaders(connection: Connection, row: Any, now: datetime, rules: Rules) -> None:
    """Those who can decide are asked: the leaders of the person's own group, else the nearest admins."""
    leaders = [
        leader
        for group_id in queries.own_groups(connection, row.session_id, row.person_id) or [row.group_id]
        for leader in reader_queries.leaders(connection, group_id)
        if leader.id != row.person_id
    ]
    admins = reader_queries.admins_above(connection, row.unit_id) if not leaders else []
    others = [admin for admin in admins if admin.id != row.person_id]
    readers = leaders or [admin for admin in others if admin.depth == others[0].depth]
    for reader in {each.id: each for each in readers}.values():
        payload = {"makeup_id": row.id, "language": reader.language or row.group_language}
        key = f"makeup:{row.id}:{HANDED}:{now.isoformat()}:{reader.chat_id}"
        _enqueue(connection, row.session_id, HANDED, key, reader.chat_id, payload, now, rules)


def _enqueue(
    connection: Connection,
    session_id: int,
    kind: str,
    key: str,
    chat_id: int,
    payload: dict[str, Any],
    at: datetime,
    rules: Rules,
) -> None:
    due_at = quiet.calm_at(connection, chat_id, rules, at)
    deliveries.enqueue(
        connection,
        key=key,
        kind=kind,
        destination_id=chat_id,
        session_id=session_id,
        payload=payload,
        due_at=due_at,
        expires_at=due_at + KEPT,
    )


def _own(connection: Connection, makeup_id: int, actor: Actor, *, lock: bool = True) -> Any:
    row = queries.find(connection, makeup_id, lock=lock)
    known = people.find(connection, actor.telegram_id)
    if row is None or known is None or row.person_id != known.id:
        raise Refusal("makeup_gone")
    return row


def _led(connection: Connection, makeup_id: int, actor: Actor, *, lock: bool = True) -> Any:
    row = queries.find(connection, makeup_id, lock=lock)
    if row is None:
        raise Refusal("makeup_gone")
    known = people.find(connection, actor.telegram_id)
    groups = {row.group_id, *queries.own_groups(connection, row.session_id, row.person_id)}
    if known is None or not any(access.is_leader(connection, known.id, group_id) for group_id in groups):
        raise Refusal("not_leader")
    return row


def _require(objection: Objection | None) -> None:
    if objection is not None:
        raise Refusal(objection.value)


def _read(row: Any) -> Makeup:
    return Makeup(row.due_at, row.submitted_at, row.done_at, row.waived_at)


def _task(connection: Connection, row: Any, now: datetime, language: str = "") -> Task:
    task = _read(row)
    settled_at = task.waived_at or task.done_at
    return Task(
        row.id,
        row.session_id,
        row.group_id,
        row.group_name,
        row.title,
        row.starts_at,
        row.time_zone,
        row.name,
        task.state(now),
        rule.last_day(task, ZoneInfo(row.time_zone)),
        task.is_late,
        row.note,
        row.form,
        row.file_id,
        row.file_name,
        queries.files(connection, row.session_id),
        row.chat_id is not None and row.chat_state == "active",
        undoable=row.decided_by is not None and settled_at is not None and now <= settled_at + UNDO_WITHIN,
        language=language,
    )
