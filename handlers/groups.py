"""The bot in a group: coming and going, joining; and one's own groups in private, with the way out of them."""

from telegram import Update
from telegram.constants import ChatMemberStatus, ChatType

import services.groups
import services.leaving
from chat import groups_cards as cards
from chat.context import Context
from chat.feature import PRIVATE, Command, Feature
from chat.outgoing import Button, Message
from domain.errors import Refusal
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
        await context.write(
            services.leaving.part,
            gone,
            context.chat_id,
            now=context.now,
            rules=context.world.rules,
            reply_key=context.reply_key,
        )


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


async def join(_update: Update, context: Context, group_id: int) -> None:
    """⟦加入⟧."""
    result = await context.write(
        services.groups.join,
        group_id,
        context.actor,
        context.chat_id,
        message_id=context.tapped,
        bot_username=context.bot.username,
        now=context.now,
        rules=context.world.rules,
    )
    await context.answer(cards.joined(result, await context.personal_words()), alert=not result.repeated)


async def my_groups(_update: Update, context: Context) -> None:
    """/groups: in private one's groups; elsewhere the way there."""
    spoken = await context.words()
    if not context.is_private:
        button = Button(spoken("button.open_private"), url=f"https://t.me/{context.bot.username}?start=groups")
        await context.reply(Message(spoken.html("start.in_group"), ((button,),), silent=True))
        return
    facts = await context.read(services.leaving.my_groups, 0, context.actor)
    await context.reply(cards.my_groups(facts, spoken))


async def from_link(update: Update, context: Context, _rest: str) -> None:
    """The button in the group leads here."""
    await my_groups(update, context)


async def tap_my_groups(_update: Update, context: Context, page: int = 0) -> None:
    """⟦我的小组⟧, and its pages."""
    _require_private(context)
    facts = await context.read(services.leaving.my_groups, page, context.actor)
    await context.answer()
    await context.edit(cards.my_groups(facts, await context.words()))


async def ask_quit(_update: Update, context: Context, group_id: int) -> None:
    """⟦退出⟧: asked first, because the way back leads through the group's chat."""
    _require_private(context)
    facts = await context.read(services.leaving.membership, group_id, context.actor)
    await context.answer()
    await context.edit(cards.ask_quit(facts, await context.words()))


async def quit_group(_update: Update, context: Context, group_id: int) -> None:
    """⟦确认退出⟧."""
    _require_private(context)
    name = await context.write(
        services.leaving.quit_group,
        group_id,
        context.actor,
        now=context.now,
        rules=context.world.rules,
        reply_key=context.reply_key,
    )
    spoken = await context.words()
    await context.answer(spoken("groups.left_toast"))
    await context.edit(cards.left(name, spoken))


def _require_private(context: Context) -> None:
    """What groups somebody belongs to is their own matter; a button elsewhere is none of ours."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(
    commands=(Command("groups", my_groups, where=(PRIVATE,), order=60, category="mine"),),
    taps={"join": join, "my_groups": tap_my_groups, "quit": ask_quit, "quit_yes": quit_group},
    links={"groups": from_link},
    members=members,
)
