"""Sends what is outgoing and says what became of it: the one place that interprets Telegram's errors."""

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal, TypedDict

import structlog
import telegram
from telegram import (
    BotCommand,
    BotCommandScopeChat,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
    ReplyParameters,
)
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)
from telegram.ext import ExtBot

from chat.answers import MaybeSent, NotSent, retry_seconds
from chat.fitting import MAX_CAPTION, MAX_TEXT, fitted, length
from chat.limiter import RESERVED
from chat.outgoing import (
    Button,
    Delete,
    Document,
    Edit,
    EditButtons,
    Keyboard,
    Menu,
    Message,
    Outgoing,
    Photo,
    addressed,
)

log = structlog.get_logger(__name__)

NOT_SENT_PAUSE: Final = 5.0
"""Seconds to leave an unreachable server alone."""

REACHING: Final = 5.0
"""Seconds in which Telegram answers where it can be reached."""

UNAUTHORIZED_PAUSE: Final = 60.0
"""Seconds between two attempts with a token that Telegram does not know (any more)."""

TAP_TIMEOUT: Final = 10.0
"""Seconds to try answering a tap; its spinner has long stopped then."""

_NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)

# Telegram tells these cases apart by their text alone; the fragments are of the Bot API server's answers,
# compared in lower case. What Telegram says of the destination:
_DESTINATION_GONE: Final = {
    "chat not found": "not_found",
    "user not found": "not_found",
    "peer_id_invalid": "not_found",
    "user is deactivated": "deactivated",
    "can't initiate conversation": "never_started",
    "group chat was deactivated": "deactivated",
    "group chat was upgraded": "upgraded",
    "the group chat was deleted": "deleted",
    "not a member": "kicked",
    "was kicked": "kicked",
    "was blocked": "blocked",
    "not enough rights to send": "no_rights",
    "have no rights to send": "no_rights",
    "chat_write_forbidden": "no_rights",
    "chat_restricted": "no_rights",
}
# … and of the one message:
_MESSAGE_GONE: Final = ("message to edit not found", "message can't be edited", "message_id_invalid")
_TOPIC_GONE: Final = ("message thread not found", "topic_deleted", "topic_closed", "topic_id_invalid")
_DONE_ALREADY: Final = ("message is not modified", "message to delete not found")


@dataclass(frozen=True, slots=True)
class Sent:
    """Telegram has it. For an edit or a deletion, the id is that of the message concerned.

    ``file_id`` is Telegram's own id of a picture.
    """

    message_id: int
    pinned: bool = False
    file_id: str = ""


@dataclass(frozen=True, slots=True)
class Gone:
    """It will never be accepted. ``destination`` tells that the chat is lost, and not this one message.

    ``reason`` is a word for code and logs: blocked, kicked, deactivated, deleted, upgraded, not_found,
    never_started, no_rights, forbidden of a destination; message_gone, file_unreadable, rejected of a
    message. ``detail`` is what Telegram said, cut before it quotes the message.
    """

    reason: str
    destination: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """The group became a supergroup; nothing was sent, and the old id will never work again."""

    new_chat_id: int


