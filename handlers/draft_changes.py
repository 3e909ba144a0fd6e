"""The pages and answers that change a draft: its time, how it recurs, and the rest. All are edited in place."""

from telegram import Update

import services.draft_changes as changes
import services.drafts
from chat import drafts_cards as cards
from chat.context import Context
from chat.dates import Known
from chat.day_numbers import clock_of, day_of
from chat.feature import Feature
from chat.typed_lines import read_time
from domain.errors import Refusal
from services.drafts import Echo


async def back(_update: Update, context: Context, draft_id: int) -> None:
    """⟦返回⟧: the echo itself; nothing is waited for any more."""
    await _show(context, await context.write(changes.look, draft_id, context.actor, now=context.now))


async def times(_update: Update, context: Context, draft_id: int, page: int = 0) -> None:
    """⟦🕐 改时间⟧ and the weeks of its page."""
    if not 0 <= page <= cards.LAST_PAGE:
        raise Refusal("unknown_button")
    echo = await context.read(services.drafts.shown, draft_id, context.actor, now=context.now)
    await context.answer()
    shown = cards.times(echo, await context.words(), page, context.now, in_private=context.is_private)
    await context.edit(shown)


async def set_day(_update: Update, context: Context, draft_id: int, day: int) -> None:
    """A day."""
    echo = await context.write(changes.set_day, draft_id, day_of(day), context.actor, now=context.now)
    await _show(context, echo)


async def set_clock(_update: Update, context: Context, draft_id: int, clock: int) -> None:
    """A time of the day."""
    echo = await context.write(changes.set_clock, draft_id, clock_of(clock), context.actor, now=context.now)
    await _show(context, echo)


async def turn_half(_update: Update, context: Context, draft_id: int) -> None:
    """⟦改为 19:00⟧."""
    await _show(context, await context.write(changes.turn_half, draft_id, context.actor, now=context.now))


async def repeats(_update: Update, context: Context, draft_id: int) -> None:
    """⟦🔁 重复⟧."""
    echo = await context.read(services.drafts.shown, draft_id, context.actor, now=context.now)
    await context.answer()
    await context.edit(cards.repeats(echo, await context.words()))


async def set_form(_update: Update, context: Context, draft_id: int, form: int) -> None:
    """A way of recurring, or none."""
    await _show(context, await context.write(changes.set_form, draft_id, form, context.actor, now=context.now))


async def more(_update: Update, context: Context, draft_id: int) -> None:
    """⟦✏️ 更多⟧."""
    echo = await context.read(services.drafts.shown, draft_id, context.actor, now=context.now)
    await context.answer()
    username, in_private = context.bot.username, context.is_private
    await context.edit(cards.more(echo, await context.words(), bot_username=username, in_private=in_private))


async def set_minutes(_update: Update, context: Context, draft_id: int, minutes: int) -> None:
    """A length."""
    echo = await context.write(changes.set_minutes, draft_id, minutes, context.actor, now=context.now)
    await _show(context, echo)


async def ask_title(_update: Update, context: Context, draft_id: int) -> None:
    """⟦主题⟧."""
    await _ask(context, draft_id, changes.TITLE)


async def ask_place(_update: Update, context: Context, draft_id: int) -> None:
    """⟦地点⟧."""
    await _ask(context, draft_id, changes.PLACE)


async def ask_link(_update: Update, context: Context, draft_id: int) -> None:
    """⟦链接⟧."""
    await _ask(context, draft_id, changes.LINK)


async def ask_time(_update: Update, context: Context, draft_id: int) -> None:
    """⟦⌨️ 输入时间⟧."""
    await _ask(context, draft_id, changes.TIME)


async def leave_out_place(_update: Update, context: Context, draft_id: int) -> None:
    """⟦去掉⟧ of the place."""
    echo = await context.write(changes.leave_out, draft_id, changes.PLACE, context.actor, now=context.now)
    await _show(context, echo)


async def leave_out_link(_update: Update, context: Context, draft_id: int) -> None:
    """⟦去掉⟧ of the link."""
    echo = await context.write(changes.leave_out, draft_id, changes.LINK, context.actor, now=context.now)
    await _show(context, echo)


async def title_typed(update: Update, context: Context, draft_id: int) -> None:
    """The title that was waited for."""
    await _set_text(update, context, draft_id, changes.TITLE)


async def place_typed(update: Update, context: Context, draft_id: int) -> None:
    """The place that was waited for."""
    await _set_text(update, context, draft_id, changes.PLACE)


async def link_typed(update: Update, context: Context, draft_id: int) -> None:
    """The link that was waited for."""
    await _set_text(update, context, draft_id, changes.LINK)


async def time_typed(update: Update, context: Context, draft_id: int) -> None:
    """The time that was waited for; what it leaves out stays as it is."""
    echo = await context.read(services.drafts.shown, draft_id, context.actor, now=context.now)
    known = Known(echo.typed.starts_local.date(), echo.typed.starts_local.time())
    when = read_time(_text(update), context.now, echo.time_zone, known)
    await context.write(
        changes.set_when,
        draft_id,
        when,
        context.actor,
        reply_key=context.reply_key,
        language=(await context.words()).language,
        now=context.now,
    )


async def _ask(context: Context, draft_id: int, purpose: str) -> None:
    """Wait for something typed, which can be in private only."""
    if not context.is_private:
        raise Refusal("unknown_button")
    await context.write(changes.ask, draft_id, purpose, context.actor, now=context.now)
    await context.answer()
    await context.edit(cards.ask(draft_id, purpose, await context.words()))


async def _set_text(update: Update, context: Context, draft_id: int, purpose: str) -> None:
    await context.write(
        changes.set_text,
        draft_id,
        purpose,
        _text(update),
        context.actor,
        reply_key=context.reply_key,
        language=(await context.words()).language,
        now=context.now,
    )


async def _show(context: Context, echo: Echo) -> None:
    await context.answer()
    await context.edit(cards.echo(echo, (await context.words()).language, context.world.rules.holidays))


def _text(update: Update) -> str:
    message = update.message
    if message is None or not message.text:
        raise Refusal("unreadable_answer")
    return message.text


feature = Feature(
    taps={
        "draft": back,
        "retime": times,
        "day": set_day,
        "clock": set_clock,
        "half": turn_half,
        "repeat": repeats,
        "cadence": set_form,
        "more": more,
        "length": set_minutes,
        "retitle": ask_title,
        "replace": ask_place,
        "relink": ask_link,
        "type_time": ask_time,
        "no_place": leave_out_place,
        "no_link": leave_out_link,
    },
    inputs={
        changes.TITLE: title_typed,
        changes.PLACE: place_typed,
        changes.LINK: link_typed,
        changes.TIME: time_typed,
    },
)
