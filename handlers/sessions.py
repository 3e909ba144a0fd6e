"""Scheduling a session, answering its card, leave, and cancelling."""

from zoneinfo import ZoneInfo

from telegram import Update

import services.drafts
import services.sessions
from chat import sessions_cards as cards
from chat.context import Context
from chat.dates import parse_line
from chat.feature import GROUP, PRIVATE, Command, Feature
from chat.outgoing import Message
from services.drafts import Draft, Typed


async def new(_update: Update, context: Context) -> None:
    """/new 下周三19:00 党课：学习原著 @三楼会议室: read, kept as a draft, echoed."""
    places = await context.read(services.drafts.places, context.actor, context.chat_id)
    spoken = await context.words()
    if not context.argument:
        await context.reply(Message(spoken.html("sessions.how_to")))
        return
    line = parse_line(context.argument, now=context.now, zone=ZoneInfo(places[0].time_zone))
    draft = await context.write(
        services.drafts.keep,
        places[0].group_id,
        context.actor,
        Typed(line.title, line.kind, line.place, line.starts_local, line.minutes, line.repeat_weeks, line.bare_hour),
        context.chat_id,
        language=spoken.language,
        now=context.now,
        rules=context.world.rules,
        reply_key=context.reply_key,
    )
    if len(places) > 1:
        await context.reply(cards.which_group(draft, places, spoken))


async def publish(_update: Update, context: Context, draft_id: int) -> None:
    """⟦✅ 发布⟧."""
    draft, count = await context.write(
        services.sessions.publish, draft_id, context.actor, now=context.now, rules=context.world.rules
    )
    spoken = await context.words()
    await context.answer(spoken("sessions.published_toast"))
    await context.edit(cards.published(draft, count, spoken))


async def weekly(_update: Update, context: Context, draft_id: int) -> None:
    """⟦🔁 每周⟧ and back."""
    draft = await context.write(services.drafts.toggle_weekly, draft_id, context.actor, now=context.now)
    await _echo_again(context, draft)


async def other_half(_update: Update, context: Context, draft_id: int) -> None:
    """⟦改为 19:00⟧."""
    draft = await context.write(services.drafts.other_half_of_day, draft_id, context.actor, now=context.now)
    await _echo_again(context, draft)


async def choose_group(_update: Update, context: Context, draft_id: int, group_id: int) -> None:
    """Which of one's groups."""
    draft = await context.write(services.drafts.choose_group, draft_id, group_id, context.actor, now=context.now)
    await _echo_again(context, draft)


async def drop(_update: Update, context: Context, draft_id: int) -> None:
    """⟦取消⟧ on an echo."""
    await context.write(services.drafts.drop, draft_id, context.actor)
    spoken = await context.words()
    await context.answer(spoken("sessions.dropped"))
    await context.edit(Message(spoken.html("sessions.dropped")))


async def going(_update: Update, context: Context, session_id: int) -> None:
    """⟦✅ 参加⟧."""
    await _respond(context, session_id, "going")


async def leave(_update: Update, context: Context, session_id: int) -> None:
    """⟦📝 请假⟧."""
    await _respond(context, session_id, "leave")


async def leave_reason(_update: Update, context: Context, session_id: int, number: int) -> None:
    """公假, 病假 or 事假."""
    facts = await context.write(services.sessions.give_reason, session_id, number, context.actor, now=context.now)
    spoken = await context.words()
    await context.answer(spoken("sessions.leave_sent"))
    await context.edit(cards.leave_noted(facts, spoken))


async def withdraw(_update: Update, context: Context, session_id: int) -> None:
    """⟦撤回⟧."""
    await context.write(
        services.sessions.withdraw, session_id, context.actor, now=context.now, rules=context.world.rules
    )
    spoken = await context.words()
    await context.answer(spoken("sessions.leave_withdrawn"))
    await context.edit(Message(spoken.html("sessions.leave_withdrawn")))


async def approve(_update: Update, context: Context, session_id: int, person_id: int) -> None:
    """⟦批准⟧."""
    await _decide(context, session_id, person_id, approved=True)


async def decline(_update: Update, context: Context, session_id: int, person_id: int) -> None:
    """⟦不批准⟧."""
    await _decide(context, session_id, person_id, approved=False)


async def today(_update: Update, context: Context) -> None:
    """/today: what comes next."""
    rows = await context.read(services.sessions.upcoming, context.actor, context.chat_id, context.now)
    await context.reply(cards.upcoming(rows, await context.words(), with_group=context.is_private))


async def cancel(_update: Update, context: Context) -> None:
    """/cancel: which session?"""
    rows = await context.read(services.sessions.cancellable, context.actor, context.chat_id, context.now)
    await context.reply(cards.to_cancel(rows, await context.words()))


async def cancel_one(_update: Update, context: Context, session_id: int) -> None:
    """A session is chosen: really?"""
    rows = await context.read(services.sessions.cancellable, context.actor, context.chat_id, context.now)
    facts = await context.read(services.sessions.card, {"session_id": session_id}, context.now)
    await context.answer()
    spoken = await context.words()
    if facts is None or session_id not in {row.id for row in rows}:
        await context.edit(cards.to_cancel(rows, spoken))
    else:
        await context.edit(cards.really_cancel(facts, spoken))


async def cancel_yes(_update: Update, context: Context, session_id: int) -> None:
    """Cancelled."""
    await context.write(services.sessions.cancel, session_id, context.actor, now=context.now, rules=context.world.rules)
    spoken = await context.words()
    await context.answer(spoken("sessions.cancelled_toast"))
    await context.edit(Message(spoken.html("sessions.cancelled_toast")))


async def cancel_no(_update: Update, context: Context) -> None:
    """Kept after all."""
    spoken = await context.words()
    await context.answer(spoken("sessions.kept"))
    await context.edit(Message(spoken.html("sessions.kept")))


async def _respond(context: Context, session_id: int, answer: str) -> None:
    result = await context.write(
        services.sessions.respond,
        session_id,
        answer,
        context.actor,
        context.chat_id,
        now=context.now,
        rules=context.world.rules,
    )
    spoken = await context.personal_words()
    if answer == "going":
        await context.answer(spoken("sessions.going_noted"))
    else:
        key = "sessions.leave_toast" if result.reachable else "sessions.leave_toast_unreachable"
        await context.answer(spoken(key), alert=not result.reachable)


async def _decide(context: Context, session_id: int, person_id: int, *, approved: bool) -> None:
    facts = await context.write(
        services.sessions.decide_leave,
        session_id,
        person_id,
        approved,
        context.actor,
        now=context.now,
        rules=context.world.rules,
    )
    spoken = await context.words()
    await context.answer(spoken("sessions.decided"))
    await context.edit(cards.leave_decided(facts, spoken))


async def _echo_again(context: Context, draft: Draft) -> None:
    spoken = await context.words()
    await context.answer()
    await context.edit(cards.echo((draft, spoken.language)))


feature = Feature(
    commands=(
        Command("new", new, where=(PRIVATE, GROUP), order=40, audience="leader"),
        Command("cancel", cancel, where=(PRIVATE,), order=45, audience="leader"),
        Command("today", today, where=(PRIVATE, GROUP), order=10),
    ),
    taps={
        "publish": publish,
        "draft_weekly": weekly,
        "draft_hour": other_half,
        "draft_group": choose_group,
        "draft_drop": drop,
        "going": going,
        "leave": leave,
        "leave_reason": leave_reason,
        "withdraw": withdraw,
        "approve": approve,
        "decline": decline,
        "cancel": cancel_one,
        "cancel_yes": cancel_yes,
        "cancel_no": cancel_no,
    },
)
