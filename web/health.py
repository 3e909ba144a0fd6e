"""Whether the bot lives, whether it does its work, and how much of it: for whoever watches the machine."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Look = Callable[[], Awaitable[Mapping[str, str]]]
Measure = Callable[[], Awaitable[bytes]]


def routes(look: Look, measure: Measure) -> list[Route]:
    """/healthz: the process answers. /readyz: it does its work, else 503 with what is wrong. /metrics: Prometheus."""

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"alive": True})

    async def readyz(_request: Request) -> Response:
        wrong = await look()
        return JSONResponse({"ready": not wrong, "wrong": dict(wrong)}, 503 if wrong else 200)

    async def metrics(_request: Request) -> Response:
        return Response(await measure(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]
