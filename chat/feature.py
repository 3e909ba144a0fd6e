"""What a file in handlers/ declares of itself: its commands, its buttons, its deep links."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from telegram import Update

from chat.context import Context

Handle = Callable[[Update, Context], Awaitable[None]]
# A tap's and a deep link's handler takes the numbers, or the text, that they carry.
Tap = Callable[..., Awaitable[None]]

PRIVATE = "private"
GROUP = "group"


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its texts are `command.<name>` (menu) and `help.<name>` (a line of help).

    `where` lists the menus it stands in; `order` is its place there. It answers everywhere all the same,
    because a menu is no access control.
    """

    name: str
    handle: Handle
    where: tuple[str, ...] = (PRIVATE, GROUP)
    order: int = 100
    audience: str = "all"  # all | leader | admin | operator: whose private menu and help show it


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of the talk."""

    commands: tuple[Command, ...] = ()
    taps: Mapping[str, Tap] = field(default_factory=dict)  # verb → handler(update, context, *numbers)
    links: Mapping[str, Tap] = field(
        default_factory=dict
    )  # prefix of /start's payload → handler(update, context, rest)
    members: Callable[[Update, Context], Awaitable[None]] | None = None  # my_chat_member and service messages
