"""Files for a session: handing them in, sending them out, taking them off."""

from telegram import Message, Update

import services.materials
import services.minutes
import services.session_pages
from chat import materials_cards as cards
from chat import minutes_cards, session_pages_cards
from chat.context import Context
from chat.feature import Feature
from domain.errors import Refusal
from services.materials import MATERIAL, Handed


async def send(_update: Update, context: Context, session_id: int, purpose: int = 0) -> None:
    """⟦📎 材料⟧: each file as a message of its own, under the page."""
    _require_private(context)
    count = await context.write(
        services.materials.send,
        session_id,
        context.actor,
        reply_key=context.reply_key,
        now=context.now,
        purpose=purpose,
    )
    await context.answer((await context.personal_words())("materials.sent", count=count))


async def ask(_update: Update, context: Context, session_id: int, purpose: int = 0) -> None:
    """⟦📎 添加材料⟧: from now on files are taken in."""
    _require_private(context)
    facts = await context.write(services.materials.wait, session_id, purpose, context.actor, now=context.now)
    await context.answer()
    await context.edit(cards.ask(facts, await context.words()))


async def take(update: Update, context: Context, session_id: int, purpose: int = 0) -> None:
    """A file came in."""
    handed = _handed(update.message)
    if handed is None:
        raise Refusal("file_expected")
    await context.write(
        services.materials.add,
        session_id,
        purpose,
        handed,
        context.actor,
        reply_key=context.reply_key,
        language=(await context.words()).language,
        now=context.now,
        rules=context.world.rules,
    )


async def done(_update: Update, context: Context, session_id: int, purpose: int = 0) -> None:
    """⟦完成⟧: back to the page, or to the minutes."""
    _require_private(context)
    await context.write(services.materials.done, context.actor)
    if purpose:
        minutes = await context.read(services.minutes.page, session_id, context.actor)
        await context.answer()
        await context.edit(minutes_cards.page(minutes, await context.words()))
        return
    page = await context.read(services.session_pages.page, session_id, context.actor, context.now)
    await context.answer()
    await context.edit(session_pages_cards.page(page, await context.words()))


async def listed(_update: Update, context: Context, session_id: int, purpose: int = 0) -> None:
    """⟦📎 管理材料⟧."""
    _require_private(context)
    facts = await context.read(services.materials.shown, session_id, purpose, context.actor)
    await context.answer()
    await context.edit(cards.listed(facts, await context.words()))


async def ask_remove(_update: Update, context: Context, material_id: int) -> None:
    """A file is chosen: really?"""
    _require_private(context)
    facts, entry = await context.read(services.materials.to_remove, material_id, context.actor)
    await context.answer()
    await context.edit(cards.confirm(facts, entry, await context.words()))


async def remove(_update: Update, context: Context, material_id: int) -> None:
    """⟦删除⟧."""
    _require_private(context)
    facts = await context.write(
        services.materials.remove, material_id, context.actor, now=context.now, rules=context.world.rules
    )
    await context.answer((await context.personal_words())("materials.removed"))
    await context.edit(cards.listed(facts, await context.words()))


def _handed(message: Message | None) -> Handed | None:
    """The file of a message; a picture's largest form, which is the last."""
    if message is not None and message.document is not None:
        return Handed("document", message.document.file_id, message.document.file_name or "")
    if message is not None and message.photo:
        return Handed("photo", message.photo[-1].file_id, "")
    return None


def _require_private(context: Context) -> None:
    """Files are handed in and out in private; a button elsewhere is none of ours."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(
    taps={
        "materials": send,
        "material_add": ask,
        "material_done": done,
        "material_list": listed,
        "material_drop": ask_remove,
        "material_drop_yes": remove,
    },
    inputs={MATERIAL: take},
)
