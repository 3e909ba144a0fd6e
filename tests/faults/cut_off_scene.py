"""Three hosts on one PostgreSQL and one Telegram, people who tap and messages that fall due, and lines to cut."""

import asyncio
import contextlib
import json
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lines import HOSTS, Host, Namespaces, Proxy, free_port
from open_session import OpenSession, announce, engine_of, open_session
from postgres_server import PostgresServer
from processes import TOKEN, Killable, bot_process, sandbox_process
from sqlalchemy import Connection, Engine, func, insert, select, update

from db import migrate
from db.tables import chat, delivery, inbox, replica
from domain.deliveries import Policy
from sandbox.client import Json, SandboxClient
from services import deliveries

Query = Callable[[Connection], Any]
Hosts = list[Host]

SANDBOX = str(Path(__file__).with_name("reachable_sandbox.py"))

CHATS = 30
MEMBERS = 400
STEP = 0.25
"""Seconds between two steps of the people: one taps, and two messages fall due."""

ASKING = """
import json, sys, urllib.error, urllib.request
try:
    with urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/readyz", timeout=15) as said:
        print(json.dumps({"status": said.status, **json.load(said)}))
except urllib.error.HTTPError as said:
    print(json.dumps({"status": said.code, **json.load(said)}))
"""

OURS = delivery.c.dedupe_key.like("message %")


@dataclass
class Scene:
    """What a test holds."""

    sandbox: SandboxClient
    engine: Engine
    hosts: list[Host]
    bots: list[Killable]
    chats: list[int]
    members: list[int]
    group: Json
    made: OpenSession
    card: Json
    owners: list[str] = field(default_factory=list)
    over: bool = False
    number: int = 0
    tapped: list[datetime] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)

    async def look(self, query: Query) -> Any:
        """What a query gives, from outside and whatever is cut."""
        return await asyncio.to_thread(self._look, query)

    def _look(self, query: Query) -> Any:
        with self.engine.begin() as connection:
            return query(connection)

    async def until(self, query: Query, seconds: float = 60) -> float:
        """Wait until a query gives something truthy; how many seconds that took."""
        began = time.monotonic()
        async with asyncio.timeout(seconds):
            while True:
                if await self.look(query):
                    break
                await asyncio.sleep(0.05)  # another process's commits tell nobody
        return time.monotonic() - began

    async def ready(self, host: int) -> Json:
        """What /readyz says where the host is."""
        command = (*self.hosts[host].place, sys.executable, "-c", ASKING, str(self.hosts[host].web_port))
        asking = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        said, _ = await asking.communicate()
        found: Json = json.loads(said) if said else {"status": 0, "wrong": {}}
        return found

    async def says(self, host: int, part: str, *, wrong: bool = True, seconds: float = 60) -> float:
        """Wait until /readyz of a host calls a part wrong, or does not any more; how many seconds that took."""
        began = time.monotonic()
        said: Json = {"status": 0}
        try:
            async with asyncio.timeout(seconds):
                while not said["status"] or (part in said["wrong"]) != wrong:
                    said = await self.ready(host)
        except TimeoutError:
            raise AssertionError(f"host {host} does not say of its {part} that it is {wrong=}, but {said}") from None
        return time.monotonic() - began

    async def live(self) -> None:
        """People tap and messages fall due, step by step, until it is over."""
        while not self.over:
            await asyncio.sleep(STEP)
            await self.fall_due(2)
            if len(self.tapped) < MEMBERS:
                member = self.members[len(self.tapped)]
                self.queries += await self.sandbox.tap_all(self.group, self.card, self.made.button, [member])
                self.tapped.append(datetime.now(UTC))

    async def fall_due(self, count: int) -> None:
        """So many messages fall due now, chat after chat, of both policies by turns."""
        numbers = range(self.number, self.number + count)
        self.number += count

        def enqueue(connection: Connection) -> None:
            now = datetime.now(UTC)
            for number in numbers:
                payload = {"text": "makeups.waits", "values": {"title": f"message {number}."}}
                deliveries.enqueue(
                    connection,
                    key=f"message {number}",
                    kind="reply",
                    destination_id=self.chats[number % CHATS],
                    payload={**payload, "language": "en", "buttons": []},
                    due_at=now,
                    expires_at=now + timedelta(hours=2),
                    policy=policy_of(number),
                )

        await self.look(enqueue)

    async def in_hand(self, host: int) -> Counter[str]:
        """How much a host has claimed or is sending."""
        query = select(delivery.c.state, func.count()).where(delivery.c.owner == self.owners[host], OURS)
        rows = await self.look(lambda c: c.execute(query.group_by(delivery.c.state)).all())
        return Counter({str(state): int(count) for state, count in rows})

    async def has_in_hand(self, host: int) -> Counter[str]:
        """Wait until a host is sending something; how much it has claimed or is sending."""
        async with asyncio.timeout(60):
            while True:
                if (found := await self.in_hand(host))["sending"]:
                    return found

    async def waited(self) -> list[float]:
        """The seconds from each tap until the bot took it in; all updates at the end are taps."""
        query = select(inbox.c.received_at).order_by(inbox.c.update_id.desc()).limit(len(self.tapped))
        received = await self.look(lambda c: list(c.execute(query).scalars()))
        return [(at - tapped).total_seconds() for at, tapped in zip(reversed(received), self.tapped, strict=True)]

    async def lease_ends(self, host: int) -> None:
        """A minute goes by for what a host has in hand."""
        past = datetime.now(UTC) - timedelta(minutes=5)
        statement = update(delivery).where(delivery.c.owner == self.owners[host]).values(lease_until=past)
        await self.look(lambda c: c.execute(statement))

    def seen(self, host: int, since: datetime) -> Query:
        """Whether a host said since then that it is alive."""
        query = select(func.count()).where(replica.c.owner == self.owners[host], replica.c.seen_at > since)
        return lambda connection: connection.execute(query).scalar_one()


