"""The whole bot on one state, with only the network fake: say or tap something, and read what is answered."""

import inspect
import itertools
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from one_transaction import OneTransaction
from recording import TOKEN, Recorder
from sqlalchemy import func, select
from telegram.ext import Application, ContextTypes, ExtBot
from town import RULES, Side
from unhurried import Unhurried

from bot.dispatch import Dispatch
from bot.errors import on_error
from bot.intake import Intake
from bot.languages import Languages
from chat.context import Context, World
from chat.sender import Sender
from db.tables import chat, delivery
from handlers.registry import all_features
from jobs.registry import all_jobs


@dataclass(frozen=True)
class Heard:
    """What somebody was told: in an alert or toast, by an edit, or in a message here or elsewhere."""

    way: str  # alert | edit | here | private | group | elsewhere
    text: str


class Conversation:
    """One bot; `say` and `tap` change nothing, because each is taken back after it is answered."""

    def __init__(self, store: OneTransaction, now: datetime, operators: frozenset[int]) -> None:
        self.store = store
        self.now = now
        self.telegram = Recorder()
        self.dispatch = Dispatch(all_features(), Unhurried())
        self._kinds = {name: kind for job in all_jobs().values() for name, kind in job.kinds.items()}
        self._apart = {name for job in all_jobs().values() for name in job.apart}
        self._operators = operators
        self._numbers = itertools.count(1)
        self.intake: Intake | None = None

    async def start(self) -> None:
        """Make the application around the features."""
        bot: ExtBot[Any] = ExtBot(TOKEN, request=self.telegram, get_updates_request=self.telegram)
        application = (
            Application.builder()
            .bot(bot)
            .updater(None)
            .job_queue(None)
            .context_types(ContextTypes(context=Context))
            .build()
        )
        await application.initialize()
        self.dispatch.register(application)
        application.add_error_handler(on_error)
        languages = Languages(self.store)
        application.bot_data["commands"] = list(self.dispatch.commands.values())
        application.bot_data["world"] = World(
            store=self.store,
            now=lambda: self.now,
            wake=lambda: None,
            sender=Sender(bot),
            rules=RULES,
            operators=self._operators,
            languages=languages,
            forget_language=languages.forget,
        )
        self.intake = Intake(application, self.store, lambda: self.now, bot.id)

    async def say(self, side: Side, who: str, place: str, text: str) -> list[Heard]:
        """What is answered to a text in the group or in private."""
        return await self._answers(side, who, place, self._said(side, who, place, text))

    def _said(self, side: Side, who: str, place: str, text: str) -> dict[str, Any]:
        length = len(text.split()[0]) if text.startswith("/") else 0
        entities = [{"type": "bot_command", "offset": 0, "length": length}] if length else []
        message = {**self._message(side, who, place), "from": _user(side, who), "text": text, "entities": entities}
        return {"update_id": next(self._numbers), "message": message}

    async def tap(self, side: Side, who: str, place: str, data: str) -> list[Heard]:
        """What is answered to a tap, which anybody may forge anywhere."""
        return await self._answers(side, who, place, self._tapped(side, who, place, data))

    def _tapped(self, side: Side, who: str, place: str, data: str) -> dict[str, Any]:
        query = {
            "id": str(next(self._numbers)),
            "from": _user(side, who),
            "chat_instance": "1",
            "message": self._message(side, who, place),
            "data": data,
        }
        return {"update_id": next(self._numbers), "callback_query": query}

    async def keep(self, side: Side, who: str, place: str, text: str) -> None:
        """Say something whose effect stays."""
        await self._take(self._said(side, who, place, text))

    async def keep_tap(self, side: Side, who: str, place: str, data: str) -> None:
        """Tap something, whose effect stays."""
        await self._take(self._tapped(side, who, place, data))

    async def _take(self, update: dict[str, Any]) -> None:
        assert self.intake is not None
        await self.intake.accept([update])
        await self.intake.drain()

    async def _answers(self, side: Side, who: str, place: str, update: dict[str, Any]) -> list[Heard]:
        self.telegram.calls.clear()
        self.telegram.admins = [_user(side, "leader")]
        with self.store.tried(), self._new_deliveries() as deliveries:
            await self._take(update)
            here = _chat_id(side, who, place)
            told = [*self._told_at_once(here), *self._told_later(deliveries(), here)]
        return [heard for heard in told if heard.text]

    def _told_at_once(self, here: int) -> Iterator[Heard]:
        for call in self.telegram.calls:
            text = str(call.values.get("text") or call.values.get("caption") or "")
            if call.method == "answerCallbackQuery":
                yield Heard("alert", text)
            elif call.method == "editMessageText":
                yield Heard("edit", text)
            elif call.method.startswith("send"):
                yield Heard("here" if call.values["chat_id"] == here else "elsewhere", text)

    def _told_later(self, rows: list[Any], here: int) -> Iterator[Heard]:
        for row in rows:
            place = "here" if row.telegram_id == here else "group" if row.telegram_id < 0 else "private"
            if row.kind in self._apart:
                yield Heard(place, f"({row.kind})")  # it is made in another process, for which nothing is committed
                continue
            kind = self._kinds.get(row.kind)
            facts = kind.facts_now(self.store.connection, row.payload, self.now, RULES) if kind is not None else None
            if kind is None or facts is None:
                continue
            rendered = kind.rendered(facts, RULES)
            if inspect.iscoroutine(rendered):  # a file or a picture, which takes long to make
                rendered.close()
                yield Heard(place, f"({row.kind})")
                continue
            yield Heard(place, _text(rendered) or f"({row.kind})")

    @contextmanager
    def _new_deliveries(self) -> Iterator[Any]:
        connection = self.store.connection
        last = connection.execute(select(func.max(delivery.c.id))).scalar() or 0
        query = (
            select(delivery, chat.c.telegram_id)
            .join(chat, chat.c.id == delivery.c.destination_id)
            .where(delivery.c.id > last, delivery.c.due_at <= self.now, delivery.c.priority < 90)
            .order_by(delivery.c.priority, delivery.c.id)
        )
        yield lambda: list(connection.execute(query))

    def _message(self, side: Side, who: str, place: str) -> dict[str, Any]:
        number = _chat_id(side, who, place)
        kind = {"type": "private", "first_name": "x"} if place == "private" else {"type": "supergroup", "title": "群"}
        return {"message_id": 7, "date": int(self.now.timestamp()), "chat": {"id": number, **kind}}


def _chat_id(side: Side, who: str, place: str) -> int:
    return side.actors[who].telegram_id if place == "private" else side.chat_telegram_id


def _user(side: Side, who: str) -> dict[str, Any]:
    actor = side.actors[who]
    return {"id": actor.telegram_id, "is_bot": False, "first_name": actor.name, "language_code": actor.language_code}


def _text(rendered: object) -> str:
    """The text or caption; nothing for a menu, and for what is made beside the loop."""
    if isinstance(rendered, Coroutine):
        rendered.close()
    return str(getattr(rendered, "text", "") or getattr(rendered, "caption", ""))
