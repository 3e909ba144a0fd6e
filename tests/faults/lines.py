"""Lines between hosts and what they need, which can be cut so that nothing is refused: what is sent is gone.

Two kinds. `Namespaces` are hosts as the kernel makes them: a network namespace each, joined by a pair of cables to the
bridge where PostgreSQL listens and to the one where Telegram's stand-in does; a cut takes the cable's link down.
`Proxies` are processes of one host that reach both through a proxy of ours on loopback; a cut makes it pass nothing on,
close nothing and let no connection come about. The first needs rights that many a machine does not give.
"""

import asyncio
import contextlib
import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

HOSTS = 3


class Line(Protocol):
    """One host's way to the database, or to Telegram."""

    async def cut(self) -> None:
        """From now on nothing comes through, and nobody is told."""

    async def mend(self) -> None:
        """It comes through again, and with it what was sent meanwhile and is still being repeated."""


IP_HINT = "iproute2 is missing: apt-get install iproute2"


@dataclass(frozen=True)
class Host:
    """Where a bot runs: how a program is started there, and how it reaches the others."""

    place: tuple[str, ...]
    telegram_at: str
    database_at: str
    web_port: int
    telegram: Line
    database: Line


@cache
def why_no_namespaces() -> str:
    """What keeps this machine from making hosts of namespaces, and no installing helps against; empty: nothing.

    It is tried out, because nothing else tells.
    """
    if os.geteuid() != 0:
        return "only root may make them"
    if shutil.which("ip") is None:
        return ""  # that can be installed, and whoever needs it says so
    name = f"try{secrets.token_hex(3)}"
    tries = (
        f"netns add {name}",
        f"link add {name}b type bridge",
        f"link add {name}v type veth peer name {name}w",
        f"link set {name}w netns {name}",
    )
    try:
        for each in tries:
            _ip(each)
    except subprocess.CalledProcessError as refused:
        return f"`{' '.join(map(str, refused.cmd))}` is refused: {refused.stderr.strip()}"
    finally:
        for each in (f"link del {name}v", f"link del {name}b", f"netns del {name}"):
            with contextlib.suppress(subprocess.CalledProcessError):
                _ip(each)
    return ""


def _ip(command: str) -> None:
    subprocess.run(["ip", *command.split()], check=True, capture_output=True, text=True)


class Cable:
    """A pair of virtual cards; with ours down the kernel drops what the host sends, and what is sent to it."""

    def __init__(self, card: str) -> None:
        self._card = card

    async def cut(self) -> None:
        _ip(f"link set {self._card} down")

    async def mend(self) -> None:
        _ip(f"link set {self._card} up")


