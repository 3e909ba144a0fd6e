"""Exporting attendance: group, days and format are chosen in private, and the file follows by itself."""

from telegram import Update

import services.exports
from chat import exports_cards as cards
from chat.context import Context
from chat.feature import PRIVATE, Command, Feature
from chat.outgoing import Button, Message
from domain.errors import Refusal
from domain.periods import PERIODS


async def export(_update: Update, context: Context) -> None:
    """/export: which group, or at once which days where there is only one."""
    words = await context.words()
    if not context.is_private:
        link = f"https://t.me/{context.bot.username}?start=export"
        button = Button(words("button.open_export"), url=link)
        await context.reply(Message(words.html("export.in_private"), ((button,),), silent=True))
        return
    groups = await context.read(services.exports.choices, context.actor)
    if len(groups) == 1:
        await context.reply(cards.choose_period(groups[0].id, words))
    else:
        await context.reply(cards.choose_group(groups, 0, words))


async def from_link(update: Update, context: Context, _rest: str) -> None:
    """The button in the group leads here."""
    await export(update, context)


async def show_page(_update: Update, context: Context, page: int) -> None:
    """Another page of the groups."""
    groups = await _allowed(context)
    await context.answer()
    await context.edit(cards.choose_group(groups, page, await context.words()))


async def choose_group(_update: Update, context: Context, group_id: int) -> None:
    """A group is chosen, or all."""
    await _allowed(context, group_id)
    await context.answer()
    await context.edit(cards.choose_period(group_id, await context.words()))


async def choose_period(_update: Update, context: Context, group_id: int, period: int) -> None:
    """The days are chosen."""
    await _allowed(context, group_id)
    if period not in range(len(PERIODS)):
        raise Refusal("unknown_button")
    await context.answer()
    await context.edit(cards.choose_format(group_id, period, await context.words()))


async def make(_update: Update, context: Context, group_id: int, period: int, file_format: int) -> None:
    """The format is chosen: the file is ordered, and sent when it is made."""
    _refuse_in_group(context)
    words = await context.words()
    await context.write(
        services.exports.order,
        context.actor,
        group_id,
        period,
        file_format,
        message_id=context.tapped,
        language=words.language,
        now=context.now,
        rules=context.world.rules,
    )
    await context.answer(words("export.ordered"))
    await context.edit(cards.being_made(words))


async def _allowed(context: Context, group_id: int = services.exports.ALL_GROUPS) -> list[services.exports.ExportGroup]:
    _refuse_in_group(context)
    return await context.read(services.exports.choices, context.actor, group_id)


def _refuse_in_group(context: Context) -> None:
    """A forged tap in a group leads nowhere: ledgers are shown in private only."""
    if not context.is_private:
        raise Refusal("export_private")


feature = Feature(
    commands=(Command("export", export, where=(PRIVATE,), order=60, audience="leader", category="lead"),),
    taps={
        "export_page": show_page,
        "export_group": choose_group,
        "export_period": choose_period,
        "export_make": make,
    },
    links={"export": from_link},
)
