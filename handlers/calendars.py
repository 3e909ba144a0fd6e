"""All coming sessions as one calendar file: one's own, and for leaders their group's."""

from telegram import Update

import services.calendars
from chat import calendar_cards as cards
from chat.context import Context
from chat.feature import Feature
from domain.errors import Refusal
from exports.calendar import calendar_file
from services.calendars import Coming


async def mine(_update: Update, context: Context) -> None:
    """⟦📅 我的日历⟧: everything one is expected at."""
    _require_private(context)
    facts = await context.read(services.calendars.of_person, context.actor, context.now, context.world.rules)
    await _send(context, facts)


async def of_group(_update: Update, context: Context, group_id: int) -> None:
    """⟦📅 小组日历⟧: everything the group holds."""
    _require_private(context)
    facts = await context.read(services.calendars.of_group, group_id, context.actor, context.now, context.world.rules)
    await _send(context, facts)


async def _send(context: Context, facts: Coming) -> None:
    await context.answer()
    content = calendar_file(facts.entries, f"{context.bot.username}.t.me".lower(), context.now)
    await context.reply(cards.coming(facts, content, await context.words()))


def _require_private(context: Context) -> None:
    """A calendar is somebody's own; a button elsewhere is none of ours."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(taps={"calendar_mine": mine, "calendar_group": of_group})
