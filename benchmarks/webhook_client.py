"""Brings updates to a bot's webhook, as Telegram does: over so many connections, again where it is not taken."""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from urllib.parse import urlsplit

from benchmarks.exchange import Exchange
from benchmarks.updates import PreparedUpdate

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
RETRY_AFTER = 0.5  # seconds before what was refused is brought again


class Pusher:
    """Shares the waiting updates out among its connections."""

    def __init__(self, exchange: Exchange, url: str, secret: str, connections: int) -> None:
        self._exchange = exchange
        self._address = urlsplit(url)
        self._secret = secret
        self._waiting = deque(exchange.waiting)
        self._connections = connections

    async def run(self) -> None:
        """Bring everything that waits; returns when all of it was taken."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._connections):
                group.create_task(self._bring())

    async def _bring(self) -> None:
        reader, writer = await asyncio.open_connection(self._address.hostname, self._address.port)
        try:
            while self._waiting:
                update = self._waiting.popleft()
                self._exchange.deliver(update, time.monotonic())
                writer.write(self._request(update))
                if await _status(reader) != 200:
                    await asyncio.sleep(RETRY_AFTER)
                    self._waiting.append(update)
        finally:
            writer.close()

    def _request(self, update: PreparedUpdate) -> bytes:
        return (
            f"POST {self._address.path} HTTP/1.1\r\nHost: {self._address.netloc}\r\n"
            f"Content-Type: application/json\r\nX-Telegram-Bot-Api-Secret-Token: {self._secret}\r\n"
            f"Content-Length: {len(update.body)}\r\n\r\n"
        ).encode() + update.body


async def _status(reader: asyncio.StreamReader) -> int:
    """Read one answer to its end."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    if length:
        await reader.readexactly(int(length[1]))
    return int(head.split(b" ", 2)[1])
