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
    page = await context.read(services.starting.first_page, actor, context.bot.username, context.now)
    await context.edit(cards.greeting(page, spoken))


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
    """/help: in private the categories of what this person can do; in a group what its menu shows."""
    commands, spoken = await _commands(context), await context.words()
    if context.is_private:
        await context.reply(cards.help_categories(commands, spoken))
        return
    shown = [command for command in commands if GROUP in command.where]
    await context.reply(cards.help_in_group(shown, context.bot.username, spoken))


async def help_from_link(update: Update, context: Context, _rest: str) -> None:
    """The button under a group's help leads here."""
    await show_help(update, context)


async def tap_help(_update: Update, context: Context, number: int = -1) -> None:
    """A category of help, or ‹ back to all of them; the message is edited."""
    _require_private(context)
    commands, spoken = await _commands(context), await context.personal_words()
    if number not in range(-1, len(cards.CATEGORIES)):
        raise Refusal("unknown_button")
    await context.answer()
    if number < 0:
        await context.edit(cards.help_categories(commands, spoken))
    else:
        await context.edit(cards.help_page(commands, cards.CATEGORIES[number], spoken))


async def _commands(context: Context) -> list[Command]:
    """The commands that are this person's to use."""
    commands: Iterable[Command] = context.application.bot_data["commands"]
    audiences = await context.read(
        services.menus.audiences,
        context.actor,
        is_operator=context.actor.telegram_id in context.world.operators,
    )
    return [command for command in commands if command.audience in audiences]


def _require_private(context: Context) -> None:
    """These buttons hang in private chats only; elsewhere they are forged."""
    if not context.is_private:
        raise Refusal("unknown_button")


feature = Feature(
    commands=(
        Command("start", start, where=(PRIVATE,), order=5, category="mine"),
        Command("help", show_help, where=(PRIVATE, GROUP), order=95, category="mine"),
    ),
    taps={"lang": change_language, "mine": mine, "remind": tap_remind, "help": tap_help},
    links={"remind": remind, "help": help_from_link},
)
