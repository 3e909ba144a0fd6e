"""/makeup: one's own make-up study, and the leader's list of what is still to be made up."""

from telegram import Update

import services.makeup_reviews
import services.makeups
from chat import makeups_cards as cards
from chat.context import Context
from chat.feature import PRIVATE, Command, Feature
from domain.errors import Refusal
from services.makeups import NOTE


async def makeup(_update: Update, context: Context) -> None:
    """/makeup: one's own tasks."""
    if not context.is_private:
        raise Refusal("makeup_in_private")
    tasks = await context.read(services.makeups.own, 0, context.actor, context.now)
    await context.reply(cards.own(tasks, await context.words()))


async def own(_update: Update, context: Context, page: int = 0) -> None:
    """⟦我的补学⟧, and its pages."""
    _require_private(context)
    tasks = await context.read(services.makeups.own, page, context.actor, context.now)
    await context.answer()
    await context.edit(cards.own(tasks, await context.words()))


async def task(_update: Update, context: Context, makeup_id: int) -> None:
    """One of one's own tasks."""
    _require_private(context)
    facts = await context.read(services.makeups.mine, makeup_id, context.actor, context.now)
    await context.answer()
    await context.edit(cards.task(facts, await context.words()))


async def ask(_update: Update, context: Context, makeup_id: int) -> None:
    """⟦✍️ 交心得⟧: from now on it is taken in."""
    _require_private(context)
    facts = await context.write(services.makeups.ask_note, makeup_id, context.actor, now=context.now)
    await context.answer()
    await context.edit(cards.ask_note(facts, await context.words()))


async def take(update: Update, context: Context, makeup_id: int) -> None:
    """A note, a picture or a file came in."""
    message = update.message
    text, form, file_id, file_name = "", "", "", ""
    if message is not None:
        text = message.text or message.caption or ""
        if message.document is not None:
            form, file_id, file_name = "document", message.document.file_id, message.document.file_name or ""
        elif message.photo:
            form, file_id = "photo", message.photo[-1].file_id
    if not (text or file_id):
        raise Refusal("makeup_needs_note")
    await context.write(
        services.makeups.hand_in,
        makeup_id,
        context.actor,
        text=text,
        form=form,
        file_id=file_id,
        file_name=file_name,
        reply_key=context.reply_key,
        language=(await context.words()).language,
        now=context.now,
        rules=context.world.rules,
    )


async def of_group(_update: Update, context: Context, group_id: int, page: int) -> None:
    """⟦补学⟧ in the hub."""
    _require_private(context)
    facts = await context.read(services.makeup_reviews.of_group, group_id, page, context.actor, context.now)
    await context.answer()
    await context.edit(cards.tasks(facts, await context.words()))


async def to_decide(_update: Update, context: Context, makeup_id: int) -> None:
    """One of the group's tasks."""
    _require_private(context)
    facts = await context.read(services.makeup_reviews.to_decide, makeup_id, context.actor, context.now)
    await context.answer()
    await context.edit(cards.to_decide(facts, await context.words()))


async def decide(_update: Update, context: Context, makeup_id: int, decision: int) -> None:
    """⟦确认⟧ ⟦退回⟧ ⟦免补⟧."""
    _require_private(context)
    facts = await context.write(
        services.makeup_reviews.decide, makeup_id, decision, context.actor, now=context.now, rules=context.world.rules
    )
    await context.answer((await context.personal_words())("makeups.decided_toast"))
    await context.edit(cards.to_decide(facts, await context.words()))


async def undo(_update: Update, context: Context, makeup_id: int) -> None:
    """⟦↩️ 撤销⟧."""
    _require_private(context)
    facts = await context.write(services.makeup_reviews.undo, makeup_id, context.actor, now=context.now)
    await context.answer((await context.personal_words())("makeups.undone_toast"))
    await context.edit(cards.to_decide(facts, await context.words()))


async def file(_update: Update, context: Context, makeup_id: int) -> None:
    """⟦📎 查看附件⟧."""
    _require_private(context)
    facts = await context.read(services.makeup_reviews.to_decide, makeup_id, context.actor, context.now)
    if not facts.file_id:
        raise Refusal("no_files")
    await context.answer()
    await context.reply(cards.file(facts))


def _require_private(context: Context) -> None:
    """Make-up study is between a person and their leaders; a button elsewhere is none of ours."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(
    commands=(Command("makeup", makeup, where=(PRIVATE,), order=45, category="mine", personal=True),),
    taps={
        "makeups": own,
        "makeup": task,
        "makeup_note": ask,
        "makeups_of": of_group,
        "makeup_task": to_decide,
        "makeup_decide": decide,
        "makeup_undo": undo,
        "makeup_file": file,
    },
    inputs={NOTE: take},
)
