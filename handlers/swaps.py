"""Swaps of turns, in private: asking somebody, taking it back, agreeing or not."""

from telegram import Update

import services.swaps
from chat import swaps_cards as cards
from chat.context import Context
from chat.feature import Feature
from domain.errors import Refusal


async def offers(_update: Update, context: Context, session_id: int, page: int) -> None:
    """⟦请人换⟧: whom to ask."""
    _require_private(context)
    facts = await context.read(services.swaps.offers, session_id, page, context.actor, context.now)
    await context.answer()
    await context.edit(cards.offers(facts, await context.words()))


async def ask(_update: Update, context: Context, session_id: int, person_id: int, theirs: int) -> None:
    """Somebody is asked."""
    _require_private(context)
    facts = await context.write(
        services.swaps.ask, session_id, person_id, theirs, context.actor, now=context.now, rules=context.world.rules
    )
    await context.answer((await context.personal_words())("swaps.asked_toast"))
    await context.edit(cards.asking(facts, await context.words()))


async def withdraw(_update: Update, context: Context, swap_id: int) -> None:
    """⟦撤回⟧."""
    _require_private(context)
    facts = await context.write(services.swaps.withdraw, swap_id, context.actor, now=context.now)
    await context.answer((await context.personal_words())("swaps.withdrawn_toast"))
    await context.edit(cards.asking(facts, await context.words()))


async def agree(_update: Update, context: Context, swap_id: int) -> None:
    """⟦同意⟧."""
    await _answer(context, swap_id, agrees=True)


async def decline(_update: Update, context: Context, swap_id: int) -> None:
    """⟦不方便⟧."""
    await _answer(context, swap_id, agrees=False)


async def _answer(context: Context, swap_id: int, *, agrees: bool) -> None:
    _require_private(context)
    facts = await context.write(
        services.swaps.answer, swap_id, context.actor, agrees=agrees, now=context.now, rules=context.world.rules
    )
    await context.answer((await context.personal_words())(f"swaps.toast_{facts.state}"))
    await context.edit(cards.answered(facts, await context.words()))


def _require_private(context: Context) -> None:
    """A swap is between two people; a button elsewhere is none of ours."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(
    taps={"swap": offers, "swap_ask": ask, "swap_off": withdraw, "swap_yes": agree, "swap_no": decline},
)
