"""Appeals, in private: asking that somebody else decides, and deciding."""

from telegram import Update

import services.appeals
from chat import appeals_cards as cards
from chat.context import Context
from chat.feature import Feature
from domain.errors import Refusal
from services.appeals import APPEAL


async def ask(_update: Update, context: Context, correction_id: int) -> None:
    """⟦申诉⟧: from now on the reason can be typed."""
    _require_private(context)
    facts = await context.write(services.appeals.ask, correction_id, context.actor, now=context.now)
    await context.answer()
    await context.edit(cards.ask(facts, await context.words()))


async def typed(update: Update, context: Context, correction_id: int) -> None:
    """The reason."""
    text = update.message.text if update.message is not None else None
    if not text:
        raise Refusal("appeal_needs_text")
    await context.write(
        services.appeals.typed,
        correction_id,
        text,
        context.actor,
        reply_key=context.reply_key,
        language=(await context.words()).language,
        now=context.now,
        rules=context.world.rules,
    )


async def accept(_update: Update, context: Context, correction_id: int) -> None:
    """⟦改正⟧."""
    await _decide(context, correction_id, change=True)


async def keep(_update: Update, context: Context, correction_id: int) -> None:
    """⟦维持⟧."""
    await _decide(context, correction_id, change=False)


async def _decide(context: Context, correction_id: int, *, change: bool) -> None:
    _require_private(context)
    facts = await context.write(
        services.appeals.decide,
        correction_id,
        context.actor,
        change=change,
        now=context.now,
        rules=context.world.rules,
    )
    spoken = await context.words()
    await context.answer(spoken("appeals.decided_toast"))
    await context.edit(cards.to_decide(facts, spoken))


def _require_private(context: Context) -> None:
    """An appeal is between a person and who decides; a button elsewhere is none of ours."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(
    taps={"appeal": ask, "appeal_yes": accept, "appeal_no": keep},
    inputs={APPEAL: typed},
)
