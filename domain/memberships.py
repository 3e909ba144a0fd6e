"""Membership dates: who was expected at a session, where people join, leave, come back and are in several groups.

`domain.attendance.expected` decides each: nobody is absent from what was before they joined or after they left.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from domain.attendance import expected
from domain.kinds import Attendees
from domain.people import Standing


class Membership(NamedTuple):
    """Somebody's time in a group, one of several perhaps; `left_at` None: they are in it still."""

    person_id: int
    group_id: int
    joined_at: datetime
    left_at: datetime | None = None


class SessionSpan(NamedTuple):
    """When a session is and which groups it is of: a joint session is of several, and still one."""

    session_id: int
    group_ids: frozenset[int]
    starts_at: datetime
    ends_at: datetime


def is_expected(memberships: Iterable[Membership], session: SessionSpan) -> bool:
    """Whether one person's memberships make them expected: any one of the session's groups is enough."""
    return any(
        one.group_id in session.group_ids and expected(one.joined_at, one.left_at, session.starts_at, session.ends_at)
        for one in memberships
    )


def expected_people(memberships: Iterable[Membership], session: SessionSpan) -> frozenset[int]:
    """Everybody who is expected at a session, each once, whatever groups they are in."""
    return frozenset(one.person_id for one in memberships if is_expected((one,), session))


def expected_sessions(
    memberships: Collection[Membership], sessions: Iterable[SessionSpan]
) -> Mapping[int, frozenset[int]]:
    """Of each person the sessions they are expected at (应参加); who is expected at none is left out."""
    found: dict[int, set[int]] = {}
    for session in sessions:
        for person_id in expected_people(memberships, session):
            found.setdefault(person_id, set()).add(session.session_id)
    return {person_id: frozenset(ids) for person_id, ids in found.items()}


def spells(memberships: Iterable[Membership]) -> tuple[tuple[datetime, datetime | None], ...]:
    """One person's times in any of these groups, those that overlap or touch as one, in order.

    A transfer between two groups at one moment is thus no time away.
    """
    merged: list[tuple[datetime, datetime | None]] = []
    for one in sorted(memberships, key=lambda one: one.joined_at):
        if merged and (merged[-1][1] is None or one.joined_at <= merged[-1][1]):
            merged[-1] = merged[-1][0], _later(merged[-1][1], one.left_at)
        else:
            merged.append((one.joined_at, one.left_at))
    return tuple(merged)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return None if one is None or other is None else max(one, other)


def in_audience(audience: Attendees, of_subgroup: str, standing: Standing, *, committee: bool, subgroup: str) -> bool:
    """Whether a member's marks put them in a session's audience; of named and invited people no mark tells that."""
    match audience:
        case Attendees.GROUP:
            return True
        case Attendees.MEMBERS:
            return standing is not Standing.OUTSIDE
        case Attendees.COMMITTEE:
            return committee
        case Attendees.SUBGROUP:
            return bool(subgroup) and subgroup == of_subgroup
        case Attendees.NAMED | Attendees.INVITED:
            return False
