"""Everything that is served, as one application: health and figures, the webhook, and the pages."""

from collections.abc import Callable, Sequence
from datetime import datetime

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount

from web import screen


def make(
    routes: Sequence[BaseRoute], store: screen.Reads, now: Callable[[], datetime], bot_username: Callable[[], str]
) -> Starlette:
    """The application; what is no route of ours is a page, or one that says that there is none."""
    return Starlette(routes=[*routes, Mount("/", screen.make_app(store, now, bot_username))])
