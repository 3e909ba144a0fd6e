"""The rate budget of the one bot token: what may be sent now, what must wait, and for how long.

The limits are Telegram's (Bots FAQ, "My bot is hitting limits"): about 30 messages a second in all, one a
second in a chat, 20 a minute in a group. That edits count in a group like messages is nowhere written, but
is so.
"""

import asyncio
import bisect
import contextlib
import heapq
import time
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Final

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from chat.answers import FloodControl, retry_seconds

OVERALL_PER_SECOND: Final = 30
GROUP_PER_MINUTE: Final = 20

MARGIN: Final = 0.01
"""Seconds added to every window."""

ON_ITS_WAY: Final = 0.04
"""Telegram counts arrivals, which come closer together than departures: a message counts from its answer on, or from
so many seconds after it left, where that is sooner. With the margin it costs a twentieth of the pace at most."""

RESERVED: Final = "reserved"
"""The rate_limit_args of a call whose budget was taken beforehand."""

ChatId = int | str
_Json = bool | dict[str, Any] | list[dict[str, Any]]
_SECOND: Final = 1.0 + MARGIN
_MINUTE: Final = 60.0 + MARGIN
_EXEMPT: Final = frozenset({"sendChatAction", "sendMessageDraft"})
_PACED: Final = ("send", "editMessage", "forward", "copy")


class _Chat:
    """When a chat was last sent to, and who waits for it."""

    __slots__ = ("held_until", "times", "waiting")

    def __init__(self, depth: int) -> None:
        self.times: deque[float] = deque(maxlen=depth)
        self.held_until = float("-inf")
        self.waiting: deque[asyncio.Future[None]] = deque()

    def free_at(self) -> float:
        """The moment from which this chat can be sent to."""
        moment = self.held_until
        if self.times:
            moment = max(moment, self.times[-1] + _SECOND)
        if len(self.times) == GROUP_PER_MINUTE:
            moment = max(moment, self.times[0] + _MINUTE)
        return moment

    def forgettable_at(self) -> float:
        """The moment from which nothing of this chat matters any more."""
        window = _MINUTE if self.times.maxlen == GROUP_PER_MINUTE else _SECOND
        return max(self.held_until, self.times[-1] + window if self.times else self.held_until)


