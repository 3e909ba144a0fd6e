"""Serves the pages inside the bot's own process, for as long as the bot runs."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import structlog
import uvicorn
from starlette.applications import Starlette

log = structlog.get_logger(__name__)


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        """Leave the signals to the bot."""
        yield


@contextlib.asynccontextmanager
async def serving(app: Starlette, host: str, port: int) -> AsyncIterator[bool]:
    """Listen as long as this is entered; False, and a warning, where the port is taken: the bot goes on without."""
    try:
        listener = socket.create_server((host, port), reuse_port=False)
    except OSError as error:
        log.warning("page_not_served", host=host, port=port, reason=error.strerror)
        yield False
        return
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=2)
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]), name="page")
    try:
        yield True
    finally:
        server.should_exit = True
        await task
        listener.close()
