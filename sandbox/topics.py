"""Topics of a forum: opened, closed, opened again, deleted; and who may write in them."""

from sandbox.errors import RefusedError
from sandbox.model import Chat, Member, User
from sandbox.posting import delete, post
from sandbox.world import World


def create(world: World, chat: Chat, name: str, by: User) -> int:
    """A topic of a forum; its id is that of the message that opens it."""
    if not chat.is_forum:
        raise RefusedError("this group has no topics")
    _member(chat, by)
    opening = post(world, chat, by, {"forum_topic_created": {"name": name, "icon_color": 7322096}})
    chat.topics[str(opening.id)] = name
    _changed(world, chat)
    return opening.id


def close(world: World, chat: Chat, thread: int, by: User) -> None:
    """From now on only those who manage topics write in it."""
    _require_manager(chat, thread, by)
    if thread in chat.closed_topics:
        raise RefusedError("this topic is closed already")
    post(world, chat, by, {"forum_topic_closed": {}}, thread=thread)
    chat.closed_topics.append(thread)
    _changed(world, chat)


def reopen(world: World, chat: Chat, thread: int, by: User) -> None:
    """Everybody may write in it again."""
    _require_manager(chat, thread, by)
    if thread not in chat.closed_topics:
        raise RefusedError("this topic is open already")
    chat.closed_topics.remove(thread)
    post(world, chat, by, {"forum_topic_reopened": {}}, thread=thread)
    _changed(world, chat)


def remove(world: World, chat: Chat, thread: int, by: User) -> None:
    """The topic goes with all its messages; nobody is told."""
    _require_manager(chat, thread, by)
    inside = [entry.id for entry in chat.posts.values() if entry.message.get("message_thread_id") == thread]
    for message_id in (thread, *inside):
        if message_id in chat.posts:
            delete(world, chat, message_id)
    del chat.topics[str(thread)]
    if thread in chat.closed_topics:
        chat.closed_topics.remove(thread)
    _changed(world, chat)


def may_write(chat: Chat, user: User, thread: int) -> bool:
    """Whether somebody may write in a topic that is there."""
    member = chat.member(user.id)
    return thread not in chat.closed_topics or (member is not None and member.may("can_manage_topics"))


def _require_manager(chat: Chat, thread: int, by: User) -> None:
    if str(thread) not in chat.topics:
        raise RefusedError(f"there is no topic {thread}", 404)
    if not _member(chat, by).may("can_manage_topics"):
        raise RefusedError(f"{by.first_name} may not manage topics")


def _member(chat: Chat, user: User) -> Member:
    member = chat.member(user.id)
    if member is None:
        raise RefusedError(f"{user.first_name} is not in {chat.title}")
    return member


def _changed(world: World, chat: Chat) -> None:
    world.keep_chat(chat)
    world.feed.tell("chat", chat=chat.id)
