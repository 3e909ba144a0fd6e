"""A sandbox inside the test's own process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from sandbox.client import SandboxClient
from sandbox.serving import listening


@asynccontextmanager
async def serve(app: web.Application, port: int = 0) -> AsyncIterator[SandboxClient]:
    """Serve what `create_app` made on a free port of 127.0.0.1, and give a client for it."""
    async with listening(app, port) as address, SandboxClient(address) as client:
        yield client
