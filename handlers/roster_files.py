"""A roster from a file, in private: it is read in another process, previewed, and taken over with one tap."""

from telegram import Message, Update
from telegram.error import TelegramError

import services.roster_files
from chat import roster_files_cards as cards
from chat.context import Context
from chat.feature import Feature
from domain.errors import Refusal
from domain.rosters import NoHeading, TooManyRows
from exports import roster_file
from exports.making import MAKER
from services.roster_files import FILE


async def ask(_update: Update, context: Context, group_id: int) -> None:
    """⟦📋 导入/导出名册⟧: from now on a file is taken in."""
    _require_private(context)
    facts = await context.write(services.roster_files.ask, group_id, context.actor, now=context.now)
    await context.answer()
    await context.edit(cards.ask(facts, await context.words()))


async def take(update: Update, context: Context, group_id: int) -> None:
    """The file."""
    await context.read(services.roster_files.may, group_id, context.actor)
    content = await _content(update.message, context)
    try:
        roster = roster_file.told(await MAKER.run(roster_file.read, content))
    except roster_file.Unreadable:
        raise Refusal("roster_unreadable") from None
    except NoHeading:
        raise Refusal("roster_no_heading") from None
    except TooManyRows:
        raise Refusal("roster_too_long") from None
    facts = await context.write(services.roster_files.take, group_id, roster, context.actor, now=context.now)
    await context.reply(cards.preview(facts, await context.words()))


async def _content(message: Message | None, context: Context) -> bytes:
    """The bytes of the file somebody sent. Raises Refusal: roster_expected, roster_too_big, roster_not_fetched."""
    document = message.document if message is not None else None
    if document is None:
        raise Refusal("roster_expected")
    if (document.file_size or 0) > roster_file.LARGEST:
        raise Refusal("roster_too_big", megabytes=roster_file.LARGEST // 1_000_000)
    try:
        file = await context.bot.get_file(document.file_id)
        return bytes(await file.download_as_bytearray())
    except TelegramError:
        raise Refusal("roster_not_fetched") from None


async def apply(_update: Update, context: Context, import_id: int) -> None:
    """⟦✅ 导入⟧."""
    _require_private(context)
    facts, is_done = await context.write(
        services.roster_files.apply, import_id, context.actor, now=context.now, rules=context.world.rules
    )
    spoken = await context.words()
    if is_done:
        await context.answer(spoken("roster_files.done_toast"))
        await context.edit(cards.done(facts, spoken))
    else:
        await context.answer(spoken("roster_files.changed_meanwhile"), alert=True)
        await context.edit(cards.preview(facts, spoken))


async def drop(_update: Update, context: Context, import_id: int) -> None:
    """⟦放弃⟧."""
    _require_private(context)
    group_id = await context.write(services.roster_files.drop, import_id, context.actor)
    facts = await context.write(services.roster_files.ask, group_id, context.actor, now=context.now)
    spoken = await context.words()
    await context.answer(spoken("roster_files.dropped_toast"))
    await context.edit(cards.ask(facts, spoken))


async def save(_update: Update, context: Context, group_id: int, file_format: int) -> None:
    """⟦⬇️ XLSX⟧ ⟦⬇️ CSV⟧: the roster as a file."""
    _require_private(context)
    language = (await context.words()).language
    await context.write(
        services.roster_files.order, group_id, file_format, context.actor, language=language, now=context.now
    )
    await context.answer((await context.words())("roster_files.comes"))


def _require_private(context: Context) -> None:
    """Lists of names are for leaders, in private; a button elsewhere is none of ours."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(
    taps={"roster_file": ask, "roster_apply": apply, "roster_drop": drop, "roster_save": save},
    inputs={FILE: take},
)
