"""With no token: starts the sandbox or joins one, follows its clock, tells its page. Nothing else knows it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import structlog

from bot.clock import Clock
from bot.settings import Sandbox, Settings, Telegram

if TYPE_CHECKING:
    from sandbox.staging import Staged

log = structlog.get_logger(__name__)

TOKEN: Final = "1000000001:sandbox-token"
"""The sandbox's own default; it opens nothing but a server on this machine."""

TELL_EVERY: Final = 0.7
"""Seconds between two looks at what the page is to be told."""

TELL_ANYWAY: Final = 30
_TIMEOUT: Final = aiohttp.ClientTimeout(total=10)


@contextlib.asynccontextmanager
async def sandbox(settings: Sandbox, language: str) -> AsyncIterator[str]:
    """The address of a sandbox that runs as long as this is entered; `language` is that of the people of a new one."""
    if settings.url:
        yield settings.url.rstrip("/")
        return
    from sandbox.app import create_app  # loaded only where it is used
    from sandbox.serving import listening

    async with listening(create_app(TOKEN, settings.folder, language=language), settings.port) as address:
        yield address


async def stage(
    settings: Sandbox, names: Iterable[str], groups: Iterable[tuple[str, str, tuple[str, ...]]], language: str
) -> "Staged":
    """People and groups (title, creator, members) in the folder of a sandbox that does not run.

    Raises FileExistsError where there are people already.
    """
    from sandbox.staging import StagedGroup, stage

    return await stage(TOKEN, settings.folder, names, (StagedGroup(*group) for group in groups), language)


def pointed_at(settings: Settings, address: str) -> Settings:
    """The settings for a bot that talks to the sandbox: directly, whatever proxy the real service needs."""
    return settings.model_copy(update={"telegram": Telegram(base_url=address)})


async def take_time(address: str, clock: Clock) -> None:
    """Be at the sandbox's time before anything is done by our own.

    Raises aiohttp.ClientError where the sandbox does not answer.
    """
    async with aiohttp.ClientSession() as session:
        clock.shift_to(await _offset(session, address))


async def follow_clock(address: str, clock: Clock, wake: Callable[[], None]) -> None:
    """Move our clock whenever the sandbox's is moved; runs until it is cancelled."""
    offset = 0.0
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                offset = await _offset(session, address, after=str(offset), timeout="25")
            except (aiohttp.ClientError, TimeoutError) as error:
                log.warning("sandbox_clock_unreachable", error=type(error).__name__)
                await asyncio.sleep(1)
                continue
            clock.shift_to(offset)
            wake()


async def keep_told(address: str, read: Callable[[], Awaitable[dict[str, Any]]]) -> None:
    """Tell the sandbox's page what `read` says, whenever that is something else; runs until it is cancelled.

    Nothing depends on it: whatever goes wrong is tried again.
    """
    told: dict[str, Any] | None = None
    rounds = 0
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                hints = await read()
                if hints != told or rounds % TELL_ANYWAY == 0:  # it forgets when it is started anew
                    async with session.post(f"{address}/sandbox/api/hints", json=hints, timeout=_TIMEOUT) as answer:
                        answer.raise_for_status()
                    told = hints
            except Exception as error:
                log.debug("page_not_told", error=type(error).__name__)
            rounds += 1
            await asyncio.sleep(TELL_EVERY)


async def _offset(session: aiohttp.ClientSession, address: str, **parameters: str) -> float:
    timeout = aiohttp.ClientTimeout(total=40)
    async with session.get(f"{address}/sandbox/api/clock", params=parameters, timeout=timeout) as answer:
        answer.raise_for_status()
        return float((await answer.json())["offset_seconds"])