@dataclass(frozen=True, slots=True)
class TryLater:
    """Certainly not accepted; worth another attempt after ``seconds``, by this chat or by all.

    ``unauthorized`` marks that the token itself is refused: stop sending, keep what is due, tell an operator.
    """

    seconds: float
    scope: Literal["chat", "all"]
    unauthorized: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have been accepted. ``reason`` is for logs and holds nothing of the message."""

    reason: str


@dataclass(frozen=True, slots=True)
class TopicGone:
    """The topic it was for is deleted or closed; the chat itself is there."""


Outcome = Sent | Gone | Moved | TopicGone | TryLater | Unknown


class _Posted(TypedDict, total=False):
    """What all new messages have in common."""

    parse_mode: str
    disable_notification: bool
    message_thread_id: int | None
    reply_parameters: ReplyParameters | None
    reply_markup: InlineKeyboardMarkup | None


class Sender:
    """Turns outgoing data into calls of one bot.

    It never waits for the rate budget: whoever calls it has taken that from the limiter.
    """

    def __init__(self, bot: telegram.Bot) -> None:
        self._bot = bot
        limited = isinstance(bot, ExtBot) and bot.rate_limiter is not None
        self._budget: dict[str, Any] = {"rate_limit_args": RESERVED} if limited else {}

    async def send(self, chat_id: int, outgoing: Outgoing, *, timeout: float) -> Outcome:
        """Send once, within ``timeout`` seconds in all, and say what became of it instead of raising.

        The timeout must be shorter than the lease of the delivery. When it strikes, the request may be
        anywhere between here and Telegram: that is Unknown.
        """
        sent: Sent | None = None
        try:
            async with asyncio.timeout(timeout):
                sent = await self._call(chat_id, outgoing)
                if isinstance(outgoing, Message) and outgoing.pin:
                    await self._pin(chat_id, sent.message_id)
                    sent = Sent(sent.message_id, pinned=True)
        except TimeoutError:
            return sent or Unknown("no answer in time")
        except TelegramError as error:
            refused = sent or _interpret(error, outgoing)
            if isinstance(outgoing, Photo) and outgoing.instead and _is_of_the_message(refused):
                log.warning("picture_refused", detail=getattr(refused, "detail", ""))
                return await self.send(chat_id, replace(outgoing.instead, thread=outgoing.thread), timeout=timeout)
            return refused
        except OSError:
            # The transport has errors of its own, so this is the file on disk.
            return Gone("file_unreadable", destination=False)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            # Telegram said yes, but with a result that the library cannot read, not even the message's id.
            return sent or Unknown(f"unreadable result: {type(error).__name__}")
        return sent

    async def answer_tap(self, query_id: str, text: str = "", *, alert: bool = False) -> bool:
        """Answer a tap, in an alert or a toast, or only stop its spinner; False if it was not shown.

        A tap grows too old to be answered within seconds, and its effect stands in the chat anyway: a failure
        here is none of the use case's, and so it is not raised.
        """
        try:
            async with asyncio.timeout(TAP_TIMEOUT):
                return await self._bot.answer_callback_query(query_id, text or None, show_alert=alert)
        except (TelegramError, TimeoutError):
            return False

    async def reaches(self) -> bool:
        """Whether Telegram answers, whatever it says."""
        try:
            async with asyncio.timeout(REACHING):
                await self._bot.get_me()
        except (NotSent, MaybeSent, TimeoutError):
            return False
        except TelegramError:
            return True
        return True

    async def _call(self, chat_id: int, outgoing: Outgoing) -> Sent:
        """Make the one call that sends this."""
        outgoing = addressed(outgoing, lambda: self._bot.username)
        match outgoing:
            case Message():
                return Sent(await self._message(chat_id, outgoing))
            case Edit():
                return Sent(await self._edit(chat_id, outgoing))
            case EditButtons():
                await self._bot.edit_message_reply_markup(
                    chat_id, outgoing.message_id, reply_markup=_markup(outgoing.keyboard), **self._budget
                )
            case Delete():
                await self._bot.delete_message(chat_id, outgoing.message_id, **self._budget)
            case Document() | Photo():
                return await self._file(chat_id, outgoing)
            case Menu():
                return Sent(await self._menu(chat_id, outgoing))
        return Sent(outgoing.message_id)

    async def _message(self, chat_id: int, message: Message) -> int:
        """Send a text."""
        posted = await self._bot.send_message(
            chat_id,
            _fitted(message.text, MAX_TEXT),
            link_preview_options=_NO_PREVIEW,
            **_posted(message),
            **self._budget,
        )
        return posted.message_id

    async def _edit(self, chat_id: int, edit: Edit) -> int:
        """Replace the text and the buttons of a message."""
        await self._bot.edit_message_text(
            _fitted(edit.text, MAX_TEXT),
            chat_id,
            edit.message_id,
            parse_mode=ParseMode.HTML,
            link_preview_options=_NO_PREVIEW,
            reply_markup=_markup(edit.keyboard),
            **self._budget,
        )
        return edit.message_id

    async def _file(self, chat_id: int, file: Document | Photo) -> Sent:
        """Upload a document or a picture; a file on disk is read off the loop."""
        content = file.content
        if isinstance(content, Path):
            content = await asyncio.to_thread(content.read_bytes)
        common = _posted(file)
        caption = _fitted(file.caption, MAX_CAPTION) or None
        if isinstance(file, Photo):
            photo = await self._bot.send_photo(chat_id, content, caption, **common, **self._budget)
            return Sent(photo.message_id, file_id=photo.photo[-1].file_id if photo.photo else "")
        upload = content if isinstance(content, str) else InputFile(content, filename=file.file_name)
        document = await self._bot.send_document(chat_id, upload, caption, **common, **self._budget)
        return Sent(document.message_id)

    async def _menu(self, chat_id: int, menu: Menu) -> int:
        """Set the commands of a chat's menu; there is no message, so the number is 0."""
        scope = BotCommandScopeChat(chat_id)
        await self._bot.set_my_commands([BotCommand(*each) for each in menu.commands], scope, **self._budget)
        return 0

    async def _pin(self, chat_id: int, message_id: int) -> None:
        """Pin a message without a sound."""
        await self._bot.pin_chat_message(chat_id, message_id, disable_notification=True, **self._budget)


