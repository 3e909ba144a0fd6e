"""One person who is listed twice becomes one, with everything both have; it can be taken back for a week."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import audit
from db.queries import groups as group_queries
from db.queries import merging as queries
from db.queries import people as people_queries
from db.queries import roster as roster_queries
from domain.errors import Refusal
from domain.people import Actor
from services import access, leaders

UNDO_WITHIN: Final = timedelta(days=7)

SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class Twin:
    """Somebody who may be the same person."""

    id: int
    name: str
    same_name: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """Who of a group may be the same as somebody: who is called alike first."""

    group_id: int
    person_id: int
    name: str
    twins: tuple[Twin, ...]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Preview:
    """Two people who would be one: who stays listed, who is not any more."""

    group_id: int
    kept_id: int
    kept_name: str
    gone_id: int
    gone_name: str


@dataclass(frozen=True, slots=True)
class Merged:
    """A merge that was done, or taken back."""

    id: int
    group_id: int
    person_id: int
    kept_name: str
    gone_name: str


def choice(connection: Connection, group_id: int, person_id: int, page: int, actor: Actor) -> Choice:
    """Who may be the same as a member. Raises Refusal: may_not_appoint, person_left."""
    leaders.require_appointer(connection, group_id, actor)
    member = _member(connection, group_id, person_id)
    everybody = (access.LEADER, access.DEPUTY, access.MEMBER)
    rows = roster_queries.people(connection, group_id, everybody, 2_000, 0)
    twins = [Twin(row.id, row.name, row.name == member.name) for row in rows if row.id != person_id]
    twins.sort(key=lambda twin: not twin.same_name)
    pages = max(1, -(-len(twins) // SHOWN))
    page = min(max(page, 0), pages - 1)
    return Choice(group_id, person_id, member.name, tuple(twins[page * SHOWN : (page + 1) * SHOWN]), page, pages)


def preview(connection: Connection, group_id: int, person_id: int, other_id: int, actor: Actor) -> Preview:
    """What merging two members would do. Raises Refusal: may_not_appoint, person_left, both_have_accounts,
    merge_elsewhere.
    """
    return _checked(connection, group_id, person_id, other_id, actor)[0]


def merge(
    connection: Connection, group_id: int, person_id: int, other_id: int, actor: Actor, *, now: datetime
) -> Merged:
    """Make two members one. Raises as `preview`."""
    group_queries.lock(connection, group_id)
    found, by_id = _checked(connection, group_id, person_id, other_id, actor)
    kept, gone = (queries.person_row(connection, each) for each in (found.kept_id, found.gone_id))
    if kept is None or gone is None:
        raise Refusal("person_left")
    rows = queries.move(connection, gone.id, kept.id)
    taken = {name: getattr(gone, name) for name in ("real_name", "number") if getattr(gone, name)}
    values = {name: value for name, value in taken.items() if not getattr(kept, name)}
    before = {name: getattr(kept, name) for name in values}
    if values:
        people_queries.change(connection, kept.id, **values)
    people_queries.change(connection, gone.id, merged_into=kept.id)
    facts = {"rows": rows, "kept_before": before, "group_id": group_id}
    merge_id = queries.keep(connection, kept.id, gone.id, by_id, facts, now)
    audit.add(connection, now, actor.telegram_id, "merge_people", group_id=group_id, subject=f"person:{kept.id}")
    return Merged(merge_id, group_id, kept.id, found.kept_name, found.gone_name)


def undo(connection: Connection, merge_id: int, actor: Actor, *, now: datetime) -> Merged:
    """Take a merge back: both are what they were, and what came since stays with who stayed.

    Raises Refusal: merge_gone, merge_too_old, merged_again, may_not_appoint.
    """
    row = queries.merge(connection, merge_id)
    if row is None:
        raise Refusal("merge_gone")
    group_id = int(row.facts["group_id"])
    leaders.require_appointer(connection, group_id, actor)
    if now > row.merged_at + UNDO_WITHIN:
        raise Refusal("merge_too_old", days=UNDO_WITHIN.days)
    if queries.newer(connection, row):
        raise Refusal("merged_again")
    people_queries.change(connection, row.gone_id, merged_into=None)
    if row.facts["kept_before"]:
        people_queries.change(connection, row.kept_id, **row.facts["kept_before"])
    queries.restore(connection, row.facts["rows"], row.gone_id)
    queries.undone(connection, merge_id, now)
    audit.add(connection, now, actor.telegram_id, "unmerge_people", group_id=group_id, subject=f"person:{row.kept_id}")
    kept, gone = (people_queries.by_id(connection, each) for each in (row.kept_id, row.gone_id))
    return Merged(merge_id, group_id, kept.id, kept.real_name or kept.name, gone.real_name or gone.name)


def _checked(connection: Connection, group_id: int, person_id: int, other_id: int, actor: Actor) -> tuple[Preview, int]:
    """Who would stay: who has an account, else whose page it is."""
    known, _ = leaders.require_appointer(connection, group_id, actor)
    kept, gone = (_member(connection, group_id, each) for each in (person_id, other_id))
    if person_id == other_id:
        raise Refusal("person_left")
    if kept.telegram_id is not None and gone.telegram_id is not None:
        raise Refusal("both_have_accounts")
    if gone.telegram_id is not None:
        kept, gone = gone, kept
    for each in queries.groups_of(connection, gone.id):
        if not access.may_appoint(connection, known.id, each):
            raise Refusal("merge_elsewhere")
    return Preview(group_id, kept.id, kept.name, gone.id, gone.name), known.id


def _member(connection: Connection, group_id: int, person_id: int) -> Any:
    row = group_queries.member(connection, group_id, person_id)
    if row is None:
        raise Refusal("person_left")
    return row
