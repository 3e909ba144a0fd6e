"""The transport through real proxies: many offices reach Telegram by no other way."""

import asyncio
import contextlib
import socket
import sys
import traceback
from collections.abc import AsyncIterator

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import RawTestServer
from proxies import HttpProxy, Reader, Socks5Proxy, Writer, running
from telegram.ext import ExtBot

from chat.answers import NotSent
from chat.transport import AiohttpRequest

TOKEN = "123456:CANARY"
NAME = "telegram.office.invalid"
ANSWERS = {
    "getMe": {"id": 1, "is_bot": True, "first_name": "Bot", "username": "bot"},
    "sendMessage": {
        "message_id": 7,
        "date": 1_790_000_000,
        "chat": {"id": 5, "type": "private"},
        "text": "x",
    },
    "getUpdates": [],
}


class Api:
    """A Bot API server that notes which methods were called."""

    def __init__(self) -> None:
        self.methods: list[str] = []
        self.port = 0

    async def handle(self, request: web.BaseRequest) -> web.Response:
        """Answer with success."""
        await request.read()
        method = request.path.removeprefix(f"/bot{TOKEN}/")
        self.methods.append(method)
        return web.Response(body=orjson.dumps({"ok": True, "result": ANSWERS[method]}))

    def base_url(self, host: str = "127.0.0.1") -> str:
        """What python-telegram-bot takes as base_url."""
        return f"http://{host}:{self.port}/bot"


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[Api]:
    """Run one on loopback."""
    served = Api()
    server = RawTestServer(served.handle)
    await server.start_server()
    assert server.port is not None
    served.port = server.port
    yield served
    await server.close()


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with serving() as served:
        yield served


def bot_through(proxy_url: str, base_url: str) -> ExtBot[None]:
    """A bot that has no other way out, for its calls and for its polling."""
    return ExtBot(
        TOKEN,
        base_url=base_url,
        request=AiohttpRequest(proxy=proxy_url),
        get_updates_request=AiohttpRequest(proxy=proxy_url, connection_pool_size=1),
    )


KINDS: dict[str, tuple[type[HttpProxy] | type[Socks5Proxy], bool]] = {
    "http": (HttpProxy, False),
    "http with a password": (HttpProxy, True),
    "socks5": (Socks5Proxy, False),
    "socks5 with a password": (Socks5Proxy, True),
}
# A user name and a password that an address can only hold percent-encoded.
USER, PASSWORD, CREDENTIALS = "me@office", "p:w/1", "me%40office:p%3Aw%2F1@"


def proxy_of(kind: str) -> tuple[HttpProxy | Socks5Proxy, str, str]:
    """A proxy, its scheme, and the credentials it wants."""
    make, guarded = KINDS[kind]
    scheme = kind.split(" ")[0]
    if guarded:
        return make(USER, PASSWORD, hosts={NAME: "127.0.0.1"}), scheme, CREDENTIALS
    return make(hosts={NAME: "127.0.0.1"}), scheme, ""


@pytest.mark.parametrize("kind", KINDS)
async def test_calls_and_polling_go_through_the_proxy(api: Api, kind: str) -> None:
    """The name of the server is known to the proxy alone, so there is no other way by which it could work."""
    proxy, scheme, credentials = proxy_of(kind)
    async with running(proxy), bot_through(proxy.url(scheme, credentials), api.base_url(NAME)) as bot:
        message = await bot.send_message(5, "x")
        await bot.get_updates(timeout=0)
    assert message.message_id == 7
    assert api.methods == ["getMe", "sendMessage", "getUpdates"]
    # One tunnel is kept for the calls, and one for polling.
    assert proxy.asked == [(NAME, api.port)] * 2
    assert proxy.turned_away == 0


@pytest.mark.skipif(sys.platform == "win32", reason="uvloop is not made for Windows")
@pytest.mark.parametrize("kind", ["http", "socks5"])
def test_proxies_work_on_the_loop_the_bot_runs_on(kind: str) -> None:
    """A tunnel hands its socket over from one protocol to another, which each loop does in its own way."""
    import uvloop

    proxy, scheme, _ = proxy_of(kind)

    async def exchange() -> list[str]:
        async with serving() as api, running(proxy):
            async with bot_through(proxy.url(scheme), api.base_url(NAME)) as bot:
                await bot.send_message(5, "x")
            return api.methods

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(exchange()) == ["getMe", "sendMessage"]


@pytest.mark.parametrize("scheme", ["http", "socks5", "socks5h", "socks4"])
async def test_a_dead_proxy_was_not_sent(api: Api, scheme: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    await assert_not_sent(f"{scheme}://me:hunter2@127.0.0.1:{port}", api.base_url())
    assert api.methods == []


@pytest.mark.parametrize("kind", ["http with a password", "socks5 with a password"])
async def test_a_wrong_password_was_not_sent(api: Api, kind: str) -> None:
    proxy, scheme, _ = proxy_of(kind)
    async with running(proxy):
        await assert_not_sent(proxy.url(scheme, "me:hunter2@"), api.base_url())
    assert proxy.turned_away == 1
    assert api.methods == []


@pytest.mark.parametrize("kind", ["http", "socks5"])
async def test_a_server_the_proxy_cannot_reach_was_not_sent(kind: str) -> None:
    proxy, scheme, _ = proxy_of(kind)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    async with running(proxy):
        await assert_not_sent(proxy.url(scheme), f"http://{NAME}:{port}/bot")
    assert proxy.asked == [(NAME, port)]


@pytest.mark.parametrize("kind", ["http", "socks5"])
async def test_tls_runs_inside_the_tunnel(api: Api, kind: str) -> None:
    """The handshake reaches the server through the proxy; as this server speaks no TLS, nothing is sent."""
    proxy, scheme, _ = proxy_of(kind)
    async with running(proxy):
        await assert_not_sent(proxy.url(scheme), api.base_url(NAME).replace("http:", "https:"))
    assert proxy.asked == [(NAME, api.port)]
    assert api.methods == []


async def test_a_proxy_behind_tls_is_spoken_to_in_tls(api: Api) -> None:
    """An https proxy gets a handshake, and no CONNECT in the clear for all between to read."""
    seen: list[bytes] = []

    class Eavesdropper(HttpProxy):
        async def handle(self, reader: Reader, writer: Writer) -> None:
            seen.append(await reader.readexactly(1))

    proxy = Eavesdropper()
    async with running(proxy):
        await assert_not_sent(proxy.url("https", "me:hunter2@"), api.base_url())
    assert seen == [b"\x16"]  # a TLS handshake record (RFC 8446, 5.1)


async def assert_not_sent(proxy_url: str, base_url: str) -> None:
    """A message sent this way certainly was not, and the error tells neither the token nor the password."""
    async with AiohttpRequest(proxy=proxy_url) as transport:
        with pytest.raises(NotSent) as caught:
            await transport.post(f"{base_url}{TOKEN}/sendMessage")
    shown = "".join(traceback.format_exception(caught.value))
    assert TOKEN not in shown
    assert "hunter2" not in shown
    assert caught.value.__cause__ is caught.value.__context__ is None
