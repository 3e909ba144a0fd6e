"""How often each kind of session is due in a group or in all groups of its unit; and whether a group is a branch."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import audit
from db.queries import duties as duty_queries
from db.queries import kind_settings as queries
from domain.errors import Refusal
from domain.kinds import Kind, KindRule, KindTable, override
from domain.people import Actor
from services import access, duties, people
from services.duties import BRANCH
from services.rules import Rules

KINDS: Final = tuple(Kind)
"""A button carries the place."""

GROUP, UNIT = 0, 1
"""Whose settings are changed; a button carries the number."""

TIMES: Final = (0, 1, 2, 3, 4)
DAYS: Final = (0, 1, 5, 10, 15, 20, 25, 31)
EVERY: Final = ("month", "quarter")
QUORUMS: Final = ("none", "> 1/2", ">= 1/2", ">= 2/3")

FIELDS: Final[dict[str, tuple[Any, ...]]] = {
    "on": (False, True),
    "times": TIMES,
    "every": EVERY,
    "day": DAYS,
    "quorum": QUORUMS,
}
"""What can be set of a kind, with the values to choose from; a button carries both places."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The kinds as they hold in a group, or where a unit sets them, and which of them are set there."""

    scope: int  # GROUP | UNIT
    group_id: int
    name: str
    form: str
    table: KindTable
    set_here: frozenset[str]
    may_change: bool  # admins
    may_form: bool  # leaders too


def page(connection: Connection, group_id: int, scope: int, actor: Actor, rules: Rules) -> Settings:
    """The settings of a group, or of its unit. Raises Refusal: not_member, not_admin (the unit's), unknown_button."""
    group, person_id = _found(connection, group_id, actor)
    return _settings(connection, group, scope, person_id, rules)


def set_form(
    connection: Connection, group_id: int, form: str, actor: Actor, *, now: datetime, rules: Rules
) -> Settings:
    """学习小组 or 党支部. Raises Refusal: not_leader, unknown_button."""
    group, person_id = _found(connection, group_id, actor)
    access.require_leader(connection, person_id, group_id)
    if form not in ("group", BRANCH):
        raise Refusal("unknown_button")
    if group.form != form:
        queries.set_form(connection, group_id, form)
        audit.add(connection, now, actor.telegram_id, "set_form", group_id=group_id, subject=f"form:{form}")
    return _settings(connection, duty_queries.group(connection, group_id), GROUP, person_id, rules)


def choose(
    connection: Connection,
    group_id: int,
    scope: int,
    kind: int,
    field: int,
    value: int,
    actor: Actor,
    *,
    now: datetime,
    rules: Rules,
) -> Settings:
    """Set one thing of a kind. Raises Refusal: not_admin, not_member, unknown_button."""
    names = list(FIELDS)
    if kind not in range(len(KINDS)) or field not in range(len(names)):
        raise Refusal("unknown_button")
    name = names[field]
    if value not in range(len(FIELDS[name])):
        raise Refusal("unknown_button")
    return _change(connection, group_id, scope, KINDS[kind], {name: FIELDS[name][value]}, actor, now, rules)


def restore(
    connection: Connection, group_id: int, scope: int, kind: int, actor: Actor, *, now: datetime, rules: Rules
) -> Settings:
    """⟦恢复默认⟧: nothing of a kind is set here any more. Raises Refusal: not_admin, not_member, unknown_button."""
    if kind not in range(len(KINDS)):
        raise Refusal("unknown_button")
    return _change(connection, group_id, scope, KINDS[kind], None, actor, now, rules)


def _change(
    connection: Connection,
    group_id: int,
    scope: int,
    kind: Kind,
    changed: dict[str, Any] | None,
    actor: Actor,
    now: datetime,
    rules: Rules,
) -> Settings:
    group, person_id = _found(connection, group_id, actor)
    access.require_admin_of_group(connection, person_id, group_id)
    here = _set_here(connection, group, scope)
    kinds = {name: keys for name, keys in here.items() if name != kind or changed is not None}
    if changed is not None:
        kinds[kind.value] = {**kinds.get(kind.value, {}), **changed}
    override(rules.kinds, kinds)  # a programming error rather than a person's: buttons carry what is allowed
    (queries.set_unit_kinds if scope == UNIT else queries.set_group_kinds)(
        connection, group.unit_id if scope == UNIT else group.id, kinds
    )
    where = {"unit_id": group.unit_id} if scope == UNIT else {"group_id": group.id}
    audit.add(connection, now, actor.telegram_id, "set_kinds", subject=f"kind:{kind.value}", **where)
    return _settings(connection, duty_queries.group(connection, group_id), scope, person_id, rules)


def _settings(connection: Connection, group: Any, scope: int, person_id: int, rules: Rules) -> Settings:
    if scope not in (GROUP, UNIT):
        raise Refusal("unknown_button")
    if scope == UNIT:  # whoever administers the group does so by its unit or one above
        access.require_admin_of_group(connection, person_id, group.id)
    table = duties.kinds_of(connection, group, rules.kinds) if scope == GROUP else _of_unit(connection, group, rules)
    return Settings(
        scope,
        group.id,
        group.name if scope == GROUP else group.unit_name,
        group.form,
        table,
        frozenset(_set_here(connection, group, scope)),
        may_change=access.administers(connection, person_id, group.id),
        may_form=access.is_leader(connection, person_id, group.id),
    )


def _of_unit(connection: Connection, group: Any, rules: Rules) -> KindTable:
    found = rules.kinds
    for kinds in duty_queries.kinds_set_above(connection, group.unit_id):
        found = override(found, kinds)
    return found


def _set_here(connection: Connection, group: Any, scope: int) -> dict[str, Any]:
    if scope == GROUP:
        return dict(group.kinds or {})
    unit = queries.unit_of(connection, group.unit_id)
    return dict((unit.kinds if unit is not None else None) or {})


def _found(connection: Connection, group_id: int, actor: Actor) -> tuple[Any, int]:
    known = people.find(connection, actor.telegram_id)
    person_id = known.id if known else 0
    group = duty_queries.group(connection, group_id)
    if group is None or not (
        access.is_member(connection, person_id, group_id) or access.administers(connection, person_id, group_id)
    ):
        raise Refusal("not_member")
    return group, person_id


def rule_of(settings: Settings, kind: int) -> KindRule:
    """The rule of a kind by its place. Raises Refusal `unknown_button`."""
    if kind not in range(len(KINDS)):
        raise Refusal("unknown_button")
    return settings.table[KINDS[kind]]
