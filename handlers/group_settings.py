"""What leaders set for their group: its pages in private, and its topics where they are."""

from telegram import Update

import services.group_settings
from chat import group_settings_cards as cards
from chat.context import Context
from chat.feature import Feature
from domain.errors import Refusal
from services.group_settings import Group, Page
from texts import LANGUAGES


async def from_link(_update: Update, context: Context, rest: str) -> None:
    """The button in the group leads here: gs_<group>."""
    if not (rest.isascii() and rest.isdigit() and len(rest) < 19):
        raise Refusal("unknown_button")
    group = await _read(context, int(rest))
    await context.reply(cards.page(group, Page.MAIN, await context.words()))


async def show_first(update: Update, context: Context, group_id: int) -> None:
    """A group's settings, and ‹ back to them."""
    await show(update, context, group_id, Page.MAIN)


async def show(_update: Update, context: Context, group_id: int, number: int) -> None:
    """A page of a group's settings."""
    which = _page(context, number)
    group = await _read(context, group_id)
    await context.answer()
    await context.edit(cards.page(group, which, await context.personal_words()))


async def choose(_update: Update, context: Context, group_id: int, number: int, value: int) -> None:
    """Something is chosen on a page; it is kept at once, and the page shows it."""
    which = _page(context, number)
    group = await (_choose_language if which is Page.LANGUAGE else _choose)(context, group_id, which, value)
    spoken = await context.personal_words()
    await context.answer(spoken("start.saved"))
    await context.edit(cards.page(group, Page.MAIN if which is Page.TOPICS else which, spoken))


async def _choose(context: Context, group_id: int, which: Page, value: int) -> Group:
    return await context.write(
        services.group_settings.choose,
        context.actor,
        group_id,
        which,
        value,
        now=context.now,
        rules=context.world.rules,
    )


async def _choose_language(context: Context, group_id: int, _which: Page, number: int) -> Group:
    if number not in range(len(LANGUAGES)):
        raise Refusal("unknown_button")
    group = await context.write(
        services.group_settings.choose_language,
        context.actor,
        group_id,
        LANGUAGES[number],
        now=context.now,
        rules=context.world.rules,
    )
    context.world.forget_language(group.chat_telegram_id)
    return group


async def ask(_update: Update, context: Context, group_id: int, number: int) -> None:
    """⟦…⟧ that lets one type: what is said next in private is kept."""
    which = _page(context, number)
    await context.write(services.group_settings.ask, context.actor, group_id, which, now=context.now)
    await context.answer()
    await context.edit(cards.asked(group_id, which, await context.personal_words()))


async def stop(update: Update, context: Context, group_id: int, number: int) -> None:
    """‹ back from there: nothing is waited for any more."""
    which = _page(context, number)
    await context.write(services.group_settings.stop, context.actor, now=context.now)
    await show(update, context, group_id, which)


async def typed(update: Update, context: Context, group_id: int, number: int) -> None:
    """What was typed."""
    await context.write(
        services.group_settings.typed,
        context.actor,
        group_id,
        _page(context, number),
        update.message.text or "" if update.message else "",
        language=(await context.words()).language,
        now=context.now,
        rules=context.world.rules,
        reply_key=context.reply_key,
    )


async def set_topic(_update: Update, context: Context, group_id: int, purpose: int, thread_id: int) -> None:
    """⟦这个话题发…⟧, tapped in that topic: a button forged for another one is refused."""
    if context.is_private or context.thread != thread_id:
        raise Refusal("unknown_button")
    group = await context.write(
        services.group_settings.set_topic,
        context.actor,
        group_id,
        purpose,
        thread_id,
        context.chat_id,
        now=context.now,
        rules=context.world.rules,
    )
    await _show_in_group(context, group)


async def topics_off(_update: Update, context: Context, group_id: int) -> None:
    """⟦改回常规话题⟧ in the group."""
    if context.is_private or (await _here(context)).id != group_id:
        raise Refusal("unknown_button")
    await _show_in_group(context, await _choose(context, group_id, Page.TOPICS, 0))


async def _show_in_group(context: Context, group: Group) -> None:
    await context.answer((await context.personal_words())("start.saved"))
    await context.edit(cards.in_group(group, context.thread, context.bot.username, await context.words()))


async def _here(context: Context) -> Group:
    return await context.read(services.group_settings.in_chat, context.actor, context.chat_id, context.world.rules)


async def _read(context: Context, group_id: int) -> Group:
    return await context.read(services.group_settings.read, context.actor, group_id, context.world.rules)


def _page(context: Context, number: int) -> Page:
    """A page by the number of a button. In a group, and for a number that no page has, the button is forged."""
    if not context.is_private or number not in {page.value for page in Page}:
        raise Refusal("unknown_button")
    return Page(number)


feature = Feature(
    taps={
        "group_settings": show_first,
        "gset_page": show,
        "gset_to": choose,
        "gset_type": ask,
        "gset_stop": stop,
        "gtopic": set_topic,
        "gtopic_off": topics_off,
    },
    links={"gs": from_link},
    inputs={services.group_settings.INPUT: typed},
)
