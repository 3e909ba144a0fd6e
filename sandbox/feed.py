"""The feed of changes that keeps pages in step and lets tests wait without polling."""

from collections import deque
from itertools import islice
from typing import Any

from sandbox.model import Json
from sandbox.pulse import Pulse

KEPT = 20_000


class Feed:
    """Numbered events, the newest KEPT of them."""

    def __init__(self) -> None:
        self.seq = 0
        self.news = Pulse()
        self._events: deque[Json] = deque(maxlen=KEPT)

    def tell(self, kind: str, **where: Any) -> None:
        """Something changed; `where` holds the ids."""
        self.seq += 1
        self._events.append({"seq": self.seq, "kind": kind, **where})
        self.news.beat()

    def since(self, after: int) -> Json:
        """What is newer than `after`; `reset` says that the caller must read all anew."""
        missed = self.seq - after
        if not 0 <= missed <= len(self._events):
            return {"seq": self.seq, "reset": True, "events": []}
        events = list(islice(reversed(self._events), missed))
        return {"seq": self.seq, "reset": False, "events": events[::-1]}

    async def wait(self, after: int, timeout: float) -> Json:
        """Like `since`, but waits at most `timeout` seconds until there is something."""
        if after == self.seq:
            await self.news.wait(timeout)
        return self.since(after)