def _is_of_the_message(outcome: Outcome) -> bool:
    """Whether Telegram refused this one message, and nothing is wrong with the chat."""
    return isinstance(outcome, Gone) and not outcome.destination


def _fitted(html: str, limit: int) -> str:
    """A text as Telegram takes it: cards page what is long; where one did not, its end is lost rather than all."""
    cut = fitted(html, limit)
    if cut != html:
        log.warning("text_cut", length=length(html), limit=limit)
    return cut


def _posted(outgoing: Message | Document | Photo) -> _Posted:
    """The arguments all new messages have in common."""
    reply = outgoing.reply_to
    return {
        "parse_mode": ParseMode.HTML,
        "disable_notification": outgoing.silent,
        "message_thread_id": outgoing.thread,
        "reply_parameters": ReplyParameters(reply, allow_sending_without_reply=True) if reply else None,
        "reply_markup": _markup(outgoing.keyboard),
    }


def _markup(keyboard: Keyboard) -> InlineKeyboardMarkup | None:
    """Telegram's form of a keyboard."""
    if not keyboard:
        return None
    return InlineKeyboardMarkup([[_button(button) for button in row] for row in keyboard])


def _button(button: Button) -> InlineKeyboardButton:
    """Telegram's form of a button."""
    copied = CopyTextButton(button.copy_text) if button.copy_text else None
    return InlineKeyboardButton(button.label, url=button.url, callback_data=button.data, copy_text=copied)


def _interpret(error: TelegramError, outgoing: Outgoing) -> Outcome:
    """What an error says of the message: the whole of the fault table's rows 7–18."""
    match error:
        case ChatMigrated():
            return Moved(error.new_chat_id)
        case RetryAfter():
            return TryLater(max(1.0, retry_seconds(error)), "chat")
        case InvalidToken():
            return TryLater(UNAUTHORIZED_PAUSE, "all", unauthorized=True)
        case Forbidden():
            return Gone(_destination_reason(error) or "forbidden", destination=True, detail=_detail(error))
        case BadRequest():
            return _refused(error, outgoing)
        case NotSent() | Conflict():
            return TryLater(NOT_SENT_PAUSE, "all")
        case MaybeSent():
            return Unknown(error.message)
        case _:
            # Not one of the transport's: a fault between it and us, so nothing is known of the request.
            return Unknown(type(error).__name__)


def _refused(error: BadRequest, outgoing: Outgoing) -> Outcome:
    """What a 400 says, which Telegram tells in words only."""
    words = error.message.lower()
    if isinstance(outgoing, Edit | EditButtons | Delete):
        if any(fragment in words for fragment in _DONE_ALREADY):
            return Sent(outgoing.message_id)
        if any(fragment in words for fragment in _MESSAGE_GONE):
            return Gone("message_gone", destination=False, detail=_detail(error))
    elif getattr(outgoing, "thread", None) is not None and any(fragment in words for fragment in _TOPIC_GONE):
        return TopicGone()
    reason = _destination_reason(error)
    return Gone(reason or "rejected", destination=reason is not None, detail=_detail(error))


def _destination_reason(error: TelegramError) -> str | None:
    """Why the chat as a whole is lost, if the words say so."""
    words = error.message.lower()
    return next((reason for fragment, reason in _DESTINATION_GONE.items() if fragment in words), None)


def _detail(error: TelegramError) -> str:
    """Telegram's words up to the first quotation, which would be of the message and has no place in a log."""
    return error.message.partition('"')[0].strip()
