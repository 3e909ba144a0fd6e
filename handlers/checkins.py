"""Checking in, and the leader's marking and closing."""

from telegram import Update

import services.checkins
from chat import checkins_cards as cards
from chat.callback_data import pack
from chat.context import Context
from chat.feature import GROUP, PRIVATE, Command, Feature
from chat.outgoing import Button, Message
from texts import choose, words


async def check_in(_update: Update, context: Context, session_id: int) -> None:
    """⟦签到⟧: answered after the commit, and only to whoever tapped."""
    result = await context.write(
        services.checkins.check_in,
        session_id,
        context.actor,
        context.chat_id,
        context.moment,
        now=context.now,
        rules=context.world.rules,
    )
    spoken = words(choose(result.language, context.actor.language_code))
    await context.answer(cards.answer(result, spoken), alert=not result.repeated)


async def offer(_update: Update, context: Context) -> None:
    """/checkin: the buttons of what is open now."""
    sessions = await context.read(services.checkins.open_now, context.actor, context.chat_id, context.now)
    spoken = await context.words()
    if not sessions:
        await context.reply(Message(spoken.html("checkins.none_open")))
        return
    rows = tuple(
        (Button(spoken("checkins.offer_button", title=session.title[:40]), pack("checkin", session.id)),)
        for session in sessions
    )
    await context.reply(Message(spoken.html("checkins.offer"), rows))


async def show_sheet(_update: Update, context: Context, session_id: int, page: int, everybody: int) -> None:
    """⟦补登⟧ and the pages of the list; a list of names is shown in private only."""
    if not context.is_private:
        await context.answer((await context.personal_words())("checkins.in_private"), alert=True)
        return
    sheet = await context.read(services.checkins.sheet, session_id, context.actor)
    await context.answer()
    await context.edit(cards.sheet(sheet, page, bool(everybody), await context.words()))


async def show_person(_update: Update, context: Context, session_id: int, person_id: int, everybody: int) -> None:
    """Somebody on the list: which status?"""
    sheet = await context.read(services.checkins.sheet, session_id, context.actor)
    await context.answer()
    if any(entry.person_id == person_id for entry in sheet.entries):
        await context.edit(cards.statuses(sheet, person_id, bool(everybody), await context.words()))


async def mark(_update: Update, context: Context, session_id: int, person_id: int, status: int, everybody: int) -> None:
    """A status is chosen."""
    sheet = await context.write(
        services.checkins.mark,
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
        services.checkins.close, session_id, context.actor, now=context.now, rules=context.world.rules
    )
    spoken = await context.personal_words()
    await context.answer(spoken("checkins.closed"))
    if context.is_private:
        await context.edit(cards.closed(facts, spoken))
    else:
        await context.drop_buttons()


feature = Feature(
    commands=(Command("checkin", offer, where=(PRIVATE, GROUP), order=20),),
    taps={
        "checkin": check_in,
        "sheet": show_sheet,
        "person": show_person,
        "mark": mark,
        "close": close,
    },
)
