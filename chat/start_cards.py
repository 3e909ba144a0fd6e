"""The first page, private reminders, and help by categories."""

from collections.abc import Iterable
from typing import Final

from chat.aliases import DIVIDER
from chat.callback_data import pack
from chat.feature import Command
from chat.outgoing import Button, Message
from chat.replies import Reply, render
from services.starting import FirstPage
from texts import Words

CATEGORIES: Final = ("study", "mine", "lead", "organisation")
"""The pages of help; a button carries the place in this list."""


def greeting(page: FirstPage, spoken: Words) -> Message:
    """The first page again, in another language."""
    return render(Reply(page.text, spoken.language, page.values, page.buttons))


def reminders(on: bool, spoken: Words) -> Message:
    """Whether private reminders are on, with the button to change it."""
    if on:
        button = Button(spoken("button.reminders_off"), pack("remind", 0))
        return Message(spoken.html("start.reminders_on"), ((button,),))
    button = Button(spoken("button.private_reminders"), pack("remind", 1))
    return Message(spoken.html("start.reminders_off"), ((button,),))


def help_categories(commands: Iterable[Command], spoken: Words) -> Message:
    """The categories in which there is something for this person."""
    there = {command.category for command in commands}
    rows = tuple(
        (Button(spoken(f"button.help_{category}"), pack("help", number)),)
        for number, category in enumerate(CATEGORIES)
        if category in there
    )
    return Message(spoken.html("start.help"), rows)


def help_page(commands: Iterable[Command], category: str, spoken: Words) -> Message:
    """The commands of a category, each with what it is for and the words that mean it."""
    parts = [spoken.html(f"start.help_{category}")]
    parts += [
        "\n".join([_line(command, spoken), spoken.html("start.help_words", words=_words(command, spoken))])
        for command in _in_order(commands)
        if command.category == category
    ]
    return Message("\n\n".join(parts), ((Button(spoken("button.back"), "help"),),))


def help_in_group(commands: Iterable[Command], bot_username: str, spoken: Words) -> Message:
    """What a group's menu shows, and the way to all the rest."""
    button = Button(spoken("button.open_help"), url=f"https://t.me/{bot_username}?start=help")
    lines = [_line(command, spoken) for command in _in_order(commands)]
    return Message("\n".join([spoken.html("start.help_in_group"), "", *lines]), ((button,),), silent=True)


def _in_order(commands: Iterable[Command]) -> list[Command]:
    """In the order of the menu."""
    return sorted(commands, key=lambda command: (command.order, command.name))


def _line(command: Command, spoken: Words) -> str:
    return f"/{command.name} {spoken.html(f'help.{command.name}')}"


def _words(command: Command, spoken: Words) -> str:
    """The words that mean a command in private, one after another."""
    return spoken("start.help_between").join(spoken(f"alias.{command.name}").split(DIVIDER))
