"""Changing a published session in private: what, to what, confirming, taking back."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from telegram import Update

import services.applying
import services.editing
import services.session_pages
from chat import editing_cards as cards
from chat import session_pages_cards
from chat.context import Context
from chat.dates import DateError, Known, When, parse_when
from chat.feature import Feature
from domain.cadence import to_instant
from domain.errors import Refusal
from services.editing import FIELD, FIELDS, LENGTH, LINK, PLACE, TIME, Editable, Proposal

MINUTE = timedelta(minutes=1)
DAY = 24 * 60


async def menu(_update: Update, context: Context, session_id: int) -> None:
    """⟦✏️ 修改⟧."""
    _require_private(context)
    facts = await context.write(services.editing.begin, session_id, context.actor, context.now)
    await context.answer()
    await context.edit(cards.menu(facts, await context.words()))


async def ask(_update: Update, context: Context, session_id: int, number: int) -> None:
    """⟦主题⟧ ⟦地点⟧ ⟦链接⟧ ⟦时间⟧ ⟦时长⟧: from now on it can be typed."""
    facts = await _wait(context, session_id, number)
    await context.edit(cards.ask(facts, services.editing.field_of(number), await context.words(), context.now))


async def turn_days(_update: Update, context: Context, session_id: int, page: int) -> None:
    """Other days to choose from."""
    facts = await _wait(context, session_id, FIELDS.index(TIME))
    page = min(max(page, 0), cards.LAST_PAGE)
    await context.edit(cards.ask(facts, TIME, await context.words(), context.now, page))


async def choose_day(_update: Update, context: Context, session_id: int, ordinal: int) -> None:
    """A day is chosen; a time that is typed now is meant for it."""
    day = _day(ordinal)
    facts = await _wait(context, session_id, FIELDS.index(TIME), ordinal)
    await context.edit(cards.ask_clock(facts, day, await context.words(), context.now))


async def choose_clock(_update: Update, context: Context, session_id: int, ordinal: int, minute: int) -> None:
    """The time is chosen too."""
    day = _day(ordinal)
    if minute not in range(DAY):
        raise Refusal("unknown_button")
    facts = await context.read(services.editing.editable, session_id, context.actor, context.now)
    local = datetime.combine(day, time()) + minute * MINUTE
    await _propose(context, session_id, TIME, to_instant(local, ZoneInfo(facts.time_zone)))


async def choose_length(_update: Update, context: Context, session_id: int, minutes: int) -> None:
    """A length is chosen."""
    await _propose(context, session_id, LENGTH, minutes)


async def clear(_update: Update, context: Context, session_id: int, number: int) -> None:
    """⟦清空⟧ the place or the link."""
    field = services.editing.field_of(number)
    if field not in (PLACE, LINK):
        raise Refusal("unknown_button")
    await _propose(context, session_id, field, "")


async def typed(update: Update, context: Context, session_id: int, number: int, ordinal: int) -> None:
    """A new value was typed: it is echoed, nothing is changed yet."""
    text = update.message.text if update.message is not None else None
    if not text:
        raise Refusal("edit_needs_text")
    field = services.editing.field_of(number)
    value: str | datetime | int = text
    bare = False
    if field in (TIME, LENGTH):
        facts = await context.read(services.editing.editable, session_id, context.actor, context.now)
        if field == TIME:
            when = _read_time(text, facts, ordinal, context.now)
            value, bare = when.starts_at, when.bare_hour
        else:
            value = _read_length(text, facts, context.now)
    await context.write(
        services.editing.propose,
        session_id,
        field,
        value,
        context.actor,
        bare_hour=bare,
        reply_key=context.reply_key,
        language=(await context.words()).language,
        now=context.now,
    )


async def confirm(_update: Update, context: Context, draft_id: int, and_later: int) -> None:
    """⟦确认修改⟧ ⟦仅本次⟧ ⟦本次及以后⟧; who was not the first sees what the other one left."""
    _require_private(context)
    result = await context.write(
        services.applying.apply,
        draft_id,
        context.actor,
        and_later=bool(and_later),
        now=context.now,
        rules=context.world.rules,
    )
    spoken = await context.words()
    if result.count or not result.proposal.outdated:
        await context.answer(spoken("editing.applied_toast"))
        await context.edit(cards.applied(result, spoken))
    else:
        await context.answer(spoken("editing.outdated_toast"), alert=True)
        await context.edit(cards.echo(result.proposal, spoken))


async def turn_half(_update: Update, context: Context, draft_id: int) -> None:
    """⟦改为 19:00⟧."""
    _require_private(context)
    proposal = await context.write(services.editing.other_half, draft_id, context.actor, now=context.now)
    await context.answer()
    await context.edit(cards.echo(proposal, await context.words()))


async def keep(_update: Update, context: Context, draft_id: int) -> None:
    """⟦不改了⟧: back to the page."""
    _require_private(context)
    session_id = await context.write(services.editing.drop, draft_id, context.actor)
    await context.answer((await context.personal_words())("editing.kept"))
    await _show_page(context, session_id)


async def undo(_update: Update, context: Context, draft_id: int) -> None:
    """⟦↩️ 撤销⟧."""
    _require_private(context)
    session_id = await context.write(
        services.applying.undo, draft_id, context.actor, now=context.now, rules=context.world.rules
    )
    await context.answer((await context.personal_words())("editing.undone"))
    await _show_page(context, session_id)


async def history(_update: Update, context: Context, session_id: int, page: int) -> None:
    """⟦🕘 修改记录⟧."""
    _require_private(context)
    facts = await context.read(services.session_pages.history, session_id, page, context.actor)
    await context.answer()
    await context.edit(session_pages_cards.history(facts, await context.words()))


async def _wait(context: Context, session_id: int, number: int, ordinal: int = 0) -> Editable:
    _require_private(context)
    facts = await context.write(services.editing.ask, session_id, number, ordinal, context.actor, now=context.now)
    await context.answer()
    return facts


async def _propose(context: Context, session_id: int, field: str, value: str | datetime | int) -> None:
    _require_private(context)
    proposal: Proposal = await context.write(
        services.editing.propose, session_id, field, value, context.actor, now=context.now
    )
    await context.answer()
    await context.edit(cards.echo(proposal, await context.words()))


async def _show_page(context: Context, session_id: int) -> None:
    page = await context.read(services.session_pages.page, session_id, context.actor, context.now)
    await context.edit(session_pages_cards.page(page, await context.words()))


def _day(ordinal: int) -> date:
    """The day of a button; a forged one is none."""
    try:
        return date.fromordinal(ordinal)
    except (ValueError, OverflowError) as error:
        raise Refusal("unknown_button") from error


def _read_time(text: str, facts: Editable, ordinal: int, now: datetime) -> When:
    """A typed time; what is not said of day or time stays as it is, or as it was chosen just before."""
    zone = ZoneInfo(facts.time_zone)
    local = facts.starts_at.astimezone(zone)
    known = Known(_day(ordinal) if ordinal else local.date(), local.time())
    when = _read(text, now, zone, known)
    if not when.spans or when.cadence is not None:
        raise Refusal("edit_time_unread")
    return when


def _read_length(text: str, facts: Editable, now: datetime) -> int:
    """Minutes: 90, 90分钟, 1.5小时, two hours."""
    plain = text.strip()
    if plain.isascii() and plain.isdigit() and len(plain) < 5:
        return int(plain)
    zone = ZoneInfo(facts.time_zone)
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    minutes = _read(text, now, zone, Known(tomorrow, time(12))).minutes
    if minutes is None:
        raise Refusal("edit_length_unread")
    return minutes


def _read(text: str, now: datetime, zone: ZoneInfo, known: Known) -> When:
    try:
        return parse_when(text, now=now, zone=zone, known=known)
    except DateError as error:
        raise Refusal("edit_past" if error.code == "past" else "edit_time_unread") from error


def _require_private(context: Context) -> None:
    """Changing is a leader's talk with the bot; a button elsewhere is none of ours."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(
    taps={
        "edit": menu,
        "edit_field": ask,
        "edit_day": turn_days,
        "edit_at": choose_day,
        "edit_clock": choose_clock,
        "edit_length": choose_length,
        "edit_clear": clear,
        "edit_yes": confirm,
        "edit_half": turn_half,
        "edit_no": keep,
        "edit_undo": undo,
        "session_history": history,
    },
    inputs={FIELD: typed},
)
