"""Small proxies on loopback, HTTP CONNECT and SOCKS5, which note where they were asked to connect."""

import asyncio
import base64
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter


@dataclass
class Proxy:
    """A proxy that runs: what it was asked to reach (as the client named it), and whom it turned away."""

    user: str | None = None
    password: str | None = None
    # What names lead to, since tests ask no name server.
    hosts: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)
    turned_away: int = 0
    port: int = 0

    def url(self, scheme: str, credentials: str = "") -> str:
        """Its address."""
        return f"{scheme}://{credentials}127.0.0.1:{self.port}"

    async def reach(self, host: str, port: int) -> tuple[Reader, Writer]:
        """Note and make the connection that was asked for."""
        self.asked.append((host, port))
        return await asyncio.open_connection(self.hosts.get(host, host), port)


class HttpProxy(Proxy):
    """Tunnels with CONNECT (RFC 9110, 9.3.6), with basic credentials if it has any."""

    async def handle(self, reader: Reader, writer: Writer) -> None:
        """Serve one client."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        request, *headers = head.split("\r\n")
        method, target, _ = request.split(" ")
        if not self._admits(headers):
            self.turned_away += 1
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        assert method == "CONNECT"
        host, _, port = target.rpartition(":")
        try:
            upstream = await self.reach(host, int(port))
        except OSError:
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await _join(reader, writer, *upstream)

    def _admits(self, headers: list[str]) -> bool:
        if self.user is None:
            return True
        expected = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        return any(
            header.lower() == f"proxy-authorization: basic {expected}".lower() and expected in header
            for header in headers
        )


class Socks5Proxy(Proxy):
    """SOCKS5 (RFC 1928), with a user name and a password (RFC 1929) if it has any."""

    async def handle(self, reader: Reader, writer: Writer) -> None:
        """Serve one client."""
        _, count = await reader.readexactly(2)
        offered = await reader.readexactly(count)
        wanted = 0 if self.user is None else 2
        if wanted not in offered:
            self.turned_away += 1
            writer.write(b"\x05\xff")
            return
        writer.write(bytes((5, wanted)))
        if wanted and not await self._admits(reader, writer):
            return
        _, _, _, kind = await reader.readexactly(4)
        host = await self._host(reader, kind)
        port = int.from_bytes(await reader.readexactly(2), "big")
        try:
            upstream = await self.reach(host, port)
        except OSError:
            writer.write(b"\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00")
            return
        writer.write(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
        await _join(reader, writer, *upstream)

    async def _admits(self, reader: Reader, writer: Writer) -> bool:
        await reader.readexactly(1)
        user = await _counted(reader)
        password = await _counted(reader)
        admitted = (user, password) == (self.user, self.password)
        self.turned_away += not admitted
        writer.write(b"\x01\x00" if admitted else b"\x01\x01")
        return admitted

    async def _host(self, reader: Reader, kind: int) -> str:
        if kind == 3:
            return await _counted(reader)
        family, size = (socket.AF_INET, 4) if kind == 1 else (socket.AF_INET6, 16)
        return socket.inet_ntop(family, await reader.readexactly(size))


async def _counted(reader: Reader) -> str:
    """A text after its length in one byte."""
    (size,) = await reader.readexactly(1)
    return (await reader.readexactly(size)).decode()


async def _join(reader: Reader, writer: Writer, up_reader: Reader, up_writer: Writer) -> None:
    """Carry bytes both ways until both sides have ended."""
    with contextlib.closing(up_writer):
        await asyncio.gather(_carry(reader, up_writer), _carry(up_reader, writer))


async def _carry(reader: Reader, writer: Writer) -> None:
    with contextlib.suppress(ConnectionError):
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()


@contextlib.asynccontextmanager
async def running(proxy: HttpProxy | Socks5Proxy) -> AsyncIterator[None]:
    """Listen on loopback; at the end all clients are let go."""
    clients: set[asyncio.Task[None]] = set()

    async def serve(reader: Reader, writer: Writer) -> None:
        task = asyncio.current_task()
        assert task is not None
        clients.add(task)
        with contextlib.closing(writer), contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await proxy.handle(reader, writer)
        clients.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield
    finally:
        server.close()
        await asyncio.gather(*clients)
        await server.wait_closed()
