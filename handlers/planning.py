"""Scheduling step by step in private: group, kind, title, day, time, place, link, and then the echo of a draft."""

from collections.abc import Callable
from typing import Any

from telegram import Update

import services.planning as planning
from chat import drafts_cards, planning_cards
from chat.context import Context
from chat.dates import Known
from chat.day_numbers import clock_of, day_of
from chat.feature import Feature
from chat.outgoing import Message
from chat.typed_lines import online, read_clock, read_day
from domain.errors import Refusal
from services.drafts import Echo
from services.planning import Step
from texts import choose, words


async def begin(_update: Update, context: Context, group_id: int) -> None:
    """⟦新建⟧ of a group, from the picker or the leader's page of it."""
    _require_private(context)
    step = await context.write(planning.begin, group_id, context.actor, now=context.now)
    await context.answer()
    await context.edit(await _message(context, step))


async def begin_from_link(_update: Update, context: Context, rest: str) -> None:
    """The link under the how-to in a group."""
    if not rest.isdecimal() or not rest.isascii():
        raise Refusal("leads_no_group")
    await context.write(
        planning.begin_and_ask,
        int(rest[:18]),
        context.actor,
        reply_key=context.reply_key,
        language=(await context.words()).language,
        now=context.now,
    )


async def kind(_update: Update, context: Context, draft_id: int, number: int) -> None:
    """A kind."""
    await _choose(context, planning.choose_kind, draft_id, number)


async def title(_update: Update, context: Context, draft_id: int) -> None:
    """⟦用类型名⟧: it is a title in the group, so it is in the group's language."""
    _require_private(context)
    step = await context.read(planning.asked, draft_id, context.actor, now=context.now)
    chosen = step.known.get("kind")
    if chosen is None:
        raise Refusal("unknown_button")
    name = words(choose(step.group_language))(f"kind.{chosen}")
    await _choose(context, planning.choose_title, draft_id, name)


async def turn_days(_update: Update, context: Context, draft_id: int, page: int) -> None:
    """⟦‹⟧ and ⟦›⟧ of the days."""
    _require_private(context)
    step = await context.read(planning.asked, draft_id, context.actor, now=context.now)
    if not 0 <= page <= drafts_cards.LAST_PAGE:
        raise Refusal("unknown_button")
    await context.answer()
    await context.edit(await _message(context, step, page))


async def day(_update: Update, context: Context, draft_id: int, number: int) -> None:
    """A day."""
    await _choose(context, planning.choose_day, draft_id, day_of(number))


async def clock(_update: Update, context: Context, draft_id: int, number: int) -> None:
    """A time of the day."""
    await _choose(context, planning.choose_clock, draft_id, clock_of(number))


async def place(_update: Update, context: Context, draft_id: int, number: int) -> None:
    """One of the last places, ⟦线上⟧ or ⟦不填⟧."""
    _require_private(context)
    step = await context.read(planning.asked, draft_id, context.actor, now=context.now)
    await _choose(context, planning.choose_place, draft_id, number, online(step.group_language))


async def no_link(_update: Update, context: Context, draft_id: int) -> None:
    """⟦不填⟧ for the link."""
    await _choose(context, planning.no_link, draft_id)


async def title_typed(update: Update, context: Context, draft_id: int) -> None:
    """The title that was waited for."""
    await _type_text(update, context, draft_id, "title")


async def place_typed(update: Update, context: Context, draft_id: int) -> None:
    """The place that was waited for."""
    await _type_text(update, context, draft_id, "place")


async def link_typed(update: Update, context: Context, draft_id: int) -> None:
    """The link that was waited for."""
    await _type_text(update, context, draft_id, "link")


async def day_typed(update: Update, context: Context, draft_id: int) -> None:
    """The day that was waited for, and perhaps the time with it."""
    step = await context.read(planning.asked, draft_id, context.actor, now=context.now)
    when, timed = read_day(_text(update), context.now, step.time_zone)
    await _type_when(context, draft_id, when, timed=timed)


async def clock_typed(update: Update, context: Context, draft_id: int) -> None:
    """The time that was waited for."""
    step = await context.read(planning.asked, draft_id, context.actor, now=context.now)
    when = read_clock(_text(update), context.now, step.time_zone, Known(step.day))
    await _type_when(context, draft_id, when, timed=True)


async def _choose(context: Context, use_case: Callable[..., Step | Echo], draft_id: int, *chosen: Any) -> None:
    """A tap answers the question: the next one, or the echo, takes its place."""
    _require_private(context)
    result = await context.write(use_case, draft_id, *chosen, context.actor, rules=context.world.rules, now=context.now)
    await context.answer()
    await context.edit(await _message(context, result))


async def _type_text(update: Update, context: Context, draft_id: int, name: str) -> None:
    step = await context.read(planning.asked, draft_id, context.actor, now=context.now)
    await context.write(
        planning.type_text,
        draft_id,
        name,
        _text(update),
        online(step.group_language),
        context.actor,
        reply_key=context.reply_key,
        language=(await context.words()).language,
        rules=context.world.rules,
        now=context.now,
    )


async def _type_when(context: Context, draft_id: int, when: Any, *, timed: bool) -> None:
    await context.write(
        planning.type_when,
        draft_id,
        when,
        context.actor,
        timed=timed,
        reply_key=context.reply_key,
        language=(await context.words()).language,
        rules=context.world.rules,
        now=context.now,
    )


async def _message(context: Context, result: Step | Echo, page: int = 0) -> Message:
    language = (await context.words()).language
    if isinstance(result, Step):
        return planning_cards.question(result, language, page)
    return drafts_cards.echo(result, language, context.world.rules.holidays)


def _require_private(context: Context) -> None:
    """These buttons hang in private chats only; elsewhere they are forged."""
    if not context.is_private:
        raise Refusal("unknown_button")


def _text(update: Update) -> str:
    message = update.message
    if message is None or not message.text:
        raise Refusal("unreadable_answer")
    return message.text


feature = Feature(
    taps={
        "plan_new": begin,
        "plan_kind": kind,
        "plan_title": title,
        "plan_days": turn_days,
        "plan_day": day,
        "plan_time": clock,
        "plan_place": place,
        "plan_no_link": no_link,
    },
    links={"new": begin_from_link},
    inputs={
        "plan_title": title_typed,
        "plan_day": day_typed,
        "plan_time": clock_typed,
        "plan_place": place_typed,
        "plan_link": link_typed,
    },
)
