"""Binding the application to a port, of 127.0.0.1 unless a test says otherwise, and letting go of it."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

_SHUTDOWN_SECONDS = 1.0


@asynccontextmanager
async def listening(app: web.Application, port: int = 0, host: str = "127.0.0.1") -> AsyncIterator[str]:
    """Serve while the block runs; gives the address, such as http://127.0.0.1:8081. Port 0 = any free one.

    A handler whose client has gone is cancelled, so a killed bot leaves no poll behind.
    """
    quiet = logging.getLogger("sandbox.server")
    runner = web.AppRunner(
        app, access_log=None, logger=quiet, handler_cancellation=True, shutdown_timeout=_SHUTDOWN_SECONDS
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port, backlog=1024)
        await site.start()
        bound = runner.addresses[0][1]
        yield f"http://{host}:{bound}"
    finally:
        await runner.cleanup()
