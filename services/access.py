"""Rights, checked in the use cases: a menu, a button or an id from outside grants nothing.

member < deputy < leader (of the group) < admin (of the group's unit or one above). An admin may do what a leader of any
group below may. A deputy does a leader's work with sessions and attendance, but
changes nobody's role. A Telegram chat admin may register the chat and appoint its first leader, nothing more.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from db.queries import access as queries
from db.queries import people as people_queries
from domain.errors import Refusal

MEMBER, DEPUTY, LEADER = "member", "deputy", "leader"


def is_leader(connection: Connection, person_id: int, group_id: int) -> bool:
    """Whether somebody may do a leader's work in a group: its leaders, their deputies, the admins above it."""
    role = queries.role(connection, person_id, group_id)
    return role in (LEADER, DEPUTY) or administers(connection, person_id, group_id)


def may_appoint(connection: Connection, person_id: int, group_id: int) -> bool:
    """Whether somebody may change roles in a group: its leaders and the admins above it, not deputies."""
    return queries.role(connection, person_id, group_id) == LEADER or administers(connection, person_id, group_id)


def require_leader(connection: Connection, person_id: int, group_id: int) -> None:
    """Raises Refusal `not_leader` for whoever neither leads nor administers the group.

    It does not name the group: whoever made its number up would learn the name by it.
    """
    if not is_leader(connection, person_id, group_id):
        raise Refusal("not_leader")


def is_member(connection: Connection, person_id: int, group_id: int) -> bool:
    """Whether somebody belongs to the group now."""
    return queries.role(connection, person_id, group_id) is not None


def require_member(connection: Connection, person_id: int, group_id: int) -> None:
    """Raises Refusal `not_member` for whoever has not joined the group."""
    if not is_member(connection, person_id, group_id):
        raise Refusal("not_member")


def administers(connection: Connection, person_id: int, group_id: int) -> bool:
    """Whether somebody is an admin of the group's unit or of one above it."""
    return queries.administers_group(connection, person_id, group_id)


def require_admin_of_group(connection: Connection, person_id: int, group_id: int) -> None:
    """Raises Refusal `not_admin` for whoever administers neither the group's unit nor one above it."""
    if not administers(connection, person_id, group_id):
        raise Refusal("not_admin")


def is_admin(connection: Connection, person_id: int) -> bool:
    """Whether somebody administers any unit."""
    return bool(queries.administered_units(connection, person_id))


def require_admin(connection: Connection, person_id: int) -> list[int]:
    """The units somebody administers, with all below. Raises Refusal `not_admin` where there are none."""
    units = queries.administered_units(connection, person_id)
    if not units:
        raise Refusal("not_admin")
    return units


def group_of_chat(connection: Connection, chat_telegram_id: int) -> Any:
    """The group registered in a chat. Raises Refusal `not_registered`."""
    found = queries.group_of_chat(connection, chat_telegram_id)
    if found is None:
        raise Refusal("not_registered")
    return found


def leads(connection: Connection, person_id: int) -> Sequence[Any]:
    """The groups for which somebody may do a leader's work: led ones first, then administered ones."""
    led = queries.groups_as(connection, person_id, (LEADER, DEPUTY))
    known = {row.id for row in led}
    below = (row for row in queries.groups_below(connection, person_id) if row.id not in known)
    return _last_first(connection, person_id, [*led, *below])


def groups_of(connection: Connection, person_id: int) -> Sequence[Any]:
    """The groups somebody belongs to."""
    return _last_first(connection, person_id, queries.groups_as(connection, person_id, (MEMBER, DEPUTY, LEADER)))


def _last_first(connection: Connection, person_id: int, groups: Sequence[Any]) -> Sequence[Any]:
    """The groups with the one that was chosen last in front."""
    if len(groups) < 2:
        return groups
    last = queries.last_group(connection, person_id)
    return sorted(groups, key=lambda group: group.id != last)


def exportable_groups(connection: Connection, person_id: int) -> list[int]:
    """The ids of the groups whose attendance somebody may export: led or administered."""
    return [row.id for row in leads(connection, person_id)]


def remember(connection: Connection, person_id: int, group_id: int) -> None:
    """Where several groups apply, this one was chosen last and is offered first from now on."""
    people_queries.change(connection, person_id, last_group_id=group_id)
