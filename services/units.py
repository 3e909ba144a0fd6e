"""The tree of units: what is where, changed by its admins and by the operator, who sees structure and no records."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import access as access_queries
from db.queries import audit
from db.queries import organisation as organisation_queries
from db.queries import units as queries
from domain.errors import Refusal
from domain.people import Actor
from services import access, deliveries, inputs, menus, people
from services.organisation import Act, acts_of

NAME: Final = "unit_name"
"""The input that is waited for: the name of a unit; its numbers are the unit and ADD or RENAME."""

ADMIN: Final = "unit_admin"
"""The input that is waited for: a name, or a number, of who is to administer a unit."""

ADD, RENAME = 0, 1

LONGEST: Final = 64
DEEPEST: Final = 8
SHOWN: Final = 8
ACTS: Final = 10


@dataclass(frozen=True, slots=True)
class Named:
    """A unit, a group or a person by its number."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class UnitPage:
    """A unit with what is right below it; `may_move` where it has a parent that the reader may see."""

    id: int
    path: tuple[str, ...]
    units: tuple[Named, ...]
    groups: tuple[Named, ...]
    admins: tuple[Named, ...]
    all_groups: int
    people: int
    is_root: bool
    parent_id: int  # 0: none that the reader may open

    @property
    def name(self) -> str:
        """Its own name."""
        return self.path[-1]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is in it, so that it can be removed."""
        return not (self.units or self.groups)


def top(connection: Connection, actor: Actor) -> list[Named]:
    """The topmost units that somebody administers. Raises Refusal `not_admin`."""
    known = people.find(connection, actor.telegram_id)
    mine = set(access.require_admin(connection, known.id if known else 0))
    rows = queries.named(connection, mine)
    return [Named(row.id, row.name) for row in rows if row.parent_id not in mine]


def page(connection: Connection, unit_id: int, actor: Actor, *, is_operator: bool) -> UnitPage:
    """A unit. Raises Refusal `not_admin`, also for one that is not there."""
    row = _open(connection, unit_id, actor, is_operator)
    counts = queries.counts(connection, unit_id)
    parent = row.parent_id or 0
    if parent and not _may(connection, parent, actor, is_operator):
        parent = 0
    return UnitPage(
        row.id,
        tuple(queries.path(connection, unit_id)),
        tuple(Named(each.id, each.name) for each in queries.children(connection, unit_id)),
        tuple(Named(each.id, each.name) for each in queries.groups(connection, unit_id)),
        tuple(Named(each.id, each.name) for each in queries.admins(connection, unit_id)),
        counts.groups,
        counts.people,
        is_root=row.parent_id is None,
        parent_id=parent,
    )


def ask_name(
    connection: Connection, unit_id: int, act: int, actor: Actor, *, is_operator: bool, now: datetime
) -> UnitPage:
    """From now on a name can be typed. Raises Refusal: not_admin, unknown_button, unit_too_deep."""
    found = page(connection, unit_id, actor, is_operator=is_operator)
    if act not in (ADD, RENAME):
        raise Refusal("unknown_button")
    if act == ADD and len(found.path) >= DEEPEST:
        raise Refusal("unit_too_deep", most=DEEPEST)
    inputs.ask(connection, actor.telegram_id, NAME, unit_id, act, now=now)
    return found


def name_typed(
    connection: Connection,
    unit_id: int,
    act: int,
    text: str,
    actor: Actor,
    *,
    is_operator: bool,
    reply_key: str,
    language: str,
    now: datetime,
) -> None:
    """A new unit below it, or its new name. Raises Refusal: not_admin, name_too_long, unit_exists."""
    row = _open(connection, unit_id, actor, is_operator, lock=True)
    name = " ".join(text.split())
    if not 1 <= len(name) <= LONGEST:
        raise Refusal("name_too_long", most=LONGEST)
    beside = unit_id if act == ADD else row.parent_id
    siblings = queries.children(connection, beside) if beside is not None else ()
    if any(each.name == name and each.id != unit_id for each in siblings):
        raise Refusal("unit_exists", name=name)
    changed = unit_id
    if act == ADD:
        changed = queries.add(connection, unit_id, name, now)
    else:
        queries.change(connection, unit_id, name=name)
    inputs.answered(connection, actor.telegram_id)
    _note(connection, actor, "add_unit" if act == ADD else "name_unit", changed, now)
    deliveries.reply(
        connection,
        key=reply_key,
        chat_id=people.chat_id(connection, actor.telegram_id, "private"),
        text="units.added" if act == ADD else "units.renamed",
        values={"name": name},
        language=language,
        now=now,
        buttons=[[("button.to_unit", f"unit:{changed}:0")]],
    )


def remove(connection: Connection, unit_id: int, actor: Actor, *, is_operator: bool, now: datetime) -> UnitPage:
    """Take an empty unit away; the page of the unit above. Raises Refusal: not_admin, unit_not_empty, unit_is_root."""
    found = page(connection, unit_id, actor, is_operator=is_operator)
    row = _open(connection, unit_id, actor, is_operator, lock=True)
    if row.parent_id is None or not found.parent_id:
        raise Refusal("unit_is_root")
    if not found.is_empty:
        raise Refusal("unit_not_empty")
    queries.change(connection, unit_id, removed_at=now)
    _note(connection, actor, "remove_unit", unit_id, now)
    return page(connection, found.parent_id, actor, is_operator=is_operator)


@dataclass(frozen=True, slots=True)
class Targets:
    """Where a unit or a group can be put: a page of units."""

    moved_id: int
    moved_name: str
    units: tuple[Named, ...]
    page: int
    pages: int


def unit_targets(connection: Connection, unit_id: int, page_number: int, actor: Actor, *, is_operator: bool) -> Targets:
    """The units that a unit can be put below. Raises Refusal: not_admin, unit_is_root."""
    row = _open(connection, unit_id, actor, is_operator)
    if row.parent_id is None:
        raise Refusal("unit_is_root")
    inside = queries.ids_below(connection, [unit_id])
    return _targets(
        connection, row, lambda each: each not in inside and each != row.parent_id, page_number, actor, is_operator
    )


def move(
    connection: Connection, unit_id: int, parent_id: int, actor: Actor, *, is_operator: bool, now: datetime
) -> UnitPage:
    """Put a unit below another. Raises Refusal: not_admin, unit_is_root, unit_in_itself, unit_too_deep."""
    row = _open(connection, unit_id, actor, is_operator, lock=True)
    _open(connection, parent_id, actor, is_operator, lock=True)
    if row.parent_id is None:
        raise Refusal("unit_is_root")
    if parent_id in queries.ids_below(connection, [unit_id]):
        raise Refusal("unit_in_itself")
    if len(queries.path(connection, parent_id)) + queries.height(connection, unit_id) > DEEPEST:
        raise Refusal("unit_too_deep", most=DEEPEST)
    if row.parent_id != parent_id:
        queries.change(connection, unit_id, parent_id=parent_id)
        _note(connection, actor, "move_unit", unit_id, now)
    return page(connection, unit_id, actor, is_operator=is_operator)


def group_targets(
    connection: Connection, group_id: int, page_number: int, actor: Actor, *, is_operator: bool
) -> Targets:
    """The units that a group can be put into. Raises Refusal `not_admin`."""
    group = _group(connection, group_id, actor, is_operator)
    return _targets(connection, group, lambda each: each != group.unit_id, page_number, actor, is_operator)


def move_group(
    connection: Connection, group_id: int, unit_id: int, actor: Actor, *, is_operator: bool, now: datetime
) -> UnitPage:
    """Put a group into another unit, which the actor administers too. Raises Refusal `not_admin`."""
    group = _group(connection, group_id, actor, is_operator)
    _open(connection, unit_id, actor, is_operator, lock=True)
    if group.unit_id != unit_id:
        queries.move_group(connection, group_id, unit_id)
        audit.add(connection, now, actor.telegram_id, "move_group", group_id=group_id, subject=f"unit:{unit_id}")
    return page(connection, unit_id, actor, is_operator=is_operator)


def _targets(
    connection: Connection,
    moved: Any,
    fits: Callable[[int], bool],
    page_number: int,
    actor: Actor,
    is_operator: bool,
) -> Targets:
    known = people.find(connection, actor.telegram_id)
    root = organisation_queries.root(connection)
    tops = (
        [root.id]
        if is_operator and root is not None
        else access_queries.administered_units(connection, known.id if known else 0)
    )
    rows = [row for row in queries.named(connection, queries.ids_below(connection, tops)) if fits(row.id)]
    pages = max(1, -(-len(rows) // SHOWN))
    page_number = min(max(page_number, 0), pages - 1)
    shown = rows[page_number * SHOWN : (page_number + 1) * SHOWN]
    return Targets(moved.id, moved.name, tuple(Named(row.id, row.name) for row in shown), page_number, pages)


def ask_admin(connection: Connection, unit_id: int, actor: Actor, *, is_operator: bool, now: datetime) -> UnitPage:
    """From now on a name or a number can be typed. Raises Refusal `not_admin`."""
    found = page(connection, unit_id, actor, is_operator=is_operator)
    inputs.ask(connection, actor.telegram_id, ADMIN, unit_id, now=now)
    return found


def candidates(connection: Connection, unit_id: int, text: str, actor: Actor, *, is_operator: bool) -> list[Named]:
    """The people meant by a name or a number, who can be written to. Raises Refusal: not_admin, nobody_found."""
    _open(connection, unit_id, actor, is_operator)
    text = " ".join(text.split())
    if text.isascii() and text.isdigit() and len(text) < 19:
        known = people.find(connection, int(text))
        found = [Named(known.id, known.name)] if known is not None and known.chat_id is not None else []
    else:
        rows = queries.reachable_named(connection, text, SHOWN) if text else ()
        found = [Named(row.id, row.name) for row in rows]
    if not found:
        raise Refusal("nobody_found", text=text[:40])
    return found


def appoint(
    connection: Connection, unit_id: int, person_id: int, actor: Actor, *, is_operator: bool, now: datetime
) -> UnitPage:
    """Somebody administers a unit and all below it from now on; they are told. Raises Refusal: not_admin,
    nobody_found.
    """
    row = _open(connection, unit_id, actor, is_operator)
    appointed = people.by_id(connection, person_id)
    if appointed.chat_id is None or not appointed.telegram_id:
        raise Refusal("nobody_found", text="")
    inputs.answered(connection, actor.telegram_id)
    if organisation_queries.add_admin(connection, unit_id, person_id, actor.telegram_id, now):
        _note(connection, actor, "appoint_admin", unit_id, now, f"person:{person_id}")
        menus.refresh(connection, person_id, now)
        _tell(connection, appointed, row, "units.you_are_admin", now)
    return page(connection, unit_id, actor, is_operator=is_operator)


def dismiss(
    connection: Connection, unit_id: int, person_id: int, actor: Actor, *, is_operator: bool, now: datetime
) -> UnitPage:
    """Somebody else administers it no longer; they are told. The root keeps one, unless the operator says so.

    Raises Refusal: not_admin, own_admin, last_admin.
    """
    row = _open(connection, unit_id, actor, is_operator, lock=True)
    known = people.find(connection, actor.telegram_id)
    if known is not None and known.id == person_id and not is_operator:
        raise Refusal("own_admin")
    if row.parent_id is None and not is_operator and len(queries.admins(connection, unit_id)) < 2:
        raise Refusal("last_admin")
    if organisation_queries.remove_admin(connection, unit_id, person_id):
        _note(connection, actor, "remove_admin", unit_id, now, f"person:{person_id}")
        menus.refresh(connection, person_id, now)
        _tell(connection, people.by_id(connection, person_id), row, "units.no_admin_more", now)
    return page(connection, unit_id, actor, is_operator=is_operator)


@dataclass(frozen=True, slots=True)
class ActsPage:
    """A page of what was done in a unit and below, the newest first."""

    unit_id: int
    unit_name: str
    acts: tuple[Act, ...]
    page: int
    more: bool


def acts(connection: Connection, unit_id: int, page_number: int, actor: Actor, *, is_operator: bool) -> ActsPage:
    """The log of privileged acts. Raises Refusal `not_admin`."""
    row = _open(connection, unit_id, actor, is_operator)
    page_number = min(max(page_number, 0), 10_000)
    rows = queries.acts(connection, unit_id, ACTS + 1, page_number * ACTS)
    return ActsPage(unit_id, row.name, acts_of(connection, rows[:ACTS]), page_number, len(rows) > ACTS)


def _open(connection: Connection, unit_id: int, actor: Actor, is_operator: bool, *, lock: bool = False) -> Any:
    """A unit that the actor may change. Raises Refusal `not_admin`, which does not tell whether it is there."""
    row = queries.find(connection, unit_id, lock=lock)
    if row is None or not _may(connection, unit_id, actor, is_operator):
        raise Refusal("not_admin")
    return row


def _may(connection: Connection, unit_id: int, actor: Actor, is_operator: bool) -> bool:
    if is_operator:
        return True
    known = people.find(connection, actor.telegram_id)
    return known is not None and unit_id in access_queries.administered_units(connection, known.id)


def _group(connection: Connection, group_id: int, actor: Actor, is_operator: bool) -> Any:
    group = access_queries.group(connection, group_id)
    if group is None or not _may(connection, group.unit_id, actor, is_operator):
        raise Refusal("not_admin")
    return group


def _note(connection: Connection, actor: Actor, action: str, unit_id: int, now: datetime, subject: str = "") -> None:
    audit.add(connection, now, actor.telegram_id, action, unit_id=unit_id, subject=subject or f"unit:{unit_id}")


def _tell(connection: Connection, person: people.Known, unit: Any, text: str, now: datetime) -> None:
    if person.chat_id is not None:
        deliveries.reply(
            connection,
            key=f"unit:{unit.id}:{text}:{person.id}:{now.isoformat()}",
            chat_id=person.chat_id,
            text=text,
            values={"name": unit.name},
            language=person.language or "",
            now=now,
        )
