"""/plan: the year's plan in private, and the auto-schedule of what it lacks."""

from telegram import Update

import services.plans
import services.proposals
from chat import plans_cards as cards
from chat import proposals_cards as dates
from chat.context import Context
from chat.day_numbers import clock_of, day_of
from chat.feature import PRIVATE, Command, Feature
from domain.errors import Refusal
from services.proposals import Preview


async def plan(_update: Update, context: Context) -> None:
    """/plan: the group's year, or which group it is to be; in a group the way to it."""
    if not context.is_private:
        raise Refusal("plan_in_private")
    facts = await context.read(services.plans.look, context.actor, context.now, context.world.rules)
    await context.reply(cards.look(facts, await context.words()))


async def groups(_update: Update, context: Context, year: int, page: int) -> None:
    """⟦换一个小组⟧ and the pages of that list."""
    _require_private(context)
    facts = await context.read(services.plans.groups, year, page, context.actor, context.now, context.world.rules)
    await context.answer()
    await context.edit(cards.groups(facts, await context.words()))


async def year(_update: Update, context: Context, group_id: int, number: int) -> None:
    """A group's year."""
    _require_private(context)
    facts = await context.read(services.plans.year, group_id, number, context.actor, context.now, context.world.rules)
    await context.answer()
    await context.edit(cards.year(facts, await context.words()))


async def quarter(_update: Update, context: Context, group_id: int, number: int, which: int) -> None:
    """⟦一季度⟧ … ⟦四季度⟧."""
    _require_private(context)
    rules = context.world.rules
    facts = await context.read(services.plans.quarter, group_id, number, which, context.actor, context.now, rules)
    await context.answer()
    await context.edit(cards.quarter(facts, await context.words()))


async def propose(_update: Update, context: Context, group_id: int, number: int, which: int) -> None:
    """⟦一键排期⟧: a preview; nothing is scheduled by it."""
    _require_private(context)
    facts = await context.write(
        services.proposals.begin,
        group_id,
        number,
        which,
        context.actor,
        now=context.now,
        rules=context.world.rules,
    )
    await context.answer()
    await _show(context, facts)


async def turn(_update: Update, context: Context, proposal_id: int, page: int) -> None:
    """The pages of a preview."""
    _require_private(context)
    facts = await context.read(services.proposals.shown, proposal_id, context.actor, context.now)
    await context.answer()
    await _show(context, facts, page)


async def item(_update: Update, context: Context, proposal_id: int, number: int, revision: int) -> None:
    """One date."""
    facts = await _seen(context, proposal_id, number, revision)
    await context.edit(dates.item(facts, number, await context.words(), context.world.rules.holidays))


async def days(_update: Update, context: Context, proposal_id: int, number: int, revision: int, page: int) -> None:
    """⟦换一天⟧."""
    facts = await _seen(context, proposal_id, number, revision)
    await context.edit(dates.days(facts, number, page, await context.words(), context.world.rules.holidays))


async def clocks(_update: Update, context: Context, proposal_id: int, number: int, revision: int) -> None:
    """⟦改时间⟧."""
    facts = await _seen(context, proposal_id, number, revision)
    await context.edit(dates.clocks(facts, number, await context.words(), context.world.rules.holidays))


async def set_day(_update: Update, context: Context, proposal_id: int, number: int, revision: int, day: int) -> None:
    """A day was chosen."""
    _require_private(context)
    facts = await context.write(
        services.proposals.set_day, proposal_id, number, revision, day_of(day), context.actor, now=context.now
    )
    await context.answer((await context.personal_words())("plans.changed_toast"))
    await _show(context, facts, number // dates.SHOWN)


async def set_clock(
    _update: Update, context: Context, proposal_id: int, number: int, revision: int, clock: int
) -> None:
    """A time was chosen."""
    _require_private(context)
    facts = await context.write(
        services.proposals.set_clock, proposal_id, number, revision, clock_of(clock), context.actor, now=context.now
    )
    await context.answer((await context.personal_words())("plans.changed_toast"))
    await _show(context, facts, number // dates.SHOWN)


async def leave_out(_update: Update, context: Context, proposal_id: int, number: int, revision: int) -> None:
    """⟦去掉⟧."""
    _require_private(context)
    facts = await context.write(
        services.proposals.leave_out, proposal_id, number, revision, context.actor, now=context.now
    )
    await context.answer((await context.personal_words())("plans.left_out_toast"))
    await _show(context, facts, number // dates.SHOWN)


async def publish(_update: Update, context: Context, proposal_id: int, revision: int) -> None:
    """⟦发布 N 场⟧."""
    _require_private(context)
    preview = await context.read(services.proposals.shown, proposal_id, context.actor, context.now)
    facts = await context.write(
        services.proposals.publish,
        proposal_id,
        revision,
        context.actor,
        lambda each: dates.title(each, preview.group_language),
        now=context.now,
        rules=context.world.rules,
    )
    await context.answer((await context.personal_words())("plans.published_toast", count=len(facts.items)))
    await _show(context, facts)


async def drop(_update: Update, context: Context, proposal_id: int) -> None:
    """⟦不排了⟧."""
    _require_private(context)
    facts = await context.write(services.proposals.drop, proposal_id, context.actor, now=context.now)
    await context.answer()
    await _show(context, facts)


async def undo(_update: Update, context: Context, proposal_id: int) -> None:
    """⟦↩️ 撤销⟧."""
    _require_private(context)
    facts = await context.write(services.proposals.undo, proposal_id, context.actor, now=context.now)
    await context.answer((await context.personal_words())("plans.undone_toast"))
    await _show(context, facts)


async def _seen(context: Context, proposal_id: int, number: int, revision: int) -> Preview:
    _require_private(context)
    facts = await context.read(services.proposals.shown, proposal_id, context.actor, context.now)
    services.proposals.item_of(facts, number, revision)
    await context.answer()
    return facts


async def _show(context: Context, facts: Preview, page: int = 0) -> None:
    await context.edit(dates.preview(facts, await context.words(), context.world.rules.holidays, page))


def _require_private(context: Context) -> None:
    """A plan is looked at in private; a button elsewhere is none of ours."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(
    commands=(Command("plan", plan, where=(PRIVATE,), order=25, audience="leader", category="lead", personal=True),),
    taps={
        "plans": groups,
        "plan_y": year,
        "plan_q": quarter,
        "auto": propose,
        "auto_page": turn,
        "auto_item": item,
        "auto_days": days,
        "auto_day": set_day,
        "auto_clocks": clocks,
        "auto_clock": set_clock,
        "auto_out": leave_out,
        "auto_yes": publish,
        "auto_drop": drop,
        "auto_undo": undo,
    },
)
