"""Topics of a forum: deleted and closed ones refuse what is sent there, in Telegram's words."""

import pytest
from sandbox_stage import Stage, stage

from sandbox.client import Json, SandboxRefusedError


async def _forum(s: Stage) -> tuple[Json, Json, int]:
    """A creator, a forum with the bot and 王芳 in it, and a topic."""
    li, wang = await s.people("李明", "王芳")
    forum = await s.sandbox.new_group(li, "论坛", [wang], is_forum=True)
    thread = await s.sandbox.topic(li, forum, "学习")
    return li, forum, thread


async def test_a_deleted_topic_takes_its_messages_along_and_is_not_found_any_more() -> None:
    async with stage() as s:
        li, forum, thread = await _forum(s)
        sent = await s.ok("sendMessage", chat_id=forum["id"], text="a", message_thread_id=thread)
        await s.sandbox.delete_topic(li, forum, thread)
        refused = await s.refused("sendMessage", chat_id=forum["id"], text="b", message_thread_id=thread)
        assert refused == (400, "Bad Request: message thread not found")
        edit = await s.refused("editMessageText", chat_id=forum["id"], message_id=sent["message_id"], text="c")
        assert edit == (400, "Bad Request: message to edit not found")
        assert not [m for m in await s.sandbox.messages(li, forum) if m.get("message_thread_id") == thread]
        with pytest.raises(SandboxRefusedError):
            await s.sandbox.say(li, forum, "还在吗", thread=thread)


async def test_in_a_closed_topic_only_those_who_manage_topics_write() -> None:
    async with stage() as s:
        li, forum, thread = await _forum(s)
        wang = await s.sandbox.person("王芳")
        said = await s.sandbox.say(wang, forum, "/today", thread=thread)
        await s.sandbox.close_topic(li, forum, thread)
        place = {"chat_id": forum["id"], "text": "a", "message_thread_id": thread}
        assert await s.refused("sendMessage", **place) == (400, "Bad Request: TOPIC_CLOSED")
        answer = {"chat_id": forum["id"], "text": "a", "reply_parameters": {"message_id": said["message_id"]}}
        assert await s.refused("sendMessage", **answer) == (400, "Bad Request: TOPIC_CLOSED")
        with pytest.raises(SandboxRefusedError, match="closed"):
            await s.sandbox.say(wang, forum, "为什么", thread=thread)
        await s.sandbox.say(li, forum, "到此为止", thread=thread)
        await s.sandbox.promote(li, forum, await s.sandbox.bot_id())
        await s.ok("sendMessage", **place)
        await s.sandbox.reopen_topic(li, forum, thread)
        await s.sandbox.say(wang, forum, "又开了", thread=thread)
        kinds = [key for u in await s.news() for key in u.get("message", {}) if key.startswith("forum_topic")]
        assert kinds == ["forum_topic_created", "forum_topic_closed", "forum_topic_reopened"]


async def test_the_bot_manages_topics_where_it_has_the_right() -> None:
    async with stage() as s:
        li, forum, thread = await _forum(s)
        place = {"chat_id": forum["id"], "message_thread_id": thread}
        assert await s.refused("closeForumTopic", **place) == (400, "Bad Request: not enough rights")
        await s.sandbox.promote(li, forum, await s.sandbox.bot_id())
        assert await s.ok("closeForumTopic", **place) is True
        assert await s.refused("closeForumTopic", **place) == (400, "Bad Request: TOPIC_NOT_MODIFIED")
        assert await s.ok("reopenForumTopic", **place) is True
        assert await s.ok("deleteForumTopic", **place) is True
        assert await s.refused("deleteForumTopic", **place) == (400, "Bad Request: message thread not found")
        group = await s.sandbox.group("第一学习小组")
        refused = await s.refused("closeForumTopic", chat_id=group["id"], message_thread_id=1)
        assert refused == (400, "Bad Request: the chat is not a forum")


async def test_only_those_who_manage_topics_close_and_delete_them() -> None:
    async with stage() as s:
        _, forum, thread = await _forum(s)
        wang = await s.sandbox.person("王芳")
        for act in (s.sandbox.close_topic, s.sandbox.delete_topic, s.sandbox.reopen_topic):
            with pytest.raises(SandboxRefusedError, match="manage topics"):
                await act(wang, forum, thread)