class Namespaces:
    """Two bridges of this machine and hosts at them; use it in a `with`."""

    def __init__(self) -> None:
        self._tag = secrets.token_hex(2)
        # Addresses of a private network that nobody else here is likely to have.
        self._net = f"10.{128 + secrets.randbelow(120)}.{secrets.randbelow(250)}"
        self.bridges = {"d": f"{self._net}.1", "t": f"{self._net}.129"}
        self.guests = f"{self._net}.0/25"
        self.hosts: list[Host] = []

    def __enter__(self) -> "Namespaces":
        try:
            for at, (kind, address) in enumerate(self.bridges.items()):
                bridge = f"br{self._tag}{kind}"
                _ip(f"link add {bridge} address 02:00:00:00:{at:02x}:00 type bridge")
                _ip(f"addr add {address}/25 dev {bridge}")
                _ip(f"link set {bridge} up")
            self.hosts = [self._host(number) for number in range(HOSTS)]
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        names = [f"netns del cut{self._tag}{number}" for number in range(HOSTS)]
        for each in (*names, *(f"link del br{self._tag}{kind}" for kind in self.bridges)):
            with contextlib.suppress(subprocess.CalledProcessError):
                _ip(each)

    def _host(self, number: int) -> Host:
        name = f"cut{self._tag}{number}"
        _ip(f"netns add {name}")
        _ip(f"-n {name} link set lo up")
        cables = [self._cable(name, number, at, kind) for at, kind in enumerate(self.bridges)]
        return Host(
            place=("ip", "netns", "exec", name),
            telegram_at=f"{self.bridges['t']}:8081",
            database_at=f"{self.bridges['d']}:5432",
            web_port=8090,
            database=cables[0],
            telegram=cables[1],
        )

    def _cable(self, name: str, number: int, at: int, kind: str) -> Cable:
        ours, theirs, bridge = f"v{self._tag}{kind}{number}", f"eth{at}", f"br{self._tag}{kind}"
        first, _, last = self.bridges[kind].rpartition(".")
        address, card = f"{first}.{int(last) + 1 + number}", f"02:00:00:00:{at:02x}:{number + 1:02x}"
        _ip(f"link add {ours} type veth peer name {theirs} address {card} netns {name}")
        _ip(f"link set {ours} master {bridge} up")
        _ip(f"-n {name} addr add {address}/25 dev {theirs}")
        _ip(f"-n {name} link set {theirs} up")
        # Both know the other's card for good, as they would know their routers': else a cut would be noticed by
        # nobody answering for an address, and connecting be refused at once ("no route to host").
        _ip(f"-n {name} neigh replace {self.bridges[kind]} lladdr 02:00:00:00:{at:02x}:00 dev {theirs} nud permanent")
        _ip(f"neigh replace {address} lladdr {card} dev {bridge} nud permanent")
        return Cable(ours)


Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Opening = Callable[[], Coroutine[Any, Any, Streams]]


class Proxy:
    """Passes bytes on from a port of loopback; use it in an `async with`. `opening` connects to what is behind it."""

    def __init__(self) -> None:
        self.opening: Opening | None = None
        self._door = socket.create_server(("127.0.0.1", 0))
        self._door.setblocking(False)
        self.at = f"127.0.0.1:{self._door.getsockname()[1]}"
        self._whole = asyncio.Event()
        self._letting_in: asyncio.Task[None] | None = None
        self._passing: set[asyncio.Task[None]] = set()
        self._plugs: list[socket.socket] = []

    async def __aenter__(self) -> "Proxy":
        await self.mend()
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = [*self._passing, *([self._letting_in] if self._letting_in else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for each in (*self._plugs, self._door):
            each.close()

    async def cut(self) -> None:
        """Nothing passes; and with the queue of the port full, the kernel drops whatever would open a connection."""
        if not self._whole.is_set():
            return
        self._whole.clear()
        if self._letting_in is not None:
            self._letting_in.cancel()
            await asyncio.wait([self._letting_in])
        self._door.listen(0)
        for _ in range(3):
            plug = socket.socket()
            plug.setblocking(False)
            plug.connect_ex(self._door.getsockname())
            self._plugs.append(plug)

    async def mend(self) -> None:
        """Everything passes again."""
        if self._whole.is_set():
            return
        while self._plugs:
            self._plugs.pop().close()
        self._door.listen(128)
        self._whole.set()
        self._letting_in = asyncio.create_task(self._let_in())

    async def _let_in(self) -> None:
        while True:
            connection, _ = await asyncio.get_running_loop().sock_accept(self._door)
            self._spawn(self._join(connection))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._passing.add(task)
        task.add_done_callback(self._passing.discard)

    async def _join(self, connection: socket.socket) -> None:
        assert self.opening is not None
        here = await asyncio.open_connection(sock=connection)
        there = await self.opening()
        self._spawn(self._pass_on(here[0], there[1]))
        await self._pass_on(there[0], here[1])

    async def _pass_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65_536):
                await self._whole.wait()
                target.write(data)
                await target.drain()
            await self._whole.wait()
        except ConnectionError:
            pass
        finally:
            target.close()


def free_port() -> int:
    """A port of loopback that nobody has at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
