"""Long leave, in private: asking for it, shortening and ending it, deciding on it, entering it for a member."""

from datetime import date

from telegram import Update

import services.long_leave_asking
import services.long_leave_decisions
import services.long_leaves
from chat import days_calendar
from chat import long_leaves_cards as cards
from chat.context import Context
from chat.dates.ranges import parse_range
from chat.feature import Feature
from domain.errors import Refusal
from services.long_leave_asking import DAYS, ONESELF, Asking


async def choice(_update: Update, context: Context) -> None:
    """⟦🗓 长期请假⟧ under /leave."""
    _require_private(context)
    facts = await context.read(services.long_leave_asking.choice, context.actor, context.now)
    await context.answer()
    await context.edit(cards.choice(facts, await context.words()))


async def new(_update: Update, context: Context, group_id: int) -> None:
    """Another one: from now on the days can be typed, or chosen from the calendar."""
    await _ask_days(context, group_id, ONESELF)


async def new_for(_update: Update, context: Context, group_id: int, person_id: int) -> None:
    """⟦🗓 登记长期请假⟧ on a member's page."""
    await _ask_days(context, group_id, person_id)


async def _ask_days(context: Context, group_id: int, person_id: int) -> None:
    _require_private(context)
    facts = await context.write(
        services.long_leave_asking.ask_days, group_id, person_id, context.actor, now=context.now
    )
    await context.answer()
    month = days_calendar.month_of(facts.today)
    await context.edit(cards.ask_days(facts, None, month, await context.words()))


async def calendar(_update: Update, context: Context, group_id: int, person_id: int, first: int, month: int) -> None:
    """Another month, or the first day is chosen."""
    facts = await _asking(context, group_id, person_id)
    await context.answer()
    chosen = _day(first) if first else None
    await context.edit(cards.ask_days(facts, chosen, _month(month), await context.words()))


async def _asking(context: Context, group_id: int, person_id: int) -> Asking:
    _require_private(context)
    return await context.read(services.long_leave_asking.asking, group_id, person_id, context.actor, context.now)


async def choose_days(_update: Update, context: Context, group_id: int, person_id: int, first: int, last: int) -> None:
    """Both days are chosen: why?"""
    _require_private(context)
    days = _day(first), _day(last)
    facts = await context.read(
        services.long_leave_asking.chosen, group_id, person_id, *days, context.actor, context.now
    )
    await context.answer()
    await context.edit(cards.why(facts, *days, await context.words()))


async def days_typed(update: Update, context: Context, group_id: int, person_id: int = ONESELF) -> None:
    """The days were typed."""
    text = update.message.text if update.message is not None else None
    today = await context.read(services.long_leaves.today_in, group_id, context.now)
    found = parse_range(text or "", today, ahead=True)
    if found is None:
        raise Refusal("long_leave_unread")
    await context.write(
        services.long_leave_asking.days_typed,
        group_id,
        person_id,
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
        services.long_leave_asking.request,
        group_id,
        _day(first),
        _day(last),
        reason,
        context.actor,
        now=context.now,
        rules=context.world.rules,
    )
    await context.answer((await context.personal_words())("long_leaves.asked_toast"))
    await context.edit(cards.shown(facts, await context.words()))


async def put(
    _update: Update, context: Context, group_id: int, person_id: int, first: int, last: int, reason: int
) -> None:
    """Its reason, by a leader for a member: it is approved."""
    _require_private(context)
    facts = await context.write(
        services.long_leave_decisions.enter,
        group_id,
        person_id,
        _day(first),
        _day(last),
        reason,
        context.actor,
        now=context.now,
        rules=context.world.rules,
    )
    await context.answer((await context.personal_words())("long_leaves.entered_toast"))
    await context.edit(cards.shown(facts, await context.words()))


async def show(_update: Update, context: Context, leave_id: int) -> None:
    """One of one's own, or of a group that one leads."""
    _require_private(context)
    facts = await context.read(services.long_leaves.shown, leave_id, context.actor, context.now)
    await context.answer()
    await context.edit(cards.shown(facts, await context.words()))


async def choose_end(_update: Update, context: Context, leave_id: int, month: int = 0) -> None:
    """⟦缩短⟧: which day is to be the last one?"""
    _require_private(context)
    facts = await context.read(services.long_leaves.shown, leave_id, context.actor, context.now)
    await context.answer()
    await context.edit(cards.choose_end(facts, _month(month) if month else None, await context.words()))


async def shorten(_update: Update, context: Context, leave_id: int, last: int) -> None:
    """The day that is to be the last one."""
    _require_private(context)
    facts = await context.write(
        services.long_leave_decisions.shorten,
        leave_id,
        _day(last),
        context.actor,
        now=context.now,
        rules=context.world.rules,
    )
    await context.answer((await context.personal_words())("long_leaves.shortened_toast"))
    await context.edit(cards.shown(facts, await context.words()))


async def end(_update: Update, context: Context, leave_id: int) -> None:
    """⟦提前结束⟧, by its person or a leader."""
    _require_private(context)
    facts = await context.write(
        services.long_leave_decisions.withdraw, leave_id, context.actor, now=context.now, rules=context.world.rules
    )
    await context.answer((await context.personal_words())("long_leaves.ended_toast"))
    await context.edit(cards.shown(facts, await context.words()))


async def of_group(_update: Update, context: Context, group_id: int, page: int) -> None:
    """⟦长期请假⟧ in a group's list of leaves."""
    _require_private(context)
    facts = await context.read(services.long_leave_decisions.of_group, group_id, page, context.actor, context.now)
    await context.answer()
    await context.edit(cards.of_group(facts, await context.words()))


async def approve(_update: Update, context: Context, leave_id: int) -> None:
    """⟦批准⟧."""
    await _decide(context, leave_id, approved=True)


async def decline(_update: Update, context: Context, leave_id: int) -> None:
    """⟦不批准⟧."""
    await _decide(context, leave_id, approved=False)


async def _decide(context: Context, leave_id: int, *, approved: bool) -> None:
    _require_private(context)
    facts = await context.write(
        services.long_leave_decisions.decide,
        leave_id,
        context.actor,
        approved=approved,
        now=context.now,
        rules=context.world.rules,
    )
    spoken = await context.words()
    await context.answer(spoken(f"long_leaves.toast_{facts.state}"))
    await context.edit(cards.shown(facts, spoken))


def _day(ordinal: int) -> date:
    """The day of a button; a forged one is none."""
    try:
        day = date.fromordinal(ordinal)
    except (ValueError, OverflowError) as error:
        raise Refusal("unknown_button") from error
    if not 2000 <= day.year < 2200:
        raise Refusal("unknown_button")
    return day


def _month(number: int) -> int:
    if not 2000 * 12 < number < 2200 * 12 - 1:
        raise Refusal("unknown_button")
    return number


def _require_private(context: Context) -> None:
    """Leave is between a person and their leaders; a button elsewhere is none of ours."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(
    taps={
        "long_leaves": choice,
        "long_new": new,
        "long_for": new_for,
        "long_cal": calendar,
        "long_days": choose_days,
        "long_take": take,
        "long_put": put,
        "long_leave": show,
        "long_short": choose_end,
        "long_cut": shorten,
        "long_end": end,
        "long_wait": of_group,
        "long_ok": approve,
        "long_no": decline,
    },
    inputs={DAYS: days_typed},
)
