"""One's own record, shown in private only."""

from telegram import Update

import services.points
import services.records
from chat import records_cards as cards
from chat.context import Context
from chat.feature import PRIVATE, Command, Feature
from chat.outgoing import Button, Message
from domain.errors import Refusal


async def me(_update: Update, context: Context) -> None:
    """/me: in a group only the way to the private chat, because a record is nobody else's business."""
    words = await context.words()
    if not context.is_private:
        link = f"https://t.me/{context.bot.username}?start=me"
        button = Button(words("button.open_record"), url=link)
        await context.reply(Message(words.html("record.in_private"), ((button,),), silent=True))
        return
    record = await context.read(services.records.own, context.actor, context.now)
    await context.reply(cards.record(record, words))


async def why(_update: Update, context: Context, period: int, page: int) -> None:
    """⟦积分明细⟧: each point with its reason."""
    if not context.is_private:
        raise Refusal("unknown_button")
    facts = await context.read(services.points.why, context.actor, period, page, context.now, context.world.rules)
    await context.answer()
    await context.edit(cards.why(facts, await context.words()))


async def from_link(update: Update, context: Context, _rest: str) -> None:
    """The button in the group leads here."""
    await me(update, context)


feature = Feature(
    commands=(Command("me", me, where=(PRIVATE,), order=40, category="mine"),),
    taps={"why": why},
    links={"me": from_link},
)
