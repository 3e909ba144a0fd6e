"""What a person does in a chat: press Start, write, send a file, tap a button, block the bot."""

import secrets
from typing import Any

from sandbox import channels, entities, polls, topics
from sandbox.errors import RefusedError
from sandbox.model import Channel, Chat, Json, Member, Post, StoredFile, User
from sandbox.posting import bot_sees, change, post
from sandbox.taps import Tap
from sandbox.world import World

_MAX_TEXT = 4096
_MAX_PAYLOAD = 64


def new_person(
    world: World,
    first_name: str,
    *,
    last_name: str | None = None,
    username: str | None = None,
    language_code: str | None = None,
) -> User:
    """Somebody new, with a private chat that was never started."""
    if not first_name.strip():
        raise RefusedError("a person needs a first name")
    names = (first_name.strip()[:64], last_name or None, username or None, language_code or None)
    person = User(world.new_id("person"), *names)
    world.people[person.id] = person
    world.chats[person.id] = Chat(person.id, "private")
    world.keep_person(person)
    world.keep_chat(world.chats[person.id])
    world.feed.tell("person", user=person.id)
    return person


def press_start(world: World, person: User, payload: str | None = None) -> Post:
    """Press Start, or open the deep link t.me/<bot>?start=<payload>; it unblocks too, as in Telegram."""
    if payload and (len(payload) > _MAX_PAYLOAD or not payload.replace("-", "_").replace("_", "a").isalnum()):
        raise RefusedError("a payload has at most 64 characters of A-Z a-z 0-9 _ -")
    unblock(world, person)
    return _write(world, person, world.chats[person.id], f"/start {payload}" if payload else "/start")


def say(
    world: World,
    person: User,
    chat: Chat,
    text: str,
    *,
    reply_to: object = None,
    thread: int | None = None,
    channel: Channel | None = None,
) -> Post:
    """Write a text, or have a channel of one's own say it."""
    if not text.strip():
        raise RefusedError("an empty text cannot be sent")
    if len(text) > _MAX_TEXT:
        raise RefusedError(f"a message has at most {_MAX_TEXT} characters")
    writer = channels.writer(channel, person, chat) if channel else None
    return _write(world, person, chat, text.strip(), reply_to=reply_to, thread=thread, writer=writer)


def edit(world: World, person: User, chat: Chat, message_id: object, text: str) -> Post:
    """Change a text of one's own; the bot hears of it where it saw the message, if it asked for such updates."""
    require_inside(person, chat)
    entry = _find_post(chat, message_id)
    if entry.author != person.id or "text" not in entry.message:
        raise RefusedError("this message cannot be edited")
    if not text.strip() or len(text) > _MAX_TEXT:
        raise RefusedError(f"a message has 1 to {_MAX_TEXT} characters")
    changed = change(world, chat, entry, {"text": text.strip(), "entities": entities.find(text.strip(), []) or None})
    if bot_sees(world, chat, person, changed.message):
        world.updates.add("edited_message", changed.message)
    return changed


def _write(world: World, person: User, chat: Chat, text: str, **where: Any) -> Post:
    found = entities.find(text, [])
    content: Json = {"text": text, **({"entities": found} if found else {})}
    return _send(world, person, chat, content, **where)


def send_location(world: World, person: User, chat: Chat, location: Json) -> Post:
    """Share a place."""
    kept = {
        name: float(location[name]) for name in ("latitude", "longitude", "horizontal_accuracy") if name in location
    }
    if not {"latitude", "longitude"} <= kept.keys():
        raise RefusedError("a location has a latitude and a longitude")
    return _send(world, person, chat, {"location": kept})


def send_sticker(world: World, person: User, chat: Chat, emoji: str) -> Post:
    """Send a sticker; there is no picture of it here."""
    names = {"file_id": f"CAACAgUAAx{secrets.token_urlsafe(30)}", "file_unique_id": secrets.token_urlsafe(12)}
    shape = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
    return _send(world, person, chat, {"sticker": {**names, **shape, "emoji": emoji}})


def send_voice(world: World, person: User, chat: Chat, seconds: int) -> Post:
    """Send a voice message of this length; there is no sound in it."""
    names = {"file_id": f"AwACAgUAAx{secrets.token_urlsafe(30)}", "file_unique_id": secrets.token_urlsafe(12)}
    return _send(world, person, chat, {"voice": {**names, "duration": seconds, "mime_type": "audio/ogg"}})


def send_contact(world: World, person: User, chat: Chat) -> Post:
    """Share one's own contact."""
    contact = {"phone_number": f"+86{person.id}", "first_name": person.first_name, "user_id": person.id}
    return _send(world, person, chat, {"contact": contact})


def send_file(
    world: World, person: User, chat: Chat, file: StoredFile, caption: str, *, as_photo: bool = False
) -> Post:
    """Send a document or a photo."""
    if as_photo and not file.width:
        raise RefusedError("this is no picture")
    content: Json = {"photo": file.as_photo()} if as_photo else {"document": file.as_document()}
    if caption:
        content["caption"] = caption
        if found := entities.find(caption, []):
            content["caption_entities"] = found
    return _send(world, person, chat, content)


