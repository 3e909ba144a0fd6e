"""Scheduling by one line, what comes next, and cancelling."""

from datetime import datetime
from zoneinfo import ZoneInfo

from telegram import Update

import services.drafts
import services.sessions
from chat import sessions_cards as cards
from chat.context import Context
from chat.dates import DateError, parse_line
from chat.feature import GROUP, PRIVATE, Command, Feature
from chat.outgoing import Message
from domain.errors import Refusal
from domain.schedule import minutes
from services.drafts import Echo, Typed


async def new(_update: Update, context: Context) -> None:
    """/new: the line is read and echoed; where several groups may be meant, the group is asked for first."""
    spoken = await context.words()
    places = await context.read(services.drafts.places, context.actor, context.chat_id)
    if not context.argument:
        await context.reply(cards.how_to(spoken))
        return
    typed = _read_line(context, context.argument, context.now, places[0].time_zone)
    if len(places) == 1:
        await context.write(
            services.drafts.add,
            places[0].group_id,
            context.actor,
            context.chat_id,
            typed,
            reply_key=context.reply_key,
            language=spoken.language,
            now=context.now,
        )
    else:
        await context.write(
            services.drafts.add_unplaced,
            context.actor,
            context.argument,
            reply_key=context.reply_key,
            language=spoken.language,
            now=context.now,
        )


async def choose_group(_update: Update, context: Context, draft_id: int, group_id: int) -> None:
    """The group is chosen: the line is read by its clock, as of when it was typed."""
    line = await context.read(services.drafts.unplaced, draft_id, group_id, context.actor)
    typed = _read_line(context, line.text, line.typed_at, line.time_zone)
    echo = await context.write(services.drafts.place_draft, draft_id, group_id, context.actor, typed, now=context.now)
    await context.answer()
    await context.edit(await _echoed(context, echo))


async def publish(_update: Update, context: Context, draft_id: int) -> None:
    """⟦✅ 发布⟧: the card follows by itself."""
    echo = await context.write(
        services.drafts.publish, draft_id, context.actor, rules=context.world.rules, now=context.now
    )
    await context.answer((await context.personal_words())("sessions.published_toast"))
    await context.edit(await _echoed(context, echo))


async def turn_weekly(_update: Update, context: Context, draft_id: int) -> None:
    """⟦🔁 每周⟧ and ⟦只此一次⟧."""
    echo = await context.write(services.drafts.turn_weekly, draft_id, context.actor, now=context.now)
    await context.answer()
    await context.edit(await _echoed(context, echo))


async def turn_half(_update: Update, context: Context, draft_id: int) -> None:
    """⟦改为 19:00⟧."""
    echo = await context.write(services.drafts.turn_half, draft_id, context.actor, now=context.now)
    await context.answer()
    await context.edit(await _echoed(context, echo))


async def drop(_update: Update, context: Context, draft_id: int) -> None:
    """⟦取消⟧ before anything is published."""
    await context.write(services.drafts.drop, draft_id, context.actor, now=context.now)
    await context.answer()
    await context.edit(Message((await context.words()).html("sessions.dropped")))


async def today(_update: Update, context: Context) -> None:
    """/today: what comes next, here or in one's groups."""
    found = await context.read(services.sessions.upcoming, context.actor, context.chat_id, context.now)
    await context.reply(cards.upcoming(found, context.is_private, await context.words()))


async def list_to_cancel(_update: Update, context: Context) -> None:
    """/cancel: which one?"""
    found = await context.read(services.sessions.cancellable, context.actor, context.chat_id, context.now)
    await context.reply(cards.choose_to_cancel(found, await context.words()))


async def ask_cancel(_update: Update, context: Context, session_id: int) -> None:
    """One is chosen: really?"""
    coming = await context.read(services.sessions.to_cancel, session_id, context.actor, context.now)
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
    await context.read(services.sessions.to_cancel, session_id, context.actor, context.now)
    await context.answer()
    await context.edit(cards.kept(await context.words()))


async def _cancel(context: Context, session_id: int, *, and_later: bool) -> None:
    found = await context.write(
        services.sessions.cancel, session_id, context.actor, and_later=and_later, now=context.now
    )
    await context.answer()
    await context.edit(cards.cancel_done(found, await context.words()))


async def _echoed(context: Context, echo: Echo) -> Message:
    return cards.echo(echo, (await context.words()).language)


def _read_line(context: Context, text: str, now: datetime, time_zone: str) -> Typed:
    """The line as a draft holds it. Raises DateError, whose moments are told in the group's zone."""
    try:
        line = parse_line(text, now=now, zone=ZoneInfo(time_zone))
    except DateError as error:
        if error.code == "ambiguous" and error.params["first"] == error.params["second"]:
            raise Refusal("unclear_time", text=error.params["first"]) from error
        error.params["zone"] = time_zone
        raise
    return Typed(
        title=line.title,
        kind=line.kind,
        place=line.place,
        starts_local=line.starts_local,
        starts_at=line.starts_at,
        minutes=line.minutes or minutes(context.world.rules.session_length),
        weeks=line.repeat_weeks,
        bare_hour=line.bare_hour,
        in_gap=line.in_gap,
    )


feature = Feature(
    commands=(
        Command("today", today, where=(PRIVATE, GROUP), order=10),
        Command("new", new, where=(PRIVATE, GROUP), order=30, audience="leader", category="lead", personal=True),
        Command(
            "cancel", list_to_cancel, where=(PRIVATE,), order=35, audience="leader", category="lead", personal=True
        ),
    ),
    taps={
        "new_in": choose_group,
        "publish": publish,
        "weekly": turn_weekly,
        "half": turn_half,
        "drop": drop,
        "cancel": ask_cancel,
        "cancel_yes": cancel,
        "cancel_later": cancel_later,
        "cancel_no": keep,
    },
)
