"""A person's own command menu follows their language and what they may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from db.queries import access as access_queries
from domain.people import Actor
from services import access, deliveries, people

MENU: Final = "menu"

EVERYBODY, LEADERS, ADMINS, OPERATORS = "all", "leader", "admin", "operator"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a menu: in which language, and whose commands are theirs to use."""

    language: str | None
    audiences: frozenset[str]


def refresh(connection: Connection, person_id: int, now: datetime) -> None:
    """Set somebody's menu anew, soon; call it where their language or their rights change."""
    known = people.by_id(connection, person_id)
    if known.chat_id is None:
        return  # pressing Start will set it
    deliveries.refresh(
        connection,
        key=f"menu:{known.chat_id}",
        kind=MENU,
        destination_id=known.chat_id,
        payload={"person_id": person_id},
        now=now,
        every=timedelta(),
        expires_at=now + timedelta(days=7),
    )


def reader(connection: Connection, payload: Mapping[str, Any], operators: frozenset[int]) -> Reader | None:
    """The facts of somebody's menu; None for somebody who is erased."""
    known = people.by_id(connection, int(payload["person_id"]))
    if not known.telegram_id:
        return None
    actor = Actor(known.telegram_id, known.name, known.language)
    found = audiences(connection, actor, is_operator=known.telegram_id in operators)
    return Reader(known.language, found)


def audiences(connection: Connection, actor: Actor, *, is_operator: bool) -> frozenset[str]:
    """Whose commands are somebody's to use. It only shortens a list: each use case checks again."""
    found = {EVERYBODY, OPERATORS, ADMINS} if is_operator else {EVERYBODY}
    known = people.find(connection, actor.telegram_id)
    if known is not None:
        if access.leads(connection, known.id):
            found.add(LEADERS)
        if access_queries.administered_units(connection, known.id):
            found.add(ADMINS)
    return frozenset(found)
