"""The ledger: what was held in some days, who was there, and what the plan asked for, as plain data."""

import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db.queries import exports as queries
from db.queries import people as people_queries
from domain.attendance import Status
from domain.leaderboards import midnight
from domain.ledger import HeldSession, Ledger, PlanRow, Record
from services import duties
from services.rules import Rules

NO_ARRIVAL: Final = frozenset({"leader", "closing", "correction"})
"""Methods whose time says when it was written down, not when somebody came."""


class Group(Protocol):
    """A group of which all that matters here is its number."""

    @property
    def id(self) -> int:
        """The number of its row."""
        ...


def read(
    connection: Connection,
    groups: Sequence[Group],
    start: date,
    end: date,
    zone: str,
    now: datetime,
    rules: Rules,
) -> Ledger:
    """The ledger of the days from `start` to `end` in `zone`: sessions that have begun by now, uncancelled."""
    ids = [group.id for group in groups]
    since = midnight(start, ZoneInfo(zone))
    before = min(midnight(end + timedelta(days=1), ZoneInfo(zone)), now)
    held = queries.sessions(connection, ids, since, before)
    members = queries.members(connection, ids)
    names: dict[int, str] = {row.person_id: row.name for row in members}
    recorded: dict[int, list[Record]] = defaultdict(list)
    for row in queries.records(connection, ids, since, before):
        names[row.person_id] = row.name
        recorded[row.session_id].append(_record(row))
    for row in queries.unrecorded(connection, ids, since, before):
        names[row.person_id] = row.name
        unrecorded = Record(row.session_id, row.person_id, Status.UNRECORDED, vote=bool(row.vote))
        recorded[row.session_id].append(unrecorded)
    records = tuple(record for session in held for record in recorded[session.id])
    in_minutes = {one for session in held for one in _people_of(session)}
    names |= {person_id: called(connection, person_id) for person_id in in_minutes - names.keys()}
    mentioned = {record.person_id for record in records} | in_minutes
    files = queries.evidence(connection, ids, since, before)
    others: dict[int, list[str]] = defaultdict(list)
    for row in queries.joint_names(connection, ids, since, before):
        others[row.session_id].append(row.name)
    return Ledger(
        start=start,
        end=end,
        sessions=tuple(_session(row, files.get(row.id, 0), others[row.id]) for row in held),
        people={person_id: names[person_id] for person_id in sorted(mentioned)},
        groups_of=_groups_of(members, mentioned),
        records=records,
        standings={row.person_id: row.standing for row in members if row.person_id in mentioned},
        makeups={
            (row.session_id, row.person_id): row.done_at and row.done_at.astimezone(ZoneInfo(row.time_zone)).date()
            for row in queries.makeups(connection, ids, since, before)
        },
        plan=tuple(_plan_rows(connection, ids, start, end, now, rules)),
    )


def _people_of(session: Any) -> list[int]:
    named = (session.speaker_id, session.host_id, session.recorder_id, session.reviewed_by)
    return [person_id for person_id in named if person_id is not None]


def _plan_rows(
    connection: Connection, ids: Sequence[int], start: date, end: date, now: datetime, rules: Rules
) -> Iterable[PlanRow]:
    """The periods of each group's plan that end in the days of the ledger."""
    for group_id in ids:
        for year in range(start.year, end.year + 1):
            plan = duties.year(connection, group_id, year, now, rules)
            for line in plan.lines:
                for period in line.periods:
                    if not (start <= period.last <= end) or not period.due:
                        continue
                    reason = plan.reason(line, period)
                    yield PlanRow(
                        plan.unit_name,
                        plan.group_name,
                        line.kind.value,
                        line.subgroup,
                        line.rule.every,
                        period.first,
                        period.due,
                        period.held,
                        period.arranged,
                        period.missing,
                        period.state.value,
                        reason.reason if reason else "",
                        reason.note if reason else "",
                    )


def called(connection: Connection, person_id: int) -> str:
    """The name that a ledger gives somebody: the real one where they gave it."""
    row = people_queries.by_id(connection, person_id)
    return str(row.real_name or row.name)


def _session(row: Any, files: int, others: Sequence[str]) -> HeldSession:
    return HeldSession(
        id=row.id,
        unit=row.unit_name,
        group="、".join([row.group_name, *others]),
        kind=row.kind,
        title=row.title,
        place=row.place,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        zone=row.time_zone,
        speaker_id=row.speaker_id,
        closed=row.state == "closed",
        host_id=row.host_id,
        recorder_id=row.recorder_id,
        reviewer_id=row.reviewed_by,
        agenda=row.agenda,
        decisions=row.decisions,
        evidence=files,
        minutes=int((row.ends_at - row.starts_at) / timedelta(minutes=1)),
    )


def _record(row: Any) -> Record:
    came_at = None if row.method in NO_ARRIVAL else row.at
    return Record(
        row.session_id,
        row.person_id,
        Status(row.status),
        came_at,
        sys.intern(row.method),  # the same few words a hundred thousand times
        bool(row.walk_in),
        bool(row.time_uncertain),
        row.reason or "" if row.status == Status.EXCUSED else "",
        bool(row.vote),
    )


def _groups_of(members: Iterable[Any], mentioned: Collection[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = defaultdict(list)
    for row in members:
        if row.person_id in mentioned:
            found[row.person_id].append(row.group_name)
    return {person_id: tuple(groups) for person_id, groups in found.items()}
