"""The command menus: by kind of chat and language, and each person's own by what they may do."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog
from telegram import Bot, BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats
from telegram.error import TelegramError

import services.menus
from chat.feature import GROUP, PRIVATE, Command
from chat.outgoing import Menu
from jobs.job import Job, Kind
from services.menus import EVERYBODY
from texts import LANGUAGES, Words, choose, words

if TYPE_CHECKING:
    from sqlalchemy import Connection

log = structlog.get_logger(__name__)

LARGEST_GROUP_MENU = 6


def menu(
    commands: Collection[Command], where: str, spoken: Words, audiences: Collection[str] = (EVERYBODY,)
) -> list[BotCommand]:
    """The commands of a menu in their order: a group's menu is the same for all, a private one is one's own."""
    shown = sorted(
        (
            command
            for command in commands
            if where in command.where and (where == GROUP or command.audience in audiences)
        ),
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


def job(commands: Collection[Command], operators: frozenset[int]) -> Job:
    """Sets a person's own menu when their language or what they may do has changed."""

    def facts(connection: Connection, payload: Mapping[str, Any], _now: datetime) -> services.menus.Reader | None:
        return services.menus.reader(connection, payload, operators)

    def render(reader: services.menus.Reader) -> Menu:
        shown = menu(commands, PRIVATE, words(choose(reader.language)), reader.audiences)
        return Menu(tuple((command.command, command.description) for command in shown))

    return Job(kinds={services.menus.MENU: Kind(facts, render)})
