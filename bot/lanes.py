"""Order within a chat, chats side by side."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

T = TypeVar("T")


def place_of(update: dict[str, Any]) -> tuple[int, int | None]:
    """The chat an update belongs to, and whose tap it is; None for whatever is not a tap."""
    query = update.get("callback_query")
    if isinstance(query, dict):
        person = _number(query.get("from"))
        return _number(_dict(query.get("message")).get("chat")) or person, person
    for value in update.values():
        if isinstance(value, dict):
            # A group's move is told in the old chat and in the new one: both belong to what it becomes.
            chat = value.get("migrate_to_chat_id") or _number(value.get("chat"))
            if chat:
                return chat, None
            person = _number(value.get("from") or value.get("user"))
            if person:
                return person, None
    return 0, None


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: object) -> int:
    found = _dict(value).get("id")
    return found if isinstance(found, int) else 0


@dataclass(slots=True)
class _Chat(Generic[T]):
    waiting: deque[tuple[int | None, T]] = field(default_factory=deque)
    tapping: set[int] = field(default_factory=set)  # whose tap is being handled
    alone: bool = False  # something else than a tap is being handled
    queued: bool = False  # waits for its turn to start one

    def may_start(self) -> bool:
        """Whether the first that waits may run beside what runs."""
        if not self.waiting or self.alone:
            return False
        person = self.waiting[0][0]
        return not self.tapping if person is None else person not in self.tapping


class Lanes(Generic[T]):
    """Hands updates to `handle` in the order of their chat.

    Taps of different people commute, so they run side by side; everything else in a chat waits for what came
    before it and holds up what comes after. Without that, five hundred people who press one button in a group
    would be served one after the other, a flush of the disk each. `width` bounds what runs at once; where it is
    used up, chats take turns, one update each, so that a crowded one starves nobody. `waiting` counts what is
    waiting or running.
    """

    def __init__(self, handle: Callable[[T], Awaitable[None]], *, width: int = 256) -> None:
        self._handle = handle
        self._width = width
        self._chats: dict[int, _Chat[T]] = {}
        self._turns: deque[int] = deque()
        self._running: set[asyncio.Task[None]] = set()
        self._finished = asyncio.Event()
        self.waiting = 0

    def put(self, chat_id: int, person_id: int | None, update: T) -> None:
        """Take an update in its turn; `person_id` is given for a tap."""
        self.waiting += 1
        self._chats.setdefault(chat_id, _Chat()).waiting.append((person_id, update))
        self._queue(chat_id)
        self._serve()

    async def down_to(self, most: int) -> None:
        """Wait until no more than `most` are waiting or running."""
        while self.waiting > most:
            self._finished.clear()
            await self._finished.wait()

    def _queue(self, chat_id: int) -> None:
        """Give a chat a turn if it can use one."""
        chat = self._chats[chat_id]
        if not chat.queued and chat.may_start():
            chat.queued = True
            self._turns.append(chat_id)

    def _serve(self) -> None:
        """Start one update of each chat in turn, as long as there is width."""
        while self._turns and len(self._running) < self._width:
            chat_id = self._turns.popleft()
            self._start(chat_id, self._chats[chat_id])
            self._queue(chat_id)

    def _start(self, chat_id: int, chat: _Chat[T]) -> None:
        chat.queued = False
        person, update = chat.waiting.popleft()
        if person is None:
            chat.alone = True
        else:
            chat.tapping.add(person)
        self._running.add(asyncio.create_task(self._run(chat_id, person, update)))

    async def _run(self, chat_id: int, person: int | None, update: T) -> None:
        try:
            await self._handle(update)
        finally:
            self._finish(chat_id, person)

    def _finish(self, chat_id: int, person: int | None) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._running.discard(task)
        chat = self._chats[chat_id]
        if person is None:
            chat.alone = False
        else:
            chat.tapping.discard(person)
        if chat.waiting or chat.tapping:
            self._queue(chat_id)
        else:
            del self._chats[chat_id]
        self._serve()
        self.waiting -= 1
        self._finished.set()
