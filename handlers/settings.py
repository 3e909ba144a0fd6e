"""What one sets for oneself, on pages that are edited in place; in a group, the way to its settings."""

from telegram import Update

import services.group_settings
import services.settings
import services.starting
from chat import group_settings_cards
from chat import settings_cards as cards
from chat.context import Context
from chat.feature import PRIVATE, Command, Feature
from domain.errors import Refusal
from services.settings import Page
from texts import LANGUAGES


async def settings(_update: Update, context: Context) -> None:
    """/settings: in private one's own; in a group, for its leaders, the way to the group's."""
    if context.is_private:
        own = await context.read(services.settings.own, context.actor, context.world.rules)
        await context.reply(cards.page(own, Page.MAIN, await context.words()))
        return
    group = await context.read(services.group_settings.in_chat, context.actor, context.chat_id, context.world.rules)
    spoken = await context.words()
    await context.reply(group_settings_cards.in_group(group, context.thread, context.bot.username, spoken))


async def from_link(update: Update, context: Context, _rest: str) -> None:
    """The button in a group leads here."""
    await settings(update, context)


async def show_first(update: Update, context: Context) -> None:
    """‹ back to the first page."""
    await show(update, context, Page.MAIN)


async def show(_update: Update, context: Context, number: int) -> None:
    """A page of the settings."""
    which = _page(context, number)
    own = await context.read(services.settings.own, context.actor, context.world.rules)
    await context.answer()
    await context.edit(cards.page(own, which, await context.personal_words()))


async def choose(_update: Update, context: Context, number: int, value: int) -> None:
    """Something is chosen on a page; it is kept at once, and the page shows it."""
    which, rules = _page(context, number), context.world.rules
    if which is Page.LANGUAGE:
        await _choose_language(context, value)
        own = await context.read(services.settings.own, context.actor, rules)
    else:
        own = await context.write(services.settings.choose, context.actor, which, value, now=context.now, rules=rules)
    spoken = await context.personal_words()
    await context.answer(spoken("start.saved"))
    await context.edit(cards.page(own, which, spoken))


async def _choose_language(context: Context, number: int) -> None:
    if number not in range(len(LANGUAGES)):
        raise Refusal("unknown_button")
    await context.write(services.starting.choose_language, context.actor, LANGUAGES[number], now=context.now)
    context.world.forget_language(context.actor.telegram_id)


async def ask(_update: Update, context: Context, number: int) -> None:
    """⟦…⟧ that lets one type: what is said next in private is kept."""
    which = _page(context, number)
    await context.write(services.settings.ask, context.actor, which, now=context.now)
    await context.answer()
    await context.edit(cards.asked(which, await context.personal_words()))


async def stop(update: Update, context: Context, number: int) -> None:
    """‹ back from there: nothing is waited for any more."""
    which = _page(context, number)
    await context.write(services.settings.stop, context.actor, now=context.now)
    await show(update, context, which)


async def typed(update: Update, context: Context, number: int) -> None:
    """What was typed."""
    await context.write(
        services.settings.typed,
        context.actor,
        _page(context, number),
        update.message.text or "" if update.message else "",
        language=(await context.words()).language,
        now=context.now,
        reply_key=context.reply_key,
    )


def _page(context: Context, number: int) -> Page:
    """A page by the number of a button. In a group, and for a number that no page has, the button is forged."""
    if not context.is_private or number not in {page.value for page in Page}:
        raise Refusal("unknown_button")
    return Page(number)


feature = Feature(
    commands=(Command("settings", settings, where=(PRIVATE,), order=85, category="mine", personal=True),),
    taps={
        "set": show_first,
        "set_page": show,
        "set_to": choose,
        "set_type": ask,
        "set_stop": stop,
    },
    links={"settings": from_link},
    inputs={services.settings.INPUT: typed},
)
