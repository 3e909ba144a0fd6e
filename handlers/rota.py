"""/rota: who leads which session, and for leaders who is to lead it instead."""

from telegram import Update

import services.rota_pages
from chat import rota_cards as cards
from chat.context import Context
from chat.feature import PRIVATE, Command, Feature
from domain.errors import Refusal


async def rota(_update: Update, context: Context) -> None:
    """/rota: the turns to come."""
    facts = await context.read(services.rota_pages.listed, context.actor, context.chat_id, context.now)
    await context.reply(cards.listed(facts, context.is_private, await context.words()))


async def listed(_update: Update, context: Context) -> None:
    """⟦领学安排⟧."""
    _require_private(context)
    facts = await context.read(services.rota_pages.listed, context.actor, context.chat_id, context.now)
    await context.answer()
    await context.edit(cards.listed(facts, in_private=True, spoken=await context.words()))


async def one(_update: Update, context: Context, session_id: int, page: int) -> None:
    """⟦换领学人⟧: who could lead it."""
    _require_private(context)
    facts = await context.read(services.rota_pages.choice, session_id, page, context.actor, context.now)
    await context.answer()
    await context.edit(cards.choice(facts, await context.words()))


async def put(_update: Update, context: Context, session_id: int, person_id: int) -> None:
    """Somebody was chosen, or nobody."""
    _require_private(context)
    facts = await context.write(
        services.rota_pages.put, session_id, person_id, context.actor, now=context.now, rules=context.world.rules
    )
    await context.answer((await context.personal_words())("rota.changed_toast"))
    await context.edit(cards.choice(facts, await context.words()))


def _require_private(context: Context) -> None:
    """Turns are changed in private; a button elsewhere is none of ours."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(
    commands=(Command("rota", rota, where=(PRIVATE,), order=35),),
    taps={"rota": listed, "rota_one": one, "rota_set": put},
)
