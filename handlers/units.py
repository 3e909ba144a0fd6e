"""The tree of units, in private: for its admins and the operator."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from telegram import Update

import services.units
from chat import units_cards as cards
from chat.context import Context
from chat.feature import Feature
from domain.errors import Refusal
from services.units import ADMIN, NAME, UnitPage


async def page(_update: Update, context: Context, unit_id: int, number: int) -> None:
    """A unit, with a page of what is below it."""
    facts = await _read(context, services.units.page, unit_id)
    await context.answer()
    await context.edit(cards.page(facts, await context.words(), number))


async def ask_name(_update: Update, context: Context, unit_id: int, act: int) -> None:
    """⟦➕ 下级单位⟧ ⟦✏️ 改名⟧."""
    facts = await _write(context, services.units.ask_name, unit_id, act)
    await context.answer()
    await context.edit(cards.ask_name(facts, act, await context.words()))


async def name(update: Update, context: Context, unit_id: int, act: int) -> None:
    """The name."""
    text = update.message.text if update.message is not None else None
    await context.write(
        services.units.name_typed,
        unit_id,
        act,
        text or "",
        context.actor,
        is_operator=_is_operator(context),
        reply_key=context.reply_key,
        language=(await context.words()).language,
        now=context.now,
    )


async def remove(_update: Update, context: Context, unit_id: int) -> None:
    """⟦🗑 删除⟧ of an empty one."""
    await _show(context, await _write(context, services.units.remove, unit_id), "units.removed_toast")


async def where_unit(_update: Update, context: Context, unit_id: int, number: int) -> None:
    """⟦↪️ 移动⟧."""
    facts = await _read(context, services.units.unit_targets, unit_id, number)
    await context.answer()
    await context.edit(cards.targets(facts, "unit_move", "unit_put", await context.words()))


async def put_unit(_update: Update, context: Context, unit_id: int, parent_id: int) -> None:
    """A unit to put it below."""
    await _show(context, await _write(context, services.units.move, unit_id, parent_id), "units.moved_toast")


async def where_group(_update: Update, context: Context, group_id: int, number: int) -> None:
    """A group of a unit: where is it to go?"""
    facts = await _read(context, services.units.group_targets, group_id, number)
    await context.answer()
    await context.edit(cards.targets(facts, "unit_group", "unit_take", await context.words()))


async def put_group(_update: Update, context: Context, group_id: int, unit_id: int) -> None:
    """A unit to put it into."""
    await _show(context, await _write(context, services.units.move_group, group_id, unit_id), "units.moved_toast")


async def admins(_update: Update, context: Context, unit_id: int) -> None:
    """⟦管理员⟧: from now on a name or a number is taken in."""
    facts = await _write(context, services.units.ask_admin, unit_id)
    await context.answer()
    await context.edit(cards.admins(facts, await context.words()))


async def who(update: Update, context: Context, unit_id: int) -> None:
    """A name or a number: who is it?"""
    text = update.message.text if update.message is not None else None
    found = await context.read(
        services.units.candidates, unit_id, text or "", context.actor, is_operator=_is_operator(context)
    )
    await context.reply(cards.candidates(unit_id, found, await context.words()))


async def appoint(_update: Update, context: Context, unit_id: int, person_id: int) -> None:
    """It is this one."""
    facts = await _write(context, services.units.appoint, unit_id, person_id)
    await context.answer((await context.personal_words())("units.appointed_toast"))
    await context.edit(cards.admins(facts, await context.words()))


async def dismiss(_update: Update, context: Context, unit_id: int, person_id: int) -> None:
    """⟦撤销 …⟧."""
    facts = await _write(context, services.units.dismiss, unit_id, person_id)
    await context.answer((await context.personal_words())("units.dismissed_toast"))
    await context.edit(cards.admins(facts, await context.words()))


async def acts(_update: Update, context: Context, unit_id: int, number: int) -> None:
    """⟦📜 操作记录⟧."""
    facts = await _read(context, services.units.acts, unit_id, number)
    await context.answer()
    zone = ZoneInfo(context.world.rules.time_zone)
    await context.edit(cards.acts(facts, zone, await context.words()))


async def _show(context: Context, facts: UnitPage, toast: str) -> None:
    await context.answer((await context.personal_words())(toast))
    await context.edit(cards.page(facts, await context.words()))


async def _read(context: Context, use_case: Callable[..., Any], *numbers: int) -> Any:
    _require_private(context)
    return await context.read(use_case, *numbers, context.actor, is_operator=_is_operator(context))


async def _write(context: Context, use_case: Callable[..., Any], *numbers: int) -> Any:
    _require_private(context)
    return await context.write(use_case, *numbers, context.actor, is_operator=_is_operator(context), now=context.now)


def _is_operator(context: Context) -> bool:
    return context.actor.telegram_id in context.world.operators


def _require_private(context: Context) -> None:
    """The organisation is nobody's business in a group; a button there is none of ours."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(
    taps={
        "unit": page,
        "unit_name": ask_name,
        "unit_remove": remove,
        "unit_move": where_unit,
        "unit_put": put_unit,
        "unit_group": where_group,
        "unit_take": put_group,
        "unit_admins": admins,
        "unit_appoint": appoint,
        "unit_off": dismiss,
        "unit_acts": acts,
    },
    inputs={NAME: name, ADMIN: who},
)
