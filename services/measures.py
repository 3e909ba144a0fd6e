"""How much waits: read when somebody looks at the machine, never on the way of a tap."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from db.queries import measures as queries


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits, by state; `late_seconds` is how long the oldest delivery that is due waits for its sending."""

    inbox: Mapping[str, int]
    outbox: Mapping[str, int]
    late_seconds: float


def ping(connection: Connection) -> bool:
    """The database answers."""
    return queries.ping(connection)


def backlog(connection: Connection, now: datetime) -> Backlog:
    """What waits now; states in which nothing is are 0, so that a gauge falls back."""
    oldest = queries.oldest_due(connection, now)
    late = max((now - oldest).total_seconds(), 0.0) if oldest is not None else 0.0
    return Backlog(
        {"new": 0, "quarantined": 0, **queries.inbox(connection)},
        {"pending": 0, "claimed": 0, "sending": 0, **queries.outbox(connection)},
        late,
    )
