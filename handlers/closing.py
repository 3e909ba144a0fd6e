"""After a session: the leader's list, marking by hand, and closing."""

from telegram import Update

import services.closing
from chat import checkins_cards as cards
from chat.context import Context
from chat.feature import Feature


async def show_sheet(_update: Update, context: Context, session_id: int, page: int, everybody: int) -> None:
    """⟦补登⟧ and the pages of the list; a list of names is shown in private only."""
    if not context.is_private:
        await context.answer((await context.personal_words())("checkins.in_private"), alert=True)
        return
    sheet = await context.read(services.closing.sheet, session_id, context.actor)
    await context.answer()
    await context.edit(cards.sheet(sheet, page, bool(everybody), await context.words()))


async def show_person(_update: Update, context: Context, session_id: int, person_id: int, everybody: int) -> None:
    """Somebody on the list: which status?"""
    sheet = await context.read(services.closing.sheet, session_id, context.actor)
    await context.answer()
    if any(entry.person_id == person_id for entry in sheet.entries):
        await context.edit(cards.statuses(sheet, person_id, bool(everybody), await context.words()))


async def mark(_update: Update, context: Context, session_id: int, person_id: int, status: int, everybody: int) -> None:
    """A status is chosen."""
    sheet = await context.write(
        services.closing.mark,
        session_id,
        person_id,
        status,
        context.actor,
        now=context.now,
        rules=context.world.rules,
    )
    spoken = await context.words()
    await context.answer(spoken("checkins.marked"))
    await context.edit(cards.sheet(sheet, 0, bool(everybody), spoken))


async def close(_update: Update, context: Context, session_id: int) -> None:
    """⟦其余缺勤并结束⟧."""
    facts = await context.write(
        services.closing.close, session_id, context.actor, now=context.now, rules=context.world.rules
    )
    spoken = await context.personal_words()
    await context.answer(spoken("checkins.closed"))
    if context.is_private:
        await context.edit(cards.closed(facts, spoken))
    else:
        await context.drop_buttons()


feature = Feature(taps={"sheet": show_sheet, "person": show_person, "mark": mark, "close": close})
