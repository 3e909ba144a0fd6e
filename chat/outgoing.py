"""What is sent to Telegram, as plain data: what renders it needs no bot, and what sends it needs no words.

Every text and caption is HTML as Telegram reads it; links show no preview.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

MAX_BUTTON_DATA: Final = 64
"""Bytes a button's data may have (Bot API, InlineKeyboardButton.callback_data)."""

MAX_COPY_TEXT: Final = 256
"""Characters a button may put on the clipboard (Bot API, CopyTextButton)."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message: it sends ``data`` to the bot, opens ``url``, or copies ``copy_text``.

    ``start`` opens the private chat with the bot and says /start with it; the sender knows the bot's name.
    Raises ValueError unless exactly one of the four is given and fits.
    """

    label: str
    data: str | None = None
    url: str | None = None
    copy_text: str | None = None
    start: str | None = None

    def __post_init__(self) -> None:
        if sum(bool(act) for act in (self.data, self.url, self.copy_text, self.start)) != 1:
            raise ValueError("a button does exactly one thing: data, url, copy_text or start")
        if len((self.data or "").encode()) > MAX_BUTTON_DATA:
            raise ValueError(f"a button's data is longer than {MAX_BUTTON_DATA} bytes")
        if len(self.copy_text or "") > MAX_COPY_TEXT:
            raise ValueError(f"a button copies no more than {MAX_COPY_TEXT} characters")


Keyboard = tuple[tuple[Button, ...], ...]
"""Rows of buttons, from top to bottom."""


@dataclass(frozen=True, slots=True)
class Message:
    """A new message. ``silent`` makes no sound; ``reply_to`` is dropped by Telegram if that message is gone.

    ``thread`` is the topic of a forum. ``pin`` pins the message, silently, where the bot has the right.
    """

    text: str
    keyboard: Keyboard = ()
    silent: bool = False
    reply_to: int | None = None
    thread: int | None = None
    pin: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """A new text for a message. Telegram takes the buttons away unless they are given again."""

    message_id: int
    text: str
    keyboard: Keyboard = ()


@dataclass(frozen=True, slots=True)
class EditButtons:
    """New buttons for a message whose text stays; without any, they are taken away."""

    message_id: int
    keyboard: Keyboard = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A file to download: bytes, a path that is read when it is sent, or Telegram's own id of it (a text).

    Raises ValueError for a name no file can have.
    """

    file_name: str
    content: bytes | Path | str
    caption: str = ""
    keyboard: Keyboard = ()
    silent: bool = False
    reply_to: int | None = None
    thread: int | None = None

    def __post_init__(self) -> None:
        # The name stands in a header of the request, where a line break would begin another header.
        if not self.file_name or not self.file_name.isprintable() or "/" in self.file_name:
            raise ValueError("a file name is printable, not empty and without a slash")


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture shown in the chat: PNG or JPEG bytes, a path, or Telegram's own id of it (a text).

    ``remembered_as`` is what its id is kept under once it is sent; ``instead`` goes out where Telegram refuses it.
    """

    content: bytes | Path | str
    caption: str = ""
    keyboard: Keyboard = ()
    silent: bool = False
    reply_to: int | None = None
    thread: int | None = None
    remembered_as: str = ""
    instead: Message | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    """Take a message back; one that is gone already counts as taken back."""

    message_id: int


@dataclass(frozen=True, slots=True)
class Menu:
    """The commands that a chat's menu shows, each with its description, in order; none: those of all chats."""

    commands: tuple[tuple[str, str], ...]


Outgoing = Message | Edit | EditButtons | Document | Photo | Delete | Menu


@dataclass(frozen=True, slots=True)
class TapAnswer:
    """What only the person who tapped is shown: an alert, a toast, or nothing but the end of the spinner."""

    query_id: str
    text: str = ""
    alert: bool = False


def in_topic(outgoing: Outgoing, thread: int | None) -> Outgoing:
    """The same in a topic of a forum, if it is something new that has none yet."""
    if thread is None or not isinstance(outgoing, Message | Document | Photo) or outgoing.thread is not None:
        return outgoing
    return replace(outgoing, thread=thread)


def out_of_topic(outgoing: Outgoing) -> Outgoing:
    """The same for no topic; it answers no message any more either, because that one would draw it back."""
    if not isinstance(outgoing, Message | Document | Photo):
        return outgoing
    return replace(outgoing, thread=None, reply_to=None)


def addressed(outgoing: Outgoing, username: Callable[[], str]) -> Outgoing:
    """The same with the bot's own address in the buttons that open the private chat with it."""
    keyboard: Keyboard = getattr(outgoing, "keyboard", ())
    if isinstance(outgoing, Delete | Menu) or not any(button.start for row in keyboard for button in row):
        return outgoing
    home = f"https://t.me/{username()}?start="
    return replace(
        outgoing,
        keyboard=tuple(
            tuple(Button(button.label, url=home + button.start) if button.start else button for button in row)
            for row in keyboard
        ),
    )
