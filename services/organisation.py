"""The organisation: its root unit, its admins, and the record of privileged acts."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import audit
from db.queries import organisation as queries
from domain.errors import Refusal
from domain.people import Actor
from services import deliveries, menus, people

LONGEST_NAME = 64

SUBJECT: Final = re.compile(r"(person|session):(\d{1,18})")


@dataclass(frozen=True, slots=True)
class Admin:
    """Somebody who administers the root unit."""

    name: str
    telegram_id: int


@dataclass(frozen=True, slots=True)
class Overview:
    """What an operator sees: no records of anybody. `unit` is empty until the root has a name."""

    unit: str
    admins: tuple[Admin, ...]
    groups: int
    unit_id: int = 0


@dataclass(frozen=True, slots=True)
class Act:
    """A privileged act; `actor` is a name, or the numeric id of an account that is nobody of ours.

    `group` is where it was done and `subject` the person or the session it was done to; empty where there is none,
    and None for a person whose name was erased.
    """

    at: datetime
    actor: str
    action: str
    group: str = ""
    subject: str | None = ""


def root(connection: Connection, organisation: str, now: datetime) -> int:
    """The id of the unit above all others; it is made under this name when it is first needed, and only once."""
    found = queries.root(connection)
    if found is None:
        queries.lock_root(connection)
        found = queries.root(connection)  # somebody else may have made it while we waited
    return int(found.id) if found is not None else queries.add_root(connection, organisation, now)


def overview(connection: Connection, *, is_operator: bool) -> Overview:
    """The organisation for its operator. Raises Refusal: not_operator."""
    _require_operator(is_operator)
    found = queries.root(connection)
    if found is None:
        return Overview("", (), queries.count_groups(connection))
    admins = tuple(Admin(row.name, row.telegram_id) for row in queries.admins(connection, found.id))
    return Overview(found.name, admins, queries.count_groups(connection), found.id)


def acts_of(connection: Connection, rows: Sequence[Any]) -> tuple[Act, ...]:
    """Rows of the log with the names they stand for."""
    names = queries.names(connection, {row.actor_id for row in rows})
    group_names = queries.group_names(connection, {row.group_id for row in rows if row.group_id})
    subjects = _subjects(connection, {row.subject for row in rows})
    return tuple(
        Act(
            row.at,
            names.get(row.actor_id, str(row.actor_id)),
            row.action,
            group_names.get(row.group_id, ""),
            subjects.get(row.subject, ""),
        )
        for row in rows
    )


def _subjects(connection: Connection, codes: Iterable[str]) -> dict[str, str | None]:
    """The names of people and titles of sessions that the log holds as `person:<id>` and `session:<id>`."""
    ids: dict[str, dict[str, int]] = {"person": {}, "session": {}}
    for code in codes:
        if (found := SUBJECT.match(code)) is not None:
            ids[found[1]][code] = int(found[2])
    people_names = queries.people_names(connection, list(ids["person"].values()))
    titles = queries.session_titles(connection, list(ids["session"].values()))
    named = {code: people_names.get(number, "") or None for code, number in ids["person"].items()}
    return named | {code: titles.get(number, "") for code, number in ids["session"].items()}


def appoint_admin(
    connection: Connection,
    telegram_id: int,
    by: Actor,
    *,
    is_operator: bool,
    organisation: str,
    language: str,
    now: datetime,
    reply_key: str,
) -> None:
    """Make somebody an admin of everything; both are told in private.

    Raises Refusal: not_operator, unknown_person (who has never pressed Start cannot be reached).
    """
    _require_operator(is_operator)
    appointed = people.find(connection, telegram_id)
    if appointed is None or appointed.chat_id is None:
        raise Refusal("unknown_person", number=telegram_id)
    unit_id = root(connection, organisation, now)
    values = {"name": appointed.name, "number": telegram_id}
    if not queries.add_admin(connection, unit_id, appointed.id, by.telegram_id, now):
        _tell(connection, by, reply_key, "organisation.admin_already", values, language, now)
        return
    _note(connection, now, by, "appoint_admin", unit_id, f"person:{appointed.id}")
    menus.refresh(connection, appointed.id, now)
    _tell(connection, by, reply_key, "organisation.admin_appointed", values, language, now)
    if telegram_id != by.telegram_id:
        deliveries.reply(
            connection,
            key=f"{reply_key}:appointed",
            chat_id=appointed.chat_id,
            text="organisation.you_are_admin",
            language=appointed.language or language,
            now=now,
        )


def remove_admin(
    connection: Connection,
    telegram_id: int,
    by: Actor,
    *,
    is_operator: bool,
    language: str,
    now: datetime,
    reply_key: str,
) -> None:
    """Take an admin's right away. Raises Refusal: not_operator, no_such_admin."""
    _require_operator(is_operator)
    unit = queries.root(connection)
    removed = people.find(connection, telegram_id)
    if unit is None or removed is None or not queries.remove_admin(connection, unit.id, removed.id):
        raise Refusal("no_such_admin", number=telegram_id)
    _note(connection, now, by, "remove_admin", unit.id, f"person:{removed.id}")
    menus.refresh(connection, removed.id, now)
    values = {"name": removed.name, "number": telegram_id}
    _tell(connection, by, reply_key, "organisation.admin_removed", values, language, now)


def name_unit(
    connection: Connection,
    name: str,
    by: Actor,
    *,
    is_operator: bool,
    language: str,
    now: datetime,
    reply_key: str,
) -> None:
    """Name the root unit. Raises Refusal: not_operator, name_too_long."""
    _require_operator(is_operator)
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Refusal("name_too_long", most=LONGEST_NAME)
    unit_id = root(connection, name, now)
    queries.rename(connection, unit_id, name)
    _note(connection, now, by, "name_unit", unit_id, f"unit:{unit_id}")
    _tell(connection, by, reply_key, "organisation.named", {"name": name}, language, now)


def _require_operator(is_operator: bool) -> None:
    if not is_operator:
        raise Refusal("not_operator")


def _note(connection: Connection, now: datetime, by: Actor, action: str, unit_id: int, subject: str) -> None:
    audit.add(connection, now, by.telegram_id, action, unit_id=unit_id, subject=subject)


def _tell(
    connection: Connection,
    by: Actor,
    key: str,
    text: str,
    values: dict[str, Any],
    language: str,
    now: datetime,
) -> None:
    """Answer the operator, who is writing to us in private and so can be reached there."""
    chat_id = people.start(connection, by, now).chat_id
    assert chat_id is not None
    deliveries.reply(connection, key=key, chat_id=chat_id, text=text, values=values, language=language, now=now)
