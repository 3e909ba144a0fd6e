"""Messages, documents and photos from the bot."""

import mimetypes
from typing import Any

from sandbox import topics, utf16
from sandbox.entities import format_text
from sandbox.errors import bad_request
from sandbox.markup import check
from sandbox.methods.registry import method
from sandbox.model import Chat, Json, Post, StoredFile
from sandbox.params import Params, Upload, whole
from sandbox.posting import post, without_reply
from sandbox.world import World

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_PHOTO_BYTES = 10 * 1024 * 1024
_ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}


def find_user(world: World, user_id: int) -> Json | None:
    """A user for a tg://user link."""
    user = world.user(user_id)
    return user.view() if user else None


def read_text(world: World, params: Params) -> Json:
    """The fields `text` and `entities` of a message. Raises ApiError if empty, too long or badly formed."""
    given = params.things("entities")
    text, entities = format_text(
        params.text("text"),
        params.text("parse_mode") or None,
        given,
        lambda user_id: find_user(world, user_id),
    )
    if not text:
        raise bad_request("message text is empty")
    if utf16.length(text) > MAX_TEXT:
        raise bad_request("message is too long")
    return {"text": text, **({"entities": entities} if entities else {})}


def read_caption(world: World, params: Params) -> Json:
    """The fields `caption` and `caption_entities`, none of them if there is no caption."""
    given = params.things("caption_entities")
    text, entities = format_text(
        params.text("caption"),
        params.text("parse_mode") or None,
        given,
        lambda user_id: find_user(world, user_id),
    )
    if utf16.length(text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    if not text:
        return {}
    return {"caption": text, **({"caption_entities": entities} if entities else {})}


def _quoted(chat: Chat, params: Params) -> Post | None:
    reply = params.thing("reply_parameters")
    wanted = reply.get("message_id") or params.whole("reply_to_message_id")
    if not wanted:
        return None
    quoted = chat.posts.get(whole(wanted, "message_id"))
    lenient = reply.get("allow_sending_without_reply") or params.flag("allow_sending_without_reply")
    if quoted is None and not lenient:
        raise bad_request("message to be replied not found")
    return quoted


def _thread(world: World, chat: Chat, params: Params, quoted: Post | None) -> int | None:
    thread = params.whole("message_thread_id") or (quoted.message.get("message_thread_id") if quoted else None)
    if thread is None:
        return None
    if str(thread) not in chat.topics:
        raise bad_request("message thread not found")
    if not topics.may_write(chat, world.bot, thread):
        raise bad_request("TOPIC_CLOSED")
    return thread


def send(world: World, params: Params, chat: Chat, content: Json) -> Json:
    """Put the bot's message with its keyboard, quote and topic into the chat."""
    inline, keyboard = check(params.json("reply_markup"), private=chat.is_private)
    quoted = _quoted(chat, params)
    if inline:
        content["reply_markup"] = inline
    entry = post(
        world,
        chat,
        world.bot,
        content,
        reply_to=quoted,
        thread=_thread(world, chat, params, quoted),
        silent=params.flag("disable_notification"),
        keyboard=keyboard,
    )
    return entry.message


@method("sendMessage")
def send_message(world: World, params: Params) -> Json:
    """A text."""
    chat = world.reachable(params.chat_id())
    return send(world, params, chat, read_text(world, params))


@method("sendDocument")
async def send_document(world: World, params: Params) -> Json:
    """A file, new or sent before."""
    chat = world.reachable(params.chat_id())
    caption = read_caption(world, params)
    file = await _file(world, params, "document")
    return send(world, params, chat, {"document": file.as_document(), **caption})


@method("sendPhoto")
async def send_photo(world: World, params: Params) -> Json:
    """A picture, new or sent before."""
    chat = world.reachable(params.chat_id())
    caption = read_caption(world, params)
    file = await _file(world, params, "photo")
    if file.size > MAX_PHOTO_BYTES:
        raise bad_request("file is too big for a photo")
    if not file.width:
        raise bad_request("IMAGE_PROCESS_FAILED")
    if file.width + file.height > 10_000 or max(file.width, file.height) > 20 * min(file.width, file.height):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return send(world, params, chat, {"photo": file.as_photo(), **caption})


async def _file(world: World, params: Params, name: str) -> StoredFile:
    """The file of a call: uploaded under its own name or as attach://…, or named by a file_id."""
    value = params.text(name)
    upload = params.uploads.get(value.removeprefix("attach://") if value.startswith("attach://") else name)
    if upload:
        return await _keep(world, upload)
    if not value:
        raise bad_request(f"there is no {name} in the request")
    if value.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    if value not in world.files:
        raise bad_request("wrong remote file identifier specified: Wrong string length")
    return world.files[value]


async def _keep(world: World, upload: Upload) -> StoredFile:
    if not upload.content:
        raise bad_request("file must be non-empty")
    guessed = mimetypes.guess_type(upload.name)[0]
    return await world.add_file(upload.name, guessed or upload.mime_type, upload.content)


@method("sendChatAction", recorded=False)
def send_chat_action(world: World, params: Params) -> bool:
    """ "typing …" """
    chat = world.reachable(params.chat_id())
    if params.text("action") not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    world.feed.tell("action", chat=chat.id, action=params.text("action"))
    return True


def _original(world: World, params: Params, missing: str) -> Post:
    source = world.chat(params.chat_id("from_chat_id"))
    entry = source.posts.get(params.must("message_id", "message identifier is not specified"))
    if entry is None:
        raise bad_request(missing)
    return entry


@method("forwardMessage")
def forward_message(world: World, params: Params) -> Json:
    """Another chat's message, with its origin."""
    chat = world.reachable(params.chat_id())
    entry = _original(world, params, "message to forward not found")
    content = _content(entry.message)
    if not content:
        raise bad_request("the message can't be forwarded")
    origin = {"type": "user", "sender_user": entry.message["from"], "date": entry.message["date"]}
    return send(world, params, chat, {**content, "forward_origin": origin})


@method("copyMessage")
def copy_message(world: World, params: Params) -> Json:
    """Another chat's message as the bot's own; the answer is its id only."""
    chat = world.reachable(params.chat_id())
    content = _content(_original(world, params, "message to copy not found").message)
    if not content:
        raise bad_request("the message can't be copied")
    if "caption" in params.values:
        content = {key: value for key, value in content.items() if not key.startswith("caption")}
        content |= read_caption(world, params)
    return {"message_id": send(world, params, chat, content)["message_id"]}


def _content(message: Json) -> dict[str, Any]:
    names = ("text", "entities", "caption", "caption_entities", "document", "photo", "location", "contact")
    return {name: value for name, value in without_reply(message).items() if name in names}
