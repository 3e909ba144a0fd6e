"""Going or on leave: the card's two buttons, and the private talk about a leave."""

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


async def give_reason(_update: Update, context: Context, session_id: int, number: int) -> None:
    """⟦公假⟧ ⟦病假⟧ ⟦事假⟧."""
    facts = await context.write(
        services.responses.give_reason, session_id, number, context.actor, context.moment, now=context.now
    )
    spoken = await context.personal_words()
    await context.answer(spoken("responses.reason_toast"))
    await context.edit(cards.own_leave(facts, spoken))


async def withdraw(_update: Update, context: Context, session_id: int) -> None:
    """⟦撤回⟧."""
    await context.write(
        services.responses.withdraw,
        session_id,
        context.actor,
        context.moment,
        now=context.now,
        rules=context.world.rules,
    )
    spoken = await context.personal_words()
    await context.answer()
    await context.edit(cards.withdrawn(spoken))


async def approve(_update: Update, context: Context, session_id: int, person_id: int) -> None:
    """⟦批准⟧."""
    await _decide(context, session_id, person_id, approved=True)


async def decline(_update: Update, context: Context, session_id: int, person_id: int) -> None:
    """⟦不批准⟧."""
    await _decide(context, session_id, person_id, approved=False)


async def _answer(context: Context, session_id: int, wanted: str) -> None:
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
    text = cards.answered(result, await context.personal_words())
    await context.answer(text, alert=result.joined or (wanted == "leave" and not result.reachable))


async def _decide(context: Context, session_id: int, person_id: int, *, approved: bool) -> None:
    facts = await context.write(
        services.responses.decide,
        session_id,
        person_id,
        context.actor,
        approved=approved,
        now=context.now,
        rules=context.world.rules,
    )
    spoken = await context.personal_words()
    await context.answer()
    await context.edit(cards.decision(facts, spoken))


feature = Feature(
    taps={
        "going": going,
        "leave": leave,
        "leave_reason": give_reason,
        "withdraw": withdraw,
        "approve": approve,
        "decline": decline,
    }
)
