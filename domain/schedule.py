"""What a session brings with it in time: its messages, its private reminder, and how far a series is planned."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.deliveries import Policy

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

    A reminder that would not come after the card is left out, because the card has just said the same.
    """
    card_at = now if announce_now else max(now, starts_at - CARD_AHEAD)
    messages = [Due(CARD, 0, card_at, starts_at)]
    if starts_at - reminder > card_at:
        messages.append(Due(GROUP_REMINDER, minutes(reminder), starts_at - reminder, starts_at + REMINDER_GRACE))
    opens_before, open_at = minutes(starts_at - opens_at), max(opens_at, now)
    messages.append(Due(CHECKIN_OPEN, opens_before, open_at, closes_at))
    # The card goes on without its buttons, which the check-in message follows.
    messages.append(Due(CARD_LIVE, opens_before, open_at, closes_at, Policy.REPEAT))
    return tuple(messages)


def private_reminder_at(starts_at: datetime, before: timedelta, now: datetime) -> datetime | None:
    """When those who wish it are reminded in private; None where that has passed."""
    at = starts_at - before
    return at if at > now else None


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
