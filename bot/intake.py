"""Takes updates in: committed before they are acknowledged, then handled in the order of their chat."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar

import orjson
import structlog
from telegram import Bot, CallbackQuery, Chat, InaccessibleMessage, Update, User
from telegram.ext import Application

import services.inbox
from bot.lanes import Lanes, place_of
from chat.context import Store, Taken, taken
from chat.outgoing import TapAnswer
from db import kill_points
from db.batch import Unavailable
from domain.attendance import Moment
from domain.errors import Refusal
from services.inbox import AlreadyDone, Arrival

if TYPE_CHECKING:
    from sqlalchemy import Connection

T = TypeVar("T")

log = structlog.get_logger(__name__)

TRIES: Final = 3
"""How often an update is tried before it goes into quarantine."""

LONGEST_PAUSE: Final = 30.0
"""Seconds between two tries while the database is out of reach; the chat waits, nothing is dropped."""


AT_ONCE: Final = 1_000
"""Updates taken over in one transaction."""


Response = asyncio.Future[TapAnswer | None]
"""The answer to a tap that the webhook's response can carry; None where there is none, or it went by a call."""


@dataclass(frozen=True, slots=True)
class _Item:
    update: dict[str, Any]
    arrival: Arrival
    taken_in: float  # time.monotonic
    response: Response | None = None


