"""How often each kind of session is due: shown to leaders, changed by admins, in private."""

from telegram import Update

import services.kind_settings
from chat import kind_settings_cards as cards
from chat.context import Context
from chat.feature import Feature
from domain.errors import Refusal
from services.kind_settings import Settings


async def page(_update: Update, context: Context, group_id: int, scope: int = 0) -> None:
    """⟦⚙️ 计划设置⟧, of the group or of its whole unit."""
    facts = await _read(context, group_id, scope)
    await context.answer()
    await context.edit(cards.page(facts, await context.words()))


async def kind(_update: Update, context: Context, group_id: int, scope: int, number: int) -> None:
    """One kind."""
    facts = await _read(context, group_id, scope)
    await context.answer()
    await context.edit(cards.kind(facts, number, await context.words()))


async def choose(
    _update: Update, context: Context, group_id: int, scope: int, number: int, field: int, value: int
) -> None:
    """One of its choices."""
    _require_private(context)
    facts = await context.write(
        services.kind_settings.choose,
        group_id,
        scope,
        number,
        field,
        value,
        context.actor,
        now=context.now,
        rules=context.world.rules,
    )
    await context.answer((await context.personal_words())("kinds.kept_toast"))
    await context.edit(cards.kind(facts, number, await context.words()))


async def restore(_update: Update, context: Context, group_id: int, scope: int, number: int) -> None:
    """⟦恢复默认⟧."""
    _require_private(context)
    facts = await context.write(
        services.kind_settings.restore,
        group_id,
        scope,
        number,
        context.actor,
        now=context.now,
        rules=context.world.rules,
    )
    await context.answer((await context.personal_words())("kinds.restored_toast"))
    await context.edit(cards.kind(facts, number, await context.words()))


async def set_form(_update: Update, context: Context, group_id: int, number: int) -> None:
    """⟦改为党支部⟧ ⟦改为学习小组⟧."""
    _require_private(context)
    if number not in range(len(cards.FORMS)):
        raise Refusal("unknown_button")
    facts = await context.write(
        services.kind_settings.set_form,
        group_id,
        cards.FORMS[number],
        context.actor,
        now=context.now,
        rules=context.world.rules,
    )
    await context.answer((await context.personal_words())("kinds.kept_toast"))
    await context.edit(cards.page(facts, await context.words()))


async def _read(context: Context, group_id: int, scope: int) -> Settings:
    _require_private(context)
    return await context.read(services.kind_settings.page, group_id, scope, context.actor, context.world.rules)


def _require_private(context: Context) -> None:
    """Settings are changed in private; a button elsewhere is none of ours."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(
    taps={"kinds": page, "kind": kind, "kind_set": choose, "kind_default": restore, "kinds_form": set_form},
)
