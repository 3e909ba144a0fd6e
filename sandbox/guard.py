"""Loopback only: keeps other pages of the browser from driving the sandbox (DNS rebinding, forged posts, framing)."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox.keys import ALSO_AT

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PAGE_POLICY = "frame-ancestors 'none'"
FILE_POLICY = f"sandbox; default-src 'none'; {PAGE_POLICY}"
"""What somebody uploaded runs nothing and loads nothing, even where a browser shows it."""
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def _refuse(reason: str) -> web.Response:
    body = {"ok": False, "error_code": 403, "description": f"Forbidden: {reason}", "error": reason}
    return web.json_response(body, status=403)


@web.middleware
async def loopback_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Host has to be loopback with our port, or named at the start; a request from a page has to come from our own."""
    address = request.transport.get_extra_info("sockname") if request.transport else None
    port = address[1] if address else 0
    host = request.headers.get("Host", "")
    name, _, asked = host.rpartition(":")
    if (name not in _LOOPBACK or asked != str(port)) and host not in request.app[ALSO_AT]:
        return _refuse("the sandbox answers on loopback only")
    origin = request.headers.get("Origin")
    if origin is not None and request.method not in ("GET", "HEAD") and not _is_ours(origin, port):
        return _refuse("requests from other pages are not accepted")
    return await handler(request)


def _is_ours(origin: str, port: int) -> bool:
    return origin in {f"http://{name}:{port}" for name in _LOOPBACK}


async def protect(_request: web.Request, response: web.StreamResponse) -> None:
    """On every answer: it is what its type says, and no other page shows it in a frame."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
