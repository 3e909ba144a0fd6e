"""What a session brings with it in time: its messages, its private reminder, and how far a series is planned."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from domain.deliveries import Policy
from domain.reminders import first_look

CARD, CARD_LIVE, GROUP_REMINDER, CHECKIN_OPEN = (
    "session_card",
    "session_card_live",
    "group_reminder",
    "checkin_open",
)

CARD_AHEAD: Final = timedelta(days=7)
"""How long before it starts a later session of a series is announced; the first one is announced at once."""

REMINDER_GRACE: Final = timedelta(minutes=15)
"""How long after the start a reminder that was held up is still of use to somebody on the way."""

EXTEND_EVERY: Final = timedelta(days=7)
"""How often a series is planned further."""

HALF_DAY: Final = timedelta(hours=12)

USUAL_TIMES: Final = (time(9), time(14), time(15), time(16), time(19), time(19, 30), time(20))
"""Times of day offered where one is chosen."""

USUAL_LENGTHS: Final = (30, 45, 60, 90, 120, 180)
"""Lengths offered, in minutes."""

FAR: Final = timedelta(days=548)
"""A start more than a year and a half ahead may be a slip in the year."""


@dataclass(frozen=True, slots=True)
class Leads:
    """How long before the start the group is reminded, leave ends, and who has not answered is asked.

    Zero: no reminder, leave until it starts, nobody is asked.
    """

    reminder: timedelta
    leave: timedelta
    nudge: timedelta


@dataclass(frozen=True, slots=True)
class Due:
    """A message to the group: due and expiring when; `offset` is whole minutes before the start."""

    kind: str
    offset: int
    due_at: datetime
    expires_at: datetime
    policy: Policy = Policy.RESEND


def due_messages(
    starts_at: datetime,
    opens_at: datetime,
    closes_at: datetime,
    *,
    reminder: timedelta,
    announce_now: bool,
    now: datetime,
) -> tuple[Due, ...]:
    """The messages a session sends to its group, in the order they are read.

    A reminder that would not come after the card is left out, because the card has just said the same; so is one
    of no time before the start.
    """
    card_at = now if announce_now else max(now, starts_at - CARD_AHEAD)
    messages = [Due(CARD, 0, card_at, starts_at)]
    if reminder and starts_at - reminder > card_at:
        messages.append(Due(GROUP_REMINDER, minutes(reminder), starts_at - reminder, starts_at + REMINDER_GRACE))
    opens_before, open_at = minutes(starts_at - opens_at), max(opens_at, now)
    messages.append(Due(CHECKIN_OPEN, opens_before, open_at, closes_at))
    # The card goes on without its buttons, which the check-in message follows.
    messages.append(Due(CARD_LIVE, opens_before, open_at, closes_at, Policy.REPEAT))
    return tuple(messages)


def private_reminder_at(starts_at: datetime, before: timedelta, now: datetime) -> datetime | None:
    """When to look first who is to be reminded in private, each as early as they chose; None for what has begun.

    `before` is the organisation's own lead.
    """
    return first_look(starts_at, before, now)


def leave_until(starts_at: datetime, before: timedelta, now: datetime) -> datetime | None:
    """When leave ends; None: when it starts, also where the deadline has passed before anybody read the card."""
    return starts_at - before if before and starts_at - before > now else None


def nudge_at(starts_at: datetime, before: timedelta, leave_ends: datetime | None, now: datetime) -> datetime | None:
    """When those who have not answered are asked; None: never, also where that is past or leave has ended by then."""
    at = starts_at - before
    return at if before and now < at and (leave_ends is None or at <= leave_ends) else None


def planned_until(first: datetime, horizon: timedelta, now: datetime) -> datetime:
    """Up to when the occurrences of a series are planned: the first one always is."""
    return max(first, now + horizon)


def extend_at(until: datetime, horizon: timedelta) -> datetime:
    """When a series planned to `until` is planned further: well before it runs out."""
    return until - horizon + min(EXTEND_EVERY, horizon / 2)


def other_half(local: datetime) -> datetime:
    """The same time in the other half of the same day: 07:00 and 19:00."""
    return local + HALF_DAY if local.hour < 12 else local - HALF_DAY


def minutes(length: timedelta) -> int:
    """A length in whole minutes."""
    return int(length.total_seconds() // 60)
