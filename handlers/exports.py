"""Exporting attendance: group, days and format are chosen in private, and the file follows by itself."""

from datetime import date

from telegram import Update

import services.exports
from chat import exports_cards as cards
from chat.context import Context
from chat.dates.ranges import parse_range
from chat.feature import PRIVATE, Command, Feature
from chat.outgoing import Button, Message
from domain.errors import Refusal
from services.exports import DAYS, Range


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
        facts = await _begin(context, groups[0].id)
        await context.reply(cards.choose_days(facts, words))
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
    """A group is chosen, or all; the days can be typed from now on."""
    _refuse_in_group(context)
    facts = await context.write(
        services.exports.ask_days, context.actor, group_id, now=context.now, rules=context.world.rules
    )
    await context.answer()
    await context.edit(cards.choose_days(facts, await context.words()))


async def calendar(_update: Update, context: Context, group_id: int, first: int, month: int) -> None:
    """⟦自选⟧: the first day, then the last one."""
    await _allowed(context, group_id)
    if not 2000 * 12 <= month < 2200 * 12:
        raise Refusal("unknown_button")
    await context.answer()
    chosen = _day(first) if first else None
    await context.edit(cards.calendar(group_id, chosen, month, await context.words()))


async def choose_days(_update: Update, context: Context, group_id: int, first: int, last: int) -> None:
    """The days are chosen."""
    await _allowed(context, group_id)
    await context.answer()
    await context.edit(cards.choose_format(group_id, _day(first), _day(last), await context.words()))


async def days_typed(update: Update, context: Context, group_id: int) -> None:
    """The days were typed."""
    text = update.message.text if update.message is not None else None
    facts = await _begin(context, group_id)
    found = parse_range(text or "", facts.today)
    if found is None:
        raise Refusal("export_days_unread")
    await context.write(
        services.exports.days_typed,
        context.actor,
        group_id,
        *found,
        reply_key=context.reply_key,
        language=(await context.words()).language,
        now=context.now,
    )


async def make(_update: Update, context: Context, group_id: int, first: int, last: int, file_format: int) -> None:
    """The format is chosen: the file is ordered, and sent when it is made."""
    _refuse_in_group(context)
    words = await context.words()
    await context.write(
        services.exports.order,
        context.actor,
        group_id,
        _day(first),
        _day(last),
        file_format,
        message_id=context.tapped,
        language=words.language,
        now=context.now,
        rules=context.world.rules,
    )
    await context.answer(words("export.ordered"))
    await context.edit(cards.being_made(words))


async def _begin(context: Context, group_id: int) -> Range:
    return await context.read(services.exports.begin, context.actor, group_id, context.now, context.world.rules)


def _day(ordinal: int) -> date:
    """The day of a button; a forged one is none."""
    try:
        day = date.fromordinal(ordinal)
    except (ValueError, OverflowError) as error:
        raise Refusal("unknown_button") from error
    if not 2000 <= day.year < 2200:
        raise Refusal("unknown_button")
    return day


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
        "export_cal": calendar,
        "export_days": choose_days,
        "export_make": make,
    },
    links={"export": from_link},
    inputs={DAYS: days_typed},
)
