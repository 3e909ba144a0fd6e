"""A group's roster from a file: shown first what it would change, taken over whole with one tap; and the way back."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import audit
from db.queries import groups as group_queries
from db.queries import people as people_queries
from db.queries import roster_files as queries
from domain.errors import Refusal
from domain.people import Actor, Standing
from domain.rosters import Roster, Row, Wrong
from services import access, deliveries, groups, inputs, leaders, menus, people
from services.rules import Rules

FILE: Final = "roster_file"
"""The input that is waited for: a file with the roster; its number is the group."""

EXPORT: Final = "roster_export"
"""The kind of delivery that sends the roster as a file."""

FORMATS: Final = ("xlsx", "csv")


@dataclass(frozen=True, slots=True)
class Change:
    """What a row changes: who it means (0: somebody new), and the columns that become another."""

    row: Row
    person_id: int
    columns: tuple[str, ...]
    joins: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What a roster would change; `others` are in the group and not in the file, and stay as they are."""

    id: int
    group_id: int
    group_name: str
    changes: tuple[Change, ...]
    same: int
    others: int
    wrong: tuple[Wrong, ...]

    @property
    def added(self) -> tuple[Change, ...]:
        """Those who become members."""
        return tuple(change for change in self.changes if change.joins)

    @property
    def changed(self) -> tuple[Change, ...]:
        """Members of whom something becomes another."""
        return tuple(change for change in self.changes if not change.joins)


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose roster is waited for."""

    group_id: int
    group_name: str


def ask(connection: Connection, group_id: int, actor: Actor, *, now: datetime) -> Asked:
    """From now on a file is taken as the group's roster. Raises Refusal: not_member, not_registered,
    may_not_appoint.
    """
    _, group = leaders.require_appointer(connection, group_id, actor)
    inputs.ask(connection, actor.telegram_id, FILE, group_id, now=now)
    return Asked(group_id, group.name)


def may(connection: Connection, group_id: int, actor: Actor) -> None:
    """Whether the actor may hand in a roster. Raises as `ask`."""
    leaders.require_appointer(connection, group_id, actor)


def take(connection: Connection, group_id: int, roster: Roster, actor: Actor, *, now: datetime) -> Preview:
    """A roster was read: keep it, and say what it would change. Raises Refusal as `ask`, and roster_empty."""
    known, group = leaders.require_appointer(connection, group_id, actor)
    if not roster.rows and not roster.wrong:
        raise Refusal("roster_empty")
    inputs.answered(connection, actor.telegram_id)
    plan = _plan(connection, 0, group, roster)
    kept = {
        "rows": [asdict(row) for row in roster.rows],
        "wrong": [asdict(wrong) for wrong in roster.wrong],
        "shown": _shown(plan),
    }
    return _plan(connection, queries.keep(connection, group_id, known.id, kept, now), group, roster)


def apply(connection: Connection, import_id: int, actor: Actor, *, now: datetime, rules: Rules) -> tuple[Preview, bool]:
    """Take a roster over, if it still changes what was shown; else what it would change now, and False.

    Raises Refusal: roster_gone, and as `ask`.
    """
    row, group, roster = _open(connection, import_id, actor)
    group_queries.lock(connection, group.id)
    plan = _plan(connection, import_id, group, roster)
    if _shown(plan) != row.rows["shown"]:
        queries.change(connection, import_id, rows={**row.rows, "shown": _shown(plan)})
        return plan, False
    for change in plan.changes:
        _take_over(connection, group.id, change, now)
    queries.change(connection, import_id, state="done", rows={})
    audit.add(
        connection,
        now,
        actor.telegram_id,
        "import_roster",
        group_id=group.id,
        subject=f"+{len(plan.added)} ~{len(plan.changed)}",
    )
    groups.refresh_newest_card(connection, group.id, now, rules)
    return plan, True


def drop(connection: Connection, import_id: int, actor: Actor) -> int:
    """Take nothing over; the group. Raises Refusal as `apply`."""
    _, group, _ = _open(connection, import_id, actor)
    queries.change(connection, import_id, state="dropped", rows={})
    return int(group.id)


def _open(connection: Connection, import_id: int, actor: Actor) -> tuple[Any, Any, Roster]:
    row = queries.open_import(connection, import_id)
    if row is None:
        raise Refusal("roster_gone")
    known, group = leaders.require_appointer(connection, row.group_id, actor)
    if row.person_id != known.id:
        raise Refusal("roster_gone")
    rows = tuple(_row(said) for said in row.rows["rows"])
    return row, group, Roster(rows, tuple(Wrong(**said) for said in row.rows["wrong"]))


def _row(said: Mapping[str, Any]) -> Row:
    return Row(**{**said, "standing": Standing(said["standing"]) if said["standing"] else None})


def _shown(plan: Preview) -> list[Any]:
    """What of a plan must still hold when the yes comes; of the JSON kind."""
    changes = [[change.row.line, change.person_id, list(change.columns), change.joins] for change in plan.changes]
    return [changes, [[wrong.line, wrong.code] for wrong in plan.wrong]]


class _NotMeant(ValueError):
    """It cannot be told whom a row means, or it may not do what it says; the argument is a row's code."""


