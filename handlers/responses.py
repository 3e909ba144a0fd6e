"""Going or on leave: the two buttons of a card, a reminder, a session's page."""

from telegram import Update

import services.responses
from chat import responses_cards as cards
from chat.context import Context
from chat.feature import Feature


async def going(_update: Update, context: Context, session_id: int) -> None:
    """⟦✅ 参加⟧."""
    await _answer(context, session_id, "going")


async def leave(_update: Update, context: Context, session_id: int) -> None:
    """⟦📝 请假⟧: recorded at once; the reason is asked in private."""
    await _answer(context, session_id, "leave")


async def _answer(context: Context, session_id: int, wanted: str) -> None:
    """Answered after the commit; a private message then says what was recorded in its own place."""
    result = await context.write(
        services.responses.answer,
        session_id,
        context.actor,
        context.chat_id,
        wanted,
        context.moment,
        now=context.now,
        rules=context.world.rules,
    )
    spoken = await context.personal_words()
    important = result.joined or result.declined or (wanted == "leave" and not result.reachable)
    text = cards.answered(result, spoken, in_private=context.is_private)
    await context.answer(text, alert=important and not context.is_private)
    if context.is_private:
        await context.edit(cards.recorded(result, spoken))


feature = Feature(taps={"going": going, "leave": leave})
