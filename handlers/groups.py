"""The bot in a group: coming and going, registering, joining, and who leads."""

from collections.abc import Sequence

from telegram import Message as TelegramMessage
from telegram import MessageEntity, Update, User
from telegram.constants import ChatMemberStatus, ChatType

import services.groups
import services.leaders
from chat import groups_cards as cards
from chat.context import Context, actor_of
from chat.feature import GROUP, Command, Feature
from chat.outgoing import Message
from domain.errors import Refusal
from domain.people import Actor
from texts import choose

_OUTSIDE = (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED)


async def members(update: Update, context: Context) -> None:
    """The bot came into a chat or left it, somebody left, or a group became a supergroup."""
    message = update.message
    if update.my_chat_member is not None:
        await _came_or_went(update, context)
    elif message is not None and message.migrate_to_chat_id is not None:
        await context.write(services.groups.move, context.chat_id, message.migrate_to_chat_id)
    elif (gone := _who_left(update)) is not None:
        await context.write(services.groups.part, gone, context.chat_id, now=context.now)


def _who_left(update: Update) -> int | None:
    """Whoever is not in the chat any more: told by a message, and to a chat admin by an update of its own."""
    if update.message is not None and update.message.left_chat_member is not None:
        return update.message.left_chat_member.id
    change = update.chat_member
    if change is not None and change.new_chat_member.status in _OUTSIDE:
        return change.new_chat_member.user.id
    return None


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
    """/register; where the group is registered already, its card is shown again."""
    words = await context.words()
    if context.is_private:
        await context.reply(Message(words.html("groups.in_group")))
        return
    card = await context.read(services.groups.card_at, context.chat_id, context.bot.username, context.now)
    if card is not None:
        await context.reply(cards.card(card))
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
        is_chat_admin=_is_among(context.actor, await _admins(context)),
        organisation_name=rules.organisation or (await context.words())("unit.default"),
        bot_username=context.bot.username,
        rules=rules,
        now=context.now,
        reply_key=context.reply_key,
    )
    context.world.forget_language(context.chat_id)


async def join(update: Update, context: Context, group_id: int) -> None:
    """⟦加入⟧."""
    result = await context.write(
        services.groups.join,
        group_id,
        context.actor,
        context.chat_id,
        message_id=_tapped(update),
        bot_username=context.bot.username,
        now=context.now,
        rules=context.world.rules,
    )
    await context.answer(cards.joined(result, await context.personal_words()), alert=not result.repeated)


async def lead(update: Update, context: Context, group_id: int) -> None:
    """⟦我来当组长⟧."""
    result = await context.write(
        services.leaders.volunteer,
        group_id,
        context.actor,
        context.chat_id,
        is_chat_admin=_is_among(context.actor, await _admins(context)),
        message_id=_tapped(update),
        bot_username=context.bot.username,
        now=context.now,
        rules=context.world.rules,
        reply_key=context.reply_key,
    )
    await context.answer(cards.leading(result, await context.personal_words()))


async def appoint(update: Update, context: Context) -> None:
    """/leader in reply to somebody's message, or with their name as a mention: they lead the group from now on."""
    words = await context.words()
    if context.is_private or update.message is None:
        await context.reply(Message(words.html("groups.in_group")))
        return
    if update.message.sender_chat is not None:
        raise Refusal("anonymous")
    admins = await _admins(context)
    result = await context.write(
        services.leaders.appoint,
        _meant(update.message, admins),
        context.actor,
        context.chat_id,
        is_chat_admin=_is_among(context.actor, admins),
        bot_username=context.bot.username,
        now=context.now,
        reply_key=context.reply_key,
    )
    if result.repeated:
        await context.reply(cards.leads_already(result, words))


def _meant(message: TelegramMessage, admins: Sequence[User]) -> Actor:
    """Who is meant: by a mention, else by a reply. Raises Refusal `reply_to_somebody`.

    Of @usernames only those of chat admins are known. In a forum every message answers the one that opened its
    topic; that means nobody.
    """
    user = _mentioned(message, admins) or _replied_to(message)
    if user is None or user.is_bot:
        raise Refusal("reply_to_somebody")
    return actor_of(user)


def _mentioned(message: TelegramMessage, admins: Sequence[User]) -> User | None:
    for entity, text in message.parse_entities([MessageEntity.TEXT_MENTION, MessageEntity.MENTION]).items():
        if entity.user is not None:
            return entity.user
        named = (admin for admin in admins if (admin.username or "").lower() == text[1:].lower())
        if (found := next(named, None)) is not None:
            return found
        raise Refusal("reply_to_somebody")
    return None


def _replied_to(message: TelegramMessage) -> User | None:
    to = message.reply_to_message
    if to is None or to.forum_topic_created is not None or to.sender_chat is not None:
        return None
    return to.from_user


async def _admins(context: Context) -> Sequence[User]:
    """The chat's admins, asked anew each time, because Telegram tells nobody's loss of it reliably."""
    if context.is_private:
        raise Refusal("not_registered")
    return [admin.user for admin in await context.bot.get_chat_administrators(context.chat_id)]


def _is_among(actor: Actor, admins: Sequence[User]) -> bool:
    return any(admin.id == actor.telegram_id for admin in admins)


def _tapped(update: Update) -> int:
    """The number of the message whose button was tapped. Raises Refusal `unknown_button` where there is none."""
    query = update.callback_query
    if query is None or query.message is None:
        raise Refusal("unknown_button")
    return query.message.message_id


feature = Feature(
    commands=(
        Command("register", register, where=(GROUP,), order=80, category="lead", personal=True),
        Command("leader", appoint, where=(), order=85, category="lead"),
    ),
    taps={"register": tap_register, "join": join, "lead": lead},
    members=members,
)