def _plan(connection: Connection, import_id: int, group: Any, roster: Roster) -> Preview:
    """What a roster changes in a group as it is now."""
    here = {row.id: row for row in queries.members(connection, group.id)}
    by_name: dict[str, list[Any]] = defaultdict(list)
    for member in here.values():
        for called in {member.name, member.public_name}:
            by_name[called].append(member)
    numbers = {row.number for row in roster.rows if row.number}
    by_number = {found.number: found for found in queries.numbered(connection, numbers)}
    changes: list[Change] = []
    wrong = list(roster.wrong)
    meant: set[int] = set()
    same = 0
    for row in roster.rows:
        try:
            change = _change(row, here, by_name, by_number)
            if change.person_id and change.person_id in meant:
                raise _NotMeant("same_person")
        except _NotMeant as found:
            wrong.append(Wrong(row.line, str(found), row.name))
            continue
        meant.add(change.person_id)
        if change.columns or change.joins:
            changes.append(change)
        else:
            same += 1
    others = len(set(here) - meant)
    wrong.sort(key=lambda each: each.line)
    return Preview(import_id, group.id, group.name, tuple(changes), same, others, tuple(wrong))


def _change(
    row: Row, here: Mapping[int, Any], by_name: Mapping[str, list[Any]], by_number: Mapping[str, Any]
) -> Change:
    """Whom a row means: who has its number, else who is called so in the group. Raises _NotMeant with a code."""
    numbered = by_number.get(row.number) if row.number else None
    if numbered is not None and numbered.id not in here:
        if numbered.name != row.name:
            raise _NotMeant("number_of_other")
        return Change(row, numbered.id, (), joins=True)
    member = here[numbered.id] if numbered is not None else None
    if member is None:
        called = [each for each in by_name.get(row.name, ()) if not (row.number and each.number)]
        if len(called) > 1:
            raise _NotMeant("name_ambiguous")
        member = called[0] if called else None
    if member is None:
        if row.role == access.LEADER:
            raise _NotMeant("leader_by_hand")
        return Change(row, 0, (), joins=True)
    if row.role and row.role != member.role and access.LEADER in (row.role, member.role):
        raise _NotMeant("leader_by_hand")
    return Change(row, member.id, _columns(row, member), joins=False)


def _columns(row: Row, member: Any) -> tuple[str, ...]:
    """The columns in which a row says something else than is known."""
    wanted: dict[str, Any] = {
        "name": row.name,
        "number": row.number or None,
        "role": row.role or None,
        "subgroup": row.subgroup,
        "standing": row.standing,
        "committee": row.committee,
    }
    return tuple(column for column, value in wanted.items() if value is not None and value != getattr(member, column))


def _take_over(connection: Connection, group_id: int, change: Change, now: datetime) -> None:
    row, person_id = change.row, change.person_id
    if not person_id:
        person_id = queries.add_person(connection, row.name, row.number, now)
    if change.joins:
        group_queries.join(connection, group_id, person_id, now, row.role or access.MEMBER)
        columns: tuple[str, ...] = ("subgroup", "standing", "committee")
    else:
        columns = change.columns
    if "name" in columns:
        people_queries.change(connection, person_id, real_name=row.name)
    if "number" in columns:
        people_queries.change(connection, person_id, number=row.number)
    if "role" in columns:
        group_queries.set_role(connection, group_id, person_id, row.role)
    said = {"subgroup": row.subgroup, "standing": row.standing, "committee": row.committee}
    marks = {column: said[column] for column in columns if said.get(column) is not None}
    if marks:
        group_queries.mark(connection, group_id, person_id, **marks)
    if "role" in columns or change.joins:
        menus.refresh(connection, person_id, now)


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody as the roster file has them."""

    name: str
    number: str
    role: str
    subgroup: str
    standing: Standing
    committee: bool


@dataclass(frozen=True, slots=True)
class File:
    """A group's roster, to be made a file of."""

    group_name: str
    entries: tuple[Entry, ...]
    file_format: str
    language: str
    made_at: datetime


def order(
    connection: Connection, group_id: int, file_format: int, actor: Actor, *, language: str, now: datetime
) -> None:
    """Make the roster's file due. Raises Refusal: not_leader, unknown_button, and as `ask`."""
    known, _ = leaders.led(connection, group_id, actor)
    access.require_leader(connection, known.id, group_id)
    if file_format not in range(len(FORMATS)):
        raise Refusal("unknown_button")
    chat_id = people.start(connection, actor, now).chat_id
    assert chat_id is not None
    audit.add(connection, now, actor.telegram_id, "export_roster", group_id=group_id)
    deliveries.enqueue(
        connection,
        key=f"{EXPORT}:{group_id}:{known.id}:{file_format}:{now:%Y%m%d%H%M}",
        kind=EXPORT,
        destination_id=chat_id,
        payload={
            "group_id": group_id,
            "person_id": known.id,
            "format": FORMATS[file_format],
            "language": language,
        },
        due_at=now,
        expires_at=now + deliveries.REPLY_EXPIRES,
        priority=deliveries.REPLY,
    )


def file(connection: Connection, payload: Mapping[str, Any], now: datetime) -> File | None:
    """What goes into the file; None for who may not have it any more."""
    group_id = int(payload["group_id"])
    reader = people.by_id(connection, int(payload["person_id"]))
    if not access.is_leader(connection, reader.id, group_id):
        return None
    _, group = leaders.led(connection, group_id, Actor(reader.telegram_id, ""))
    entries = tuple(
        Entry(row.name, row.number or "", row.role, row.subgroup, Standing(row.standing), bool(row.committee))
        for row in queries.members(connection, group_id)
    )
    return File(group.name, entries, str(payload["format"]), str(payload["language"]), now)
