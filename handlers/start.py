"""The first screen, the language, private reminders, what is coming up for me, and help."""

from collections.abc import Iterable

from telegram import Update

import services.menus
import services.people
import services.sessions
import services.starting
from chat import sessions_cards
from chat import start_cards as cards
from chat.context import Context
from chat.feature import GROUP, PRIVATE, Command, Feature
from chat.outgoing import Button, Message
from domain.errors import Refusal
from texts import LANGUAGES, words


async def start(_update: Update, context: Context) -> None:
    """/start, and any link whose prefix nobody knows."""
    spoken = await context.words()
    if not context.is_private and context.argument:
        return  # a ?startgroup= link brought the bot here, and its greeting says everything
    if not context.is_private:
        button = Button(spoken("button.open_private"), url=f"https://t.me/{context.bot.username}?start=group")
        await context.reply(Message(spoken.html("start.in_group"), ((button,),), silent=True))
        return
    await context.write(
        services.starting.start,
        context.actor,
        bot_username=context.bot.username,
        language=spoken.language,
        now=context.now,
        reply_key=context.reply_key,
    )


async def change_language(_update: Update, context: Context) -> None:
    """⟦🌐 English / 中文⟧: the other language, at once."""
    _require_private(context)
    actor = context.actor
    current = (await context.personal_words()).language
    other = LANGUAGES[(LANGUAGES.index(current) + 1) % len(LANGUAGES)]
    await context.write(services.starting.choose_language, actor, other, now=context.now)
    context.world.forget_language(actor.telegram_id)
    spoken = words(other)
    await context.answer(spoken("start.language_chosen"))
    await context.edit(cards.greeting(actor.telegram_id, context.bot.username, spoken))


async def mine(_update: Update, context: Context) -> None:
    """⟦📅 我的学习⟧: the next sessions of my groups."""
    _require_private(context)
    found = await context.read(services.sessions.upcoming, context.actor, context.chat_id, context.now)
    await context.answer()
    await context.reply(sessions_cards.upcoming(found, True, await context.words()))


async def remind(update: Update, context: Context, rest: str) -> None:
    """The link under a group's message: turn private reminders on."""
    if rest != "on":
        await start(update, context)
        return
    await context.write(
        services.starting.allow_reminders,
        context.actor,
        language=(await context.words()).language,
        now=context.now,
        reply_key=context.reply_key,
    )


async def tap_remind(_update: Update, context: Context, wanted: int) -> None:
    """⟦关闭⟧ and ⟦开启⟧ private reminders."""
    _require_private(context)
    on = bool(wanted)
    await context.write(services.people.set_private_reminders, context.actor, on, now=context.now)
    spoken = await context.personal_words()
    await context.answer(spoken("start.saved"))
    await context.edit(cards.reminders(on, spoken))


async def show_help(_update: Update, context: Context) -> None:
    """/help: in private everything this person can do; in a group what its menu shows."""
    commands: Iterable[Command] = context.application.bot_data["commands"]
    audiences = await context.read(
        services.menus.audiences,
        context.actor,
        is_operator=context.actor.telegram_id in context.world.operators,
    )
    shown = [
        command
        for command in commands
        if command.audience in audiences and (context.is_private or GROUP in command.where)
    ]
    await context.reply(cards.help_page(shown, await context.words()))


def _require_private(context: Context) -> None:
    """These buttons hang in private chats only; elsewhere they are forged."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(
    commands=(
        Command("start", start, where=(PRIVATE,), order=5, category="mine"),
        Command("help", show_help, where=(PRIVATE, GROUP), order=95, category="mine"),
    ),
    taps={"lang": change_language, "mine": mine, "remind": tap_remind},
    links={"remind": remind},
)