def _send(
    world: World,
    person: User,
    chat: Chat,
    content: Json,
    *,
    reply_to: object = None,
    thread: int | None = None,
    writer: Json | None = None,
) -> Post:
    _require_open(world, person, chat, content)
    quoted = None
    if reply_to is not None:
        quoted = _find_post(chat, reply_to)
        thread = thread or quoted.message.get("message_thread_id")
    if thread and str(thread) not in chat.topics:
        raise RefusedError(f"there is no topic {thread}", 404)
    if thread and not topics.may_write(chat, person, thread):
        raise RefusedError("this topic is closed")
    return post(world, chat, person, content, reply_to=quoted, thread=thread, writer=writer)


def _require_open(world: World, person: User, chat: Chat, content: Json) -> None:
    require_inside(person, chat)
    if chat.is_private:
        if person.blocked:
            raise RefusedError("you have blocked the bot")
        if not person.started:
            if not str(content.get("text", "")).startswith("/start"):
                raise RefusedError("press Start first")
            person.started = True
            world.keep_person(person)
            world.feed.tell("person", user=person.id)


def require_inside(person: User, chat: Chat) -> None:
    """Raises RefusedError if the person is not in the chat, or it has moved."""
    if chat.migrated_to:
        raise RefusedError("this group was upgraded to a supergroup")
    if chat.id != person.id and not chat.member(person.id):
        raise RefusedError(f"{person.first_name} is not in this chat", 404)


def _find_post(chat: Chat, message_id: object) -> Post:
    entry = chat.posts.get(message_id) if isinstance(message_id, int) else None
    if entry is None:
        raise RefusedError(f"there is no message {message_id}", 404)
    return entry


def block(world: World, person: User) -> None:
    """Block the bot; it learns of it."""
    if person.blocked:
        return
    person.blocked = True
    _tell_standing(world, person, "member", "kicked")


def unblock(world: World, person: User) -> None:
    """Take the block back; it does nothing if there is none."""
    if not person.blocked:
        return
    person.blocked = False
    _tell_standing(world, person, "kicked", "member")


def _tell_standing(world: World, person: User, old: Any, new: Any) -> None:
    world.keep_person(person)
    change = {
        "chat": person.as_chat(),
        "from": person.view(),
        "date": world.clock.date(),
        "old_chat_member": Member(world.bot.id, old).view(world.bot, supergroup=False),
        "new_chat_member": Member(world.bot.id, new).view(world.bot, supergroup=False),
    }
    world.updates.add("my_chat_member", change)
    world.feed.tell("person", user=person.id)


def vote(world: World, person: User, chat: Chat, message_id: object, options: list[int]) -> Post:
    """Vote in a poll, or take the vote back."""
    require_inside(person, chat)
    return polls.vote(world, chat, _find_post(chat, message_id), person, options)


def tap(
    world: World,
    person: User,
    chat: Chat,
    message_id: object,
    *,
    data: str | None = None,
    place: tuple[int, int] | None = None,
    forge: bool = False,
    inaccessible: bool = False,
) -> Tap:
    """Press a button, named by place (row, column) or data. Data that no button carries needs `forge`.

    `inaccessible`: the bot is told only where the button hangs, as Telegram does with messages that are out of its
    reach, such as old ones.
    """
    require_inside(person, chat)
    entry = _find_post(chat, message_id)
    rows = entry.message.get("reply_markup", {}).get("inline_keyboard", [])
    if place is not None:
        data = _data_at(rows, place)
    if not forge and data not in {button.get("callback_data") for row in rows for button in row}:
        raise RefusedError("the message has no button with this data")
    if data is None or not 1 <= len(data.encode()) <= 64:
        raise RefusedError("data has 1 to 64 bytes")
    message = entry.message
    if inaccessible:
        message = {"chat": message["chat"], "message_id": entry.id, "date": 0}
    return _ask(world, person, chat, message, data)


def _data_at(rows: list[list[Json]], place: tuple[int, int]) -> str:
    row, column = place
    if not (0 <= row < len(rows) and 0 <= column < len(rows[row])):
        raise RefusedError("there is no button at this place", 404)
    data = rows[row][column].get("callback_data")
    if data is None:
        raise RefusedError("this button opens something; it asks the bot nothing")
    return str(data)


def _ask(world: World, person: User, chat: Chat, message: Json, data: str) -> Tap:
    message_id = int(message["message_id"])
    pressed = world.taps.new(person.id, chat.id, message_id)
    # Buttons carry the real person, also when that person writes anonymously.
    query = {
        "id": pressed.id,
        "from": person.view(),
        "message": message,
        "chat_instance": str(7_000_000_000_000_000_000 + chat.id),
        "data": data,
    }
    world.updates.add("callback_query", query)
    world.feed.tell("tap", chat=chat.id, message_id=message_id, user=person.id, query_id=pressed.id)
    return pressed
