"""The minutes of a session, in private: for its leaders and whoever records them."""

from telegram import Update

import services.minutes
from chat import minutes_cards as cards
from chat.context import Context
from chat.feature import Feature
from domain.errors import Refusal
from services.minutes import TEXT


async def page(_update: Update, context: Context, session_id: int) -> None:
    """⟦🗒 会议记录⟧."""
    _require_private(context)
    facts = await context.read(services.minutes.page, session_id, context.actor)
    await context.answer()
    await context.edit(cards.page(facts, await context.words()))


async def who(_update: Update, context: Context, session_id: int, role: int, number: int) -> None:
    """⟦主持人⟧ ⟦主讲人⟧ ⟦记录人⟧: the people to choose from."""
    _require_private(context)
    facts = await context.read(services.minutes.choice, session_id, role, number, context.actor)
    await context.answer()
    await context.edit(cards.choice(facts, await context.words()))


async def choose(_update: Update, context: Context, session_id: int, role: int, person_id: int) -> None:
    """A name, or ⟦不指定⟧."""
    _require_private(context)
    facts = await context.write(
        services.minutes.choose,
        session_id,
        role,
        person_id,
        context.actor,
        now=context.now,
        rules=context.world.rules,
    )
    await context.answer()
    await context.edit(cards.page(facts, await context.words()))


async def ask(_update: Update, context: Context, session_id: int, field: int) -> None:
    """⟦议题⟧ ⟦决议⟧: from now on it can be typed."""
    _require_private(context)
    facts = await context.write(services.minutes.ask, session_id, field, context.actor, now=context.now)
    await context.answer()
    await context.edit(cards.ask(facts, field, await context.words()))


async def typed(update: Update, context: Context, session_id: int, field: int) -> None:
    """The agenda or the decisions."""
    text = update.message.text if update.message is not None else None
    if not text:
        raise Refusal("minutes_need_text")
    await context.write(
        services.minutes.typed,
        session_id,
        field,
        text,
        context.actor,
        reply_key=context.reply_key,
        language=(await context.words()).language,
        now=context.now,
        rules=context.world.rules,
    )


async def review(_update: Update, context: Context, session_id: int) -> None:
    """⟦✅ 已审核⟧."""
    _require_private(context)
    facts = await context.write(services.minutes.review, session_id, context.actor, now=context.now)
    await context.answer((await context.personal_words())("minutes.reviewed_toast"))
    await context.edit(cards.page(facts, await context.words()))


def _require_private(context: Context) -> None:
    """Minutes are written in private; a button elsewhere is none of ours."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(
    taps={
        "minutes": page,
        "minutes_who": who,
        "minutes_set": choose,
        "minutes_text": ask,
        "minutes_review": review,
    },
    inputs={TEXT: typed},
)
