"""Reading requests of the control side, and its answers."""

from typing import Any

import orjson
from aiohttp import web

from sandbox.errors import RefusedError
from sandbox.keys import WORLD
from sandbox.model import Chat, Json, User

MAX_WAIT_SECONDS = 60.0


async def body(request: web.Request) -> Json:
    """The JSON object of a request; an empty body is an empty object. Raises RefusedError."""
    raw = await request.read()
    try:
        value = orjson.loads(raw) if raw else {}
    except orjson.JSONDecodeError:
        raise RefusedError("this is not JSON") from None
    if not isinstance(value, dict):
        raise RefusedError("a JSON object is expected")
    return value


def answer(value: Any, status: int = 200) -> web.Response:
    """A JSON answer."""
    raw = orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
    return web.Response(body=raw, status=status, content_type="application/json")


DONE: Json = {"ok": True}


def actor(request: web.Request, given: Json) -> User:
    """The person who acts (`as`)."""
    return request.app[WORLD].person(given.get("as"))


def place(request: web.Request, given: Json) -> Chat:
    """The chat that a body names (`chat`)."""
    return request.app[WORLD].place(given.get("chat"))


def group(request: web.Request) -> Chat:
    """The group in the address."""
    chat = request.app[WORLD].place(number(request.match_info["id"], "a chat's id"))
    if chat.is_private:
        raise RefusedError("this is no group")
    return chat


def number(value: object, what: str) -> int:
    """An integer from an address, a query or a form. Raises RefusedError."""
    try:
        return int(str(value))
    except ValueError:
        raise RefusedError(f"{what} is a number") from None


def text(given: Json, name: str) -> str:
    """A string that has to be there. Raises RefusedError."""
    value = given.get(name)
    if not isinstance(value, str):
        raise RefusedError(f'"{name}" is missing')
    return value


def maybe_text(given: Json, name: str) -> str | None:
    """A string, or None. Raises RefusedError for other things."""
    return None if given.get(name) is None else text(given, name)


def wait_of(value: object, default: float) -> float:
    """Seconds to wait, bounded. Raises RefusedError."""
    try:
        seconds = default if value is None else float(str(value))
    except ValueError:
        raise RefusedError("the time to wait is a number of seconds") from None
    return min(max(seconds, 0.0), MAX_WAIT_SECONDS)
