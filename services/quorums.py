"""Whether a session can decide: how many of those who have a vote are there, and how many it takes."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from db.queries import checkins as queries
from db.queries import duties as duty_queries
from domain import quorum
from domain.attendance import Status
from domain.kinds import STARTER, Kind, KindTable, override
from domain.quorum import Attender, Standing
from services import duties
from services.rules import Rules

PAYLOAD = "quorums"


def payload_of(rules: Rules) -> dict[str, Any]:
    """What a message that shows a quorum holds: the organisation's, where they are not those one starts with."""
    if rules.kinds is STARTER:
        return {}
    changed = {
        rule.kind.value: str(rule.quorum or "none") for rule in rules.kinds if rule.quorum != STARTER[rule.kind].quorum
    }
    return {PAYLOAD: changed} if changed else {}


def standing(connection: Connection, row: Any, payload: Mapping[str, Any]) -> Standing | None:
    """How a session's quorum stands; None where its kind decides nothing.

    The quorum is that of its kind, or of the kind that it is held as too, in the group that scheduled it.
    """
    group = duty_queries.group(connection, row.group_id)
    table = duties.kinds_of(connection, group, _organisation(payload))
    found = table[Kind(row.kind)].quorum or (table[Kind(row.also_kind)].quorum if row.also_kind else None)
    if found is None:
        return None
    people = (Attender(bool(one.vote), Status(one.status)) for one in queries.voters(connection, row.id))
    return quorum.standing(people, found)


def _organisation(payload: Mapping[str, Any]) -> KindTable:
    changed = payload.get(PAYLOAD) or {}
    return override(STARTER, {kind: {"quorum": value} for kind, value in changed.items()}) if changed else STARTER
