"""Turns the features of handlers/ into python-telegram-bot's handlers; every one of them blocks."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from telegram import Message, Update
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    ChatMemberHandler,
    MessageHandler,
    filters,
)

import services.inputs
from bot.pace import Pace
from chat.aliases import Aliases
from chat.callback_data import pack, parse
from chat.context import Context, taken
from chat.feature import Command, Feature, Tap
from chat.outgoing import Button
from chat.outgoing import Message as Outgoing
from domain.errors import Refusal

_SERVICE = (
    filters.StatusUpdate.NEW_CHAT_MEMBERS
    | filters.StatusUpdate.CHAT_CREATED
    | filters.StatusUpdate.MIGRATE
    | filters.StatusUpdate.LEFT_CHAT_MEMBER
)


# Whatever is said in private. In groups only a text that answers the bot is read; all else is dropped, nothing kept.
_SAID = filters.UpdateType.MESSAGE & (
    (filters.ChatType.PRIVATE & ~filters.StatusUpdate.ALL) | (filters.TEXT & filters.REPLY)
)
# What an awaited answer can be; a sticker or a voice message is none.
_READABLE = filters.TEXT | filters.Document.ALL | filters.PHOTO | filters.LOCATION


class Dispatch:
    """What leads from an update to the feature that answers it."""

    def __init__(self, features: Mapping[str, Feature], pace: Pace | None = None) -> None:
        self._pace = pace or Pace()
        self.features = list(features.values())
        self.commands: dict[str, Command] = {}
        self.taps: dict[str, Tap] = {}
        self.links: dict[str, Tap] = {}
        self.inputs: dict[str, Tap] = {}
        self.says: dict[str, Tap] = {}
        self.places = [feature.location for feature in self.features if feature.location is not None]
        for feature in self.features:
            _add(self.commands, {command.name: command for command in feature.commands}, "command")
            _add(self.taps, feature.taps, "button")
            _add(self.links, feature.links, "link")
            _add(self.inputs, feature.inputs, "input")
            _add(self.says, feature.says, "saying")
        self._aliases = Aliases(self.commands)

    def register(self, application: Application[Any, Any, Any, Any, Any, Any]) -> None:
        """Hand them to the library."""
        application.add_handler(CallbackQueryHandler(self._tap))
        application.add_handler(MessageHandler(filters.COMMAND & filters.UpdateType.MESSAGE, self._command))
        application.add_handler(MessageHandler(_SAID, self._said))
        application.add_handler(MessageHandler(_SERVICE, self._members))
        application.add_handler(ChatMemberHandler(self._members, ChatMemberHandler.ANY_CHAT_MEMBER))

    def _is_flood(self, update: Update, context: Context) -> bool:
        """Whether somebody sends more than anybody could: a tap is told so, the rest is dropped without a word."""
        user = update.effective_user
        return user is not None and not self._pace.allows(user.id, context.now)

    async def _tap(self, update: Update, context: Context) -> None:
        if self._is_flood(update, context):
            raise Refusal("too_fast")
        query = update.callback_query
        found = parse(query.data) if query is not None and query.data else None
        handle = self.taps.get(found[0]) if found is not None else None
        if query is None or query.message is None or handle is None or found is None:
            raise Refusal("unknown_button")
        try:
            await handle(update, context, *found[1])
        except TypeError as error:
            # A forged button with too many or too few numbers fails before the handler's first line.
            if error.__traceback__ is not None and error.__traceback__.tb_next is None:
                raise Refusal("unknown_button") from error
            raise

    async def _command(self, update: Update, context: Context) -> None:
        message = update.message
        if message is None or not message.text or not message.entities or self._is_flood(update, context):
            return
        named = _named(message, context.bot.username)
        if named is None:
            return
        name, context.argument = named
        if name == "start" and context.argument and context.is_private:
            prefix, _, rest = context.argument.partition("_")
            if prefix in self.links:
                await self.links[prefix](update, context, rest)
                return
        command = self.commands.get(name)
        if command is not None:
            await self._carry_out(update, context, command)
        elif context.is_private:
            raise Refusal("unknown_command")

    async def _carry_out(self, update: Update, context: Context, command: Command) -> None:
        """A command, if we know who gives it: an anonymous admin is asked, a channel is nobody."""
        message = update.message
        sender = message.sender_chat if message is not None else None
        if message is None or sender is None:
            await command.handle(update, context)
        elif message.is_automatic_forward:
            return  # a linked channel's post, which is no command to us
        elif sender.id != context.chat_id:
            raise Refusal("channel_identity")
        elif command.personal:
            await self._ask_who(context, command, message)
        else:
            await command.handle(update, context)

    async def _ask_who(self, context: Context, command: Command, message: Message) -> None:
        said = f"{command.name} {context.argument}"
        number = await context.write(services.inputs.keep_unverified, context.chat_id, said, now=context.now)
        words = await context.words()
        button = Button(words("button.confirm_identity"), pack("verify", number))
        question = words.html("groups.confirm_identity")
        await context.reply(Outgoing(question, ((button,),), silent=True, reply_to=message.message_id))

    async def _said(self, update: Update, context: Context) -> None:
        """What is said without a command, in this order:

        1. A word that means a command and stands alone: the command. In a group, where it answers the bot, that is all.
        2. An answer we wait for: it may well begin with such a word, as the title 今天 学习什么 does.
        3. Such a word with more behind it: the command, with that as what stands after it.
        4. What has a form of its own: a check-in code, a place.
        """
        message = update.message
        if message is None or (not context.is_private and not _answers(message, context.bot.id)):
            return
        if self._is_flood(update, context):
            return
        alias = self._aliases.find(message.text or "")
        if alias is not None and not alias[1]:
            await self._by_alias(update, context, alias)
        elif context.is_private and not await self._answer(update, context, message):
            if alias is not None:
                await self._by_alias(update, context, alias)
            elif not await self._unasked(update, context, message):
                raise Refusal("unknown_text")

    async def _unasked(self, update: Update, context: Context, message: Message) -> bool:
        """What has a form of its own and is not waited for, such as a code; False for anything else."""
        if message.location is not None and self.places:
            await self.places[0](update, context)
            return True
        text = unicodedata.normalize("NFKC", message.text or "").strip()
        handle = next((handle for pattern, handle in self.says.items() if re.fullmatch(pattern, text)), None)
        if handle is not None:
            await handle(update, context, text)
        return handle is not None

    async def _by_alias(self, update: Update, context: Context, alias: tuple[str, str]) -> None:
        name, context.argument = alias
        await self._carry_out(update, context, self.commands[name])

    async def _answer(self, update: Update, context: Context, message: Message) -> bool:
        """Hand over an answer that is waited for; False where none is."""
        telegram_id = context.actor.telegram_id
        waiting = await context.read(services.inputs.awaited, telegram_id, context.now)
        handle = self.inputs.get(waiting.purpose) if waiting is not None else None
        if handle is None or waiting is None:
            return False
        if not _READABLE.check_update(update):
            raise Refusal("unreadable_answer")
        taken.get().also.append(lambda connection: services.inputs.answered(connection, telegram_id))
        await handle(update, context, *waiting.numbers)
        return True

    async def _members(self, update: Update, context: Context) -> None:
        for feature in self.features:
            if feature.members is not None:
                await feature.members(update, context)


def _named(message: Message, username: str) -> tuple[str, str] | None:
    """The command and what stands after it; None for one that is meant for another bot."""
    text, length = message.text or "", message.entities[0].length  # a command is ASCII, so that counts characters
    name, _, addressed = text[1:length].partition("@")
    if addressed and addressed.lower() != username.lower():
        return None
    return name.lower(), text[length:].strip()


def _answers(message: Message, bot_id: int) -> bool:
    to = message.reply_to_message
    return to is not None and to.from_user is not None and to.from_user.id == bot_id


def _add(into: dict[str, Any], new: Mapping[str, Any], what: str) -> None:
    for name, value in new.items():
        if name in into:
            raise ValueError(f"two features declare the {what} {name}")
        into[name] = value
