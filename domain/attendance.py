"""Attendance: when a check-in counts as on time or late, and what closing a session makes of the rest."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain.errors import Refusal


class Status(StrEnum):
    """What a session's ledger says of a person (出勤 迟到 早退 请假 缺勤 列席 未登记)."""

    PRESENT = "present"
    LATE = "late"
    LEFT_EARLY = "left_early"
    EXCUSED = "excused"
    ABSENT = "absent"
    SITTING_IN = "sitting_in"
    UNRECORDED = "unrecorded"


CAME = frozenset({Status.PRESENT, Status.LATE, Status.LEFT_EARLY})
"""The statuses that count as having been there."""

MARKABLE = (Status.PRESENT, Status.LATE, Status.LEFT_EARLY, Status.EXCUSED, Status.ABSENT, Status.SITTING_IN)
"""The statuses a leader can give by hand."""

CLAIMABLE: Final = (Status.PRESENT, Status.LATE, Status.EXCUSED)
"""The statuses a member can ask a record to be corrected to."""

BY_OTHERS: Final = frozenset({"leader", "closing", "correction"})
"""The methods by which others record somebody; by every other one people check in themselves."""

CORRECTABLE: Final = timedelta(days=14)
"""How long after a session's end its people can ask for a correction."""

REOPENABLE: Final = timedelta(days=30)
"""How long after it was closed a session can be opened again."""

MASS: Final = 3
"""Closing asks first where more people than this would become absent by it."""


@dataclass(frozen=True, slots=True)
class WindowRule:
    """How a check-in window lies around a session; a setting for each kind."""

    opens_before: timedelta = timedelta(minutes=15)
    late_after: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Window:
    """When check-in is possible. `closes_at` itself is still inside, `late_from` is already late."""

    opens_at: datetime
    late_from: datetime
    closes_at: datetime


def window_of(starts_at: datetime, ends_at: datetime, rule: WindowRule) -> Window:
    """The check-in window of a session: it closes when the session ends."""
    return Window(
        opens_at=starts_at - rule.opens_before,
        late_from=min(starts_at + rule.late_after, ends_at),
        closes_at=ends_at,
    )


@dataclass(frozen=True, slots=True)
class Moment:
    """When an update happened, as well as we know.

    Telegram gives a tap no time of its own. While we listen it is `received_at`; after an outage all we know is
    that it happened between `not_before`, the last moment we listened, and `received_at`.
    """

    received_at: datetime
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a check-in is worth: its status, the time it is recorded with, and whether that time is a guess."""

    status: Status
    at: datetime
    time_uncertain: bool


def judge(window: Window, moment: Moment) -> Judgement:
    """Judge a check-in by its time.

    Where the time is uncertain the person gets the benefit of the doubt: the earliest time inside the window
    that it may have been, because our being down must not make anyone late.
    Raises Refusal `too_early` (opens_at) or `checkin_closed` (closes_at).
    """
    earliest = moment.not_before if moment.not_before is not None else moment.received_at
    at = min(max(earliest, window.opens_at), moment.received_at)
    if at < window.opens_at:
        raise Refusal("too_early", opens_at=window.opens_at)
    if at > window.closes_at:
        raise Refusal("checkin_closed", closes_at=window.closes_at)
    status = Status.PRESENT if at < window.late_from else Status.LATE
    return Judgement(status, at, time_uncertain=at != moment.received_at)


def expected(joined_at: datetime, left_at: datetime | None, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether a member is expected at a session: they joined before it ended and had not left when it began."""
    return joined_at <= ends_at and (left_at is None or left_at > starts_at)


def at_closing(answer: str | None, approved: bool | None) -> Status:
    """What closing makes of somebody unrecorded: excused with a leave that nobody declined, else absent."""
    return Status.EXCUSED if answer == "leave" and approved is not False else Status.ABSENT


def leave_ends(leave_until: datetime | None, starts_at: datetime) -> datetime:
    """Until when leave can be asked for: the session's own deadline, never after its start."""
    return starts_at if leave_until is None else min(leave_until, starts_at)


def rate(came: int, expected_count: int, excused: int) -> float | None:
    """(present + late + left early) / (expected - excused); None where nobody was left to come."""
    due = expected_count - excused
    return came / due if due > 0 else None
