"""Scheduling by one line: the draft, its echo, publishing, and taking that back."""

from telegram import Update

import services.draft_changes
import services.drafts
import services.planning
import services.publishing
from chat import drafts_cards as cards
from chat.context import Context
from chat.dates import DateError
from chat.feature import GROUP, PRIVATE, Command, Feature
from chat.outgoing import Message
from chat.typed_lines import read_line
from domain.errors import Refusal
from domain.schedule import minutes
from services.drafts import Echo, Place
from services.publishing import AGAIN, CHANGED, PASSED, PUBLISHED


async def new(_update: Update, context: Context) -> None:
    """/new: a line is read and echoed; without one it goes step by step, in private."""
    places = await context.read(services.drafts.places, context.actor, context.chat_id)
    if context.argument:
        await _add_line(context, context.argument, places)
    elif context.is_private:
        await _plan(context, places)
    else:
        how_to = cards.how_to(places[0].group_id, context.bot.username, await context.words())
        await context.reply(how_to)


async def better_line(update: Update, context: Context) -> None:
    """The line that was waited for after one that could not be read."""
    message = update.message
    places = await context.read(services.drafts.places, context.actor, context.chat_id)
    await _add_line(context, (message.text if message is not None else None) or "", places)


async def _add_line(context: Context, text: str, places: list[Place]) -> None:
    """Read a line and keep it; where several groups may be meant, the group is asked for first."""
    length = minutes(context.world.rules.session_length)
    try:
        typed, passed = read_line(text, context.now, places[0], length)
    except Refusal as refusal:
        await _wait_for_better(context, refusal)
        raise
    language = (await context.words()).language
    if len(places) == 1:
        await context.write(
            services.drafts.add,
            places[0].group_id,
            context.actor,
            context.chat_id,
            typed,
            reply_key=context.reply_key,
            language=language,
            now=context.now,
            passed=passed,
        )
    else:
        await context.write(
            services.drafts.add_unplaced,
            context.actor,
            text,
            reply_key=context.reply_key,
            language=language,
            now=context.now,
        )


async def _wait_for_better(context: Context, refusal: Refusal) -> None:
    """In private the next text is a better line; the refusal says what was wrong with this one."""
    if context.is_private and (isinstance(refusal, DateError) or refusal.code == "unclear_time"):
        await context.write(services.drafts.wait_for_line, context.actor, now=context.now)


async def _plan(context: Context, places: list[Place]) -> None:
    spoken = await context.words()
    if len(places) > 1:
        await context.reply(cards.choose_group_to_plan(places, spoken))
        return
    await context.write(
        services.planning.begin_and_ask,
        places[0].group_id,
        context.actor,
        reply_key=context.reply_key,
        language=spoken.language,
        now=context.now,
    )


async def choose_group(_update: Update, context: Context, draft_id: int, group_id: int) -> None:
    """The group is chosen: the line is read by its clock, as of when it was typed."""
    line = await context.read(services.drafts.unplaced, draft_id, group_id, context.actor)
    length = minutes(context.world.rules.session_length)
    typed, passed = read_line(line.text, line.typed_at, line.place, length)
    echo = await context.write(
        services.drafts.place_draft, draft_id, group_id, context.actor, typed, now=context.now, passed=passed
    )
    await context.answer()
    await context.edit(await _echoed(context, echo))


async def publish(_update: Update, context: Context, draft_id: int, revision: int | None = None) -> None:
    """⟦✅ 发布⟧: the card follows by itself."""
    result = await context.write(
        services.publishing.publish,
        draft_id,
        context.actor,
        revision=revision,
        rules=context.world.rules,
        now=context.now,
    )
    spoken = await context.personal_words()
    sentences = {
        PUBLISHED: "drafts.published_toast",
        AGAIN: "drafts.published_already",
        CHANGED: "drafts.changed_meanwhile",
        PASSED: "drafts.has_passed",
    }
    await context.answer(spoken(sentences[result.outcome]), alert=result.outcome in (CHANGED, PASSED))
    await context.edit(await _echoed(context, result.echo))


async def undo_publish(_update: Update, context: Context, draft_id: int) -> None:
    """⟦↩️ 撤销⟧: the draft can be mended and published anew."""
    echo = await context.write(services.publishing.undo, draft_id, context.actor, now=context.now)
    await context.answer((await context.personal_words())("drafts.undone"))
    await context.edit(await _echoed(context, echo))


async def take_proposed(_update: Update, context: Context, draft_id: int) -> None:
    """⟦是⟧ to the time proposed instead of one that had passed."""
    echo = await context.write(services.draft_changes.accept, draft_id, context.actor, now=context.now)
    await context.answer()
    await context.edit(await _echoed(context, echo))


async def drop(_update: Update, context: Context, draft_id: int) -> None:
    """⟦取消⟧ before anything is published."""
    await context.write(services.draft_changes.drop, draft_id, context.actor, now=context.now)
    await context.answer()
    await context.edit(Message((await context.words()).html("drafts.dropped")))


async def open_in_private(_update: Update, context: Context, rest: str) -> None:
    """The link from a group's echo: the same draft in private, where its texts can be typed."""
    if not rest.isdecimal() or not rest.isascii():
        raise Refusal("draft_gone")
    await context.write(
        services.drafts.show_again,
        int(rest[:18]),
        context.actor,
        reply_key=context.reply_key,
        language=(await context.words()).language,
        now=context.now,
    )


async def _echoed(context: Context, echo: Echo) -> Message:
    return cards.echo(echo, (await context.words()).language, context.world.rules.holidays)


feature = Feature(
    commands=(
        Command("new", new, where=(PRIVATE, GROUP), order=30, audience="leader", category="lead", personal=True),
    ),
    taps={
        "new_in": choose_group,
        "publish": publish,
        "undo_publish": undo_publish,
        "proposed": take_proposed,
        "drop": drop,
    },
    links={"draft": open_in_private},
    inputs={services.drafts.LINE: better_line},
)
