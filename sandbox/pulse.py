"""A signal that any number of coroutines can wait for, again and again."""

import asyncio


class Pulse:
    """`beat()` wakes everyone who is waiting now; those who come later wait for the next beat."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def beat(self) -> None:
        """Wake all who wait."""
        event, self._event = self._event, asyncio.Event()
        event.set()

    async def wait(self, timeout: float) -> bool:
        """Wait for the next beat at most `timeout` seconds; False if none came."""
        try:
            async with asyncio.timeout(timeout):
                await self._event.wait()
        except TimeoutError:
            return False
        return True
