"""Two libraries that know nothing of the sandbox read every answer and every kind of update it gives."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiogram
import pytest
import telegram
import telegram.ext
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.exceptions import TelegramAPIError, TelegramMigrateToChat, TelegramRetryAfter
from aiogram.types import BufferedInputFile
from aiogram.types import InlineKeyboardButton as AiogramButton
from aiogram.types import InlineKeyboardMarkup as AiogramMarkup
from sandbox_stage import TOKEN, Stage, stage

KINDS = [
    "message",
    "callback_query",
    "my_chat_member",
    "chat_member",
]


@asynccontextmanager
async def ptb(s: Stage) -> AsyncIterator[telegram.Bot]:
    """python-telegram-bot with its own HTTP."""
    root = s.sandbox.url
    async with telegram.Bot(TOKEN, base_url=f"{root}/bot", base_file_url=f"{root}/file/bot") as bot:
        yield bot


@asynccontextmanager
async def aio(s: Stage) -> AsyncIterator[aiogram.Bot]:
    """aiogram with its own HTTP."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(s.sandbox.url))
    async with aiogram.Bot(TOKEN, session=session) as bot:
        yield bot


async def _everything_happens(s: Stage, card: int) -> None:
    """Cause every kind of update and of message that the sandbox knows."""
    (li, wang, zhou), group = await s.people("李明", "王芳", "周伟"), await s.sandbox.group("第一学习小组")
    bot = await s.sandbox.bot_id()
    await s.sandbox.promote(li, group, bot)
    await s.sandbox.add(li, group, zhou)
    await s.sandbox.leave(zhou, group)
    await s.sandbox.promote(li, group, wang, title="组长")
    await s.sandbox.demote(li, group, wang)
    await s.sandbox.promote(li, group, li, anonymous=True)
    await s.sandbox.say(li, group, "/help @alex_reed https://example.org #学习")
    await s.sandbox.press_start(li, "reg_1")
    await s.sandbox.say(li, li, "你好", reply_to=(await s.sandbox.messages(li, li))[-1])
    await s.sandbox.upload(li, li, "a.csv", b"a", caption="x")
    await s.sandbox.share_location(li, li, 39.9, 116.4, 12.0)
    await s.sandbox.block(li)
    await s.sandbox.unblock(li)
    basic = await s.sandbox.new_group(li, "旧群", [wang], type="group")
    await s.sandbox.upgrade(li, basic)
    forum = await s.sandbox.new_group(li, "论坛", is_forum=True)
    await s.sandbox.topic(li, forum, "学习")
    await s.sandbox.kick(li, forum, bot)
    await s.sandbox.tap_later(wang, group, card, "签到")


async def test_python_telegram_bot_speaks_with_the_sandbox() -> None:
    async with stage() as s, ptb(s) as bot:
        group = await s.sandbox.group("第一学习小组")
        assert (await bot.get_me()).username == "study_sandbox_bot"
        first = await bot.get_updates(timeout=5, allowed_updates=KINDS)
        keyboard = telegram.InlineKeyboardMarkup([[telegram.InlineKeyboardButton("签到", callback_data="c")]])
        card = await bot.send_message(group["id"], "<b>签到</b> &lt;", parse_mode="HTML", reply_markup=keyboard)
        assert (card.text, card.parse_entities()[card.entities[0]]) == ("签到 <", "签到")
        edited = await bot.edit_message_text("1/5", group["id"], card.message_id, reply_markup=keyboard)
        assert isinstance(edited, telegram.Message)
        assert edited.text == "1/5"
        await _everything_happens(s, card.message_id)
        updates = await bot.get_updates(first[-1].update_id + 1, timeout=5)
        assert {kind for u in updates for kind in KINDS if getattr(u, kind)} == set(KINDS)
        assert not [u.api_kwargs for u in updates if u.api_kwargs]
        query = updates[-1].callback_query
        assert query is not None
        assert await query.answer("已签到", show_alert=True)
        assert await s.sandbox.answer(query.id) == {"text": "已签到", "show_alert": True, "url": None}


