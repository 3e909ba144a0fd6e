"""Who decides about somebody at a session: of a joint one the leaders of their own group, before who scheduled it."""

from typing import Any

from sqlalchemy import Connection

from db.queries import corrections as unit_queries
from db.queries import joint as queries
from db.queries import radar as reader_queries
from services import access


def groups(connection: Connection, session_id: int, group_id: int, person_id: int) -> list[int]:
    """The groups whose leaders are asked: of those that hold the session, somebody's own.

    Who belongs to none of them (a guest, or somebody who has left) is the concern of `group_id`, which scheduled it.
    """
    return queries.own_groups(connection, session_id, person_id) or [group_id]


def leaders(connection: Connection, session_id: int, group_id: int, person_id: int) -> list[Any]:
    """The leaders and deputies of those groups who can be written to, each once; never the person themselves."""
    return _leaders(connection, groups(connection, session_id, group_id, person_id), person_id)


def _leaders(connection: Connection, group_ids: list[int], person_id: int) -> list[Any]:
    found = [each for group_id in group_ids for each in reader_queries.leaders(connection, group_id)]
    return list({leader.id: leader for leader in found if leader.id != person_id}.values())


def leaders_or_organisers(connection: Connection, session_id: int, group_id: int, person_id: int) -> list[Any]:
    """The same; where there is none, those of the group that scheduled the session."""
    found = leaders(connection, session_id, group_id, person_id)
    return found or [each for each in reader_queries.leaders(connection, group_id) if each.id != person_id]


def leaders_or_admins(connection: Connection, session_id: int, group_id: int, person_id: int) -> list[Any]:
    """The same; where there is none, the nearest admins above who can be written to."""
    return _or_admins(connection, groups(connection, session_id, group_id, person_id), person_id)


def of_group(connection: Connection, group_id: int, person_id: int) -> list[Any]:
    """The same for what is no matter of a session: the group's leaders and deputies, else the nearest admins above."""
    return _or_admins(connection, [group_id], person_id)


def _or_admins(connection: Connection, group_ids: list[int], person_id: int) -> list[Any]:
    found = _leaders(connection, group_ids, person_id)
    if found:
        return found
    admins = [
        admin
        for each in group_ids
        for admin in reader_queries.admins_above(connection, unit_queries.unit_of(connection, each))
        if admin.id != person_id
    ]
    nearest = min((admin.depth for admin in admins), default=0)
    return list({admin.id: admin for admin in admins if admin.depth == nearest}.values())


def read_in(connection: Connection, session_id: int, group_id: int, person_id: int, leader_id: int) -> int:
    """The group on whose list a leader finds what they decide about somebody: the person's own where they lead it."""
    own = (each for each in groups(connection, session_id, group_id, person_id) if each != group_id)
    return next((each for each in own if access.is_leader(connection, leader_id, each)), group_id)


def leads(connection: Connection, session_id: int, group_id: int, person_id: int, leader_id: int) -> bool:
    """Whether somebody does a leader's work in a person's own group, or in the one that scheduled the session."""
    concerned = {group_id, *queries.own_groups(connection, session_id, person_id)}
    return any(access.is_leader(connection, leader_id, each) for each in concerned)
