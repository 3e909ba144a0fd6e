"""The first screen, private reminders, and help."""

from collections.abc import Iterable

from chat.callback_data import pack
from chat.feature import Command
from chat.outgoing import Button, Message
from chat.replies import Reply, render
from services.starting import greeting_buttons
from texts import Words


def greeting(telegram_id: int, bot_username: str, spoken: Words) -> Message:
    """The first screen again, in another language."""
    values = {"number": telegram_id}
    return render(Reply("start.greeting", spoken.language, values, greeting_buttons(bot_username)))


def reminders(on: bool, spoken: Words) -> Message:
    """Whether private reminders are on, with the button to change it."""
    if on:
        button = Button(spoken("button.reminders_off"), pack("remind", 0))
        return Message(spoken.html("start.reminders_on"), ((button,),))
    button = Button(spoken("button.private_reminders"), pack("remind", 1))
    return Message(spoken.html("start.reminders_off"), ((button,),))


def help_page(commands: Iterable[Command], spoken: Words) -> Message:
    """The commands with a line each, in the order of the menu."""
    shown = sorted(commands, key=lambda command: (command.order, command.name))
    lines = [f"/{command.name} {spoken.html(f'help.{command.name}')}" for command in shown]
    return Message("\n".join([spoken.html("start.help"), "", *lines]))
