"""The first screen, private reminders, what is coming up, and help."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from chat.callback_data import pack
from chat.feature import Command
from chat.outgoing import Button, Message
from chat.replies import Reply, render
from services.starting import greeting_buttons
from texts import Words
from texts.words import name

SHOWN: Final = 8
"""Sessions listed under ⟦我的学习⟧."""


class Upcoming(Protocol):
    """What is told of a session that is still to come."""

    @property
    def title(self) -> str: ...
    @property
    def place(self) -> str: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def time_zone(self) -> str: ...
    @property
    def group_name(self) -> str: ...


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


def upcoming(sessions: Sequence[Upcoming], spoken: Words) -> Message:
    """The next sessions, one a paragraph."""
    if not sessions:
        return Message(spoken.html("start.nothing_upcoming"))
    return Message("\n\n".join(_session(session, spoken) for session in sessions[:SHOWN]))


def _session(session: Upcoming, spoken: Words) -> str:
    text = spoken.html(
        "start.session",
        title=session.title,
        when=spoken.when(session.starts_at, ZoneInfo(session.time_zone)),
        group=name(session.group_name),
    )
    return f"{text} · {spoken.html('start.place', place=session.place)}" if session.place else text


def help_page(commands: Iterable[Command], spoken: Words) -> Message:
    """The commands with a line each, in the order of the menu."""
    shown = sorted(commands, key=lambda command: (command.order, command.name))
    lines = [f"/{command.name} {spoken.html(f'help.{command.name}')}" for command in shown]
    return Message("\n".join([spoken.html("start.help"), "", *lines]))
