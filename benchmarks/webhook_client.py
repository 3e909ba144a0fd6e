"""Brings updates to a bot's webhook, as Telegram does: over so many connections, again where it is not taken."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import deque
from collections.abc import Callable
from urllib.parse import urlsplit

from benchmarks.exchange import Exchange
from benchmarks.http_protocol import Parameters
from benchmarks.updates import PreparedUpdate

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
RETRY_AFTER = 0.5  # seconds before what was refused is brought again


class Pusher:
    """Shares the waiting updates out among its connections; `carry_out` gets the calls that come in answers."""

    def __init__(self, exchange: Exchange, hook: Parameters, carry_out: Callable[[str, Parameters], None]) -> None:
        self._exchange = exchange
        self._carry_out = carry_out
        self._address = urlsplit(str(hook["url"]))
        self._secret = str(hook.get("secret_token", ""))
        self._waiting = deque(exchange.waiting)
        self._connections = int(hook.get("max_connections", 40))

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
                status, body = await _answer(reader)
                if status != 200:
                    await asyncio.sleep(RETRY_AFTER)
                    self._waiting.append(update)
                elif body:
                    call = json.loads(body)
                    self._carry_out(str(call.pop("method")), call)
        finally:
            writer.close()

    def _request(self, update: PreparedUpdate) -> bytes:
        return (
            f"POST {self._address.path} HTTP/1.1\r\nHost: {self._address.netloc}\r\n"
            f"Content-Type: application/json\r\nX-Telegram-Bot-Api-Secret-Token: {self._secret}\r\n"
            f"Content-Length: {len(update.body)}\r\n\r\n"
        ).encode() + update.body


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Read one answer to its end: its status and its body."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    body = await reader.readexactly(int(length[1])) if length else b""
    return int(head.split(b" ", 2)[1]), body
