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
    """A command: its texts are `command.<name>` (menu), `help.<name>` (a line of help) and `alias.<name>`.

    `where` lists the menus it stands in; `order` is its place there. It answers everywhere all the same,
    because a menu is no access control. `alias.<name>` holds the words that mean it in private, divided by "|".
    An anonymous admin is asked to confirm who they are before a `personal` command is carried out; its handler
    then gets the update of that tap, so it reads `context.argument` and never the message.
    """

    name: str
    handle: Handle
    where: tuple[str, ...] = (PRIVATE, GROUP)
    order: int = 100
    audience: str = "all"  # all | leader | admin | operator: whose private menu and help show it
    category: str = "study"  # study | mine | lead | organisation: the page of /help it stands on
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of the talk."""

    commands: tuple[Command, ...] = ()
    taps: Mapping[str, Tap] = field(default_factory=dict)  # verb → handler(update, context, *numbers)
    links: Mapping[str, Tap] = field(
        default_factory=dict
    )  # prefix of /start's payload → handler(update, context, rest)
    members: Callable[[Update, Context], Awaitable[None]] | None = None  # my_chat_member and service messages
    # What `services.inputs.ask` waits for: purpose → handler(update, context, *numbers) of the private message that
    # answers. Its writing use case ends the waiting; a Refusal leaves it, so that the person can try again.
    inputs: Mapping[str, Tap] = field(default_factory=dict)
    # What is said in private without being waited for: a pattern of the whole text → handler(update, context, text).
    # `location` takes a place that somebody shares.
    says: Mapping[str, Tap] = field(default_factory=dict)
    location: Handle | None = None