class Intake:
    """The one way in, for polling and for a webhook alike."""

    def __init__(
        self,
        application: Application[Any, Any, Any, Any, Any, Any],
        store: Store,
        now: Callable[[], datetime],
        bot_id: int,
        *,
        owner: str = "alone",
        alone: bool = True,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        on_handled: Callable[[float], None] = lambda _seconds: None,
    ) -> None:
        self._owner = owner
        self._alone = alone  # no other process can have this database
        self._arriving: list[Mapping[int, _Item]] = []  # updates that are being committed
        self._in_hand: set[int] = set()  # updates from their commit until they are settled
        self._on_handled = on_handled
        self._application = application
        self._store = store
        self._now = now
        self._bot_id = bot_id
        self._pause = pause
        self._lanes: Lanes[_Item] = Lanes(self._handle)
        self.handled = 0

    async def accept(
        self,
        updates: Sequence[dict[str, Any]],
        not_before: datetime | None = None,
        responses: Mapping[int, Response] = MappingProxyType({}),
    ) -> None:
        """Commit what came; returns when it may be acknowledged. Raises Unavailable: it may not.

        `not_before` is given where we were not listening: nothing of this happened before it. A tap's answer is put
        into its response among `responses`, by update_id; each of them is done once its update is settled.
        """
        now = self._now()
        moment = Moment(now, not_before)
        items = {
            update["update_id"]: _Item(
                update,
                Arrival(update["update_id"], orjson.dumps(update), moment),
                time.monotonic(),
                responses.get(update["update_id"]),
            )
            for update in updates
        }
        arrivals = [item.arrival for item in items.values()]
        self._arriving.append(items)
        try:
            fresh = await self._store.write(
                lambda connection: services.inbox.accept(connection, self._bot_id, arrivals, now, self._owner)
            )
            self._in_hand |= fresh
        finally:
            self._arriving.remove(items)
        kill_points.passing("inbox_committed")
        for update_id, item in items.items():
            if update_id in fresh:
                self._put(item)
            else:
                _nothing_to_say(item)

    async def recover(self) -> int:
        """Take up what was committed and nobody has in hand; how many.

        That is what was left at the last stop, what a process had that is gone, and what was committed here without
        our learning of it, because the connection to the database broke at that moment.
        """
        found = await self._store.read(
            lambda connection: services.inbox.unhandled(connection, self._bot_id, self._owner, alone=self._alone)
        )
        # What was in hand when we looked still is, or has been settled since, which taking it over finds out.
        in_hand = self._in_hand.union(*self._arriving)
        left = [update_id for update_id in found if update_id not in in_hand]
        return sum([await self._take_over(left[at : at + AT_ONCE]) for at in range(0, len(left), AT_ONCE)])

    async def _take_over(self, update_ids: Sequence[int]) -> int:
        arrivals = await self._store.write(
            lambda connection: services.inbox.take_over(
                connection, self._bot_id, update_ids, self._owner, alone=self._alone
            )
        )
        for arrival in arrivals:
            self._in_hand.add(arrival.update_id)
            self._put(_Item(orjson.loads(arrival.raw), arrival, time.monotonic()))
        return len(arrivals)

    @property
    def waiting(self) -> int:
        """How many updates are taken in and not handled yet."""
        return self._lanes.waiting

    async def drain_to(self, most: int) -> None:
        """Wait until no more than `most` are left to be handled."""
        await self._lanes.down_to(most)

    async def drain(self) -> None:
        """Wait until everything taken in is handled."""
        await self._lanes.down_to(0)

    def _put(self, item: _Item) -> None:
        chat_id, person_id = place_of(item.update)
        self._lanes.put(chat_id, person_id, item)

    async def _handle(self, item: _Item) -> None:
        try:
            await self._handle_held(item)
        finally:
            self._in_hand.discard(item.arrival.update_id)
            _nothing_to_say(item)

    async def _handle_held(self, item: _Item) -> None:
        update_id = item.arrival.update_id
        try:
            update = read_update(item.update, self._application.bot)
        except Exception as error:
            await self._quarantine(update_id, error)
            return
        attempt, pause, thread = 1, 1.0, _topic_of(item.update)
        while True:
            taking = Taken(
                self._bot_id, update_id, item.arrival.moment, thread, attempt >= TRIES, response=item.response
            )
            taken.set(taking)
            await self._application.process_update(update)
            if isinstance(taking.failure, Unavailable):
                log.warning("database_unavailable", update_id=update_id, pause=pause)
                await self._pause(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            elif await self._settle(taking):
                self.handled += 1
                self._on_handled(time.monotonic() - item.taken_in)
                return
            else:
                attempt += 1

    async def _settle(self, taking: Taken) -> bool:
        """Record what became of an update; False: it is to be tried once more."""
        failure = taking.failure
        if taking.written or isinstance(failure, AlreadyDone):
            return True
        key = (self._bot_id, taking.update_id)
        if failure is None or isinstance(failure, Refusal):
            await self._record(taking.update_id, lambda connection: services.inbox.finish(connection, *key))
            return True
        reference = getattr(failure, "reference", None) or secrets.token_hex(4)
        return bool(
            await self._record(
                taking.update_id, lambda connection: services.inbox.fail(connection, *key, reference, TRIES)
            )
        )

    async def _quarantine(self, update_id: int, error: Exception) -> None:
        reference = secrets.token_hex(4)
        log.error("update_unreadable", update_id=update_id, error=type(error).__name__, reference=reference)
        await self._record(
            update_id,
            lambda connection: services.inbox.quarantine(connection, self._bot_id, update_id, reference),
        )

    async def _record(self, update_id: int, use_case: Callable[[Connection], T]) -> T | None:
        """Note what became of an update, however long that takes; None where it was noted before.

        The handler has answered by now, so it is not run again for this. A write this small fails only with the
        database as a whole, whatever the fault is called; leaving the update would repeat its answer at the next start.
        """
        pause = 1.0
        while True:
            try:
                return await self._store.write(use_case)
            except AlreadyDone:
                return None
            except Exception as error:
                log.warning("update_not_settled", update_id=update_id, error=type(error).__name__, pause=pause)
                await self._pause(pause)
                pause = min(pause * 2, LONGEST_PAUSE)


def _nothing_to_say(item: _Item) -> None:
    """Let the response go: whatever there was to say has been said."""
    if item.response is not None and not item.response.done():
        item.response.set_result(None)


def _topic_of(update: dict[str, Any]) -> int | None:
    """The topic of a forum that a tapped message hangs in, of which the library's object here says nothing."""
    query = update.get("callback_query")
    message = query.get("message") if isinstance(query, dict) else None
    if not isinstance(message, dict) or not message.get("is_topic_message"):
        return None
    thread = message.get("message_thread_id")
    return thread if isinstance(thread, int) else None


def read_update(update: dict[str, Any], bot: Bot) -> Update:
    """The update as the library's object. Raises whatever the library raises for one that has no such form.

    A tap brings the whole message with all its buttons; all that is used of it is where it hangs, because an
    old message may come without the rest anyway. Building the objects for it would cost most of the time.
    """
    query = update.get("callback_query")
    message = query.get("message") if isinstance(query, dict) else None
    if query is None or message is None:
        return Update.de_json(update, bot)
    hung = InaccessibleMessage(_chat(message["chat"], bot), message["message_id"])
    tap = CallbackQuery(
        query["id"],
        User.de_json(query["from"], bot),
        query.get("chat_instance", ""),
        message=hung,
        data=query.get("data"),
    )
    tap.set_bot(bot)
    return Update(update["update_id"], callback_query=tap)


def _chat(chat: dict[str, Any], bot: Bot) -> Chat:
    made = Chat(chat["id"], chat["type"], title=chat.get("title"))
    made.set_bot(bot)
    return made
