"""What a member is beside their role, changed by their leader in private."""

from collections.abc import Callable
from typing import Any

from telegram import Update

import services.marks
import services.roster
from chat import marks_cards, roster_cards
from chat.context import Context
from chat.feature import Feature
from domain.errors import Refusal
from services.marks import SUBGROUP


async def standing(_update: Update, context: Context, group_id: int, person_id: int, number: int) -> None:
    """⟦身份：…⟧."""
    await _set(context, services.marks.set_standing, group_id, person_id, number)


async def committee(_update: Update, context: Context, group_id: int, person_id: int, number: int) -> None:
    """⟦支委：…⟧."""
    await _set(context, services.marks.set_committee, group_id, person_id, number)


async def speaks(_update: Update, context: Context, group_id: int, person_id: int, number: int) -> None:
    """⟦领学：…⟧."""
    await _set(context, services.marks.set_speaks, group_id, person_id, number)


async def ask_subgroup(_update: Update, context: Context, group_id: int, person_id: int) -> None:
    """⟦党小组：…⟧: from now on its name is taken in."""
    _require_private(context)
    facts = await context.write(services.marks.ask_subgroup, group_id, person_id, context.actor, now=context.now)
    await context.answer()
    await context.edit(marks_cards.ask(facts, await context.words()))


async def no_subgroup(_update: Update, context: Context, group_id: int, person_id: int) -> None:
    """⟦不属于任何党小组⟧."""
    await _set(context, services.marks.set_subgroup, group_id, person_id, "")


async def subgroup(update: Update, context: Context, group_id: int, person_id: int) -> None:
    """The name, typed."""
    typed = update.message.text if update.message is not None else None
    await context.write(services.marks.set_subgroup, group_id, person_id, typed or "", context.actor, now=context.now)
    facts = await context.read(services.roster.person, group_id, person_id, context.actor)
    await context.reply(roster_cards.person(facts, await context.words()))


async def _set(context: Context, use_case: Callable[..., Any], group_id: int, person_id: int, value: object) -> None:
    _require_private(context)
    await context.write(use_case, group_id, person_id, value, context.actor, now=context.now)
    facts = await context.read(services.roster.person, group_id, person_id, context.actor)
    await context.answer((await context.personal_words())("marks.kept"))
    await context.edit(roster_cards.person(facts, await context.words()))


def _require_private(context: Context) -> None:
    """Lists of names are for leaders, in private; a button elsewhere is none of ours."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(
    taps={
        "standing": standing,
        "committee": committee,
        "speaks": speaks,
        "subgroup": ask_subgroup,
        "subgroup_off": no_subgroup,
    },
    inputs={SUBGROUP: subgroup},
)
