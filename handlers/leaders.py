"""Who leads a group: /leader and volunteering in its chat; deputies in private."""

from collections.abc import Sequence

from telegram import Message as TelegramMessage
from telegram import MessageEntity, Update, User

import services.leaders
import services.roster
from chat import leaders_cards as cards
from chat import roster_cards
from chat.context import Context, actor_of
from chat.feature import Command, Feature
from chat.outgoing import Message
from domain.errors import Refusal
from domain.people import Actor
from services.access import DEPUTY, MEMBER


async def lead(_update: Update, context: Context, group_id: int, on_line: int = 0) -> None:
    """⟦我来当组长⟧ under the group's card, or under the line that says that nobody leads."""
    result = await context.write(
        services.leaders.volunteer,
        group_id,
        context.actor,
        context.chat_id,
        is_chat_admin=_is_among(context.actor, await _admins(context)),
        message_id=None if on_line else context.tapped,
        bot_username=context.bot.username,
        now=context.now,
        rules=context.world.rules,
        reply_key=context.reply_key,
    )
    await context.answer(cards.leading(result, await context.personal_words()))
    if on_line:
        await context.drop_buttons()


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
        rules=context.world.rules,
        reply_key=context.reply_key,
    )
    if result.repeated:
        await context.reply(cards.leads_already(result, words))


async def take_back(_update: Update, context: Context, group_id: int, person_id: int) -> None:
    """⟦撤销⟧ under the line that names a new leader."""
    undone = await context.write(
        services.leaders.take_back,
        group_id,
        person_id,
        context.actor,
        context.chat_id,
        now=context.now,
        rules=context.world.rules,
        reply_key=context.reply_key,
    )
    await context.answer((await context.personal_words())("leaders.undone_toast"))
    await context.edit(cards.undone(undone, await context.words()))


async def show(_update: Update, context: Context, group_id: int) -> None:
    """⟦组长⟧ of the hub: who leads, and what can be changed."""
    _require_private(context)
    await context.answer()
    await _show(context, group_id)


async def pick_deputy(_update: Update, context: Context, group_id: int, page: int = 0) -> None:
    """⟦任命副组长⟧: whom?"""
    _require_private(context)
    facts = await context.read(services.leaders.choice, group_id, page, context.actor, deputies_too=False)
    await context.answer()
    await context.edit(cards.pick_deputy(facts, await context.words()))


async def make_deputy(_update: Update, context: Context, group_id: int, person_id: int, from_roster: int = 0) -> None:
    """Somebody becomes deputy, at once."""
    await _set_role(context, group_id, person_id, DEPUTY, from_roster)


async def dismiss(_update: Update, context: Context, group_id: int, person_id: int, from_roster: int = 0) -> None:
    """⟦免去⟧: a deputy, or, by an admin, a leader is a member again."""
    await _set_role(context, group_id, person_id, MEMBER, from_roster)


async def _set_role(context: Context, group_id: int, person_id: int, role: str, from_roster: int) -> None:
    _require_private(context)
    change = await context.write(
        services.leaders.set_role,
        group_id,
        person_id,
        role,
        context.actor,
        now=context.now,
        rules=context.world.rules,
        reply_key=context.reply_key,
    )
    spoken = await context.words()
    await context.answer(cards.changed(change, spoken))
    if from_roster:
        person = await context.read(services.roster.person, group_id, person_id, context.actor)
        await context.edit(roster_cards.person(person, spoken))
    else:
        await _show(context, group_id, change)


async def _show(context: Context, group_id: int, change: services.leaders.Change | None = None) -> None:
    facts = await context.read(services.leaders.page, group_id, context.actor, context.now)
    await context.edit(cards.page(facts, await context.words(), change))


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


def _require_private(context: Context) -> None:
    """Roles are talked about in private; a button elsewhere is none of ours."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(
    commands=(Command("leader", appoint, where=(), order=85, category="lead"),),
    taps={
        "lead": lead,
        "unlead": take_back,
        "leaders": show,
        "deputies": pick_deputy,
        "deputy": make_deputy,
        "undeputy": dismiss,
    },
)
