"""Just enough HTTP/1.1 with keep-alive to serve a bot's client at very little cost."""

from __future__ import annotations

import asyncio
import re
from abc import ABC, abstractmethod
from typing import Any, cast
from urllib.parse import parse_qsl

import orjson

Parameters = dict[str, Any]
MAX_BODY = 20 * 1024 * 1024
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r]*chunked", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection:[ \t]*close", re.IGNORECASE)
_PART = re.compile(rb'name="([^"]+)"(?:\r\n[^\r\n]+)*\r\n\r\n(.*?)\r\n--', re.DOTALL)
_REASONS = {
    200: "OK",
    400: "Bad Request",
    409: "Conflict",
    411: "Length Required",
    413: "Content Too Large",
    429: "Too Many Requests",
}


class HttpProtocol(asyncio.Protocol, ABC):
    """One connection; the subclass answers each request with `reply`, at once or later, but in order."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._close_after = False

    @abstractmethod
    def handle(self, method: str, parameters: Parameters) -> None:
        """Take one request in; `method` is the last part of its path."""

    def gone(self) -> None:
        """The client closed the connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's does not inherit from it

    def connection_lost(self, _fault: Exception | None) -> None:
        self._transport = None
        self.gone()

    def data_received(self, data: bytes) -> None:
        self._received = self._received + data if self._received else data
        while (head_end := self._received.find(b"\r\n\r\n")) >= 0:
            head = self._received[:head_end]
            if _CHUNKED.search(head):
                return self._refuse(411)
            length = _LENGTH.search(head)
            body_end = head_end + 4 + (int(length[1]) if length else 0)
            if body_end > MAX_BODY:
                return self._refuse(413)
            if len(self._received) < body_end:
                return None
            body, self._received = self._received[head_end + 4 : body_end], self._received[body_end:]
            self._close_after = _CLOSE.search(head) is not None
            self._take(head, body)
        return None

    def reply(self, body: bytes, status: int = 200) -> None:
        """Answer the request; a client that has gone is no fault."""
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(
            b"HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            % (status, _REASONS[status].encode(), len(body), body)
        )
        if self._close_after:
            self._transport.close()

    def _refuse(self, status: int) -> None:
        self._close_after = True
        self.reply(b'{"ok":false,"error_code":%d,"description":"%s"}' % (status, b"not served here"), status)

    def _take(self, head: bytes, body: bytes) -> None:
        target = head.split(b" ", 2)[1].decode("ascii", "replace")
        path, _, query = target.partition("?")
        parameters = _read_body(body)
        if query:
            parameters = dict(parse_qsl(query)) | parameters
        self.handle(path.rpartition("/")[2], parameters)


def _read_body(body: bytes) -> Parameters:
    """Read JSON, form or multipart text fields, told apart by their first bytes."""
    if not body:
        return {}
    if body[:1] == b"{":
        return dict(orjson.loads(body))
    if body[:2] == b"--":
        return {name.decode(): value.decode("utf-8", "replace") for name, value in _PART.findall(body)}
    return dict(parse_qsl(body.decode("utf-8", "replace")))
