"""Handing the lead of a group to somebody who accepts it, and stepping down; all of it in private."""

from telegram import Update

import services.handover
import services.leaders
from chat import handover_cards as cards
from chat import leaders_cards
from chat.context import Context
from chat.feature import Feature
from domain.errors import Refusal


async def pick_heir(_update: Update, context: Context, group_id: int, page: int = 0) -> None:
    """⟦移交组长⟧: to whom?"""
    _require_private(context)
    facts = await context.read(services.leaders.choice, group_id, page, context.actor, deputies_too=True)
    await context.answer()
    await context.edit(cards.pick_heir(facts, await context.words()))


async def ask_handover(_update: Update, context: Context, group_id: int, person_id: int) -> None:
    """Somebody is picked: is it to be them? Or how they become reachable."""
    _require_private(context)
    facts = await context.read(services.handover.candidate, group_id, person_id, context.actor)
    await context.answer()
    await context.edit(cards.ask_handover(facts, await context.words()))


async def offer(_update: Update, context: Context, group_id: int, person_id: int) -> None:
    """⟦邀请接任⟧: they are asked in private."""
    _require_private(context)
    facts = await context.write(
        services.handover.offer,
        group_id,
        person_id,
        context.actor,
        now=context.now,
        rules=context.world.rules,
        reply_key=context.reply_key,
    )
    spoken = await context.words()
    await context.answer(spoken("leaders.offered_toast"))
    await context.edit(cards.offered(facts, spoken))


async def withdraw(_update: Update, context: Context, group_id: int) -> None:
    """⟦撤回邀请⟧."""
    _require_private(context)
    await context.write(services.handover.withdraw, group_id, context.actor, now=context.now)
    await context.answer((await context.words())("leaders.offer_withdrawn"))
    facts = await context.read(services.leaders.page, group_id, context.actor, context.now)
    await context.edit(leaders_cards.page(facts, await context.words()))


async def accept(_update: Update, context: Context, group_id: int, leader_id: int) -> None:
    """⟦接受⟧: whoever was asked leads from now on."""
    _require_private(context)
    done = await context.write(
        services.handover.accept,
        group_id,
        leader_id,
        context.actor,
        bot_username=context.bot.username,
        now=context.now,
        rules=context.world.rules,
        reply_key=context.reply_key,
    )
    spoken = await context.words()
    await context.answer(spoken("groups.leading"))
    await context.edit(cards.accepted(done, spoken))


async def decline(_update: Update, context: Context, group_id: int, leader_id: int) -> None:
    """⟦婉拒⟧."""
    _require_private(context)
    done = await context.write(
        services.handover.decline,
        group_id,
        leader_id,
        context.actor,
        now=context.now,
        rules=context.world.rules,
        reply_key=context.reply_key,
    )
    spoken = await context.words()
    await context.answer(spoken("leaders.declined_toast"))
    await context.edit(cards.declined(done, spoken))


async def ask_step_down(_update: Update, context: Context, group_id: int) -> None:
    """⟦卸任⟧: asked first."""
    _require_private(context)
    facts = await context.read(services.handover.before_stepping_down, group_id, context.actor, context.now)
    await context.answer()
    await context.edit(cards.ask_step_down(facts, await context.words()))


async def step_down(_update: Update, context: Context, group_id: int) -> None:
    """⟦确认卸任⟧."""
    _require_private(context)
    done = await context.write(
        services.handover.step_down,
        group_id,
        context.actor,
        now=context.now,
        rules=context.world.rules,
        reply_key=context.reply_key,
    )
    spoken = await context.words()
    await context.answer(spoken("leaders.stepped_down_toast"))
    await context.edit(cards.stepped_down(done, spoken))


def _require_private(context: Context) -> None:
    """Who is asked to lead is nobody else's business; a button elsewhere is none of ours."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(
    taps={
        "hand": pick_heir,
        "hand_to": ask_handover,
        "hand_yes": offer,
        "hand_back": withdraw,
        "hand_accept": accept,
        "hand_decline": decline,
        "step_down": ask_step_down,
        "step_down_yes": step_down,
    }
)
