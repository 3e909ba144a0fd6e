"""The command menus: by kind of chat and language."""

from collections.abc import Collection
from typing import Any

import structlog
from telegram import Bot, BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats
from telegram.error import TelegramError

from chat.feature import GROUP, PRIVATE, Command
from texts import LANGUAGES, Words, words

log = structlog.get_logger(__name__)

LARGEST_GROUP_MENU = 6


def menu(commands: Collection[Command], where: str, spoken: Words) -> list[BotCommand]:
    """The commands of a menu in their order; what is for operators alone stands in none."""
    shown = sorted(
        (command for command in commands if where in command.where and command.audience != "operator"),
        key=lambda command: (command.order, command.name),
    )
    return [BotCommand(command.name, spoken(f"command.{command.name}")) for command in shown]


async def publish(bot: Bot, commands: Collection[Command]) -> None:
    """Tell Telegram; a failure costs only the menu, so it is logged and no more."""
    scopes: list[tuple[str, Any]] = [
        (PRIVATE, BotCommandScopeAllPrivateChats()),
        (GROUP, BotCommandScopeAllGroupChats()),
    ]
    try:
        for where, scope in scopes:
            for language in LANGUAGES:
                # zh-CN is the default list, for whoever has set another language of ours gets theirs.
                code = None if language == LANGUAGES[0] else language
                shown = menu(commands, where, words(language))
                await bot.set_my_commands(shown, scope=scope, language_code=code)
    except TelegramError as error:
        log.warning("menus_not_set", error=type(error).__name__)
