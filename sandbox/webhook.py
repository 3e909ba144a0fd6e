"""Bringing updates to the bot's webhook instead of waiting for its polls; its answer may carry a call."""

import asyncio
from urllib.parse import urlsplit

import aiohttp
import orjson

from sandbox.bot_api import called_in_answer
from sandbox.model import Json
from sandbox.world import World

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 5.0
_IDLE_SECONDS = 25.0


def is_reachable(url: str) -> bool:
    """Only addresses on this computer are called; others are kept and left alone."""
    return urlsplit(url).hostname in _LOOPBACK


async def deliver(world: World) -> None:
    """Post one update after the other while a webhook is set; a 2xx answer acknowledges. Runs for ever."""
    pause = _FIRST_PAUSE_SECONDS
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
        while True:
            queue = world.updates
            if not queue.pending or not is_reachable(world.webhook["url"]):
                await queue.news.wait(_IDLE_SECONDS)
            elif await _post(session, world):
                pause = _FIRST_PAUSE_SECONDS
            else:
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)


async def _post(session: aiohttp.ClientSession, world: World) -> bool:
    """True if the bot took the oldest update."""
    queue = world.updates
    (update,) = queue.batch(1)
    headers = {"Content-Type": "application/json"}
    if secret := world.webhook.get("secret"):
        headers["X-Telegram-Bot-Api-Secret-Token"] = secret
    try:
        async with session.post(world.webhook["url"], data=orjson.dumps(update), headers=headers) as response:
            taken, said = 200 <= response.status < 300, await response.read()
            reason = f"Wrong response from the webhook: {response.status} {response.reason}"
    except (aiohttp.ClientError, TimeoutError) as error:
        taken, said, reason = False, b"", f"Connection failed: {type(error).__name__}"
    if not taken:
        world.webhook |= {"last_error_date": world.clock.date(), "last_error_message": reason}
    elif queue.confirm(update["update_id"] + 1):
        world.feed.tell("acknowledged", up_to=queue.confirmed_up_to, pending=len(queue.pending))
    if taken and (call := _call_in(said)):
        await called_in_answer(world, call)
    return taken


def _call_in(said: bytes) -> Json | None:
    try:
        call = orjson.loads(said)
    except ValueError:
        return None
    return call if isinstance(call, dict) and "method" in call else None
