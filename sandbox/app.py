"""The application: Bot API, control side and page on one port."""

import asyncio
from collections.abc import AsyncIterator, Collection
from pathlib import Path

from aiohttp import web

from sandbox import bot_api, cast
from sandbox.control import looking, membership, people, stage
from sandbox.control.body import answer
from sandbox.errors import RefusedError
from sandbox.guard import Handler, loopback_only, protect
from sandbox.keys import ALSO_AT, CAST, ON_SHIFT, WORLD, OnShift
from sandbox.store import Store
from sandbox.webhook import deliver
from sandbox.world import World

DEFAULT_TOKEN = "1000000001:sandbox-token"
PAGE = Path(__file__).parent / "page"
# Telegram takes files of up to 50 MB; the rest is room for the other fields.
MAX_BODY_BYTES = 52 * 1024 * 1024


def create_app(
    token: str = DEFAULT_TOKEN,
    data: Path | str | None = None,
    *,
    empty: bool = False,
    privacy: bool = True,
    query_ttl: float = 60.0,
    on_shift: OnShift | None = None,
    language: str = cast.CHINESE,
    also_at: Collection[str] = (),
) -> web.Application:
    """A sandbox for one bot token.

    `data` is the directory that keeps its state, None keeps it in memory; `empty` leaves out the ready-made
    cast, whose `language`, and the bot's, is Chinese or English; `query_ttl` is the number of real seconds in which
    a tap can be answered; `on_shift` is called with the clock's new offset in seconds; `also_at` are further
    `address:port`s it may be asked for under, where tests put a line between it and a bot.
    """
    app = web.Application(middlewares=[loopback_only, _refusals], client_max_size=MAX_BODY_BYTES)
    app[WORLD] = World(token, Store(Path(data) if data else None), privacy=privacy, query_ttl=query_ttl)
    cast.name_bot(app[WORLD], language)
    app[ON_SHIFT] = on_shift
    app[ALSO_AT] = frozenset(also_at)
    app[CAST] = None if empty else language
    for part in (bot_api, looking, people, membership, stage):
        part.add_routes(app)
    app.router.add_get("/", _index)
    app.router.add_static("/page", PAGE)
    app.cleanup_ctx.append(_life)
    app.on_shutdown.append(_let_go)
    app.on_response_prepare.append(protect)
    return app


async def _life(app: web.Application) -> AsyncIterator[None]:
    world = app[WORLD]
    world.store.open()
    if not world.load() and (language := app[CAST]):
        cast.settle(world, language)
    bringing = asyncio.create_task(deliver(world))
    yield
    bringing.cancel()
    await asyncio.gather(bringing, return_exceptions=True)
    await world.store.close()


async def _let_go(app: web.Application) -> None:
    """End the long polls, so that stopping does not wait for them."""
    world = app[WORLD]
    world.updates.release()
    world.feed.tell("bye")
    world.clock.moved.beat()


@web.middleware
async def _refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except RefusedError as refused:
        return answer({"error": refused.sentence}, refused.status)


async def _index(request: web.Request) -> web.StreamResponse:
    return web.FileResponse(PAGE / "index.html", headers={"Cache-Control": "no-cache"})
