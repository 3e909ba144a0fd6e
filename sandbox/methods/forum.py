"""Topics of forums as the bot handles them; it needs the right to."""

from collections.abc import Callable

from sandbox import topics
from sandbox.errors import RefusedError, bad_request
from sandbox.methods.registry import method
from sandbox.model import Chat, Json, User
from sandbox.params import Params
from sandbox.world import World


def _forum(world: World, params: Params) -> Chat:
    chat = world.reachable(params.chat_id())
    if not chat.is_forum:
        raise bad_request("the chat is not a forum")
    return chat


@method("createForumTopic")
def create_forum_topic(world: World, params: Params) -> Json:
    """A topic."""
    chat = _forum(world, params)
    member = world.bot_member(chat)
    if member is None or not member.may("can_manage_topics"):
        raise bad_request("not enough rights to create a topic")
    name = params.text("name").strip()
    if not 1 <= len(name) <= 128:
        raise bad_request("TOPIC_TITLE_EMPTY" if not name else "TOPIC_TITLE_TOO_LONG")
    thread = topics.create(world, chat, name, world.bot)
    return {"message_thread_id": thread, "name": name, "icon_color": 7322096}


def _define(name: str, act: Callable[[World, Chat, int, User], None], unchanged: str) -> None:
    """One of the methods that change a topic and give nothing back."""

    @method(name)
    def change(world: World, params: Params) -> bool:
        chat = _forum(world, params)
        member, thread = world.bot_member(chat), params.must("message_thread_id", "message thread not found")
        if str(thread) not in chat.topics:
            raise bad_request("message thread not found")
        if member is None or not member.may("can_manage_topics"):
            raise bad_request("not enough rights")
        try:
            act(world, chat, thread, world.bot)
        except RefusedError:
            raise bad_request(unchanged) from None
        return True


_define("closeForumTopic", topics.close, "TOPIC_NOT_MODIFIED")
_define("reopenForumTopic", topics.reopen, "TOPIC_NOT_MODIFIED")
_define("deleteForumTopic", topics.remove, "TOPIC_ID_INVALID")
