"""/manage: the leader's hub in private, from which everything else of a group is reached."""

from telegram import Update

import services.manage
from chat import manage_cards as cards
from chat.context import Context
from chat.feature import PRIVATE, Command, Feature
from domain.errors import Refusal

_LONGEST_ID = 19


async def manage(_update: Update, context: Context) -> None:
    """/manage: in private the group, or which one it is to be; in a group the way there."""
    spoken = await context.words()
    if not context.is_private:
        group_id = await context.read(services.manage.here, context.chat_id, context.actor)
        await context.reply(cards.way_in(group_id, context.bot.username, spoken))
        return
    facts = await context.read(services.manage.look, 0, context.actor, context.now)
    await context.reply(cards.look(facts, spoken))


async def choose(_update: Update, context: Context, group_id: int) -> None:
    """A group is chosen, or gone back to."""
    _require_private(context)
    facts = await context.write(services.manage.choose, group_id, context.actor, now=context.now)
    await context.answer()
    await context.edit(cards.hub(facts, await context.words()))


async def pick(_update: Update, context: Context, page: int = 0) -> None:
    """⟦换一个小组⟧, and the pages of that list."""
    _require_private(context)
    facts = await context.read(services.manage.look, page, context.actor, context.now)
    await context.answer()
    await context.edit(cards.look(facts, await context.words()))


async def from_link(_update: Update, context: Context, rest: str) -> None:
    """The button in the group leads here."""
    if not (rest.isascii() and rest.isdigit() and len(rest) < _LONGEST_ID):
        raise Refusal("link_expired")
    await context.write(
        services.manage.open_link,
        int(rest),
        context.actor,
        language=(await context.words()).language,
        now=context.now,
        reply_key=context.reply_key,
    )


def _require_private(context: Context) -> None:
    """The hub hangs in private chats only; elsewhere its buttons are forged."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(
    commands=(
        Command("manage", manage, where=(PRIVATE,), order=15, audience="leader", category="lead", personal=True),
    ),
    taps={"manage": choose, "manage_list": pick},
    links={"manage": from_link},
)
