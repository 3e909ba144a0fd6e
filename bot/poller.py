"""Long polling: acknowledges updates only by asking for what comes after the committed ones."""

import asyncio
import warnings
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast

import structlog
from telegram import Bot
from telegram.error import Conflict, EndPointNotFound, InvalidToken, RetryAfter, TelegramError
from telegram.warnings import PTBUserWarning

import services.inbox
from bot.intake import Intake
from chat.context import Store
from db.batch import Unavailable

# The library would build an object of every update here; the inbox wants the JSON as it came.
warnings.filterwarnings("ignore", message=r".*do_api_request\(\"getUpdates\"", category=PTBUserWarning)

log = structlog.get_logger(__name__)

LIMIT: Final = 100
POLL_SECONDS: Final = 10
"""How long Telegram holds a request open; also how exactly we know until when we were listening."""

ALLOWED: Final = ("message", "callback_query", "my_chat_member", "chat_member")

BACKLOG: Final = 2_000
"""Updates taken in and not handled at which we stop asking for more until some are handled."""


class Poller:
    """Asks until it is stopped. `healthy` tells why it does not get through, if so."""

    def __init__(
        self,
        bot: Bot,
        intake: Intake,
        store: Store,
        now: Callable[[], datetime],
        bot_id: int,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bot = bot
        self._intake = intake
        self._store = store
        self._now = now
        self._bot_id = bot_id
        self._pause = pause
        self._offset: int | None = None
        # Set while we catch up on what came when we were not listening.
        self._deaf_since: datetime | None = None
        self._listened: datetime | None = None
        self.trouble: str | None = "starting"

    async def run(self) -> None:
        """Poll for ever; cancel to stop. What was committed is safe whenever that is."""
        self._deaf_since = await self._last_listened()
        pause = 1.0
        while True:
            try:
                await self._poll()
                self.trouble, pause = None, 1.0
            except Conflict as error:
                if "webhook" in str(error).lower():
                    # We were brought updates until now; what waits at Telegram stays.
                    await self._stumble("a webhook is set; it is taken away", 1.0)
                    await self._forget_webhook()
                    continue
                # Another process polls with our token. It is for the operator to end one of them.
                await self._stumble("another process polls with this token", 15.0)
            except (InvalidToken, EndPointNotFound):  # the library says the latter of an unknown token here
                await self._stumble("the token is not valid (any more)", 60.0)
            except RetryAfter as error:
                wait = error.retry_after
                await self._stumble("flood control", wait.total_seconds() if isinstance(wait, timedelta) else wait)
            except (TelegramError, Unavailable) as error:
                await self._stumble(type(error).__name__, pause)
                pause = min(pause * 2, 30.0)
            except Exception as error:
                # Whatever it is, a bot that has stopped listening without a word would be worse.
                log.error("polling_failed", error=type(error).__name__, exc_info=error)
                await self._stumble(type(error).__name__, pause)
                pause = min(pause * 2, 30.0)

    async def _stumble(self, why: str, pause: float) -> None:
        if self.trouble != why:
            log.warning("polling_interrupted", why=why, pause=pause)
        self.trouble = why
        self._deaf_since = self._deaf_since or await self._last_listened()
        await self._pause(pause)

    async def _forget_webhook(self) -> None:
        try:
            await self._bot.delete_webhook(drop_pending_updates=False)
        except TelegramError as error:
            log.warning("webhook_not_removed", error=type(error).__name__)

    async def _poll(self) -> None:
        # After an outage the first request only collects what waits: what comes next has its own time.
        seconds = 0 if self._deaf_since else POLL_SECONDS
        updates = await self._get(seconds)
        listened = self._now()
        await self._intake.accept(updates, self._deaf_since)
        if updates:
            self._offset = updates[-1]["update_id"] + 1
        self._listened = listened
        if len(updates) < LIMIT:
            self._deaf_since = None
        await self._intake.drain_to(BACKLOG)

    async def _get(self, seconds: int) -> Sequence[dict[str, Any]]:
        arguments: dict[str, Any] = {"timeout": seconds, "limit": LIMIT, "allowed_updates": list(ALLOWED)}
        if self._offset is not None:
            arguments["offset"] = self._offset
        answer = await self._bot.do_api_request("getUpdates", api_kwargs=arguments, read_timeout=seconds + 10.0)
        return cast("list[dict[str, Any]]", answer)

    async def _last_listened(self) -> datetime | None:
        """From memory where we know it, because the database may be what is out of reach."""
        if self._listened is not None:
            return self._listened
        try:
            return await self._store.read(lambda connection: services.inbox.listened_until(connection, self._bot_id))
        except Unavailable:
            return None