def policy_of(number: int) -> Policy:
    """Every other message may be sent again where nobody knows."""
    return Policy.RESEND if number % 2 else Policy.ONCE


def all_sent(due_before: datetime) -> Query:
    """Whether all messages that had fallen due by then are settled."""
    open_ones = delivery.c.state.in_(("pending", "claimed", "sending"))
    query = select(func.count()).where(OURS, delivery.c.due_at < due_before, open_ones)
    return lambda connection: not connection.execute(query).scalar_one()


@asynccontextmanager
async def scene(kind: str, folder: Path) -> AsyncIterator[Scene]:
    """Everything built and running, each host known by the name it signs with."""
    async with contextlib.AsyncExitStack() as stack:
        joined = _namespaces if kind == "namespaces" else _proxies
        sandbox, server, hosts = await joined(stack, folder)
        server.create_database("cut_off")
        yield await _running(stack, sandbox, server.url("cut_off"), hosts, folder)


async def _namespaces(stack: contextlib.AsyncExitStack, folder: Path) -> tuple[SandboxClient, PostgresServer, Hosts]:
    net = stack.enter_context(Namespaces())
    server = PostgresServer(folder, address=net.bridges["d"], guests=net.guests)
    await asyncio.to_thread(server.start)
    stack.callback(server.stop)
    program = (SANDBOX, net.bridges["t"], "8081", TOKEN, net.hosts[0].telegram_at)
    return await stack.enter_async_context(sandbox_process(*program)), server, net.hosts


async def _proxies(stack: contextlib.AsyncExitStack, folder: Path) -> tuple[SandboxClient, PostgresServer, Hosts]:
    lines = [[await stack.enter_async_context(Proxy()) for _ in range(2)] for _ in range(HOSTS)]
    server = PostgresServer(folder)
    await asyncio.to_thread(server.start)
    stack.callback(server.stop)
    program = (SANDBOX, "127.0.0.1", "0", TOKEN, *(telegram.at for telegram, _ in lines))
    sandbox = await stack.enter_async_context(sandbox_process(*program))
    address = urlsplit(sandbox.url)
    for telegram, database in lines:
        telegram.opening = lambda: asyncio.open_connection(address.hostname, address.port)
        database.opening = lambda: asyncio.open_unix_connection(server.door)
    hosts = [Host((), telegram.at, database.at, free_port(), telegram, database) for telegram, database in lines]
    return sandbox, server, hosts


async def _running(
    stack: contextlib.AsyncExitStack, sandbox: SandboxClient, url: str, hosts: list[Host], folder: Path
) -> Scene:
    group = await sandbox.group("第一学习小组")
    members = await sandbox.new_people(MEMBERS, group=group)
    people = await sandbox.new_people(CHATS)
    for person in people:
        await sandbox.press_start(person)
    leader = await sandbox.person("李明")
    await asyncio.to_thread(migrate.upgrade, url)
    engine = engine_of(url)
    stack.callback(engine.dispose)

    def prepare(connection: Connection) -> tuple[OpenSession, list[int]]:
        now = datetime.now(UTC)
        made = open_session(connection, group["id"], members, leader["id"], now)
        announce(connection, made, now)
        rows = [
            connection.execute(insert(chat).values(telegram_id=person, kind="private").returning(chat.c.id))
            for person in people
        ]
        return made, [int(row.scalar_one()) for row in rows]

    with engine.begin() as connection:
        made, chats = prepare(connection)
    bots = []
    for number, host in enumerate(hosts):
        home = folder / str(number)
        home.mkdir()
        telegram, database = f"http://{host.telegram_at}", f"postgresql://bot@{host.database_at}/cut_off"
        bots.append(bot_process(telegram, database, home, host.place, BOT__WEB__PORT=str(host.web_port)))
        stack.push_async_callback(bots[-1].stop)
    here = Scene(sandbox, engine, hosts, bots, chats, members, group, made, {})
    known = select(replica.c.owner)
    for bot in bots:
        await bot.start()
        await here.until(lambda c: len(c.execute(known).all()) > len(here.owners))
        owners = await here.look(lambda c: list(c.execute(known).scalars()))
        here.owners += [owner for owner in owners if owner not in here.owners]
    here.card = await sandbox.wait_for_message(leader, group, contains="党课", timeout=60)
    return here
