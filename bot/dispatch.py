"""Turns the features of handlers/ into python-telegram-bot's handlers; every one of them blocks."""

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

from chat.callback_data import parse
from chat.context import Context
from chat.feature import Command, Feature, Tap
from domain.errors import Refusal

_SERVICE = (
    filters.StatusUpdate.NEW_CHAT_MEMBERS
    | filters.StatusUpdate.CHAT_CREATED
    | filters.StatusUpdate.MIGRATE
    | filters.StatusUpdate.LEFT_CHAT_MEMBER
)


class Dispatch:
    """What leads from an update to the feature that answers it."""

    def __init__(self, features: Mapping[str, Feature]) -> None:
        self.features = list(features.values())
        self.commands: dict[str, Command] = {}
        self.taps: dict[str, Tap] = {}
        self.links: dict[str, Tap] = {}
        for feature in self.features:
            _add(self.commands, {command.name: command for command in feature.commands}, "command")
            _add(self.taps, feature.taps, "button")
            _add(self.links, feature.links, "link")

    def register(self, application: Application[Any, Any, Any, Any, Any, Any]) -> None:
        """Hand them to the library."""
        application.add_handler(CallbackQueryHandler(self._tap))
        application.add_handler(MessageHandler(filters.COMMAND & filters.UpdateType.MESSAGE, self._command))
        application.add_handler(MessageHandler(_SERVICE, self._members))
        application.add_handler(ChatMemberHandler(self._members, ChatMemberHandler.ANY_CHAT_MEMBER))

    async def _tap(self, update: Update, context: Context) -> None:
        query = update.callback_query
        found = parse(query.data) if query is not None and query.data else None
        handle = self.taps.get(found[0]) if found is not None else None
        if handle is None or found is None:
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
        if message is None or not message.text:
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
            await command.handle(update, context)
        elif context.is_private:
            raise Refusal("unknown_command")

    async def _members(self, update: Update, context: Context) -> None:
        for feature in self.features:
            if feature.members is not None:
                await feature.members(update, context)


def _named(message: Message, username: str) -> tuple[str, str] | None:
    """The command and what stands after it; None for one that is meant for another bot."""
    first, _, rest = (message.text or "").partition(" ")
    head, newline, tail = first.partition("\n")
    name, _, addressed = head[1:].partition("@")
    if addressed and addressed.lower() != username.lower():
        return None
    return name.lower(), (tail + " " + rest if newline else rest).strip()


def _add(into: dict[str, Any], new: Mapping[str, Any], what: str) -> None:
    for name, value in new.items():
        if name in into:
            raise ValueError(f"two features declare the {what} {name}")
        into[name] = value
