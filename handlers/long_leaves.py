"""Long leave, in private: asking for it, ending it early, and deciding on it."""

from datetime import date

from telegram import Update

import services.long_leaves
from chat import long_leaves_cards as cards
from chat.context import Context
from chat.dates.ranges import parse_range
from chat.feature import Feature
from domain.errors import Refusal
from services.long_leaves import DAYS


async def choice(_update: Update, context: Context) -> None:
    """⟦🗓 长期请假⟧ under /leave."""
    _require_private(context)
    facts = await context.read(services.long_leaves.choice, context.actor, context.now)
    await context.answer()
    await context.edit(cards.choice(facts, await context.words()))


async def new(_update: Update, context: Context, group_id: int) -> None:
    """From now on the days can be typed."""
    _require_private(context)
    group_name = await context.write(services.long_leaves.ask_days, group_id, context.actor, now=context.now)
    await context.answer()
    await context.edit(cards.ask_days(group_name, await context.words()))


async def days(update: Update, context: Context, group_id: int) -> None:
    """The days."""
    text = update.message.text if update.message is not None else None
    today = await context.read(services.long_leaves.today_in, group_id, context.now)
    found = parse_range(text or "", today, ahead=True)
    if found is None:
        raise Refusal("long_leave_unread")
    await context.write(
        services.long_leaves.days_typed,
        group_id,
        *found,
        context.actor,
        reply_key=context.reply_key,
        language=(await context.words()).language,
        now=context.now,
    )


async def take(_update: Update, context: Context, group_id: int, first: int, last: int, reason: int) -> None:
    """Its reason: the leaders are asked."""
    _require_private(context)
    facts = await context.write(
        services.long_leaves.request,
        group_id,
        _day(first),
        _day(last),
        reason,
        context.actor,
        now=context.now,
        rules=context.world.rules,
    )
    await context.answer((await context.personal_words())("long_leaves.asked_toast"))
    await context.edit(cards.own(facts, await context.words()))


async def own(_update: Update, context: Context, leave_id: int) -> None:
    """One of one's own."""
    _require_private(context)
    facts = await context.read(services.long_leaves.shown, leave_id, context.actor, context.now)
    await context.answer()
    await context.edit(cards.own(facts, await context.words()))


async def end(_update: Update, context: Context, leave_id: int) -> None:
    """⟦提前结束⟧."""
    _require_private(context)
    facts = await context.write(
        services.long_leaves.withdraw, leave_id, context.actor, now=context.now, rules=context.world.rules
    )
    await context.answer((await context.personal_words())("long_leaves.ended_toast"))
    await context.edit(cards.own(facts, await context.words()))


async def stop(_update: Update, context: Context, leave_id: int) -> None:
    """⟦提前结束⟧ by a leader."""
    _require_private(context)
    facts = await context.write(
        services.long_leaves.withdraw, leave_id, context.actor, now=context.now, rules=context.world.rules
    )
    await context.answer((await context.personal_words())("long_leaves.ended_toast"))
    await context.edit(cards.to_decide(facts, await context.words()))


async def of_group(_update: Update, context: Context, group_id: int, page: int) -> None:
    """⟦长期请假⟧ in a group's list of leaves."""
    _require_private(context)
    facts = await context.read(services.long_leaves.of_group, group_id, page, context.actor, context.now)
    await context.answer()
    await context.edit(cards.of_group(facts, await context.words()))


async def look(_update: Update, context: Context, leave_id: int) -> None:
    """One that waits."""
    _require_private(context)
    facts = await context.read(services.long_leaves.shown, leave_id, context.actor, context.now)
    await context.answer()
    await context.edit(cards.to_decide(facts, await context.words()))


async def approve(_update: Update, context: Context, leave_id: int) -> None:
    """⟦批准⟧."""
    await _decide(context, leave_id, approved=True)


async def decline(_update: Update, context: Context, leave_id: int) -> None:
    """⟦不批准⟧."""
    await _decide(context, leave_id, approved=False)


async def _decide(context: Context, leave_id: int, *, approved: bool) -> None:
    _require_private(context)
    facts = await context.write(
        services.long_leaves.decide,
        leave_id,
        context.actor,
        approved=approved,
        now=context.now,
        rules=context.world.rules,
    )
    spoken = await context.words()
    await context.answer(spoken(f"long_leaves.toast_{facts.state}"))
    await context.edit(cards.to_decide(facts, spoken))


def _day(ordinal: int) -> date:
    try:
        return date.fromordinal(ordinal)
    except (ValueError, OverflowError) as error:
        raise Refusal("unknown_button") from error


def _require_private(context: Context) -> None:
    """Leave is between a person and their leaders; a button elsewhere is none of ours."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(
    taps={
        "long_leaves": choice,
        "long_new": new,
        "long_take": take,
        "long_leave": own,
        "long_end": end,
        "long_wait": of_group,
        "long_stop": stop,
        "long_look": look,
        "long_ok": approve,
        "long_no": decline,
    },
    inputs={DAYS: days},
)
