"""Being brought updates: tells Telegram where to, and takes them in as polling does."""

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from telegram import Bot
from telegram.error import TelegramError

import services.inbox
from bot.intake import Intake, Response
from bot.poller import ALLOWED, BACKLOG
from chat.context import Store
from db.batch import Unavailable
from services.inbox import NotNow

log = structlog.get_logger(__name__)

CONNECTIONS: Final = 100
"""Updates that Telegram brings at once; the inbox commits what comes together in one transaction."""

HOLDING: Final = 1.0
"""Seconds for which the response to a tap waits for its answer, which spares a call; after them it goes by a call."""

HEARTBEAT: Final = 10.0
"""Seconds; also how exactly we know until when we were listening."""

CATCHING_UP: Final = timedelta(minutes=10)
"""So long after a start an update may have waited at Telegram since we stopped: it tries again ever more rarely."""


def secret_of(token: str) -> str:
    """What Telegram shows with each update: 256 bits that follow from the token, so that all replicas know it.

    Whoever learns it can forge updates, and cannot learn the token from it; a new token makes a new one.
    """
    return hmac.new(token.encode(), b"webhook secret, version 1", hashlib.sha256).hexdigest()


class Webhook:
    """Receives until it is stopped. `trouble` tells why nothing comes, if so."""

    def __init__(
        self,
        bot: Bot,
        intake: Intake,
        store: Store,
        now: Callable[[], datetime],
        url: str,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bot = bot
        self._intake = intake
        self._store = store
        self._now = now
        self._url = url
        self._pause = pause
        self._listened: datetime | None = None
        self._deaf_since: datetime | None = None
        self._caught_up_at = now()
        self._arrived: dict[int, tuple[dict[str, Any], Response]] = {}
        self._next: asyncio.Task[None] | None = None  # takes in what has arrived, once those before it are committed
        self._taking = asyncio.Lock()
        self.secret = secret_of(bot.token)
        self.path = urlsplit(url).path or "/"
        self.trouble: str | None = "starting"

    async def accept(self, update: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Take an update in; returns once it is committed, with the call its response is to carry, if any.

        Raises NotNow where it cannot be taken in.
        """
        if self._intake.waiting > BACKLOG:
            self._refused()
            raise NotNow("too much is waiting to be handled")
        response = None
        if update["update_id"] not in self._arrived:
            response = Response()
            self._arrived[update["update_id"]] = dict(update), response
        if self._next is None:
            self._next = asyncio.create_task(self._take_arrived())
        try:
            await asyncio.shield(self._next)
        except Unavailable as error:
            raise NotNow("the database is out of reach") from error
        return await _answer_in(response) if response is not None and "callback_query" in update else None

    async def _take_arrived(self) -> None:
        """Take in together what arrived while those before were committed: as many, one transaction."""
        async with self._taking:
            arrived, self._arrived, self._next = self._arrived, {}, None
            responses = {update_id: response for update_id, (_, response) in arrived.items()}
            await self._take([update for update, _ in arrived.values()], self._not_before(), responses)

    async def _take(
        self,
        updates: Sequence[dict[str, Any]],
        not_before: datetime | None = None,
        responses: Mapping[int, Response] = MappingProxyType({}),
    ) -> None:
        try:
            await self._intake.accept(updates, not_before, responses)
        except Unavailable:
            self._refused()
            raise
        self._listened = self._now()

    def _refused(self) -> None:
        """What is refused comes again, in minutes perhaps: it happened after we last listened, not when it comes."""
        now = self._now()
        if now >= self._caught_up_at:
            self._deaf_since = self._listened
        self._caught_up_at = now + CATCHING_UP

    def _not_before(self) -> datetime | None:
        return self._deaf_since if self._now() < self._caught_up_at else None

    async def run(self) -> None:
        """Tell Telegram where we are, and note that we listen, until this is cancelled."""
        try:
            self._deaf_since = await self._store.read(
                lambda connection: services.inbox.listened_until(connection, self._bot.id)
            )
        except Unavailable:
            self._deaf_since = None
        self._caught_up_at = self._now() + CATCHING_UP
        pause = 1.0
        while self.trouble is not None:
            try:
                await self._bot.set_webhook(
                    self._url, secret_token=self.secret, allowed_updates=list(ALLOWED), max_connections=CONNECTIONS
                )
                self.trouble = None
            except TelegramError as error:
                self.trouble = f"Telegram does not take the webhook: {type(error).__name__}"
                log.warning("webhook_not_set", error=type(error).__name__, pause=pause)
                await self._pause(pause)
                pause = min(pause * 2, 30.0)
        log.info("webhook_set", host=urlsplit(self._url).hostname)
        while True:
            await self._pause(HEARTBEAT)
            try:
                await self._take([])
                self.trouble = None
            except Unavailable:
                self.trouble = "the database is out of reach"


async def _answer_in(response: Response) -> Mapping[str, Any] | None:
    """The call that answers a tap, if it is known soon enough; else the answer will go by itself."""
    await asyncio.wait([response], timeout=HOLDING)
    if not response.done():
        response.set_result(None)
    answer = response.result()
    if answer is None:
        return None
    said = {"text": answer.text, "show_alert": answer.alert} if answer.text else {}
    return {"method": "answerCallbackQuery", "callback_query_id": answer.query_id, **said}
