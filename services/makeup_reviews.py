"""The leader's side of make-up study: what is open in a group, deciding on a task, and taking that back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import audit
from db.queries import checkins as checkin_queries
from db.queries import makeups as queries
from domain import makeup as rule
from domain.errors import Refusal
from domain.makeup import MakeupState, Objection
from domain.people import Actor
from services import access, own_leaders, people
from services.makeups import SHOWN, Task, read, task_of, tell
from services.rules import Rules
from services.undo import UNDO_WITHIN, require_in_time

DECIDED: Final = "makeup_decided"

DECISIONS: Final = ("confirm", "back", "waive")
"""What a leader can do with a task; a button carries the place."""

CONFIRM, BACK = DECISIONS.index("confirm"), DECISIONS.index("back")


@dataclass(frozen=True, slots=True)
class Tasks:
    """A page of a group's open tasks."""

    group_id: int
    group_name: str
    entries: tuple[Task, ...]
    count: int
    overdue: int
    page: int
    pages: int


def of_group(connection: Connection, group_id: int, page: int, actor: Actor, now: datetime) -> Tasks:
    """What is still to be made up in a group. Raises Refusal: not_leader."""
    known = people.find(connection, actor.telegram_id)
    access.require_leader(connection, known.id if known else 0, group_id)
    count, overdue = queries.count_open(connection, group_id, now)
    pages = max(1, -(-count // SHOWN))
    page = min(max(page, 0), pages - 1)
    rows = queries.open_of_group(connection, group_id, SHOWN, page * SHOWN)
    entries = tuple(task_of(connection, row, now) for row in rows)
    group = checkin_queries.group_name(connection, group_id)
    return Tasks(group_id, group, entries, count, overdue, page, pages)


def to_decide(connection: Connection, makeup_id: int, actor: Actor, now: datetime) -> Task:
    """A task for its leader. Raises Refusal: makeup_gone, not_leader."""
    row, reader_id = _led(connection, makeup_id, actor, lock=False)
    return _review(connection, row, reader_id, now)


def decide(connection: Connection, makeup_id: int, decision: int, actor: Actor, *, now: datetime, rules: Rules) -> Task:
    """⟦确认⟧ ⟦退回⟧ ⟦免补⟧; the person is told once it can no longer be undone.

    Nobody decides on their own, as long as anybody else can be asked. Where nobody can, whoever leads the group may
    confirm what they have handed in themselves, and the log says that it was their own.
    Raises Refusal: makeup_gone, not_leader, unknown_button, makeup_own, makeup_done, makeup_waived,
    makeup_nothing_submitted.
    """
    if decision not in range(len(DECISIONS)):
        raise Refusal("unknown_button")
    row, leader_id = _led(connection, makeup_id, actor)
    is_own = leader_id == row.person_id
    if is_own and (decision != CONFIRM or not _is_alone(connection, row)):
        raise Refusal("makeup_own")
    following = _decided(row, decision, now, is_own=is_own)
    if isinstance(following, Objection):
        raise Refusal(following.value)
    queries.put(connection, row.session_id, row.person_id, now, decided_by=leader_id, **asdict(following))
    subject = f"session:{row.session_id}:person:{row.person_id}"
    action = "makeup_confirm_own" if is_own else f"makeup_{DECISIONS[decision]}"
    audit.add(connection, now, actor.telegram_id, action, group_id=row.group_id, subject=subject)
    if not is_own:
        key = f"makeup:{makeup_id}:{DECIDED}:{DECISIONS[decision]}:{now.isoformat()}"
        facts = {"decision": DECISIONS[decision], "decided_at": now.isoformat()}
        tell(connection, row, DECIDED, key, now + UNDO_WITHIN, rules, **facts)
    return _review(connection, queries.find(connection, makeup_id), leader_id, now)


def _decided(row: Any, decision: int, now: datetime, *, is_own: bool) -> rule.Makeup | Objection:
    task = read(row)
    match DECISIONS[decision]:
        case "confirm":
            if is_own and task.objection() is None and not task.lies_with_leader:
                return Objection.NOTHING_SUBMITTED
            return rule.confirm(task, now)
        case "back":
            return rule.send_back(task, now)
        case _:
            return rule.waive(task, now)


def undo(connection: Connection, makeup_id: int, actor: Actor, *, now: datetime) -> Task:
    """Take a decision back within a minute; twice changes nothing.

    Raises Refusal: makeup_gone, not_leader, makeup_own (somebody else's decision on one's own), undo_too_late.
    """
    row, leader_id = _led(connection, makeup_id, actor)
    task = read(row)
    if rule.decided_at(task) is None or row.decided_by is None:
        return _review(connection, row, leader_id, now)
    if leader_id == row.person_id and row.decided_by != leader_id:
        raise Refusal("makeup_own")
    require_in_time(rule.decided_at(task), now)
    before = rule.undecided(task)
    queries.put(connection, row.session_id, row.person_id, now, decided_by=None, **asdict(before))
    subject = f"session:{row.session_id}:person:{row.person_id}"
    audit.add(connection, now, actor.telegram_id, "makeup_undo", group_id=row.group_id, subject=subject)
    return _review(connection, queries.find(connection, makeup_id), leader_id, now)


def handed(connection: Connection, payload: Mapping[str, Any], now: datetime) -> Task | None:
    """The facts of what a leader is to confirm; None once somebody has, or asked for more."""
    row = queries.find(connection, int(payload["makeup_id"]))
    if row is None or read(row).state(now) is not MakeupState.SUBMITTED:
        return None
    return replace(task_of(connection, row, now, str(payload["language"])), decisions=_open_to(row, now))


def decided(connection: Connection, payload: Mapping[str, Any], now: datetime) -> tuple[Task, str] | None:
    """What a leader decided, where that still holds."""
    row = queries.find(connection, int(payload["makeup_id"]))
    if row is None:
        return None
    task, decision = read(row), str(payload["decision"])
    moment = {"confirm": task.done_at, "waive": task.waived_at, "back": task.sent_back_at}[decision]
    is_last = rule.decided_at(task) == moment
    if moment is None or not is_last or moment != datetime.fromisoformat(str(payload["decided_at"])):
        return None
    return task_of(connection, row, now, str(payload["language"])), decision


def _led(connection: Connection, makeup_id: int, actor: Actor, *, lock: bool = True) -> tuple[Any, int]:
    """A task that the actor may decide on as a leader, and who they are."""
    row = queries.find(connection, makeup_id, lock=lock)
    if row is None:
        raise Refusal("makeup_gone")
    known = people.find(connection, actor.telegram_id)
    ids = (row.session_id, row.group_id, row.person_id)
    if known is None or not own_leaders.leads(connection, *ids, known.id):
        raise Refusal("not_leader")
    return row, known.id


def _is_alone(connection: Connection, row: Any) -> bool:
    """Whether nobody but the person of a task can be asked to decide on it."""
    return not own_leaders.leaders_or_admins(connection, row.session_id, row.group_id, row.person_id)


def _open_to(row: Any, now: datetime) -> tuple[int, ...]:
    """What a leader can do with somebody's task."""
    task = read(row)
    if task.objection() is not None:
        return ()
    is_handed_in = task.state(now) is MakeupState.SUBMITTED
    return tuple(number for number in range(len(DECISIONS)) if is_handed_in or number != BACK)


def _review(connection: Connection, row: Any, reader_id: int, now: datetime) -> Task:
    task, decisions = read(row), _open_to(row, now)
    may_undo = row.decided_by is not None
    if reader_id == row.person_id:
        may_confirm = task.objection() is None and task.lies_with_leader and _is_alone(connection, row)
        decisions = (CONFIRM,) if may_confirm else ()
        may_undo = row.decided_by == reader_id
    last = rule.decided_at(task)
    undoable = may_undo and last is not None and now <= last + UNDO_WITHIN
    ids = (row.session_id, row.group_id, row.person_id)
    group_id = own_leaders.read_in(connection, *ids, reader_id)
    return replace(task_of(connection, row, now), group_id=group_id, decisions=decisions, undoable=undoable)
