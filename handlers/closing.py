"""After a session: the leader's list, marking by hand, closing, and opening again."""

from telegram import Update

import services.closing
import services.marking
from chat import closing_cards as cards
from chat.context import Context
from chat.feature import Feature
from domain.errors import Refusal
from services.checkins import Live


async def show_sheet(_update: Update, context: Context, session_id: int, page: int, everybody: int) -> None:
    """⟦补登⟧ and the pages of the list; a list of names is shown in private only."""
    if not context.is_private:
        await context.answer((await context.personal_words())("closing.in_private"), alert=True)
        return
    sheet = await context.read(services.marking.sheet, session_id, context.actor)
    await context.answer()
    await context.edit(cards.sheet(sheet, page, bool(everybody), await context.words()))


async def show_person(
    _update: Update, context: Context, session_id: int, person_id: int, everybody: int, page: int = 0
) -> None:
    """Somebody on the list: which status?"""
    _require_private(context)
    facts = await context.read(services.marking.to_mark, session_id, person_id, context.actor)
    await context.answer()
    await context.edit(cards.statuses(facts, bool(everybody), page, await context.words()))


async def mark(
    _update: Update, context: Context, session_id: int, person_id: int, status: int, everybody: int, page: int = 0
) -> None:
    """A status is chosen; for a minute it can be taken back."""
    _require_private(context)
    sheet = await context.write(
        services.marking.mark,
        session_id,
        person_id,
        status,
        context.actor,
        now=context.now,
        rules=context.world.rules,
    )
    spoken = await context.words()
    await context.answer(spoken("closing.marked"))
    await context.edit(cards.sheet(sheet, page, bool(everybody), spoken, undo=person_id))


async def unmark(
    _update: Update, context: Context, session_id: int, person_id: int, everybody: int, page: int = 0
) -> None:
    """⟦↩️ 撤销⟧ of a mark."""
    _require_private(context)
    sheet = await context.write(
        services.marking.unmark, session_id, person_id, context.actor, now=context.now, rules=context.world.rules
    )
    spoken = await context.words()
    await context.answer(spoken("closing.unmarked"))
    await context.edit(cards.sheet(sheet, page, bool(everybody), spoken))


async def show_addable(_update: Update, context: Context, session_id: int, page: int = 0) -> None:
    """⟦➕ 添加组员⟧: who is not on the list?"""
    _require_private(context)
    facts = await context.read(services.marking.addable, session_id, page, context.actor)
    await context.answer()
    await context.edit(cards.addable(facts, await context.words()))


async def close(update: Update, context: Context, session_id: int) -> None:
    """⟦其余缺勤并结束⟧: asked about first where many become absent."""
    plan = await context.read(services.closing.to_close, session_id, context.actor, context.now)
    if not plan.is_mass:
        await close_anyway(update, context, session_id)
        return
    await context.answer()
    await context.edit(cards.confirm_close(plan, await context.words()))


async def close_anyway(_update: Update, context: Context, session_id: int) -> None:
    """⟦确认结束⟧."""
    facts = await context.write(
        services.closing.close, session_id, context.actor, now=context.now, rules=context.world.rules
    )
    await context.answer((await context.personal_words())("closing.closed_toast"))
    await _show_standing(context, facts)


async def keep(_update: Update, context: Context, session_id: int) -> None:
    """⟦先不结束⟧ and ⟦保持结束⟧: nothing is changed."""
    facts = await context.read(services.closing.as_it_stands, session_id, context.actor, context.now)
    await context.answer()
    await _show_standing(context, facts)


async def reopen(update: Update, context: Context, session_id: int) -> None:
    """⟦↩️ 撤销⟧ of closing, which later asks first, and ⟦重新打开⟧."""
    plan = await context.read(services.closing.to_reopen, session_id, context.actor, context.now)
    if plan.at_once or plan.live.state != "closed":
        await reopen_anyway(update, context, session_id)
        return
    await context.answer()
    await context.edit(cards.confirm_reopen(plan, await context.words()))


async def reopen_anyway(_update: Update, context: Context, session_id: int) -> None:
    """⟦重新打开⟧, confirmed."""
    facts = await context.write(
        services.closing.reopen, session_id, context.actor, now=context.now, rules=context.world.rules
    )
    await context.answer((await context.personal_words())("closing.reopened_toast"))
    await _show_standing(context, facts)


async def _show_standing(context: Context, facts: Live) -> None:
    await context.edit(cards.standing(facts, await context.words(), context.now, in_private=context.is_private))


def _require_private(context: Context) -> None:
    """Names and statuses are shown in private only; a button elsewhere is none of ours."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(
    taps={
        "sheet": show_sheet,
        "person": show_person,
        "mark": mark,
        "unmark": unmark,
        "add_person": show_addable,
        "close": close,
        "close_yes": close_anyway,
        "close_no": keep,
        "reopen": reopen,
        "reopen_yes": reopen_anyway,
        "reopen_no": keep,
    }
)