async def test_python_telegram_bot_moves_files_and_reads_chats() -> None:
    async with stage() as s, ptb(s) as bot:
        (li, wang), group = await s.people("李明", "王芳"), await s.group()
        sent = await bot.send_document(group["id"], b"abc", filename="考勤.xlsx", caption="<i>a</i>", parse_mode="HTML")
        assert sent.document is not None
        assert (sent.document.file_name, sent.caption) == ("考勤.xlsx", "a")
        file = await bot.get_file(sent.document.file_id)
        assert bytes(await file.download_as_bytearray()) == b"abc"
        assert (await bot.get_chat_member(group["id"], wang["id"])).status == "member"
        assert [a.user.id for a in await bot.get_chat_administrators(group["id"])] == [li["id"]]
        assert (await bot.get_chat(group["id"])).title == "第一学习小组"
        assert await bot.get_chat_member_count(group["id"]) == 6
        scope = telegram.BotCommandScopeChatMember(group["id"], li["id"])
        assert await bot.set_my_commands([("help", "帮助")], scope=scope, language_code="zh")
        assert [c.command for c in await bot.get_my_commands(scope=scope, language_code="zh")] == ["help"]
        await s.sandbox.promote(li, group, await s.sandbox.bot_id())
        assert await bot.pin_chat_message(group["id"], sent.message_id, disable_notification=True)
        assert await bot.delete_message(group["id"], sent.message_id)


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
async def test_python_telegram_bot_understands_the_refusals() -> None:
    async with stage() as s, ptb(s) as bot:
        li, group = await s.sandbox.person("李明"), await s.group()
        with pytest.raises(telegram.error.Forbidden, match="initiate"):
            await bot.send_message(li["id"], "a")
        await s.sandbox.fault("sendMessage", {"status": 429, "parameters": {"retry_after": 7}})
        with pytest.raises(telegram.error.RetryAfter):
            await bot.send_message(group["id"], "a")
        old = await s.sandbox.new_group(li, "旧群", type="group")
        new = await s.sandbox.upgrade(li, old)
        with pytest.raises(telegram.error.ChatMigrated) as moved:
            await bot.send_message(old["id"], "a")
        assert moved.value.new_chat_id == new["id"]
        with pytest.raises(telegram.error.BadRequest, match="find end tag"):
            await bot.send_message(group["id"], "<b>a", parse_mode="HTML")


async def test_aiogram_speaks_with_the_sandbox() -> None:
    async with stage() as s, aio(s) as bot:
        (li, wang), group = await s.people("李明", "王芳"), await s.sandbox.group("第一学习小组")
        assert (await bot.get_me()).username == "study_sandbox_bot"
        first = await bot.get_updates(timeout=5, allowed_updates=KINDS)
        keyboard = AiogramMarkup(inline_keyboard=[[AiogramButton(text="签到", callback_data="c")]])
        card = await bot.send_message(group["id"], "<b>签到</b>", parse_mode=ParseMode.HTML, reply_markup=keyboard)
        assert card.html_text == "<b>签到</b>"
        edited = await bot.edit_message_text(
            "1/5", chat_id=group["id"], message_id=card.message_id, reply_markup=keyboard
        )
        assert isinstance(edited, aiogram.types.Message)
        await _everything_happens(s, card.message_id)
        updates = await bot.get_updates(first[-1].update_id + 1, timeout=5)
        assert {u.event_type for u in updates} == set(KINDS)
        query = updates[-1].callback_query
        assert query is not None
        assert await bot.answer_callback_query(query.id, text="已签到")
        sent = await bot.send_document(group["id"], BufferedInputFile(b"abc", "考勤.xlsx"))
        assert sent.document is not None
        assert sent.document.file_name == "考勤.xlsx"
        file = await bot.get_file(sent.document.file_id)
        assert file.file_path is not None
        content = await bot.download_file(file.file_path)
        assert content is not None
        assert content.read() == b"abc"
        admins = await bot.get_chat_administrators(group["id"])
        assert {a.user.id for a in admins} == {li["id"], await s.sandbox.bot_id()}
        assert (await bot.get_chat_member(group["id"], wang["id"])).status == "member"
        assert (await bot.get_chat(group["id"])).title == "第一学习小组"
        commands = [aiogram.types.BotCommand(command="help", description="帮助")]
        assert await bot.set_my_commands(commands, scope=aiogram.types.BotCommandScopeAllGroupChats())


async def test_aiogram_understands_the_refusals() -> None:
    async with stage() as s, aio(s) as bot:
        li, group = await s.sandbox.person("李明"), await s.group()
        await s.sandbox.fault("sendMessage", {"status": 429, "parameters": {"retry_after": 7}})
        with pytest.raises(TelegramRetryAfter) as limited:
            await bot.send_message(group["id"], "a")
        assert limited.value.retry_after == 7
        old = await s.sandbox.new_group(li, "旧群", type="group")
        new = await s.sandbox.upgrade(li, old)
        with pytest.raises(TelegramMigrateToChat) as moved:
            await bot.send_message(old["id"], "a")
        assert moved.value.migrate_to_chat_id == new["id"]
        with pytest.raises(TelegramAPIError, match="message text is empty"):
            await bot.send_message(group["id"], " ")


async def test_stock_polling_of_python_telegram_bot_runs_against_the_sandbox() -> None:
    async with stage() as s:
        await s.sandbox.group("第一学习小组")
        builder = telegram.ext.Application.builder().token(TOKEN)
        app = builder.base_url(f"{s.sandbox.url}/bot").base_file_url(f"{s.sandbox.url}/file/bot").build()

        async def echo(update: telegram.Update, context: Any) -> None:
            assert update.effective_message is not None
            await update.effective_message.reply_text(f"收到 {update.effective_message.text}")

        app.add_handler(telegram.ext.MessageHandler(telegram.ext.filters.TEXT, echo))
        async with app:
            assert app.updater is not None
            await app.start()
            await app.updater.start_polling(poll_interval=0.0, timeout=5)
            li = await s.sandbox.person("李明")
            await s.sandbox.press_start(li, "a")
            reply = await s.sandbox.wait_for_message(li, li, contains="收到 /start a")
            assert reply["from"]["id"] == await s.sandbox.bot_id()
            await asyncio.gather(app.updater.stop(), s.sandbox.press_start(li))
            await app.stop()
