"""Taps on buttons that carry callback data: asked by a person, answered by the bot once and in time."""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass, field

from sandbox.errors import bad_request
from sandbox.model import Json

_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


@dataclass(slots=True)
class Tap:
    """A callback query. `born` is monotonic; `answer` is what the person is shown."""

    id: str
    user_id: int
    chat_id: int
    message_id: int
    born: float
    answer: Json | None = None
    answered: asyncio.Event = field(default_factory=asyncio.Event)


class Taps:
    """The taps that can still be answered. Ids go on across restarts, the taps themselves do not."""

    def __init__(self, ttl: float) -> None:
        self.ttl = ttl
        self._open: OrderedDict[str, Tap] = OrderedDict()
        self._last_id = time.time_ns()

    def new(self, user_id: int, chat_id: int, message_id: int) -> Tap:
        """A person pressed a button."""
        self._last_id += 1
        tap = Tap(str(self._last_id), user_id, chat_id, message_id, time.monotonic())
        self._forget_old(tap.born)
        self._open[tap.id] = tap
        return tap

    def _forget_old(self, now: float) -> None:
        # Kept a little beyond their time, so that the control side can still read the answers.
        while self._open and now - next(iter(self._open.values())).born > self.ttl + 60:
            self._open.popitem(last=False)

    def find(self, query_id: str) -> Tap | None:
        """The tap of that id, answered or not."""
        return self._open.get(query_id)

    def answer(self, query_id: str, answer: Json) -> tuple[Tap, bool]:
        """The bot answers: the tap, and whether it was answered before (then the first answer stands)."""
        tap = self._open.get(query_id)
        if tap is None or time.monotonic() - tap.born > self.ttl:
            raise bad_request(_TOO_OLD)
        repeated = tap.answer is not None
        if not repeated:
            tap.answer = answer
            tap.answered.set()
        return tap, repeated

    async def wait(self, tap: Tap, seconds: float) -> Json | None:
        """The answer, or None if none came within `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await tap.answered.wait()
        except TimeoutError:
            return None
        return tap.answer
