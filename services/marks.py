"""What a member is beside their role: standing, seat in the committee, subgroup, turn as the main speaker."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import audit
from db.queries import groups as queries
from db.queries import roster_files as file_queries
from domain import names
from domain.errors import Refusal
from domain.people import Actor, Standing
from domain.rosters import LONGEST_SUBGROUP
from services import access, inputs, leaders

SUBGROUP: Final = "subgroup_of"
"""The input that is waited for: the name of a member's subgroup; its numbers are the group and the person."""

STANDINGS: Final = tuple(Standing)


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose subgroup is asked for, and which there are already."""

    group_id: int
    person_id: int
    name: str
    known: tuple[str, ...]


def set_standing(
    connection: Connection, group_id: int, person_id: int, number: int, actor: Actor, *, now: datetime
) -> None:
    """A member's standing by its number in STANDINGS. Raises Refusal: not_leader, person_left, unknown_button."""
    if number not in range(len(STANDINGS)):
        raise Refusal("unknown_button")
    _mark(connection, group_id, person_id, actor, now, standing=STANDINGS[number])


def set_committee(
    connection: Connection, group_id: int, person_id: int, number: int, actor: Actor, *, now: datetime
) -> None:
    """Whether a member sits in the committee. Raises Refusal: not_leader, person_left."""
    _mark(connection, group_id, person_id, actor, now, committee=bool(number))


def set_speaks(
    connection: Connection, group_id: int, person_id: int, number: int, actor: Actor, *, now: datetime
) -> None:
    """Whether a member takes turns as the main speaker. Raises Refusal: not_leader, person_left."""
    _mark(connection, group_id, person_id, actor, now, speaks=bool(number))


def ask_subgroup(connection: Connection, group_id: int, person_id: int, actor: Actor, *, now: datetime) -> Asked:
    """From now on the name of a member's subgroup is taken in. Raises Refusal: not_leader, person_left."""
    member = _member(connection, group_id, person_id, actor)
    inputs.ask(connection, actor.telegram_id, SUBGROUP, group_id, person_id, now=now)
    known = {row.subgroup for row in file_queries.members(connection, group_id) if row.subgroup}
    return Asked(group_id, person_id, member.name, tuple(sorted(known)))


def set_subgroup(
    connection: Connection, group_id: int, person_id: int, typed: str, actor: Actor, *, now: datetime
) -> None:
    """A member's subgroup; empty: none. Raises Refusal: not_leader, person_left, subgroup_too_long."""
    subgroup = names.clean(typed)
    if len(subgroup) > LONGEST_SUBGROUP:
        raise Refusal("subgroup_too_long", most=LONGEST_SUBGROUP)
    _mark(connection, group_id, person_id, actor, now, subgroup=subgroup)
    inputs.answered(connection, actor.telegram_id)


def _mark(connection: Connection, group_id: int, person_id: int, actor: Actor, now: datetime, **values: Any) -> None:
    member = _member(connection, group_id, person_id, actor)
    if all(getattr(member, column) == value for column, value in values.items()):
        return
    queries.mark(connection, group_id, person_id, **values)
    audit.add(connection, now, actor.telegram_id, "mark_member", group_id=group_id, subject=f"person:{person_id}")


def _member(connection: Connection, group_id: int, person_id: int, actor: Actor) -> Any:
    known, _ = leaders.led(connection, group_id, actor)
    access.require_leader(connection, known.id, group_id)
    row = queries.member(connection, group_id, person_id)
    if row is None:
        raise Refusal("person_left")
    return row
