"""Sessions: what comes next, the alert under a card, the private page, a group's list, and cancelling."""

import asyncio

from telegram import Update

import services.calendars
import services.cancelling
import services.leaves
import services.responses
import services.session_pages
import services.sessions
from chat import calendar_cards, responses_cards
from chat import session_pages_cards as pages
from chat import sessions_cards as cards
from chat.context import Context
from chat.feature import GROUP, PRIVATE, Command, Feature
from domain.errors import Refusal
from exports.calendar import calendar_file


async def today(_update: Update, context: Context) -> None:
    """/today: what comes next, here or in one's groups."""
    asked = context.read(services.sessions.upcoming, context.actor, context.chat_id, context.now)
    found, words = await asyncio.gather(asked, context.words())  # at once: one turn of the database's reader
    await context.reply(cards.upcoming(found, context.is_private, words))


async def back_to_today(_update: Update, context: Context) -> None:
    """⟦‹ 返回⟧ from a page to the list of what comes."""
    _require_private(context)
    found = await context.read(services.sessions.upcoming, context.actor, context.chat_id, context.now)
    await context.answer()
    await context.edit(cards.upcoming(found, True, await context.words()))


async def details(_update: Update, context: Context, session_id: int) -> None:
    """⟦详情⟧ under a card: an alert that only this person reads."""
    facts = await context.read(services.session_pages.details, session_id, context.actor, context.chat_id, context.now)
    await context.answer(pages.alert(facts, await context.personal_words()), alert=True)


async def page(_update: Update, context: Context, session_id: int, origin: int = 0) -> None:
    """A session's page, in the place of the message with the button."""
    _require_private(context)
    facts = await context.read(services.session_pages.page, session_id, context.actor, context.now)
    await context.answer()
    await context.edit(pages.page(facts, await context.words(), origin))


async def from_link(_update: Update, context: Context, rest: str) -> None:
    """The button under a group's card leads here."""
    if not (rest.isascii() and rest.isdigit() and len(rest) < 19):
        raise Refusal("session_gone")
    facts = await context.read(services.session_pages.page, int(rest), context.actor, context.now)
    await context.reply(pages.page(facts, await context.words()))


async def page_going(_update: Update, context: Context, session_id: int) -> None:
    """⟦✅ 参加⟧ on the page."""
    _require_private(context)
    result = await context.write(
        services.responses.answer,
        session_id,
        context.actor,
        context.chat_id,
        "going",
        context.moment,
        now=context.now,
        rules=context.world.rules,
    )
    text = responses_cards.answered(result, await context.personal_words(), in_private=True)
    await _refresh(context, session_id, text)


async def ask_why(_update: Update, context: Context, session_id: int) -> None:
    """⟦📝 请假⟧ on the page: nothing is recorded before a reason is chosen."""
    _require_private(context)
    facts = await context.read(services.session_pages.page, session_id, context.actor, context.now)
    if not facts.may_leave:
        await context.read(services.leaves.look, session_id, context.actor, context.moment)  # says why not
    await context.answer()
    await context.edit(pages.page(facts, await context.words(), asks_reason=facts.may_leave))


async def page_leave(_update: Update, context: Context, session_id: int, number: int) -> None:
    """⟦公假⟧ ⟦病假⟧ ⟦事假⟧ on the page."""
    _require_private(context)
    await context.write(
        services.leaves.take,
        session_id,
        number,
        context.actor,
        context.moment,
        now=context.now,
        rules=context.world.rules,
    )
    await _refresh(context, session_id, (await context.personal_words())("leaves.recorded"))


async def page_withdraw(_update: Update, context: Context, session_id: int) -> None:
    """⟦撤回请假⟧ on the page."""
    _require_private(context)
    await context.write(
        services.leaves.withdraw,
        session_id,
        context.actor,
        context.moment,
        now=context.now,
        rules=context.world.rules,
    )
    await _refresh(context, session_id, (await context.personal_words())("leaves.withdrawn_toast"))


