"""Make-up study (补学): a task beside an absence or leave. It never changes what attendance says of the day."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from domain.attendance import Status
from domain.cadence import to_instant

OWING: Final = frozenset({Status.ABSENT, Status.EXCUSED})
"""The statuses that make a task."""

DEADLINE_DAYS: Final = 7
"""Days of the group's calendar that a task is given, where no setting says otherwise."""


class MakeupState(StrEnum):
    """Where a task stands: 待补 · 已交待确认 · 已补 · 逾期未补 · 免补."""

    PENDING = "pending"
    SUBMITTED = "submitted"
    DONE = "done"
    OVERDUE = "overdue"
    WAIVED = "waived"


class Objection(StrEnum):
    """Why a step is not possible: the task is done or waived, or nothing was handed in."""

    DONE = "makeup_done"
    WAIVED = "makeup_waived"
    NOTHING_SUBMITTED = "makeup_nothing_submitted"


@dataclass(frozen=True, slots=True)
class Makeup:
    """A task: until when (the first moment after its last day), and what happened to it, each with its moment."""

    due_at: datetime
    submitted_at: datetime | None = None
    done_at: datetime | None = None
    waived_at: datetime | None = None
    sent_back_at: datetime | None = None  # what was handed in last was not enough

    @property
    def lies_with_leader(self) -> bool:
        """Whether something was handed in that nobody has sent back."""
        return self.submitted_at is not None and self.sent_back_at is None

    def state(self, now: datetime) -> MakeupState:
        """Its state. What was handed in is not overdue while it waits for the leader, whenever it came."""
        if self.done_at is not None:
            return MakeupState.DONE
        if self.waived_at is not None:
            return MakeupState.WAIVED
        if self.lies_with_leader:
            return MakeupState.SUBMITTED
        return MakeupState.OVERDUE if now >= self.due_at else MakeupState.PENDING

    @property
    def is_late(self) -> bool:
        """Whether it was handed in, or else confirmed, after its time; late is still made up."""
        made = self.submitted_at if self.lies_with_leader else self.done_at
        return made is not None and made >= self.due_at

    def objection(self) -> Objection | None:
        """Why nothing more can happen to it; None while it is open."""
        if self.done_at is not None:
            return Objection.DONE
        return Objection.WAIVED if self.waived_at is not None else None


def owes(status: Status) -> bool:
    """Whether a status makes a task: absent and excused do; who sat in or is unrecorded owes nothing."""
    return status in OWING


def due_at(created_at: datetime, zone: ZoneInfo, days: int = DEADLINE_DAYS) -> datetime:
    """The end (UTC) of the last of `days` whole days after the local one on which the task was made.

    Raises ValueError for less than a day.
    """
    if days < 1:
        raise ValueError(f"{days} days are no time to make anything up")
    after = created_at.astimezone(zone).date() + timedelta(days=days + 1)
    return to_instant(datetime.combine(after, time()), zone)


def last_day(task: Makeup, zone: ZoneInfo) -> date:
    """The last day to hand it in, as people are told."""
    return (task.due_at - timedelta.resolution).astimezone(zone).date()


def submit(task: Makeup, now: datetime, *, note_suffices: bool) -> Makeup | Objection:
    """A note is handed in: done at once where a note suffices, else it waits for the leader; the last one counts."""
    refused = task.objection()
    if refused is not None:
        return refused
    return replace(task, submitted_at=now, sent_back_at=None, done_at=now if note_suffices else None)


def confirm(task: Makeup, now: datetime) -> Makeup | Objection:
    """The leader confirms, with or without a note: they may have spoken with the person."""
    return task.objection() or replace(task, done_at=now)


def send_back(task: Makeup, now: datetime) -> Makeup | Objection:
    """The leader asks for more: the task is open again, its deadline as it was."""
    if task.objection() is None and not task.lies_with_leader:
        return Objection.NOTHING_SUBMITTED
    return task.objection() or replace(task, sent_back_at=now)


def waive(task: Makeup, now: datetime) -> Makeup | Objection:
    """The leader asks nothing any more."""
    return task.objection() or replace(task, waived_at=now)


def decided_at(task: Makeup) -> datetime | None:
    """When a leader's last decision was made, or a note that suffices handed in; None while nothing is decided."""
    return task.waived_at or task.done_at or task.sent_back_at


def undecided(task: Makeup) -> Makeup:
    """The task as it was before the leader's last decision."""
    if task.waived_at is not None:
        return replace(task, waived_at=None)
    if task.done_at is not None:
        return replace(task, done_at=None)
    return replace(task, sent_back_at=None)


def after_correction(task: Makeup | None, before: Status, after: Status, now: datetime, fresh: Makeup) -> Makeup | None:
    """The task after attendance was corrected: what is no longer owed is waived, what is owed anew is made anew.

    What is done stays done, and what a leader waived stays so while it is owed as before. `fresh` is the task that
    would be made now. None: there is none, and none is owed.
    """
    if owes(before) == owes(after) or (task is not None and task.done_at is not None):
        return task
    if owes(after):
        return fresh
    return task if task is None or task.waived_at is not None else replace(task, waived_at=now)
