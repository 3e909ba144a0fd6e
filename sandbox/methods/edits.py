"""Changing, deleting and pinning messages."""

from sandbox.errors import bad_request
from sandbox.markup import check
from sandbox.methods.registry import method
from sandbox.methods.sending import read_caption, read_text
from sandbox.model import Chat, Json, Post
from sandbox.params import Params, whole
from sandbox.posting import change, delete, pin, unpin
from sandbox.world import World

DELETE_WITHIN_SECONDS = 48 * 3600
_SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
_COMPARED = ("text", "entities", "caption", "caption_entities", "reply_markup")


def _own(world: World, params: Params) -> tuple[Chat, Post]:
    chat = world.reachable(params.chat_id())
    entry = chat.posts.get(params.must("message_id", "message identifier is not specified"))
    if entry is None:
        raise bad_request("message to edit not found")
    if entry.author != world.bot.id or entry.keyboard:
        raise bad_request("message can't be edited")
    return chat, entry


def _edit(world: World, params: Params, chat: Chat, entry: Post, changes: Json) -> Json:
    markup, _ = check(params.json("reply_markup"), private=chat.is_private)
    changes["reply_markup"] = markup
    wanted = {**entry.message, **changes}
    if all(wanted.get(name) == entry.message.get(name) for name in _COMPARED):
        raise bad_request(_SAME)
    return change(world, chat, entry, changes).message


@method("editMessageText")
def edit_message_text(world: World, params: Params) -> Json:
    """Another text; without `reply_markup` the buttons go."""
    chat, entry = _own(world, params)
    fields = read_text(world, params)
    if "text" not in entry.message:
        raise bad_request("there is no text in the message to edit")
    return _edit(world, params, chat, entry, {"entities": None, **fields})


@method("editMessageCaption")
def edit_message_caption(world: World, params: Params) -> Json:
    """Another caption, or none."""
    chat, entry = _own(world, params)
    fields = read_caption(world, params)
    if "document" not in entry.message and "photo" not in entry.message:
        raise bad_request("there is no caption in the message to edit")
    return _edit(world, params, chat, entry, {"caption": None, "caption_entities": None, **fields})


@method("editMessageReplyMarkup")
def edit_message_reply_markup(world: World, params: Params) -> Json:
    """Other buttons, or none."""
    chat, entry = _own(world, params)
    return _edit(world, params, chat, entry, {})


def _delete(world: World, chat: Chat, message_id: int) -> bool:
    entry = chat.posts.get(message_id)
    if entry is None:
        return False
    member = None if chat.is_private else world.bot_member(chat)
    if member and entry.author != world.bot.id and not member.may("can_delete_messages"):
        raise bad_request("message can't be deleted")
    old = world.clock.date() - entry.message["date"] > DELETE_WITHIN_SECONDS
    if old and not (member and chat.type == "supergroup" and member.may("can_delete_messages")):
        raise bad_request("message can't be deleted for everyone")
    delete(world, chat, message_id)
    return True


@method("deleteMessage")
def delete_message(world: World, params: Params) -> bool:
    """Take one message away."""
    chat = world.reachable(params.chat_id())
    if not _delete(world, chat, params.must("message_id", "message identifier is not specified")):
        raise bad_request("message to delete not found")
    return True


@method("deleteMessages")
def delete_messages(world: World, params: Params) -> bool:
    """Take up to 100 messages away; those that are not there are skipped."""
    chat = world.reachable(params.chat_id())
    ids = params.json("message_ids")
    if not isinstance(ids, list) or not 1 <= len(ids) <= 100:
        raise bad_request("wrong number of message identifiers")
    for message_id in ids:
        _delete(world, chat, whole(message_id, "message_ids"))
    return True


def _pin_place(world: World, params: Params) -> Chat:
    chat = world.reachable(params.chat_id())
    member = None if chat.is_private else world.bot_member(chat)
    if member and not member.may("can_pin_messages"):
        raise bad_request("not enough rights to manage pinned messages in the chat")
    return chat


@method("pinChatMessage")
def pin_chat_message(world: World, params: Params) -> bool:
    """Pin a message; in groups the bot needs the right."""
    chat = _pin_place(world, params)
    entry = chat.posts.get(params.must("message_id", "message identifier is not specified"))
    if entry is None:
        raise bad_request("message to pin not found")
    pin(world, chat, entry, world.bot)
    return True


@method("unpinChatMessage")
def unpin_chat_message(world: World, params: Params) -> bool:
    """Unpin a message, or the newest pinned one."""
    chat = _pin_place(world, params)
    if not unpin(world, chat, params.whole("message_id")):
        raise bad_request("message to unpin not found")
    return True


@method("unpinAllChatMessages")
def unpin_all_chat_messages(world: World, params: Params) -> bool:
    """Unpin everything."""
    chat = _pin_place(world, params)
    while unpin(world, chat, None):
        pass
    return True
