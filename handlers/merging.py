"""Somebody who is listed twice becomes one, by their leader in private."""

from telegram import Update

import services.merging
from chat import merging_cards as cards
from chat.context import Context
from chat.feature import Feature
from domain.errors import Refusal


async def choose(_update: Update, context: Context, group_id: int, person_id: int, page: int) -> None:
    """⟦🔗 与他人合并⟧ of a member's page."""
    _require_private(context)
    facts = await context.read(services.merging.choice, group_id, person_id, page, context.actor)
    await context.answer()
    await context.edit(cards.choice(facts, await context.words()))


async def look(_update: Update, context: Context, group_id: int, person_id: int, other_id: int) -> None:
    """Somebody on the list: what would become of both?"""
    _require_private(context)
    facts = await context.read(services.merging.preview, group_id, person_id, other_id, context.actor)
    await context.answer()
    await context.edit(cards.preview(facts, await context.words()))


async def merge(_update: Update, context: Context, group_id: int, kept_id: int, gone_id: int) -> None:
    """⟦✅ 是同一个人⟧."""
    _require_private(context)
    facts = await context.write(services.merging.merge, group_id, kept_id, gone_id, context.actor, now=context.now)
    spoken = await context.words()
    await context.answer(spoken("merging.done_toast"))
    await context.edit(cards.merged(facts, spoken))


async def undo(_update: Update, context: Context, merge_id: int) -> None:
    """⟦↩️ 撤销合并⟧."""
    _require_private(context)
    facts = await context.write(services.merging.undo, merge_id, context.actor, now=context.now)
    spoken = await context.words()
    await context.answer(spoken("merging.undone_toast"))
    await context.edit(cards.undone(facts, spoken))


def _require_private(context: Context) -> None:
    """Lists of names are for leaders, in private; a button elsewhere is none of ours."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(taps={"merge": choose, "merge_look": look, "merge_yes": merge, "merge_undo": undo})
