"""Typed answers that are awaited, and the words for commands among them: which of the two a text is."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bot_stage import BotStage, bot_stage
from sqlalchemy import Connection, insert, select
from telegram import Update

import services.inputs
from chat.context import Context
from chat.feature import Command, Feature
from db.tables import audit, awaited
from domain.errors import Refusal

NOON = datetime(2026, 12, 2, 4, tzinfo=UTC)
WANG = 7


@pytest.fixture
async def stage(database_url: str) -> AsyncIterator[BotStage]:
    async with bot_stage(database_url, NOON) as made:
        yield made


def note(connection: Connection, what: str, argument: str, now: datetime) -> None:
    """The effect of whatever was said: which handler got it, and with what."""
    connection.execute(insert(audit).values(at=now, actor_id=WANG, action=what, subject=argument))


def command(name: str) -> Command:
    async def handle(_update: Update, context: Context) -> None:
        await context.write(note, name, context.argument, context.now)

    return Command(name, handle)


async def take_title(update: Update, context: Context, session_id: int) -> None:
    message = update.message
    assert message is not None
    said = message.text or message.caption or (message.document.file_name if message.document else "") or ""
    if said == "bad":
        raise Refusal("session_gone")
    await context.write(note, f"title {session_id}", said, context.now)


async def look_only(_update: Update, context: Context) -> None:
    await context.read(lambda connection: connection.execute(select(audit)).all())


FEATURES = {
    "said": Feature(
        commands=(*(command(name) for name in ("today", "new", "checkin")), Command("help", look_only)),
        inputs={"title": take_title},
    )
}


class Said:
    """Says things to an intake in private, and reads what came of them."""

    def __init__(self, stage: BotStage) -> None:
        self.stage = stage
        self.intake = stage.intake(FEATURES)
        self.number = 0

    async def wait_for_title(self, now: datetime = NOON) -> None:
        await self.stage.store.write(lambda c: services.inputs.ask(c, WANG, "title", 5, now=now))

    async def __call__(self, text: str | None = None, **content: Any) -> list[tuple[str, str]]:
        """Everything noted so far, after this was said."""
        self.number += 1
        message = {"message_id": self.number, "date": 0, "chat": _CHAT, "from": _PERSON, **content}
        if text is not None:
            message |= {"text": text, **_entities(text)}
        await self.intake.accept([{"update_id": self.number, "message": message}])
        await self.intake.drain()
        query = select(audit.c.action, audit.c.subject).order_by(audit.c.id)
        return [tuple(row) for row in await self.stage.store.read(lambda c: c.execute(query).all())]

    async def waits(self) -> bool:
        """Whether an answer is awaited."""
        return bool(await self.stage.store.read(lambda c: c.execute(select(awaited)).all()))


_PERSON = {"id": WANG, "is_bot": False, "first_name": "王芳"}
_CHAT = {"id": WANG, "type": "private", "first_name": "王芳"}


def _entities(text: str) -> Mapping[str, Any]:
    if not text.startswith("/") or not text[1:2].isascii():
        return {}
    return {"entities": [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]}


async def test_answer_that_begins_with_a_word_for_a_command_is_the_answer(stage: BotStage) -> None:
    said = Said(stage)
    await said.wait_for_title()
    assert await said("今天 学习党的创新理论") == [("title 5", "今天 学习党的创新理论")]
    assert not await said.waits()
    assert (await said("今天 有什么"))[1:] == [("today", "有什么")]


async def test_word_for_a_command_that_stands_alone_interrupts_and_the_answer_is_still_awaited(stage: BotStage) -> None:
    said = Said(stage)
    await said.wait_for_title()
    assert await said("签到") == [("checkin", "")]
    assert (await said("/new 下周三19:00\n党课"))[1:] == [("new", "下周三19:00\n党课")]
    await said("/nonsense")
    assert await said.waits()
    assert (await said("学习原著"))[2:] == [("title 5", "学习原著")]


async def test_answer_that_is_refused_can_be_given_again(stage: BotStage) -> None:
    said = Said(stage)
    await said.wait_for_title()
    assert await said("bad") == []
    assert await said.waits()
    assert await said("good") == [("title 5", "good")]


async def test_answer_in_a_file_or_its_caption_is_read_and_a_sticker_is_not(stage: BotStage) -> None:
    said = Said(stage)
    await said.wait_for_title()
    names = {"file_id": "x", "file_unique_id": "y"}
    sticker = {**names, "type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False}
    assert await said(sticker=sticker) == []
    assert await said(voice={**names, "duration": 1}) == []
    assert await said.waits()
    assert await said(document={**names, "file_name": "原著.pdf"}, caption="学习原著") == [("title 5", "学习原著")]
    assert await stage.inbox_states() == {1: "done", 2: "done", 3: "done"}


async def test_answer_after_half_an_hour_is_a_message_of_its_own(stage: BotStage) -> None:
    said = Said(stage)
    await said.wait_for_title(NOON - timedelta(minutes=31))
    assert await said("学习原著") == []
    assert await said("新建 下周三19:00 党课") == [("new", "下周三19:00 党课")]


async def test_answer_for_a_purpose_that_is_no_more_is_not_lost_in_a_fault(stage: BotStage) -> None:
    said = Said(stage)
    await stage.store.write(lambda c: services.inputs.ask(c, WANG, "gone", now=NOON))
    assert await said("学习原著") == []
    assert await said("打卡！") == [("checkin", "")]
    assert set((await stage.inbox_states()).values()) == {"done"}


async def test_answer_is_not_taken_from_what_telegram_says_in_a_private_chat(stage: BotStage) -> None:
    said = Said(stage)
    await said.wait_for_title()
    pinned = {"message_id": 9, "date": 0, "chat": _CHAT, "text": "置顶"}
    assert await said(pinned_message=pinned) == []
    assert await said.waits()
