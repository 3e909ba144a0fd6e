"""Which share of the sending a process has: all together keep the pace that Telegram lets one token send at."""

from datetime import timedelta
from typing import Final, NamedTuple

from sqlalchemy import Connection

from db.queries import deliveries as delivery_queries
from db.queries import replicas as queries

ALIVE: Final = timedelta(seconds=15)
"""Who was not seen for so long is gone, and its share goes to the others."""

FORGOTTEN: Final = timedelta(hours=1)


class Share(NamedTuple):
    """A process is number `number` (from 0) `of` so many: it sends to every so-manieth chat, at that part of the pace.

    A chat is written to by one process alone, so that what Telegram lets a single chat have needs no agreement.
    """

    number: int = 0
    of: int = 1


class Beat(NamedTuple):
    """A process's share, and whether it `was_missed` until now: the others had given its share to themselves."""

    share: Share
    was_missed: bool


def beat(connection: Connection, owner: str) -> Beat:
    """This process is alive; its share. By the database's clock, for no two machines agree on theirs."""
    now = delivery_queries.real_now(connection)
    was_missed = owner not in queries.alive(connection, now - ALIVE)
    queries.beat(connection, owner, now)
    queries.forget(connection, now - FORGOTTEN)
    owners = queries.alive(connection, now - ALIVE)
    return Beat(Share(owners.index(owner), len(owners)), was_missed)


def is_missed(connection: Connection, owner: str) -> bool:
    """Whether the others have not seen this process for so long that its share is theirs."""
    return owner not in queries.alive(connection, delivery_queries.real_now(connection) - ALIVE)


def others(connection: Connection, owner: str) -> tuple[str, ...]:
    """The other processes that are alive."""
    alive = queries.alive(connection, delivery_queries.real_now(connection) - ALIVE)
    return tuple(each for each in alive if each != owner)


def leave(connection: Connection, owner: str) -> None:
    """This process ends: its share is the others' at their next beat."""
    queries.leave(connection, owner)
