"""Updates for the bot: kept until they are acknowledged by an offset, as Telegram keeps them."""

import asyncio
from collections import Counter, deque
from itertools import islice
from typing import Any

from sandbox.errors import ApiError
from sandbox.model import Json
from sandbox.pulse import Pulse
from sandbox.store import Store

FIRST_ID = 100_000_001
# Sent only to a bot that asks for them by name.
ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
_TAKEN_OVER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


class UpdateQueue:
    """Pending updates in order, and counts that tell a test what was delivered and what acknowledged."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.pending: deque[tuple[int, str, Json]] = deque()
        self.first_id = FIRST_ID
        self.last_id = FIRST_ID - 1
        self.delivered_up_to = FIRST_ID - 1
        self.confirmed_up_to = FIRST_ID - 1
        self.delivered = 0
        self.confirmed: Counter[str] = Counter()
        self.waiting: Counter[str] = Counter()
        self.allowed: list[str] = []
        self.polls = 0
        self.news = Pulse()
        self._poll = 0
        self._released = False

    def load(self) -> None:
        """Read what an earlier process left."""
        for row in self._store.rows("queue"):
            self.first_id, self.last_id = row["first_id"], row["last_id"]
            self.delivered_up_to = row["delivered_up_to"]
            self.confirmed_up_to, self.delivered = row["confirmed_up_to"], row["delivered"]
            self.confirmed = Counter(row["confirmed"])
            self.allowed = row["allowed"]
        for row in sorted(self._store.rows("update"), key=lambda row: int(row["id"])):
            self.pending.append((row["id"], row["kind"], row["update"]))
            self.waiting[row["kind"]] += 1

    def row(self) -> Json:
        """What is stored."""
        names = ("first_id", "last_id", "delivered_up_to", "confirmed_up_to", "delivered", "allowed")
        return {**{name: getattr(self, name) for name in names}, "confirmed": dict(self.confirmed)}

    def add(self, kind: str, payload: Json) -> None:
        """A new update, unless the bot did not ask for its kind."""
        wanted = kind in self.allowed if self.allowed else kind not in ON_REQUEST
        if not wanted:
            return
        self.last_id += 1
        update = {"update_id": self.last_id, kind: payload}
        self.pending.append((self.last_id, kind, update))
        self.waiting[kind] += 1
        self._store.put("update", self.last_id, {"id": self.last_id, "kind": kind, "update": update})
        self._keep()
        self.news.beat()

    def _keep(self) -> None:
        self._store.put("queue", "", self)

    def allow(self, kinds: list[str]) -> None:
        """Remember allowed_updates; it holds for updates from now on."""
        self.allowed = kinds
        self._keep()

    def confirm(self, offset: int) -> int:
        """Forget updates below `offset` (negative: all but the last ones); returns how many."""
        if offset < 0:
            offset = self.last_id + 1 + offset
        forgotten = 0
        while self.pending and self.pending[0][0] < offset:
            update_id, kind, _ = self.pending.popleft()
            self.confirmed[kind] += 1
            self.waiting[kind] -= 1
            self.confirmed_up_to = update_id
            self._store.drop("update", update_id)
            forgotten += 1
        if forgotten:
            self._keep()
        return forgotten

    def clear(self) -> None:
        """Drop what is pending without an acknowledgement (drop_pending_updates)."""
        while self.pending:
            self._store.drop("update", self.pending.popleft()[0])
        self.waiting.clear()
        self._keep()

    def batch(self, limit: int) -> list[Json]:
        """The oldest `limit` updates; handing out is noted, but they stay until confirmed."""
        taken = list(islice(self.pending, limit))
        if taken and taken[-1][0] > self.delivered_up_to:
            self.delivered += sum(update_id > self.delivered_up_to for update_id, _, _ in taken)
            self.delivered_up_to = taken[-1][0]
            self._keep()
        return [update for _, _, update in taken]

    async def poll(self, limit: int, timeout: float) -> list[Json]:
        """A long poll; a later poll ends an earlier one that still waits, with 409."""
        self.polls += 1
        self._poll += 1
        mine = self._poll
        self.news.beat()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while not (self.pending or self._released) and (left := deadline - loop.time()) > 0:
            await self.news.wait(left)
            if mine != self._poll:
                raise ApiError(409, _TAKEN_OVER)
        return self.batch(limit)

    def continue_after(self, last_id: int) -> None:
        """Begin numbering after `last_id`, for a queue that replaces another."""
        self.first_id = last_id + 1
        self.last_id = self.delivered_up_to = self.confirmed_up_to = last_id
        self._keep()

    def release(self) -> None:
        """End a waiting poll with nothing, because the server stops or forgets."""
        self._released = True
        self.news.beat()

    def view(self) -> Json:
        """Counts for the control side."""
        return {
            "created": self.last_id - self.first_id + 1,
            "delivered": self.delivered,
            "confirmed": self.confirmed.total(),
            "pending": len(self.pending),
            "last_update_id": self.last_id,
            "confirmed_up_to": self.confirmed_up_to,
            "polls": self.polls,
            "confirmed_by_kind": dict(self.confirmed),
            "pending_by_kind": {kind: n for kind, n in self.waiting.items() if n},
            "allowed_updates": self.allowed,
        }


def allowed_kinds(value: Any) -> list[str] | None:
    """The list of allowed_updates, None if it is to stay as it was."""
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(kind, str) for kind in value):
        raise ApiError(400, "Bad Request: can't parse allowed updates JSON object")
    return [str(kind) for kind in value]
