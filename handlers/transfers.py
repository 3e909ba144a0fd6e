"""A member moves to another group, by their leader in private."""

from telegram import Update

import services.transfers
from chat import transfers_cards as cards
from chat.context import Context
from chat.feature import Feature
from domain.errors import Refusal


async def choose(_update: Update, context: Context, group_id: int, person_id: int, page: int) -> None:
    """⟦↔️ 转到其他小组⟧ of a member's page."""
    _require_private(context)
    facts = await context.read(services.transfers.choice, group_id, person_id, page, context.actor)
    await context.answer()
    await context.edit(cards.choice(facts, await context.words()))


async def look(_update: Update, context: Context, group_id: int, person_id: int, target_id: int) -> None:
    """A group: what would become of them?"""
    _require_private(context)
    facts = await context.read(services.transfers.preview, group_id, person_id, target_id, context.actor)
    await context.answer()
    await context.edit(cards.preview(facts, await context.words()))


async def move(_update: Update, context: Context, group_id: int, person_id: int, target_id: int) -> None:
    """⟦✅ 转组⟧."""
    _require_private(context)
    facts = await context.write(
        services.transfers.move,
        group_id,
        person_id,
        target_id,
        context.actor,
        now=context.now,
        rules=context.world.rules,
        reply_key=context.reply_key,
    )
    await context.answer((await context.personal_words())("transfers.done_toast"))
    await context.edit(cards.moved(facts, await context.words()))


def _require_private(context: Context) -> None:
    """Lists of names are for leaders, in private; a button elsewhere is none of ours."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(taps={"transfer": choose, "transfer_to": look, "transfer_yes": move})
