"""Leave in private: taking it with its reason, withdrawing it, and the leader's decisions."""

from telegram import Update

import services.leaves
from chat import leaves_cards as cards
from chat.context import Context
from chat.feature import PRIVATE, Command, Feature
from chat.outgoing import Button, Message
from domain.errors import Refusal


async def leave(_update: Update, context: Context) -> None:
    """/leave: which session? In a group only the way to the private chat: why is nobody else's business."""
    spoken = await context.words()
    if not context.is_private:
        button = Button(spoken("button.ask_leave"), url=f"https://t.me/{context.bot.username}?start=leave")
        await context.reply(Message(spoken.html("leaves.in_private"), ((button,),), silent=True))
        return
    found = await context.read(services.leaves.offers, context.actor, context.now)
    await context.reply(cards.offers(found, spoken))


async def from_link(update: Update, context: Context, _rest: str) -> None:
    """The button in the group leads here."""
    await leave(update, context)


async def offer_again(_update: Update, context: Context) -> None:
    """⟦‹ 返回⟧ to the list of sessions."""
    _require_private(context)
    found = await context.read(services.leaves.offers, context.actor, context.now)
    await context.answer()
    await context.edit(cards.offers(found, await context.words()))


async def look(_update: Update, context: Context, session_id: int) -> None:
    """A session is chosen: why? Or the leave that is there already."""
    _require_private(context)
    facts = await context.read(services.leaves.look, session_id, context.actor, context.moment)
    await context.answer()
    await context.edit(cards.look(facts, await context.words()))


async def take(_update: Update, context: Context, session_id: int, number: int) -> None:
    """⟦公假⟧ ⟦病假⟧ ⟦事假⟧ of /leave: recorded with its reason."""
    _require_private(context)
    facts = await context.write(
        services.leaves.take,
        session_id,
        number,
        context.actor,
        context.moment,
        now=context.now,
        rules=context.world.rules,
    )
    spoken = await context.personal_words()
    await context.answer(spoken("leaves.recorded"))
    await context.edit(cards.own_leave(facts, spoken))


async def give_reason(_update: Update, context: Context, session_id: int, number: int) -> None:
    """⟦公假⟧ ⟦病假⟧ ⟦事假⟧ of a leave that is recorded."""
    _require_private(context)
    facts = await context.write(
        services.leaves.give_reason, session_id, number, context.actor, context.moment, now=context.now
    )
    spoken = await context.personal_words()
    await context.answer(spoken("leaves.recorded"))
    await context.edit(cards.own_leave(facts, spoken))


async def withdraw(_update: Update, context: Context, session_id: int) -> None:
    """⟦撤回⟧."""
    _require_private(context)
    facts = await context.write(
        services.leaves.withdraw,
        session_id,
        context.actor,
        context.moment,
        now=context.now,
        rules=context.world.rules,
    )
    spoken = await context.personal_words()
    await context.answer(spoken("leaves.withdrawn_toast"))
    await context.edit(cards.withdrawn(facts, spoken))


async def show_requests(_update: Update, context: Context, group_id: int, page: int = 0) -> None:
    """⟦请假审批⟧ of the leader's hub, and its pages."""
    _require_private(context)
    facts = await context.read(services.leaves.requests, group_id, page, context.actor)
    await context.answer()
    await context.edit(cards.requests(facts, await context.words()))


async def show_request(_update: Update, context: Context, session_id: int, person_id: int) -> None:
    """One of them."""
    _require_private(context)
    facts = await context.read(services.leaves.request_of, session_id, person_id, context.actor)
    await context.answer()
    await context.edit(cards.listed(facts, await context.words()))


async def approve(
    _update: Update, context: Context, session_id: int, person_id: int, seen: int = 0, from_list: int = 0
) -> None:
    """⟦批准⟧."""
    await _decide(context, session_id, person_id, seen, from_list, approved=True)


async def decline(
    _update: Update, context: Context, session_id: int, person_id: int, seen: int = 0, from_list: int = 0
) -> None:
    """⟦不批准⟧."""
    await _decide(context, session_id, person_id, seen, from_list, approved=False)


async def _decide(
    context: Context, session_id: int, person_id: int, seen: int, from_list: int, *, approved: bool
) -> None:
    _require_private(context)
    result = await context.write(
        services.leaves.decide,
        session_id,
        person_id,
        context.actor,
        approved=approved,
        seen=seen,
        now=context.now,
        rules=context.world.rules,
    )
    spoken = await context.personal_words()
    await context.answer(cards.decision_toast(result, spoken), alert=result.before_you)
    await context.edit(cards.decision(result, spoken, from_list=bool(from_list)))


def _require_private(context: Context) -> None:
    """Who is on leave, and why, is told in private only; a button elsewhere is none of ours."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(
    commands=(Command("leave", leave, where=(PRIVATE,), order=30),),
    taps={
        "leave_list": offer_again,
        "leave_from": look,
        "leave_take": take,
        "leave_reason": give_reason,
        "withdraw": withdraw,
        "leaves": show_requests,
        "leave_request": show_request,
        "approve": approve,
        "decline": decline,
    },
    links={"leave": from_link},
)
