"""Where Telegram brings updates: taken in and committed before it is told so, from nobody else."""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import orjson
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from services.inbox import NotNow

log = structlog.get_logger(__name__)

LARGEST: Final = 1_000_000
"""Bytes of a body; Telegram's own updates stay far below."""

_SECRET: Final = "x-telegram-bot-api-secret-token"

Accept = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any] | None]]


def route(path: str, secret: str, accept: Accept) -> Route:
    """The route. `accept` returns once the update is committed, and raises NotNow where it cannot be taken in.

    What it returns is a call of the Bot API that the 200 carries, so that it needs none of its own.

    Answers: 200 after the commit; 403 without the right secret, of which nothing is kept or logged; 413, 400 for what
    is no update; 503 for NotNow, so that Telegram brings it again.
    """
    wanted = secret.encode()

    async def take(request: Request) -> Response:
        given = request.headers.get(_SECRET, "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, wanted):
            return Response(status_code=403)
        body = await _body(request)
        if body is None:
            return Response(status_code=413)
        try:
            update = orjson.loads(body)
        except ValueError:
            return Response(status_code=400)
        if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
            return Response(status_code=400)
        if not 0 <= update["update_id"] < 2**63:
            return Response(status_code=400)
        try:
            call = await accept(update)
        except NotNow as reason:
            log.warning("update_not_taken", reason=str(reason))
            return Response(status_code=503, headers={"Retry-After": "1"})
        return Response() if call is None else Response(orjson.dumps(call), media_type="application/json")

    return Route(path, take, methods=["POST"])


async def _body(request: Request) -> bytes | None:
    """The body; None where it is larger than any update, of which no more is read than that shows."""
    if int(request.headers.get("content-length") or 0) > LARGEST:
        return None
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > LARGEST:
                return None
            parts.append(part)
    except ClientDisconnect:
        return b""
    return b"".join(parts)
