"""Taking updates in: committed before they are acknowledged, marked done with their effect."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from db.queries import inbox as queries
from domain.attendance import Moment
from services import replicas

KEPT = timedelta(hours=48)
"""How long the key of a handled update is kept: Telegram repeats none that is older than a day."""


class AlreadyDone(Exception):
    """The effect of this update is committed; handling it again changes nothing."""


class NotNow(Exception):
    """An update cannot be taken in at the moment; whoever brings it is to bring it again."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An update as it came: its key and its JSON."""

    update_id: int
    raw: bytes
    moment: Moment


def accept(
    connection: Connection, bot_id: int, arrivals: Sequence[Arrival], until: datetime, owner: str | None = None
) -> set[int]:
    """Store what came and remember that we listened until now; the ids of those not known before.

    `owner` is the process that has them in hand from now on.
    """
    rows = [
        {
            "bot_id": bot_id,
            "update_id": arrival.update_id,
            "raw": arrival.raw,
            "received_at": arrival.moment.received_at,
            "not_before": arrival.moment.not_before,
            "owner": owner,
        }
        for arrival in arrivals
    ]
    fresh = set(queries.insert(connection, rows)) if rows else set()
    queries.note_listening(connection, bot_id, until)
    return fresh


def unhandled(connection: Connection, bot_id: int, owner: str, *, alone: bool) -> list[int]:
    """What was taken in and is still to be handled, oldest first, but for what other processes have in hand.

    `alone`: there can be no other process, so whatever another one had is nobody's.
    """
    return queries.unhandled(connection, bot_id, () if alone else replicas.others(connection, owner))


def take_over(
    connection: Connection, bot_id: int, update_ids: Collection[int], owner: str, *, alone: bool
) -> list[Arrival]:
    """Take updates in hand, oldest first: those of these that are still unhandled, and that no other process has."""
    others = () if alone else replicas.others(connection, owner)
    return [
        Arrival(row.update_id, row.raw, Moment(row.received_at, row.not_before))
        for row in queries.take(connection, bot_id, update_ids, owner, others)
    ]


def finish(connection: Connection, bot_id: int, update_id: int) -> None:
    """The update is handled: called in the transaction of its effect, before it.

    Raises AlreadyDone for an update whose effect is committed, or that was set aside.
    """
    if queries.mark_done(connection, bot_id, update_id):
        return
    if queries.state(connection, bot_id, update_id) is not None:
        raise AlreadyDone


def fail(connection: Connection, bot_id: int, update_id: int, reference: str, tries: int) -> bool:
    """Count a failed try; at the last of `tries` the update goes into quarantine. True: it did."""
    if queries.count_try(connection, bot_id, update_id) < tries:
        return False
    queries.quarantine(connection, bot_id, update_id, reference)
    return True


def quarantine(connection: Connection, bot_id: int, update_id: int, reference: str) -> None:
    """Set an update aside that cannot even be read."""
    queries.quarantine(connection, bot_id, update_id, reference)


def listened_until(connection: Connection, bot_id: int) -> datetime | None:
    """The last moment we know we were listening."""
    return queries.listened_until(connection, bot_id)


def prune(connection: Connection, now: datetime) -> int:
    """Forget the keys of long handled updates; how many."""
    return queries.prune(connection, now - KEPT)
