"""/org: the organisation's name and admins for its operator, the log of privileged acts for its admins."""

from telegram import Update

import services.organisation
import services.units
from chat import organisation_cards as cards
from chat import units_cards
from chat.context import Context
from chat.feature import PRIVATE, Command, Feature
from chat.outgoing import Message

_LONGEST_ID = 19


async def org(_update: Update, context: Context) -> None:
    """/org alone shows; `admin`, `remove` and `unit` change, for the operator only."""
    words = await context.words()
    if not context.is_private:
        await context.reply(Message(words.html("organisation.in_private")))
        return
    verb, _, rest = context.argument.partition(" ")
    rest = rest.strip()
    if not verb:
        await _show(context)
    elif verb == "admin" and _is_id(rest):
        await _appoint(context, int(rest))
    elif verb == "remove" and _is_id(rest):
        await _remove(context, int(rest))
    elif verb == "unit" and rest:
        await _name(context, rest)
    else:
        await context.reply(Message(words.html("organisation.usage")))


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < _LONGEST_ID


def _is_operator(context: Context) -> bool:
    return context.actor.telegram_id in context.world.operators


async def _show(context: Context) -> None:
    words = await context.words()
    if _is_operator(context):
        overview = await context.read(services.organisation.overview, is_operator=True)
        await context.reply(cards.overview(overview, words))
        return
    found = await context.read(services.units.top, context.actor)
    if len(found) > 1:
        await context.reply(units_cards.tops(found, words))
        return
    page = await context.read(services.units.page, found[0].id, context.actor, is_operator=False)
    await context.reply(units_cards.page(page, words))


async def _appoint(context: Context, telegram_id: int) -> None:
    words = await context.words()
    await context.write(
        services.organisation.appoint_admin,
        telegram_id,
        context.actor,
        is_operator=_is_operator(context),
        organisation=context.world.rules.organisation or words("unit.default"),
        language=words.language,
        now=context.now,
        reply_key=context.reply_key,
    )


async def _remove(context: Context, telegram_id: int) -> None:
    await context.write(
        services.organisation.remove_admin,
        telegram_id,
        context.actor,
        is_operator=_is_operator(context),
        language=(await context.words()).language,
        now=context.now,
        reply_key=context.reply_key,
    )


async def _name(context: Context, name: str) -> None:
    await context.write(
        services.organisation.name_unit,
        name,
        context.actor,
        is_operator=_is_operator(context),
        language=(await context.words()).language,
        now=context.now,
        reply_key=context.reply_key,
    )


feature = Feature(
    commands=(Command("org", org, where=(PRIVATE,), order=90, audience="admin", category="organisation"),)
)
