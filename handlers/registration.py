"""Registering a chat as a study group by one tap, taking it back, and its first settings step by step in private."""

import secrets

from telegram import Update
from telegram.error import BadRequest, Forbidden

import services.groups
import services.registration
import services.setup
from chat import groups_cards, leaders_cards
from chat import registration_cards as cards
from chat.context import Context
from chat.feature import GROUP, Command, Feature
from chat.outgoing import Message
from domain.errors import Refusal
from services.setup import Place, Step, Told
from texts import LANGUAGES


async def register(update: Update, context: Context) -> None:
    """/register; where the group is registered already, its card is shown again."""
    words = await context.words()
    if context.is_private:
        await context.reply(Message(words.html("groups.in_group")))
        return
    card = await context.read(services.groups.card_at, context.chat_id, context.bot.username, context.now)
    if card is not None:
        await context.reply(groups_cards.card(card))
    else:
        await _register(update, context)


async def tap_register(update: Update, context: Context) -> None:
    """⟦登记⟧ under the greeting."""
    await _register(update, context)
    await context.answer((await context.personal_words())("groups.registered_answer"))
    await context.drop_buttons()


async def _register(update: Update, context: Context) -> None:
    if context.is_private:
        raise Refusal("not_registered")
    rules = context.world.rules
    await context.write(
        services.registration.register,
        context.actor,
        context.chat_id,
        (update.effective_chat.title if update.effective_chat else None) or "",
        is_chat_admin=await _is_admin(context, context.chat_id),
        organisation_name=rules.organisation or (await context.words())("unit.default"),
        bot_username=context.bot.username,
        rules=rules,
        now=context.now,
        reply_key=context.reply_key,
        token=secrets.token_urlsafe(16),
    )
    context.world.forget_language(context.chat_id)


async def unregister(_update: Update, context: Context, group_id: int) -> None:
    """⟦撤销⟧ under the card: for a minute, and only while nothing else has happened."""
    if context.is_private:
        raise Refusal("unknown_button")
    await context.write(
        services.registration.unregister,
        group_id,
        context.actor,
        context.chat_id,
        is_chat_admin=await _is_admin(context, context.chat_id),
        now=context.now,
    )
    context.world.forget_language(context.chat_id)
    await context.answer((await context.personal_words())("registration.undone_toast"))
    await context.edit(cards.unregistered(await context.words()))


async def begin(_update: Update, context: Context, token: str) -> None:
    """⟦设置⟧ on the card leads here, into the private chat."""
    place = await context.read(services.setup.linked, token, context.actor, context.now)
    await context.write(
        services.setup.begin,
        place.group_id,
        context.actor,
        told=await _told(context, place, Step.NAME),
        language=(await context.words()).language,
        now=context.now,
        reply_key=context.reply_key,
    )


async def turn(_update: Update, context: Context, group_id: int, number: int, unit_page: int = 0) -> None:
    """A step is gone to: ⟦跳过⟧, or another page of units."""
    place, step = await _place(context, group_id), _step(number)
    facts = await context.write(
        services.setup.turn,
        group_id,
        step,
        context.actor,
        told=await _told(context, place, step),
        message_id=context.tapped,
        unit_page=unit_page,
        now=context.now,
    )
    await context.answer()
    await context.edit(cards.page(facts, await context.words()))


async def choose(_update: Update, context: Context, group_id: int, number: int, choice: int) -> None:
    """A unit, a time zone or a language is chosen."""
    place, step = await _place(context, group_id), _step(number)
    facts = await context.write(
        services.setup.choose,
        group_id,
        step,
        choice,
        context.actor,
        told=await _told(context, place, step),
        languages=LANGUAGES,
        now=context.now,
        rules=context.world.rules,
    )
    context.world.forget_language(place.chat_telegram_id)
    spoken = await context.words()
    await context.answer(spoken("registration.saved"))
    await context.edit(cards.page(facts, spoken))


async def name_typed(update: Update, context: Context, group_id: int, message_id: int = 0) -> None:
    """The name, typed in private."""
    place = await _place(context, group_id)
    typed = update.message.text if update.message is not None else None
    await context.write(
        services.setup.name_typed,
        group_id,
        message_id or None,
        typed or "",
        context.actor,
        told=await _told(context, place, Step.NAME),
        language=(await context.words()).language,
        now=context.now,
        rules=context.world.rules,
        reply_key=context.reply_key,
    )


async def lead(_update: Update, context: Context, group_id: int) -> None:
    """⟦我来当组长⟧ at the end of the steps, in private."""
    place = await _place(context, group_id)
    result = await context.write(
        services.setup.lead,
        place,
        context.actor,
        told=await _told(context, place, Step.DONE),
        bot_username=context.bot.username,
        now=context.now,
        rules=context.world.rules,
        reply_key=context.reply_key,
    )
    await context.answer(leaders_cards.leading(result, await context.words()))
    await context.drop_buttons()


async def _place(context: Context, group_id: int) -> Place:
    """Where the group of a private button lives."""
    if not context.is_private:
        raise Refusal("unknown_button")
    return await context.read(services.setup.place, group_id, context.actor)


def _step(number: int) -> Step:
    try:
        return Step(number)
    except ValueError:
        raise Refusal("unknown_button") from None


async def _told(context: Context, place: Place, step: Step) -> Told:
    """What Telegram says now; it is only asked for what the step needs."""
    is_admin = place.leads or await _is_admin(context, place.chat_telegram_id)
    return Told(is_admin, step <= Step.TOPIC and await _is_forum(context, place.chat_telegram_id))


async def _is_admin(context: Context, chat_id: int) -> bool:
    """Asked anew each time, because Telegram tells nobody's loss of it reliably; a chat we are not in has none."""
    try:
        admins = await context.bot.get_chat_administrators(chat_id)
    except (BadRequest, Forbidden):
        return False
    return any(admin.user.id == context.actor.telegram_id for admin in admins)


async def _is_forum(context: Context, chat_id: int) -> bool:
    try:
        return bool((await context.bot.get_chat(chat_id)).is_forum)
    except (BadRequest, Forbidden):
        return False


feature = Feature(
    commands=(Command("register", register, where=(GROUP,), order=80, category="lead", personal=True),),
    taps={
        "register": tap_register,
        "unregister": unregister,
        "setup": turn,
        "setup_set": choose,
        "setup_lead": lead,
    },
    links={services.groups.SETUP_LINK: begin},
    inputs={services.groups.SETUP_NAME: name_typed},
)
