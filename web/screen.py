"""The page with the check-in code: digits, a QR code and how many are there, brought up to date by itself."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar
from zoneinfo import ZoneInfo

import segno
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

import services.codes
from services.codes import Screen
from texts import Words, choose, words

T = TypeVar("T")

HERE: Final = Path(__file__).parent

SHORT: Final = 4
"""Digits of a code; the page leaves them room before there are any."""

_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


class Reads(Protocol):
    """What reads the database: `db.store.Store`."""

    async def read(self, work: Callable[..., T]) -> T:
        """What a function of a connection returns."""
        ...


def make_app(store: Reads, now: Callable[[], datetime], bot_username: Callable[[], str]) -> Starlette:
    """The application; it reads the same database as the bot, by the same clock."""
    page = _Page(store, now, bot_username)
    routes = [
        Route("/s/{session_id:int}/{key}", page.show),
        Route("/s/{session_id:int}/{key}/now", page.current),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=_guarded)],
        exception_handlers={404: page.nothing},
    )


async def _guarded(request: Request, following: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await following(request)
    response.headers.update(_HEADERS)
    return response


class _Page:
    def __init__(self, store: Reads, now: Callable[[], datetime], bot_username: Callable[[], str]) -> None:
        self._store = store
        self._now = now
        self._bot_username = bot_username
        self._templates = Jinja2Templates(directory=HERE / "templates")

    async def show(self, request: Request) -> Response:
        """The page itself, filled in already, so that it is right before its script runs."""
        facts = await self._facts(request)
        if facts is None:
            return await self.nothing(request, None)
        spoken = words(facts.live.language)
        shown = await self._shown(facts, spoken)
        return self._templates.TemplateResponse(request, "screen.html", {"shown": shown, "words": spoken})

    async def current(self, request: Request) -> Response:
        """What changes, for the page's script."""
        facts = await self._facts(request)
        if facts is None:
            return JSONResponse({"state": "gone"}, 404)
        return JSONResponse(await self._shown(facts, words(facts.live.language)))

    async def nothing(self, request: Request, _error: Exception | None) -> Response:
        """No such page, in both languages: whoever opened it may speak either."""
        both = [words("zh-CN"), words("en")]
        first = choose(request.headers.get("accept-language", "").split(",")[0])
        both.sort(key=lambda each: each.language != first)
        return self._templates.TemplateResponse(request, "nothing.html", {"both": both}, status_code=404)

    async def _facts(self, request: Request) -> Screen | None:
        session_id, key = int(request.path_params["session_id"]), str(request.path_params["key"])
        if session_id >= 2**63:
            return None
        now = self._now()
        return await self._store.read(lambda c: services.codes.of_page(c, session_id, key, now))

    async def _shown(self, facts: Screen, spoken: Words) -> dict[str, Any]:
        live, now = facts.live, self._now()
        zone = ZoneInfo(live.time_zone)
        is_open = live.state in ("open", "late")
        token = await self._store.read(lambda c: services.codes.qr(c, facts.session_id, now)) if is_open else None
        return {
            "state": live.state,
            "title": live.title,
            "code": facts.code.text if is_open else "",
            "seconds": max(round((facts.code.until - now).total_seconds()), 1) if is_open else 0,
            "again": max(round((token.until - now).total_seconds()), 1) if token else 10,
            "qr": self._qr(token.text) if token else "",
            "there": live.came,
            "expected": live.expected,
            "opens": spoken("screen.opens", opens=spoken.when(live.opens_at, zone)) if live.state == "early" else "",
            "over": live.state in ("closed", "ended", "reopened"),
        }

    def _qr(self, token: str) -> str:
        """The QR code as an image that needs no request of its own."""
        link = f"https://t.me/{self._bot_username()}?start=q_{token}"
        return str(segno.make(link, error="m").svg_data_uri(scale=8, border=2, dark="#14171c"))