async def calendar(_update: Update, context: Context, session_id: int) -> None:
    """⟦📅 加入日历⟧: the file, as a message of its own."""
    _require_private(context)
    entry = await context.read(services.calendars.entry, session_id, context.actor, context.world.rules)
    await context.answer()
    content = calendar_file([entry], f"{context.bot.username}.t.me".lower(), context.now)
    await context.reply(calendar_cards.document(entry, content, await context.words()))


async def people(_update: Update, context: Context, session_id: int, number: int) -> None:
    """⟦👥 全部回复⟧: who answered what, for leaders."""
    _require_private(context)
    facts = await context.read(services.session_pages.page, session_id, context.actor, context.now)
    if not facts.is_leader:
        raise Refusal("not_leader", group=facts.group_name)
    await context.answer()
    await context.edit(pages.people(facts, number, await context.words()))


async def of_group(_update: Update, context: Context, group_id: int, number: int = 0) -> None:
    """⟦📅 场次⟧ of the leader's hub, and its pages."""
    _require_private(context)
    facts = await context.read(services.session_pages.of_group, group_id, number, context.actor, context.now)
    await context.answer()
    await context.edit(pages.sessions(facts, await context.words()))


async def list_to_cancel(_update: Update, context: Context) -> None:
    """/cancel: which one?"""
    found = await context.read(services.cancelling.cancellable, context.actor, context.chat_id, context.now)
    await context.reply(cards.choose_to_cancel(found, await context.words()))


async def ask_cancel(_update: Update, context: Context, session_id: int) -> None:
    """One is chosen: really?"""
    coming = await context.read(services.cancelling.to_cancel, session_id, context.actor, context.now)
    await context.answer()
    await context.edit(cards.confirm_cancel(coming, await context.words()))


async def cancel(_update: Update, context: Context, session_id: int) -> None:
    """⟦取消本次⟧."""
    await _cancel(context, session_id, and_later=False)


async def cancel_later(_update: Update, context: Context, session_id: int) -> None:
    """⟦本次及以后⟧: the series ends."""
    await _cancel(context, session_id, and_later=True)


async def keep(_update: Update, context: Context, session_id: int) -> None:
    """⟦保留⟧: nothing is cancelled. Only a leader of the session may end the question."""
    await context.read(services.cancelling.to_cancel, session_id, context.actor, context.now)
    spoken = await context.words()
    if context.is_private:
        await _refresh(context, session_id, spoken("sessions.kept"))
        return
    await context.answer()
    await context.edit(cards.kept(spoken))


async def _cancel(context: Context, session_id: int, *, and_later: bool) -> None:
    found = await context.write(
        services.cancelling.cancel, session_id, context.actor, and_later=and_later, now=context.now
    )
    await context.answer()
    await context.edit(cards.cancel_done(found, await context.words()))


async def _refresh(context: Context, session_id: int, toast: str) -> None:
    facts = await context.read(services.session_pages.page, session_id, context.actor, context.now)
    await context.answer(toast)
    await context.edit(pages.page(facts, await context.words()))


def _require_private(context: Context) -> None:
    """A page tells of one person, or to leaders of all; a button elsewhere is none of ours."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(
    commands=(
        Command("today", today, where=(PRIVATE, GROUP), order=10),
        Command(
            "cancel", list_to_cancel, where=(PRIVATE,), order=35, audience="leader", category="lead", personal=True
        ),
    ),
    taps={
        "today": back_to_today,
        "details": details,
        "session": page,
        "page_going": page_going,
        "page_why": ask_why,
        "page_leave": page_leave,
        "page_withdraw": page_withdraw,
        "calendar": calendar,
        "session_people": people,
        "sessions_of": of_group,
        "cancel": ask_cancel,
        "cancel_yes": cancel,
        "cancel_later": cancel_later,
        "cancel_no": keep,
    },
    links={"s": from_link},
)
