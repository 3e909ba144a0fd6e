"""Checking in."""

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
        coming = await context.read(services.checkins.opens_next, context.actor, context.chat_id, context.now)
        await context.reply(cards.none_open(coming, spoken))
        return
    rows = tuple(
        (Button(spoken("checkins.offer_button", title=session.title[:40]), pack("checkin", session.id)),)
        for session in sessions
    )
    await context.reply(Message(spoken.html("checkins.offer"), rows))


feature = Feature(
    commands=(Command("checkin", offer, where=(PRIVATE, GROUP), order=20),),
    taps={"checkin": check_in},
)
