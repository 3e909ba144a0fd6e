"""The reasons of what was missed, in private."""

from telegram import Update

import services.duty_reasons
from chat import radar_cards as cards
from chat.context import Context
from chat.feature import Feature
from domain.errors import Refusal
from services.duty_reasons import NOTE, Where


async def listed(_update: Update, context: Context, group_id: int) -> None:
    """⟦📝 填写逾期原因⟧."""
    _require_private(context)
    facts = await context.read(services.duty_reasons.misses, group_id, context.actor, context.now, context.world.rules)
    await context.answer()
    await context.edit(cards.misses(facts, await context.words()))


async def one(_update: Update, context: Context, group_id: int, line: int, kind: int, first: int) -> None:
    """A missed period."""
    _require_private(context)
    where = Where(line, kind, first)
    facts = await context.read(
        services.duty_reasons.missed, group_id, where, context.actor, context.now, context.world.rules
    )
    await context.answer()
    await context.edit(cards.missed(group_id, facts, await context.words()))


async def give(_update: Update, context: Context, group_id: int, line: int, kind: int, first: int, reason: int) -> None:
    """A reason."""
    _require_private(context)
    facts = await context.write(
        services.duty_reasons.give,
        group_id,
        Where(line, kind, first),
        reason,
        context.actor,
        now=context.now,
        rules=context.world.rules,
    )
    await context.answer((await context.personal_words())("radar.reason_kept"))
    await context.edit(cards.missed(group_id, facts, await context.words()))


async def withdraw(_update: Update, context: Context, group_id: int, line: int, kind: int, first: int) -> None:
    """⟦撤回原因⟧."""
    _require_private(context)
    facts = await context.write(
        services.duty_reasons.withdraw,
        group_id,
        Where(line, kind, first),
        context.actor,
        now=context.now,
        rules=context.world.rules,
    )
    await context.answer((await context.personal_words())("radar.reason_withdrawn"))
    await context.edit(cards.missed(group_id, facts, await context.words()))


async def ask_note(_update: Update, context: Context, group_id: int, line: int, kind: int, first: int) -> None:
    """⟦✍️ 补充说明⟧: from now on it can be typed."""
    _require_private(context)
    facts = await context.write(
        services.duty_reasons.ask_note,
        group_id,
        Where(line, kind, first),
        context.actor,
        now=context.now,
        rules=context.world.rules,
    )
    await context.answer()
    await context.edit(cards.ask_note(group_id, facts, await context.words()))


async def note(update: Update, context: Context, group_id: int, line: int, kind: int, first: int) -> None:
    """The note."""
    text = update.message.text if update.message is not None else None
    if not text:
        raise Refusal("reason_needs_text")
    await context.write(
        services.duty_reasons.note_typed,
        group_id,
        Where(line, kind, first),
        text,
        context.actor,
        reply_key=context.reply_key,
        language=(await context.words()).language,
        now=context.now,
        rules=context.world.rules,
    )


def _require_private(context: Context) -> None:
    """Reasons are given in private; a button elsewhere is none of ours."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(
    taps={"reasons": listed, "reason": one, "reason_is": give, "reason_off": withdraw, "reason_note": ask_note},
    inputs={NOTE: note},
)
