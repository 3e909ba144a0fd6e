"""A Bot API on loopback that answers as scripted, and can break off, hang or babble at the level of HTTP."""

import asyncio
import contextlib
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import BodyPartReader, web
from aiohttp.test_utils import RawTestServer

TOKEN = "123456:CANARY-token-that-no-log-may-hold"

Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

_CHAT = {"id": 5, "type": "private", "first_name": "Wei"}
_BOT = {"id": 123456, "is_bot": True, "first_name": "Bot", "username": "bot"}
_MESSAGE = {"message_id": 77, "date": 1_790_000_000, "chat": _CHAT, "text": "x"}
_RESULTS: dict[str, Any] = {
    "getMe": _BOT,
    "getUpdates": [{"update_id": 9, "message": _MESSAGE}],
    "sendMessage": _MESSAGE,
    "sendDocument": _MESSAGE,
    "sendPhoto": _MESSAGE,
    "editMessageText": _MESSAGE,
    "editMessageReplyMarkup": _MESSAGE,
}


@dataclass
class Call:
    """A request as it arrived: the body read as JSON or as a form, files apart."""

    method: str
    content_type: str
    fields: dict[str, Any]
    files: dict[str, tuple[str | None, bytes]] = field(default_factory=dict)


class ScriptedApi:
    """Answers each method with what is scripted for it, first come first served, and else with success."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.script: defaultdict[str, deque[Answer]] = defaultdict(deque)
        self.accepted = asyncio.Event()
        self.release = asyncio.Event()
        self.connections: set[object] = set()
        self.root = ""

    @property
    def base_url(self) -> str:
        """What python-telegram-bot takes as base_url."""
        return f"{self.root}/bot"

    def url(self, method: str) -> str:
        """The whole address of a method."""
        return f"{self.base_url}{TOKEN}/{method}"

    def on(self, method: str, *answers: Answer) -> None:
        """Script the next answers to a method."""
        self.script[method].extend(answers)

    def made(self, method: str) -> list[Call]:
        """The calls of one method so far."""
        return [call for call in self.calls if call.method == method]

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Record a call and answer it."""
        prefix, method = f"/bot{TOKEN}/", request.path.rpartition("/")[2]
        if not request.path.startswith(prefix):
            return web.json_response({"ok": False, "error_code": 404, "description": "Not Found"}, status=404)
        self.connections.add(request.transport)
        self.calls.append(await _read(method, request))
        self.accepted.set()
        script = self.script[method]
        if script:
            return await script.popleft()(request)
        return web.json_response({"ok": True, "result": _RESULTS.get(method, True)})

    async def hang(self, request: web.BaseRequest) -> web.StreamResponse:
        """Accept a request and stay silent until the test is over."""
        await self.release.wait()
        return web.Response()


async def _read(method: str, request: web.BaseRequest) -> Call:
    if not request.content_type.startswith("multipart/"):
        body = await request.read()
        return Call(method, request.content_type, orjson.loads(body) if body else {})
    call = Call(method, request.content_type, {})
    async for part in await request.clone(client_max_size=1 << 26).multipart():
        assert isinstance(part, BodyPartReader)
        name, content = part.name or "", bytes(await part.read())
        if part.filename is None:
            call.fields[name] = content.decode()
        else:
            call.files[name] = (part.filename, content)
    return call


def refuse(code: int, description: str, **parameters: int) -> Answer:
    """Telegram's way of saying no."""
    body: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    if parameters:
        body["parameters"] = parameters
    return say(orjson.dumps(body), code)


def say(body: bytes, status: int = 200, **headers: str) -> Answer:
    """Answer with any bytes."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=body, status=status, headers=headers)

    return answer


async def reset(request: web.BaseRequest) -> web.StreamResponse:
    """Accept a request and cut the connection."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def half_body(request: web.BaseRequest) -> web.StreamResponse:
    """Announce more than is sent, then cut the connection."""
    response = web.StreamResponse(headers={"Content-Length": "100"})
    await response.prepare(request)
    await response.write(b'{"ok":true,')
    assert request.transport is not None
    request.transport.close()
    return response


@contextlib.asynccontextmanager
async def scripted_api() -> AsyncIterator[ScriptedApi]:
    """Run one on loopback."""
    api = ScriptedApi()
    server = RawTestServer(api.handle)
    await server.start_server()
    api.root = str(server.make_url("")).rstrip("/")
    try:
        yield api
    finally:
        api.release.set()
        await server.close()
