"""What is kept of somebody, the file with it, and being forgotten."""

from telegram import Update

import services.forgetting as forgetting
import services.privacy
from chat import privacy_cards as cards
from chat.context import Context
from chat.feature import PRIVATE, Command, Feature
from chat.outgoing import Menu
from domain.errors import Refusal


async def privacy(_update: Update, context: Context) -> None:
    """/privacy: in plain words; in a group only the way to the private chat."""
    if not context.is_private:
        await _to_private(context, "privacy")
        return
    await context.reply(cards.privacy(context.world.rules.details_months, await context.words()))


async def privacy_from_link(update: Update, context: Context, _rest: str) -> None:
    """The button in a group leads here."""
    await privacy(update, context)


async def my_data(_update: Update, context: Context) -> None:
    """⟦下载我的数据⟧."""
    _require_private(context)
    spoken = await context.personal_words()
    await context.write(services.privacy.order, context.actor, language=spoken.language, now=context.now)
    await context.answer(spoken("privacy.ordered"))


async def forget(_update: Update, context: Context) -> None:
    """/forget: what would be erased, and the word to type; in a group only the way to the private chat."""
    if not context.is_private:
        await _to_private(context, "forget")
        return
    await context.write(
        forgetting.ask_by_command,
        context.actor,
        language=(await context.words()).language,
        now=context.now,
        reply_key=context.reply_key,
        rules=context.world.rules,
    )


async def forget_from_link(update: Update, context: Context, _rest: str) -> None:
    """The button in a group leads here."""
    await forget(update, context)


async def tap_forget(_update: Update, context: Context) -> None:
    """⟦删除我的数据⟧: the same question."""
    _require_private(context)
    leaving = await context.read(forgetting.leaving, context.actor, context.world.rules)
    if leaving is not None:
        await context.answer()
        await context.edit(cards.leaving(leaving, await context.personal_words()))
        return
    language = (await context.personal_words()).language
    facts = await context.write(forgetting.ask, context.actor, language=language, now=context.now)
    await context.answer()
    await context.edit(cards.farewell(facts))


async def keep(_update: Update, context: Context) -> None:
    """⟦不删除⟧."""
    _require_private(context)
    await context.write(forgetting.keep, context.actor, now=context.now)
    await context.answer()
    await context.edit(cards.kept(await context.personal_words()))


async def typed(update: Update, context: Context) -> None:
    """The word was typed, or something else."""
    _require_private(context)
    spoken = await context.words()
    known = await context.write(
        forgetting.forget,
        context.actor,
        update.message.text or "" if update.message else "",
        reply_key=context.reply_key,
        language=spoken.language,
        now=context.now,
        rules=context.world.rules,
    )
    if not known:
        await context.reply(cards.forgotten(spoken))


async def undo(_update: Update, context: Context) -> None:
    """⟦不删了⟧."""
    _require_private(context)
    stays = await context.write(forgetting.stay, context.actor)
    spoken = await context.personal_words()
    await context.answer()
    await context.edit(cards.stays(spoken) if stays else cards.kept(spoken))


async def now(_update: Update, context: Context) -> None:
    """⟦立即删除⟧. The last message is sent at once: no row could say where to."""
    _require_private(context)
    spoken = await context.personal_words()
    gone = await context.write(forgetting.erase_now, context.actor, now=context.now, rules=context.world.rules)
    await context.answer()
    if not gone:
        await context.edit(cards.kept(spoken))
        return
    context.world.forget_language(context.actor.telegram_id)
    await context.edit(cards.forgotten(spoken))
    await context.reply(Menu(()))


async def _to_private(context: Context, payload: str) -> None:
    link = f"https://t.me/{context.bot.username}?start={payload}"
    await context.reply(cards.in_group(link, await context.words()))


def _require_private(context: Context) -> None:
    """In a group these buttons are forged."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(
    commands=(
        Command("privacy", privacy, where=(PRIVATE,), order=90, category="mine"),
        Command("forget", forget, where=(PRIVATE,), order=92, category="mine"),
    ),
    taps={"my_data": my_data, "forget": tap_forget, "forget_no": keep, "forget_undo": undo, "forget_now": now},
    links={"privacy": privacy_from_link, "forget": forget_from_link},
    inputs={forgetting.INPUT: typed},
)