class Limiter(BaseRateLimiter[str]):
    """Counts every message and edit of the bot, from the ticker and from handlers, in one budget.

    The ticker asks (``overall``, ``delay``, ``busy_chats``) before it claims, and then takes. Whatever a
    handler sends directly waits its turn in ``process_request``: in order within its chat, never behind
    another chat, and before the ticker where both want the same moment. All in one event loop; nothing but
    that wait is awaited.

    ``clock`` gives monotonic seconds. A direct send that would have to wait longer than ``patience``
    seconds for its chat fails at once with RetryAfter, rather than keeping its handler for up to an hour.
    """

    __slots__ = (
        "_chats",
        "_clock",
        "_held_until",
        "_patience",
        "_per_second",
        "_queue",
        "_recent",
        "_sequence",
        "_sweep_at",
        "_timer",
    )

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, patience: float = 65.0) -> None:
        self._clock = clock
        self._patience = patience
        self._per_second = OVERALL_PER_SECOND
        self._recent: deque[float] = deque()
        self._chats: dict[ChatId, _Chat] = {}
        self._held_until = float("-inf")
        self._sweep_at = float("-inf")
        # The chats somebody waits for, once each, by the moment they are free and the order they came in.
        self._queue: list[tuple[float, int, ChatId]] = []
        self._sequence = 0
        self._timer: asyncio.TimerHandle | None = None

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Stop the timer; whoever still waits is cancelled."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._queue.clear()
        for chat in self._chats.values():
            for future in chat.waiting:
                future.cancel()
            chat.waiting.clear()

    def share_with(self, processes: int) -> None:
        """So many processes, this one among them, keep the pace of the one token together."""
        self._per_second = max(OVERALL_PER_SECOND // processes, 1)

    def overall(self) -> int:
        """How many messages may be sent in this instant, to whatever chats."""
        self.serve()
        return self._free(self._clock())

    def overall_delay(self) -> float:
        """Seconds until at least one message may be sent, 0 for now."""
        self.serve()
        return self._overall_delay(self._clock())

    def delay(self, chat_id: ChatId) -> float:
        """Seconds until this chat may be sent to, by its own limits and holds; 0 for now."""
        self.serve()
        chat = self._chats.get(chat_id)
        return max(0.0, chat.free_at() - self._clock()) if chat else 0.0

    def busy_chats(self) -> set[ChatId]:
        """All chats that may not be sent to in this instant, also those somebody already waits for."""
        self.serve()
        now = self._clock()
        return {key for key, chat in self._chats.items() if chat.waiting or chat.free_at() > now}

    def take(self, chat_id: ChatId) -> bool:
        """Take the budget for one message to this chat now; False, and nothing taken, if it is not free."""
        self.serve()
        chat = self._chat(chat_id)
        return not chat.waiting and self._take(chat, self._clock())

    def hold(self, chat_id: ChatId, seconds: float) -> None:
        """Leave this chat alone, after its 429; other chats go on. A longer hold is never shortened."""
        chat = self._chat(chat_id)
        chat.held_until = max(chat.held_until, self._clock() + seconds)

    def hold_all(self, seconds: float) -> None:
        """Leave all chats alone, when it is the bot and not a chat that is told to wait."""
        self._held_until = max(self._held_until, self._clock() + seconds)

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, _Json]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: str | None,
    ) -> _Json:
        """Make a call when its turn has come; what is no message or edit, or is reserved, goes at once.

        Raises RetryAfter where the wait would be longer than the patience, and what the call raises; a 429 of
        the call holds the chat.
        """
        chat_id: ChatId | None = data.get("chat_id")
        paced = endpoint.startswith(_PACED) and endpoint not in _EXEMPT and chat_id is not None
        if not paced or chat_id is None:
            return await callback(*args, **kwargs)
        if rate_limit_args != RESERVED:
            await self._turn(chat_id)
        # The place was taken when the turn came; what was put in order since (facts, the fence) took its time.
        left = self._clock()
        chat = self._chat(chat_id)
        self._count_from(chat, chat.times[-1] if chat.times else left, left)
        try:
            answer = await callback(*args, **kwargs)
            self._count_from(chat, left, min(self._clock(), left + ON_ITS_WAY))
            return answer
        except RetryAfter as error:
            self.hold(chat_id, max(1.0, retry_seconds(error)))
            raise

    def serve(self) -> None:
        """Let those go whose turn has come, then set the timer for the next."""
        now = self._clock()
        while self._queue and self._queue[0][0] <= now and self._free(now) > 0:
            _, _, chat_id = heapq.heappop(self._queue)
            self._let_go(chat_id, now)
        self._set_timer(now)

    async def _turn(self, chat_id: ChatId) -> None:
        """Wait for this chat's turn; the budget is taken when it returns."""
        if self.take(chat_id):
            return
        chat = self._chat(chat_id)
        wait = chat.free_at() + len(chat.waiting) * _SECOND - self._clock()
        if wait > self._patience:
            raise FloodControl(int(wait) + 1)
        future = asyncio.get_running_loop().create_future()
        chat.waiting.append(future)
        if len(chat.waiting) == 1:
            self._enqueue(chat_id, chat)
        self._set_timer(self._clock())
        await future

    def _let_go(self, chat_id: ChatId, now: float) -> None:
        """Wake the first who waits for a chat, unless it was held meanwhile, and queue the chat again."""
        chat = self._chats[chat_id]
        while chat.waiting and chat.waiting[0].done():  # cancelled meanwhile
            chat.waiting.popleft()
        if chat.waiting and self._take(chat, now):
            chat.waiting.popleft().set_result(None)
        if chat.waiting:
            self._enqueue(chat_id, chat)

    def _enqueue(self, chat_id: ChatId, chat: _Chat) -> None:
        """Queue a chat by the moment it is free."""
        self._sequence += 1
        heapq.heappush(self._queue, (chat.free_at(), self._sequence, chat_id))

    def _set_timer(self, now: float) -> None:
        """Have serve called when the next waiting chat can be sent to; if none waits there is no timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._queue:
            pause = max(self._queue[0][0] - now, self._overall_delay(now), 0.0)
            self._timer = asyncio.get_running_loop().call_later(pause, self.serve)

    def _free(self, now: float) -> int:
        """Free places in the last second."""
        while self._recent and self._recent[0] + _SECOND <= now:
            self._recent.popleft()
        return 0 if now < self._held_until else max(self._per_second - len(self._recent), 0)

    def _overall_delay(self, now: float) -> float:
        """Seconds until there is a free place."""
        moment = self._held_until
        if self._free(now) <= 0 and len(self._recent) >= self._per_second:
            moment = max(moment, self._recent[-self._per_second] + _SECOND)
        return max(0.0, moment - now)

    def _take(self, chat: _Chat, now: float) -> bool:
        """Count one message to this chat, if it and the whole are free."""
        if self._free(now) <= 0 or chat.free_at() > now:
            return False
        self._recent.append(now)
        chat.times.append(now)
        return True

    def _count_from(self, chat: _Chat, before: float, moment: float) -> None:
        """Count a message from another moment than before."""
        with contextlib.suppress(ValueError):  # so long ago that it does not count any more
            self._recent.remove(before)
        bisect.insort(self._recent, moment)
        with contextlib.suppress(ValueError):
            chat.times[chat.times.index(before)] = moment

    def _chat(self, chat_id: ChatId) -> _Chat:
        """The state of a chat; once a minute the idle ones are forgotten."""
        now = self._clock()
        if now >= self._sweep_at:
            self._sweep_at = now + _MINUTE
            self._chats = {k: c for k, c in self._chats.items() if c.waiting or c.forgettable_at() > now}
        chat = self._chats.get(chat_id)
        if chat is None:
            group = isinstance(chat_id, str) or chat_id < 0
            chat = self._chats[chat_id] = _Chat(GROUP_PER_MINUTE if group else 1)
        return chat
