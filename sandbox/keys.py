"""What the application's handlers find in it."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox.world import World

OnShift = Callable[[float], Awaitable[None] | None]

WORLD = web.AppKey("world", World)
ON_SHIFT: web.AppKey[OnShift | None] = web.AppKey("on_shift")
ALSO_AT: web.AppKey[frozenset[str]] = web.AppKey("also_at")  # Hosts beside loopback, such as 10.0.0.1:8081
CAST: web.AppKey[str | None] = web.AppKey("cast")  # the language of the ready-made cast; None: there is none
