"""What becomes of a delivery after each answer; pure, so that every path can be walked in a test."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Policy(StrEnum):
    """What to do when Telegram may or may not have accepted a message."""

    RESEND = "resend"  # send again, at most once: a reminder twice is better than none
    ONCE = "once"  # never again by itself: a board or an export twice would be worse
    REPEAT = "repeat"  # an edit: doing it twice is the same as once


class State(StrEnum):
    """Where a delivery stands: pending → claimed → sending → sent | rejected | unconfirmed; skipped, cancelled."""

    PENDING = "pending"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    REJECTED = "rejected"
    UNCONFIRMED = "unconfirmed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Next:
    """What a delivery becomes: its state, when it is tried again (pending only), whether it may be there already."""

    state: State
    next_at: datetime | None = None
    uncertain: bool = False


def after_unknown(policy: Policy, uncertain: bool, attempt: int, now: datetime) -> Next:
    """The request may have been accepted: repeat an edit, resend once, else leave it unconfirmed."""
    if policy is Policy.REPEAT:
        return Next(State.PENDING, now + backoff(attempt), uncertain)
    if policy is Policy.RESEND and not uncertain:
        return Next(State.PENDING, now, uncertain=True)
    return Next(State.UNCONFIRMED, uncertain=True)


def after_refusal(uncertain: bool, seconds: float, now: datetime) -> Next:
    """Certainly not accepted, and worth another try later."""
    return Next(State.PENDING, now + timedelta(seconds=max(seconds, 1.0)), uncertain)


def backoff(attempt: int) -> timedelta:
    """How long to wait before the next try: 2, 4, 8 … seconds, five minutes at most."""
    return timedelta(seconds=min(2 ** min(max(attempt, 1), 9), 300))
