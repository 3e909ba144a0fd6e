"""Remembers which language was chosen where, so that a tap costs no query for it."""

import time
from collections.abc import Callable
from typing import Final

import services.people
from chat.context import Store

KEPT_SECONDS: Final = 60.0
LARGEST: Final = 20_000


class Languages:
    """The chosen language of a person (positive Telegram id) or a group (negative), kept for a minute."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._known: dict[int, tuple[float, str | None]] = {}

    async def __call__(self, telegram_id: int) -> str | None:
        """The language chosen there, None: none was."""
        now = self._clock()
        known = self._known.get(telegram_id)
        if known is not None and known[0] > now:
            return known[1]
        chosen = await self._store.read(lambda connection: services.people.language_at(connection, telegram_id))
        if len(self._known) >= LARGEST:
            self._known.clear()
        self._known[telegram_id] = (now + KEPT_SECONDS, chosen)
        return chosen

    def forget(self, telegram_id: int) -> None:
        """It was chosen anew."""
        self._known.pop(telegram_id, None)
