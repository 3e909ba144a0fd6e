"""What a handler is given: the update's place and person, the database in one hop, and ways to answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar

from telegram import Update, User
from telegram.ext import CallbackContext, ExtBot

import services.deliveries
import services.inbox
from chat.outgoing import Edit, EditButtons, Message, Outgoing, TapAnswer, in_topic, out_of_topic
from chat.sender import Moved, Outcome, Sender, TopicGone
from db import kill_points
from domain.attendance import Moment
from domain.people import Actor
from services.rules import Rules
from texts import Words, choose, words

if TYPE_CHECKING:
    from sqlalchemy import Connection

T = TypeVar("T")
P = ParamSpec("P")

SEND_TIMEOUT = 20.0
"""Seconds a direct answer may take."""


class Store(Protocol):
    """The database as handlers and jobs see it: one hop a use case."""

    async def write(self, use_case: Callable[[Connection], T], *, lane: int = 0) -> T: ...

    async def read(self, query: Callable[[Connection], T]) -> T: ...


@dataclass(frozen=True, slots=True)
class World:
    """What is the same for every update; bot/ fills it in."""

    store: Store
    now: Callable[[], datetime]
    wake: Callable[[], None]
    sender: Sender
    rules: Rules
    operators: frozenset[int]
    languages: Callable[[int], Awaitable[str | None]]  # telegram chat or user id → the language chosen there
    forget_language: Callable[[int], None]
    health: Callable[[], dict[str, object]] = field(default=dict)


@dataclass(slots=True)
class Taken:
    """An update as it was taken in, and what has become of it."""

    bot_id: int
    update_id: int
    moment: Moment
    thread: int | None = None  # the topic of a forum that a tapped message hangs in
    last_try: bool = False
    written: bool = False
    also: list[Callable[[Connection], None]] = field(default_factory=list)  # joins the writing use case
    response: asyncio.Future[TapAnswer | None] | None = None  # where the webhook's own response can still carry it
    failure: BaseException | None = None


taken: ContextVar[Taken] = ContextVar("taken")
"""The update being handled; the intake sets it."""


class Context(CallbackContext[ExtBot[str], dict[Any, Any], dict[Any, Any], dict[Any, Any]]):
    """The context of one update."""

    incoming: Update
    argument: str = ""  # what stands after the command

    @classmethod
    def from_update(cls, update: object, application: Any) -> Context:
        context = super().from_update(update, application)
        if isinstance(update, Update):
            context.incoming = update
        return context

    @property
    def world(self) -> World:
        """What is the same for every update."""
        world: World = self.application.bot_data["world"]
        return world

    @property
    def now(self) -> datetime:
        """The injected clock's time, in UTC."""
        return self.world.now()

    @property
    def moment(self) -> Moment:
        """When the update happened, as well as we know."""
        return taken.get().moment

    @property
    def reply_key(self) -> str:
        """What makes a reply to this update unique among deliveries."""
        it = taken.get()
        return f"reply:{it.bot_id}:{it.update_id}"

    @property
    def actor(self) -> Actor:
        """Who did it."""
        user = self.incoming.effective_user
        if user is None:
            raise LookupError("this update has nobody behind it")
        return actor_of(user)

    @property
    def chat_id(self) -> int:
        """Telegram's number of the chat it happened in."""
        chat = self.incoming.effective_chat
        if chat is None:
            raise LookupError("this update has no chat")
        return chat.id

    @property
    def is_private(self) -> bool:
        """Whether it happened in the private chat with the bot."""
        return self.chat_id > 0

    async def write(self, use_case: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a use case that writes; the update is marked done in the same transaction.

        An update has at most one. An update whose effect is committed already raises `AlreadyDone`.
        """
        it = taken.get()
        if it.written:
            raise RuntimeError("an update has at most one writing use case")
        thread, reply_key = self.thread, self.reply_key  # read here: the use case runs in a thread of its own

        def with_inbox(connection: Connection) -> T:
            services.inbox.finish(connection, it.bot_id, it.update_id)
            for each in it.also:
                each(connection)
            result = use_case(connection, *args, **kwargs)
            if thread is not None:
                services.deliveries.answer_in_topic(connection, reply_key, thread)
            kill_points.passing("in_handler")
            return result

        result = await self.world.store.write(with_inbox, lane=lane_of(args))
        kill_points.passing("committed")
        it.written = True
        self.world.wake()
        return result

    async def read(self, query: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a use case that only reads."""
        return await self.world.store.read(lambda connection: query(connection, *args, **kwargs))

    async def words(self) -> Words:
        """The words of this place: a private chat's person, or a group's setting, else the organisation's."""
        chosen = await self.world.languages(self.chat_id)
        said = self.actor.language_code if self.is_private else self.world.rules.language
        return words(choose(chosen, said))

    async def personal_words(self) -> Words:
        """The words of the person, for what only they see: an answer to a tap, a private message."""
        actor = self.actor
        return words(choose(await self.world.languages(actor.telegram_id), actor.language_code))

    async def answer(self, text: str = "", *, alert: bool = False) -> None:
        """Answer a tap; only the person who tapped sees it. Does nothing where there was no tap."""
        query = self.incoming.callback_query
        if query is None:
            return
        response = taken.get().response
        if response is not None and not response.done():
            response.set_result(TapAnswer(query.id, text, alert))
        else:
            await self.world.sender.answer_tap(query.id, text, alert=alert)

    @property
    def thread(self) -> int | None:
        """The topic of a forum that the message, or the tapped one, stands in; None where there are no topics."""
        message = self.incoming.message
        if message is None:
            return taken.get().thread
        return message.message_thread_id if message.is_topic_message else None

    async def reply(self, outgoing: Outgoing) -> Outcome:
        """Send to the chat at once: for commands that only read. A writing command's reply is a delivery.

        Where the topic is closed to the bot the general one gets it, and where the chat has moved, the new one.
        """
        send, placed = self.world.sender.send, in_topic(outgoing, self.thread)
        outcome = await send(self.chat_id, placed, timeout=SEND_TIMEOUT)
        if isinstance(outcome, TopicGone):
            outcome = await send(self.chat_id, out_of_topic(placed), timeout=SEND_TIMEOUT)
        if isinstance(outcome, Moved):
            outcome = await send(outcome.new_chat_id, out_of_topic(placed), timeout=SEND_TIMEOUT)
        return outcome

    async def edit(self, message: Message) -> Outcome:
        """Put `message` in the place of the one whose button was tapped."""
        return await self.reply(Edit(self.tapped, message.text, message.keyboard))

    async def drop_buttons(self) -> Outcome:
        """Take the buttons off the message that was tapped."""
        return await self.reply(EditButtons(self.tapped))

    @property
    def tapped(self) -> int:
        """The number of the message whose button was tapped."""
        query = self.incoming.callback_query
        if query is None or query.message is None:
            raise LookupError("this update is no tap")
        return query.message.message_id


def actor_of(user: User) -> Actor:
    """A Telegram user as the use cases know them; a name is never empty."""
    return Actor(user.id, user.full_name.strip() or str(user.id), user.language_code)


def lane_of(args: tuple[object, ...]) -> int:
    """Which of PostgreSQL's lanes a use case takes: the same for the same first number, a session mostly."""
    return next((arg for arg in args if isinstance(arg, int)), 0)
