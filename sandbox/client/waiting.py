"""The client's part for waiting on changes, without polling and without sleeping."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sandbox.client.acting import Acting
from sandbox.client.connection import Json, Ref, text_of
from sandbox.client.places import Places
from sandbox.client.stage import Stage

T = TypeVar("T")


class WaitedInVainError(AssertionError):
    """A condition did not come true in time."""


class Waiting(Places, Acting, Stage):
    """Waiting for a condition; it is looked at again after each change."""

    async def wait_for(self, condition: Callable[[], Awaitable[T]], timeout: float = 10, what: str = "") -> T:
        """Ask `condition` now and after each change until it gives something truthy; that is returned.

        Raises WaitedInVainError after `timeout` seconds.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        seq = await self.seq()
        while not (value := await condition()):
            left = deadline - loop.time()
            if left <= 0:
                raise WaitedInVainError(f"{what or 'the condition'} did not come true in {timeout} s")
            seq = int((await self._get("events", after=seq, timeout=min(left, 25)))["seq"])
        return value

    async def wait_for_message(
        self,
        as_: Ref,
        chat: Ref,
        *,
        contains: str = "",
        after: int = 0,
        where: Callable[[Json], bool] | None = None,
        timeout: float = 10,
    ) -> Json:
        """The bot's newest message in the chat, above `after`, that contains the text and fits `where`."""
        seen: list[Json] = []
        bot = await self.bot_id()

        async def found() -> Json | None:
            seen[:] = [m for m in await self.messages(as_, chat, after) if m["from"]["id"] == bot]
            fitting = (m for m in reversed(seen) if contains in text_of(m) and (where is None or where(m)))
            return next(fitting, None)

        try:
            message = await self.wait_for(found, timeout)
        except WaitedInVainError:
            texts = [text_of(m) for m in seen[-5:]]
            raise WaitedInVainError(f"no message with {contains!r} in {timeout} s; the bot's last: {texts}") from None
        assert message is not None
        return message

    async def wait_for_ledger(
        self, where: Callable[[Json], bool], *, count: int = 1, timeout: float = 10
    ) -> list[Json]:
        """At least `count` ledger entries that fulfil `where`."""

        async def found() -> list[Json]:
            fitting = [entry for entry in (await self.ledger())["entries"] if where(entry)]
            return fitting if len(fitting) >= count else []

        return await self.wait_for(found, timeout, f"{count} ledger entries")

    async def wait_until_idle(self, timeout: float = 10) -> None:
        """Until the bot has acknowledged every update."""

        async def idle() -> bool:
            return int((await self.updates())["pending"]) == 0

        await self.wait_for(idle, timeout, "acknowledging all updates")
