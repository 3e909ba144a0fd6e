"""Corrections: members ask with one tap, leaders decide in private."""

from telegram import Update

import services.correcting
import services.corrections
from chat import corrections_cards as cards
from chat.context import Context
from chat.feature import Feature
from domain.attendance import CLAIMABLE, Status
from domain.errors import Refusal


async def ask(_update: Update, context: Context, session_id: int) -> None:
    """⟦申请更正⟧: in the group one tap asks for “present”; in private the status is chosen."""
    if context.is_private:
        facts = await context.read(services.corrections.look, session_id, context.actor, context.now)
        await context.answer()
        await context.edit(cards.look(facts, await context.words()))
        return
    result = await context.write(
        services.corrections.file,
        session_id,
        CLAIMABLE.index(Status.PRESENT),
        context.actor,
        now=context.now,
        rules=context.world.rules,
    )
    await context.answer(cards.filed_toast(result, await context.personal_words()), alert=True)


async def ask_for(_update: Update, context: Context, session_id: int, number: int) -> None:
    """⟦出勤⟧ ⟦迟到⟧ ⟦请假⟧."""
    _require_private(context)
    result = await context.write(
        services.corrections.file, session_id, number, context.actor, now=context.now, rules=context.world.rules
    )
    spoken = await context.words()
    await context.answer(cards.filed_toast(result, spoken), alert=result.outcome != "filed" or not result.reachable)
    await context.edit(cards.look(result.correction, spoken))


async def withdraw(_update: Update, context: Context, correction_id: int) -> None:
    """⟦撤回⟧."""
    _require_private(context)
    facts = await context.write(services.corrections.withdraw, correction_id, context.actor, now=context.now)
    spoken = await context.words()
    await context.answer(spoken("corrections.withdrawn_toast"))
    await context.edit(cards.withdrawn(facts, spoken))


async def show_own(_update: Update, context: Context) -> None:
    """⟦申请更正⟧ below one's own record: which session?"""
    _require_private(context)
    found = await context.read(services.corrections.own, context.actor, context.now)
    await context.answer()
    await context.edit(cards.own(found, await context.words()))


async def show_requests(_update: Update, context: Context, group_id: int, page: int = 0) -> None:
    """⟦更正申请⟧ of the leader's hub, and its pages."""
    _require_private(context)
    facts = await context.read(services.correcting.requests, group_id, page, context.actor)
    await context.answer()
    await context.edit(cards.requests(facts, await context.words()))


async def show_request(_update: Update, context: Context, correction_id: int) -> None:
    """One of them."""
    _require_private(context)
    facts = await context.read(services.correcting.request_of, correction_id, context.actor)
    await context.answer()
    await context.edit(cards.to_decide(facts, await context.words(), from_list=True))


async def decide(_update: Update, context: Context, correction_id: int, number: int, from_list: int = 0) -> None:
    """⟦记为出勤⟧ ⟦记为迟到⟧ ⟦不同意⟧."""
    _require_private(context)
    result = await context.write(
        services.correcting.decide,
        correction_id,
        number,
        context.actor,
        now=context.now,
        rules=context.world.rules,
    )
    spoken = await context.words()
    await context.answer(cards.decision_toast(result, spoken), alert=result.before_you)
    await context.edit(cards.decision(result, spoken, from_list=bool(from_list)))


def _require_private(context: Context) -> None:
    """Records are told in private only; a button elsewhere is none of ours."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(
    taps={
        "correction": ask,
        "correct_to": ask_for,
        "correction_withdraw": withdraw,
        "corrections_own": show_own,
        "corrections": show_requests,
        "correction_request": show_request,
        "correct": decide,
    }
)
