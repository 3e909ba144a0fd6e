"""The bot in a group: coming and going, registering, joining, and who leads."""

from telegram import Message as TelegramMessage
from telegram import Update
from telegram.constants import ChatMemberStatus, ChatType

import services.groups
from chat import groups_cards as cards
from chat.callback_data import pack
from chat.context import Context, actor_of
from chat.feature import GROUP, Command, Feature
from chat.outgoing import Button, Message
from domain.errors import Refusal
from domain.people import Actor
from texts import choose

_OUTSIDE = (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED)


async def members(update: Update, context: Context) -> None:
    """The bot came into a chat or left it, or a group became a supergroup."""
    if update.my_chat_member is not None:
        await _came_or_went(update, context)
    elif update.message is not None and update.message.migrate_to_chat_id is not None:
        await context.write(services.groups.move, context.chat_id, update.message.migrate_to_chat_id)


async def _came_or_went(update: Update, context: Context) -> None:
    change = update.my_chat_member
    assert change is not None
    was_outside = change.old_chat_member.status in _OUTSIDE
    status = change.new_chat_member.status
    if status in _OUTSIDE:
        if not was_outside:
            await context.write(services.groups.lose, context.chat_id)
    elif was_outside and change.chat.type in (ChatType.GROUP, ChatType.SUPERGROUP):
        rules = context.world.rules
        await context.write(
            services.groups.greet,
            context.chat_id,
            update.update_id,
            is_chat_admin=status == ChatMemberStatus.ADMINISTRATOR,
            language=choose(await context.world.languages(context.chat_id), rules.language),
            now=context.now,
        )


async def register(update: Update, context: Context) -> None:
    """/register: an anonymous admin confirms with a tap, because only a tap says who they are."""
    words = await context.words()
    if context.is_private:
        await context.reply(Message(words.html("groups.in_group")))
    elif update.message is not None and update.message.sender_chat is not None:
        button = Button(words("button.confirm_identity"), pack("register"))
        await context.reply(
            Message(words.html("groups.confirm_identity"), ((button,),), reply_to=update.message.message_id)
        )
    else:
        await _register(update, context)


async def tap_register(update: Update, context: Context) -> None:
    """⟦登记⟧ under the greeting, or ⟦确认身份⟧."""
    await _register(update, context)
    await context.answer((await context.personal_words())("groups.registered_answer"))
    await context.drop_buttons()


async def _register(update: Update, context: Context) -> None:
    rules = context.world.rules
    await context.write(
        services.groups.register,
        context.actor,
        context.chat_id,
        (update.effective_chat.title if update.effective_chat else None) or "",
        is_chat_admin=await _is_chat_admin(context),
        organisation_name=rules.organisation or (await context.words())("unit.default"),
        bot_username=context.bot.username,
        rules=rules,
        now=context.now,
        reply_key=context.reply_key,
    )


async def join(_update: Update, context: Context, group_id: int) -> None:
    """⟦加入⟧."""
    result = await context.write(services.groups.join, group_id, context.actor, context.chat_id, now=context.now)
    await context.answer(cards.joined(result, await context.personal_words()), alert=not result.repeated)


async def lead(_update: Update, context: Context, group_id: int) -> None:
    """⟦我来当组长⟧."""
    result = await context.write(
        services.groups.volunteer,
        group_id,
        context.actor,
        context.chat_id,
        is_chat_admin=await _is_chat_admin(context),
        bot_username=context.bot.username,
        now=context.now,
        reply_key=context.reply_key,
    )
    await context.answer(cards.leading(result, await context.personal_words()))


async def appoint(update: Update, context: Context) -> None:
    """/leader in reply to somebody's message: they lead the group from now on."""
    words = await context.words()
    if context.is_private or update.message is None:
        await context.reply(Message(words.html("groups.in_group")))
        return
    if update.message.sender_chat is not None:
        raise Refusal("anonymous")
    result = await context.write(
        services.groups.appoint,
        _meant(update.message),
        context.actor,
        context.chat_id,
        is_chat_admin=await _is_chat_admin(context),
        bot_username=context.bot.username,
        now=context.now,
        reply_key=context.reply_key,
    )
    if result.repeated:
        await context.reply(cards.leads_already(result, words))


def _meant(message: TelegramMessage) -> Actor:
    """Who is meant by a reply. Raises Refusal `reply_to_somebody`.

    In a forum every message answers the one that opened its topic; that means nobody.
    """
    to = message.reply_to_message
    if to is None or to.forum_topic_created is not None or to.sender_chat is not None:
        raise Refusal("reply_to_somebody")
    if to.from_user is None or to.from_user.is_bot:
        raise Refusal("reply_to_somebody")
    return actor_of(to.from_user)


async def _is_chat_admin(context: Context) -> bool:
    """Asked anew each time, because Telegram tells nobody's loss of it reliably; in private nobody is one."""
    if context.is_private:
        raise Refusal("not_registered")
    admins = await context.bot.get_chat_administrators(context.chat_id)
    return any(admin.user.id == context.actor.telegram_id for admin in admins)


feature = Feature(
    commands=(
        Command("register", register, where=(GROUP,), order=80),
        Command("leader", appoint, where=(GROUP,), order=85),
    ),
    taps={"register": tap_register, "join": join, "lead": lead},
    members=members,
)
