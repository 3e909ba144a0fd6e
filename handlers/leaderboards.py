"""The board of the week so far, and one's own place on a board."""

from datetime import date

from telegram import Update

import services.boards
import services.leaderboards
from chat import leaderboards_cards as cards
from chat.context import Context
from chat.feature import GROUP, PRIVATE, Command, Feature
from chat.outgoing import Message
from domain.errors import Refusal


async def rank(_update: Update, context: Context) -> None:
    """/rank: in a group its own board, in private the one of one's group, or a choice of them."""
    words = await context.words()
    if not context.is_private:
        board = await context.read(services.leaderboards.in_chat, context.chat_id, context.now)
        await context.reply(cards.weekly(board, words))
        return
    groups = await context.read(services.leaderboards.own_groups, context.actor)
    match groups:
        case []:
            await context.reply(Message(words.html("board.no_group")))
        case [only]:
            board = await context.read(services.leaderboards.this_week, context.actor, only.id, context.now)
            await context.reply(cards.weekly(board, words))
        case _:
            await context.reply(cards.choose_group(groups, words))


async def rank_of(_update: Update, context: Context, group_id: int) -> None:
    """A group is chosen."""
    board = await context.read(services.leaderboards.this_week, context.actor, group_id, context.now)
    await context.answer()
    await context.edit(cards.weekly(board, await context.words()))


async def week_again(_update: Update, context: Context, group_id: int) -> None:
    """⟦周⟧: back to the week."""
    if context.is_private:
        await rank_of(_update, context, group_id)
        return
    board = await context.read(services.leaderboards.in_chat, context.chat_id, context.now)
    await context.answer()
    await context.edit(cards.weekly(board, await context.words()))


async def period(_update: Update, context: Context, group_id: int, number: int) -> None:
    """⟦月⟧ ⟦季⟧ ⟦半年⟧: in a group its own board, in private with one's own place."""
    rules = context.world.rules
    if context.is_private:
        board = await context.read(services.boards.own, context.actor, group_id, number, context.now, rules)
    else:
        board = await context.read(services.boards.in_chat, context.chat_id, group_id, number, context.now, rules)
    await context.answer()
    await context.edit(cards.period(board, await context.words()))


async def picture(_update: Update, context: Context, group_id: int, monday: int) -> None:
    """⟦🖼 图片⟧: the week as a picture, in this chat."""
    day = _monday(monday)
    await context.write(services.leaderboards.ask_picture, context.actor, context.chat_id, group_id, day, context.now)
    await context.answer((await context.personal_words())("board.picture_comes"))


async def place(_update: Update, context: Context, group_id: int, monday: int) -> None:
    """⟦我的位置⟧: only whoever taps sees it."""
    standing = await context.read(services.leaderboards.standing, context.actor, group_id, _monday(monday), context.now)
    await context.answer(cards.standing(standing, await context.personal_words()), alert=True)


def _monday(ordinal: int) -> date:
    """The day that a button names; a forged number is refused like a button that does not exist."""
    try:
        day = date.fromordinal(ordinal)
    except (ValueError, OverflowError):
        raise Refusal("unknown_button") from None
    if day.weekday() != 0 or not 2000 <= day.year <= 9000:
        raise Refusal("unknown_button")
    return day


feature = Feature(
    commands=(Command("rank", rank, where=(PRIVATE, GROUP), order=50),),
    taps={
        "rank": rank_of,
        "place": place,
        "board_week": week_again,
        "board_for": period,
        "board_pic": picture,
    },
)
