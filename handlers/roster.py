"""The people of a group for its leader, in private: the list, one person's page, real names, who can be reached."""

from telegram import Update

import services.leaving
import services.roster
from chat import roster_cards as cards
from chat.context import Context
from chat.feature import Feature
from domain.errors import Refusal


async def show(_update: Update, context: Context, group_id: int, page: int = 0) -> None:
    """⟦成员⟧ of the hub, and its pages."""
    _require_private(context)
    facts = await context.read(services.roster.page, group_id, page, context.actor)
    await context.answer()
    await context.edit(cards.page(facts, await context.words()))


async def show_person(_update: Update, context: Context, group_id: int, person_id: int) -> None:
    """Somebody on the list."""
    _require_private(context)
    facts = await context.read(services.roster.person, group_id, person_id, context.actor)
    await context.answer()
    await context.edit(cards.person(facts, await context.words()))


async def ask_name(_update: Update, context: Context, group_id: int, person_id: int) -> None:
    """⟦填写姓名⟧: the next message is it."""
    _require_private(context)
    facts = await context.write(services.roster.ask_name, group_id, person_id, context.actor, now=context.now)
    await context.answer()
    await context.edit(cards.ask_name(facts, await context.words()))


async def name_typed(update: Update, context: Context, group_id: int, person_id: int) -> None:
    """The name, typed."""
    typed = update.message.text if update.message is not None else None
    await context.write(
        services.roster.name_typed,
        group_id,
        person_id,
        typed or "",
        context.actor,
        language=(await context.words()).language,
        now=context.now,
        rules=context.world.rules,
        reply_key=context.reply_key,
    )


async def ask_remove(_update: Update, context: Context, group_id: int, person_id: int) -> None:
    """⟦移出小组⟧: asked first."""
    _require_private(context)
    facts = await context.read(services.roster.person, group_id, person_id, context.actor)
    if not facts.may_remove:
        raise Refusal("may_not_appoint")
    await context.answer()
    await context.edit(cards.ask_remove(facts, await context.words()))


async def remove(_update: Update, context: Context, group_id: int, person_id: int) -> None:
    """⟦确认移出⟧."""
    _require_private(context)
    removed = await context.write(
        services.leaving.remove,
        group_id,
        person_id,
        context.actor,
        now=context.now,
        rules=context.world.rules,
        reply_key=context.reply_key,
    )
    spoken = await context.words()
    await context.answer(cards.removed(removed, spoken))
    facts = await context.read(services.roster.page, group_id, 0, context.actor)
    await context.edit(cards.page(facts, spoken))


async def ask_to_be_reachable(_update: Update, context: Context, group_id: int) -> None:
    """⟦提醒开启私信⟧: one silent line in the group."""
    _require_private(context)
    count = await context.write(
        services.roster.ask_to_be_reachable,
        group_id,
        context.actor,
        bot_username=context.bot.username,
        now=context.now,
    )
    await context.answer((await context.words())("roster.asked_toast", count=count), alert=True)


def _require_private(context: Context) -> None:
    """Lists of names are for leaders, in private; a button elsewhere is none of ours."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(
    taps={
        "roster": show,
        "member": show_person,
        "name_of": ask_name,
        "remove_member": ask_remove,
        "remove_member_yes": remove,
        "ask_reach": ask_to_be_reachable,
    },
    inputs={services.roster.NAME_INPUT: name_typed},
)
