"""The two answers to the question whether a message arrived."""

from telegram import Update

import services.unsent
from chat import unsent_cards as cards
from chat.context import Context
from chat.feature import Feature
from domain.errors import Refusal


async def send_again(_update: Update, context: Context, delivery_id: int) -> None:
    """⟦🔁 再发一次⟧."""
    _require_private(context)
    await context.write(services.unsent.send_again, delivery_id, context.actor, now=context.now)
    words = await context.personal_words()
    await context.answer(words("unsent.again_toast"))
    await context.edit(cards.answered("unsent.again", words))


async def is_there(_update: Update, context: Context, delivery_id: int) -> None:
    """⟦已经看到⟧."""
    _require_private(context)
    await context.write(services.unsent.is_there, delivery_id, context.actor)
    words = await context.personal_words()
    await context.answer(words("unsent.there_toast"))
    await context.edit(cards.answered("unsent.there", words))


def _require_private(context: Context) -> None:
    """It is asked in private; a button elsewhere is none of ours."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(taps={"send_again": send_again, "is_there": is_there})
