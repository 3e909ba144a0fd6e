"""Make-up study: a task for who missed a session, what its person is told of it, and handing in a note."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import makeups as queries
from domain import makeup as rule
from domain.attendance import Status
from domain.cadence import to_instant
from domain.errors import Refusal
from domain.makeup import OWING, Makeup, MakeupState, Objection
from domain.names import clean
from domain.people import Actor
from services import deliveries, inputs, own_leaders, people, quiet
from services.rules import Rules
from services.undo import UNDO_WITHIN

TASK, REMINDER, HANDED = "makeup_task", "makeup_reminder", "makeup_handed"

NOTE: Final = "makeup_note"
"""What is waited for: a note as text, or a picture or file."""

LONGEST: Final = 1000
SHOWN: Final = 8
REMIND_AT: Final = time(9)
"""When the reminder comes on the last day, by the group's clock; in somebody's quiet hours it comes after them."""

KEPT: Final = timedelta(days=7)
"""How long a message about a task is still worth sending."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task as its person and the leaders read it."""

    id: int
    session_id: int
    group_id: int  # that scheduled the session; for a leader the one on whose list they find it
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
    decisions: tuple[int, ...] = ()  # of `services.makeup_reviews.DECISIONS`, open to its reader
    undoable: bool = False
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
    task = None if found is None else read(found)
    fresh = Makeup(rule.due_at(now, ZoneInfo(row.time_zone), days))
    following = rule.after_correction(task, before, after, now, fresh)
    if following is None or following == task:
        return
    if found is not None:
        _call_off(connection, found)
    queries.put(connection, row.id, person_id, now, decided_by=None, **asdict(following))
    if following == fresh:
        _tell_task(connection, queries.of_person(connection, row.id, person_id), now, rules)


def closed(connection: Connection, row: Any, now: datetime, rules: Rules) -> None:
    """A session was closed: everybody who missed it gets a task."""
    for each in queries.owing(connection, row.id, sorted(OWING)):
        settle(connection, row, each.person_id, Status.UNRECORDED, Status(each.status), now, rules)


@dataclass(frozen=True, slots=True)
class Own:
    """A page of one's own tasks; pages count from 0."""

    entries: tuple[Task, ...]
    page: int
    pages: int


def own(connection: Connection, page: int, actor: Actor, now: datetime) -> Own:
    """One's own tasks, open ones first."""
    known = people.find(connection, actor.telegram_id)
    person_id = known.id if known is not None else 0
    pages = max(1, -(-queries.count_own(connection, person_id) // SHOWN))
    page = min(max(page, 0), pages - 1)
    rows = queries.own(connection, person_id, SHOWN, page * SHOWN)
    return Own(tuple(task_of(connection, row, now) for row in rows), page, pages)


def mine(connection: Connection, makeup_id: int, actor: Actor, now: datetime) -> Task:
    """One of them. Raises Refusal `makeup_gone`."""
    return task_of(connection, _own(connection, makeup_id, actor, lock=False), now)


def ask_note(connection: Connection, makeup_id: int, actor: Actor, *, now: datetime) -> Task:
    """From now on a note, a picture or a file is taken in. Raises Refusal: makeup_gone, makeup_done, makeup_waived."""
    row = _own(connection, makeup_id, actor, lock=False)
    _require(read(row).objection())
    inputs.ask(connection, actor.telegram_id, NOTE, makeup_id, now=now)
    return task_of(connection, row, now)


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
    following = rule.submit(read(row), now, note_suffices=rules.makeup_note_suffices)
    if isinstance(following, Objection):
        raise Refusal(following.value)
    handed = {"decided_by": None, "note": note, "form": form, "file_id": file_id, "file_name": clean(file_name)[:80]}
    queries.put(connection, row.session_id, row.person_id, now, **asdict(following), **handed)
    inputs.answered(connection, actor.telegram_id)
    text, buttons = "makeups.done", None
    if following.done_at is None:
        text = "makeups.waits"
        asked = _ask_leaders(connection, row, now, rules)
        ids = (row.session_id, row.group_id, row.person_id)
        if not asked and own_leaders.leads(connection, *ids, row.person_id):
            text, buttons = "makeups.waits_for_you", [[("button.makeup_own", f"makeup_task:{makeup_id}")]]
    deliveries.reply(
        connection,
        key=reply_key,
        chat_id=people.chat_id(connection, actor.telegram_id, "private"),
        text=text,
        values={"title": row.title[:100]},
        language=language,
        now=now,
        buttons=[[("button.my_makeups", "makeups")]] if buttons is None else buttons,
    )


def told(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Task | None:
    """The facts of a task's message, as long as it is still to be made up."""
    task = _of_payload(connection, payload, now)
    return task if task is not None and task.state in (MakeupState.PENDING, MakeupState.OVERDUE) else None


def reminded(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Task | None:
    """The facts of the reminder, as long as there is still time."""
    task = _of_payload(connection, payload, now)
    return task if task is not None and task.state is MakeupState.PENDING else None


def _of_payload(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Task | None:
    row = queries.find(connection, int(payload["makeup_id"]))
    return None if row is None else task_of(connection, row, now, str(payload["language"]))


def _tell_task(connection: Connection, row: Any, now: datetime, rules: Rules) -> None:
    """Tell the person once the closing can no longer be undone, and on the morning of the last day again."""
    tell(connection, row, TASK, f"makeup:{row.id}:{TASK}:{now.isoformat()}", now + UNDO_WITHIN, rules)
    zone = ZoneInfo(row.time_zone)
    remind_at = to_instant(datetime.combine(rule.last_day(read(row), zone), REMIND_AT), zone)
    if remind_at > now + timedelta(days=1):
        tell(connection, row, REMINDER, f"makeup:{row.id}:{REMINDER}:{now.isoformat()}", remind_at, rules)


def _call_off(connection: Connection, row: Any) -> None:
    """What was due of a task that is owed no longer, or made anew, is not sent any more."""
    if row.chat_id is not None:
        deliveries.cancel_for_session(connection, row.session_id, (TASK, REMINDER), row.chat_id)


def tell(connection: Connection, row: Any, kind: str, key: str, at: datetime, rules: Rules, **facts: str) -> None:
    """Make a message to the person of a task due, where they can be written to."""
    if row.chat_id is None or row.chat_state != "active":
        return
    payload = {"makeup_id": row.id, "language": row.language or row.group_language, **facts}
    _enqueue(connection, row.session_id, kind, key, row.chat_id, payload, at, rules)


def _ask_leaders(connection: Connection, row: Any, now: datetime, rules: Rules) -> int:
    """Ask those who can decide; how many they are."""
    readers = own_leaders.leaders_or_admins(connection, row.session_id, row.group_id, row.person_id)
    for reader in readers:
        payload = {"makeup_id": row.id, "language": reader.language or row.group_language}
        key = f"makeup:{row.id}:{HANDED}:{now.isoformat()}:{reader.chat_id}"
        _enqueue(connection, row.session_id, HANDED, key, reader.chat_id, payload, now, rules)
    return len(readers)


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


def _require(objection: Objection | None) -> None:
    if objection is not None:
        raise Refusal(objection.value)


def read(row: Any) -> Makeup:
    """The task of a row, as `domain.makeup` knows it."""
    return Makeup(row.due_at, row.submitted_at, row.done_at, row.waived_at, row.sent_back_at)


def task_of(connection: Connection, row: Any, now: datetime, language: str = "") -> Task:
    """A row of `db.queries.makeups` as its readers know it."""
    task = read(row)
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
        language=language,
    )
