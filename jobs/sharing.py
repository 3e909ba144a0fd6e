"""Which part of the sending is this process's: it says that it is alive, and learns of the others; or it steps back."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

import structlog

from chat.context import Store
from chat.limiter import Limiter
from services import replicas
from services.replicas import Share

if TYPE_CHECKING:
    from sqlalchemy import Connection

log = structlog.get_logger(__name__)

BEAT_EVERY: Final = 5
"""Ticks between two signs of life."""

SETTLING: Final = BEAT_EVERY + 1
"""Ticks until all have noticed who came or went, and the second between two messages of a chat has gone by."""

NOTHING: Final = Share(-1, 2)
"""A part in which there is no chat."""


class Sharing:
    """One for each process. `reaches` asks whether Telegram can be reached from here."""

    def __init__(
        self, store: Store, limiter: Limiter, owner: str, reaches: Callable[[], Awaitable[bool]], *, alone: bool
    ) -> None:
        self._store = store
        self._limiter = limiter
        self._owner = owner
        self._reaches = reaches
        self._alone = alone  # no other process can have this database
        self._share: Share | None = None
        self._given_up: list[tuple[Share, int]] = []  # what binds us beside our share, with the tick until which
        self._doubted = False  # a message did not get through to Telegram, and none has since
        self.cut_off = False  # Telegram was asked after that and did not answer

    @property
    def of(self) -> int:
        """How many processes share the sending."""
        return self._share.of if self._share else 1

    @property
    def stepped_back(self) -> bool:
        """Whether others send what was ours, because Telegram is out of reach from here."""
        return self.cut_off and self.of > 1

    def heard(self, *, through: bool) -> None:
        """What became of a message: it got through to Telegram (which may have refused it), or perhaps not."""
        self._doubted = not through
        if through:
            self.cut_off = False

    async def beat(self, tick: int) -> None:
        """Say that we are alive, and learn which share of the sending is ours.

        Who cannot reach Telegram while others perhaps can leaves its share to them, and looks again at each beat.
        """
        if self._doubted or self.cut_off:
            self.cut_off = not await self._reaches()
            self._doubted = self.cut_off
        if self._alone:
            return
        if self.stepped_back:
            await self.leave()
            return
        share, missed = await self._store.write(lambda connection: replicas.beat(connection, self._owner))
        self._given_up = [(earlier, until) for earlier, until in self._given_up if until > tick]
        if missed and self._share is not None and share.of > 1:
            # The others have shared out what was ours, and do not know yet that we are back.
            log.warning("back_among_others", of=share.of)
            self._given_up.append((NOTHING, tick + SETTLING))
        elif share != self._share:
            log.info("share_of_sending", number=share.number, of=share.of)
            self._given_up.append((self._share or Share(), tick + SETTLING))
        self._share = share
        self._limiter.share_with(share.of)

    async def leave(self) -> None:
        """The others need not wait until we are missed."""
        if not self._alone:
            await self._store.write(lambda connection: replicas.leave(connection, self._owner))

    def shares(self, tick: int) -> set[Share]:
        """A chat that is in all of these is ours, and no other process's.

        One that has just become ours may be another's for one more beat: no chat is written to by two at once.
        """
        return {self._share or Share(), *(share for share, until in self._given_up if until > tick)}

    def is_missed(self, connection: "Connection") -> bool:
        """Whether the others may have shared out what is ours, because they have not seen us for too long."""
        return not self._alone and replicas.is_missed(connection, self._owner)
