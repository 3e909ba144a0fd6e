"""What is measured of a running bot, and whether it does its work."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

from bot.backups import State
from chat.context import Store
from db.batch import Unavailable
from services import measures

STALLED: Final = 60.0
"""Seconds without a look at what is due after which the sending stands still."""

ANSWERING: Final = 5.0
"""Seconds without an answer of the database after which it is out of reach, for whoever asks."""

_BUCKETS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


class Measures:
    """Counts as things happen, and looks at the database when it is asked."""

    def __init__(
        self, store: Store, now: Callable[[], datetime], *, ticks: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._now = now
        self._ticks = ticks
        self._last_tick = ticks()
        self._asking: asyncio.Task[object] | None = None
        # Why no updates come, or nothing can be sent, if so.
        self.trouble: Mapping[str, Callable[[], str | None]] = {}
        self.copies: Callable[[], State | None] = lambda: None
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._handled = Histogram(
            "bot_update_seconds", "From an update's taking in to its end", registry=self._registry, buckets=_BUCKETS
        )
        self._sends = Counter("bot_sends", "Sendings by their outcome", ["outcome"], registry=self._registry)
        self._inbox = Gauge("bot_inbox", "Updates taken in, by state", ["state"], registry=self._registry)
        self._outbox = Gauge("bot_outbox", "Deliveries, by state", ["state"], registry=self._registry)
        self._late = Gauge("bot_outbox_late_seconds", "How long the oldest due delivery waits", registry=self._registry)
        self._reachable = Gauge("bot_database_up", "Whether the database answers", registry=self._registry)
        self._made = Gauge("bot_backup_made_timestamp_seconds", "When the last copy was made", registry=self._registry)
        self._tried = Gauge(
            "bot_backup_tried_timestamp_seconds", "When a copy was last restored to try it out", registry=self._registry
        )
        self._copying = Gauge("bot_backup_up", "Whether copies can be made and restored", registry=self._registry)
        self._receiving = Gauge("bot_receiving", "Whether updates can come in", registry=self._registry)

    def handled(self, seconds: float) -> None:
        """An update is settled, so long after it was taken in."""
        self._handled.observe(seconds)

    def sent(self, outcome: str) -> None:
        """A sending ended."""
        self._sends.labels(outcome).inc()

    def ticked(self) -> None:
        """What is due was looked at."""
        self._last_tick = self._ticks()

    async def wrong(self) -> Mapping[str, str]:
        """What keeps the bot from its work, by part; empty: nothing."""
        found = {part: trouble for part, ask in self.trouble.items() if (trouble := ask()) is not None}
        if self._ticks() - self._last_tick > STALLED:
            found["sending"] = "what is due is not looked at"
        if not await self._database_answers():
            found["database"] = "out of reach"
        return found

    async def _database_answers(self) -> bool:
        """Whether it does within a few seconds.

        A question without an answer is left to end by itself, and serves whoever asks next: each holds a connection.
        """
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._store.read(measures.ping))
            self._asking.add_done_callback(_heard)
        with contextlib.suppress(Unavailable, TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._asking), ANSWERING)
            return True
        return False

    async def exposed(self) -> bytes:
        """Everything, as Prometheus reads it."""
        self._receiving.set(self.trouble["updates"]() is None)
        self._look_at_copies()
        reachable = await self._database_answers()
        try:
            if not reachable:
                raise Unavailable("no answer")
            found = await self._store.read(lambda connection: measures.backlog(connection, self._now()))
        except Unavailable:
            self._reachable.set(0)
            return generate_latest(self._registry)
        self._reachable.set(1)
        for state, number in found.inbox.items():
            self._inbox.labels(state).set(number)
        for state, number in found.outbox.items():
            self._outbox.labels(state).set(number)
        self._late.set(found.late_seconds)
        return generate_latest(self._registry)

    def _look_at_copies(self) -> None:
        """Where none are made by themselves all three are 0; so are the moments of what was never done."""
        copies = self.copies()
        if copies is not None:
            self._made.set(_seconds(copies.made_at))
            self._tried.set(_seconds(copies.tried_at))
            self._copying.set(not copies.trouble)


def _seconds(moment: str) -> float:
    """A moment as ISO 8601 in seconds since 1970; 0 for none."""
    return datetime.fromisoformat(moment).timestamp() if moment else 0.0


def _heard(asking: asyncio.Task[object]) -> None:
    """An error that nobody waits for any more is no news."""
    if not asking.cancelled():
        asking.exception()
