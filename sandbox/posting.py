"""Messages: how one comes into a chat, is changed and goes, and whether the bot gets to see it."""

from typing import Any

from sandbox import utf16
from sandbox.model import ANONYMOUS_ADMIN, Chat, Json, Post, User
from sandbox.world import World

SERVICE_FIELDS = frozenset(
    {
        "new_chat_members",
        "left_chat_member",
        "group_chat_created",
        "supergroup_chat_created",
        "migrate_to_chat_id",
        "migrate_from_chat_id",
        "pinned_message",
        "new_chat_title",
        "forum_topic_created",
        "forum_topic_closed",
        "forum_topic_reopened",
    }
)
# Of the bot's own acts, only these come back to it as updates.
_OWN_SERVICE = frozenset({"pinned_message", "left_chat_member", "new_chat_title", "forum_topic_created"})


def post(
    world: World,
    chat: Chat,
    author: User,
    content: Json,
    *,
    reply_to: Post | None = None,
    thread: int | None = None,
    silent: bool = False,
    keyboard: Json | None = None,
    writer: Json | None = None,
) -> Post:
    """Put a message with `content` (text, document, service fields …) into a chat; the bot may hear of it.

    `writer` holds the fields `from` and `sender_chat` where they are not the author's own.
    """
    message: Json = {"message_id": world.next_message_id(chat), **(writer or _sender(chat, author))}
    message |= {"chat": world.chat_view(chat), "date": world.clock.date()}
    if thread:
        message |= {"message_thread_id": thread, "is_topic_message": True}
    if reply_to:
        message["reply_to_message"] = without_reply(reply_to.message)
    entry = Post({**message, **content}, author.id, silent, keyboard)
    world.keep_post(chat, entry)
    if chat.type != "supergroup":
        world.keep_settings()
    world.feed.tell("message", chat=chat.id, message_id=entry.id, user=author.id)
    if bot_sees(world, chat, author, entry.message):
        world.updates.add("message", entry.message)
    return entry


def _sender(chat: Chat, author: User) -> Json:
    member = None if chat.is_private else chat.members.get(author.id)
    if member and member.anonymous and member.is_admin:
        signature = {"author_signature": member.title} if member.title else {}
        return {"from": ANONYMOUS_ADMIN, "sender_chat": chat.view(), **signature}
    return {"from": author.view()}


def without_reply(message: Json) -> Json:
    """The message as it is shown inside another one: Telegram nests one level only."""
    return {key: value for key, value in message.items() if key != "reply_to_message"}


def bot_sees(world: World, chat: Chat, author: User, message: Json) -> bool:
    """Telegram's rule of what a bot receives (https://core.telegram.org/bots/features#privacy-mode)."""
    if author.id == world.bot.id:
        return not _OWN_SERVICE.isdisjoint(message)
    if chat.is_private:
        return True
    member = world.bot_member(chat)
    if member is None:
        return False
    if member.is_admin or not world.privacy or not SERVICE_FIELDS.isdisjoint(message):
        return True
    reply = message.get("reply_to_message")
    return bool(reply and reply["from"]["id"] == world.bot.id) or _is_command_for(world, message)


def _is_command_for(world: World, message: Json) -> bool:
    text, entities = _words(message)
    first = entities[0] if entities else None
    if not first or first["type"] != "bot_command" or first["offset"] != 0:
        return False
    _, at, name = utf16.part(text, 0, first["length"]).partition("@")
    return not at or name.lower() == str(world.bot.username).lower()


def _words(message: Json) -> tuple[str, list[Json]]:
    if "text" in message:
        return message["text"], message.get("entities", [])
    return message.get("caption", ""), message.get("caption_entities", [])


def change(world: World, chat: Chat, entry: Post, changes: Json) -> Post:
    """Edit a message: a value of None takes the field away."""
    changed = {**entry.message, "edit_date": world.clock.date(), **changes}
    message = {key: value for key, value in changed.items() if value is not None}
    edited = Post(message, entry.author, entry.silent, entry.keyboard)
    world.keep_post(chat, edited)
    world.feed.tell("edit", chat=chat.id, message_id=edited.id)
    return edited


def delete(world: World, chat: Chat, message_id: int) -> None:
    """Take a message away for everyone, from the pins too."""
    world.drop_post(chat, message_id)
    if message_id in chat.pinned:
        chat.pinned.remove(message_id)
        world.keep_chat(chat)
    world.feed.tell("delete", chat=chat.id, message_id=message_id)


def pin(world: World, chat: Chat, entry: Post, by: User) -> None:
    """Pin a message; in a chat this leaves a service message."""
    if entry.id in chat.pinned:
        return
    chat.pinned.append(entry.id)
    world.keep_chat(chat)
    world.feed.tell("chat", chat=chat.id)
    post(world, chat, by, {"pinned_message": without_reply(entry.message)})


def unpin(world: World, chat: Chat, message_id: int | None) -> bool:
    """Unpin a message, or with None the newest; False if there was nothing to unpin."""
    wanted: Any = message_id if message_id is not None else (chat.pinned[-1] if chat.pinned else None)
    if wanted not in chat.pinned:
        return False
    chat.pinned.remove(wanted)
    world.keep_chat(chat)
    world.feed.tell("chat", chat=chat.id)
    return True
