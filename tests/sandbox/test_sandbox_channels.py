"""Messages that are nobody's own: written as a channel, and posts of a linked channel; stickers, voices, edits."""

from pathlib import Path

import pytest
from sandbox_stage import TOKEN, button, png, stage

from sandbox.app import create_app
from sandbox.client import Json, SandboxClient, SandboxRefusedError
from sandbox.testing import serve


async def test_who_writes_as_a_channel_is_shown_as_it() -> None:
    async with stage() as s:
        (li, wang), group = await s.people("李明", "王芳"), await s.group()
        channel = await s.sandbox.new_channel(wang, "学习频道")
        await s.sandbox.say(wang, group, "/today", channel=channel)
        message = (await s.news())[-1]["message"]
        assert (message["from"]["id"], message["from"]["username"]) == (136817688, "Channel_Bot")
        assert message["sender_chat"] == {"id": channel["id"], "title": "学习频道", "type": "channel"}
        assert "is_automatic_forward" not in message
        with pytest.raises(SandboxRefusedError, match="may not write as this channel"):
            await s.sandbox.say(li, group, "/today", channel=channel)
        basic = await s.sandbox.new_group(wang, "小组", type="group")
        with pytest.raises(SandboxRefusedError, match="supergroups only"):
            await s.sandbox.say(wang, basic, "/today", channel=channel)


async def test_posts_of_a_linked_channel_come_into_the_group_by_themselves() -> None:
    async with stage() as s:
        (li, wang), group = await s.people("李明", "王芳"), await s.group()
        await s.sandbox.promote(li, group, await s.sandbox.bot_id())
        channel = await s.sandbox.new_channel(li, "学习频道")
        assert await s.sandbox.publish(li, channel, "还没有群") is None
        with pytest.raises(SandboxRefusedError):
            await s.sandbox.link_channel(wang, channel, group)
        await s.sandbox.link_channel(li, channel, group)
        await s.sandbox.publish(li, channel, "第二篇")
        message = (await s.news())[-1]["message"]
        assert (message["from"]["id"], message["is_automatic_forward"], message["text"]) == (777000, True, "第二篇")
        assert message["sender_chat"]["id"] == channel["id"]
        assert (message["forward_origin"]["type"], message["forward_origin"]["message_id"]) == ("channel", 2)


async def test_channels_and_closed_topics_outlive_a_restart(tmp_path: Path) -> None:
    async with serve(create_app(TOKEN, tmp_path)) as sandbox:
        li = await sandbox.person("李明")
        channel = await sandbox.new_channel(li, "学习频道")
        forum = await sandbox.new_group(li, "论坛", is_forum=True)
        thread = await sandbox.topic(li, forum, "学习")
        await sandbox.close_topic(li, forum, thread)
    async with serve(create_app(TOKEN, tmp_path)) as sandbox:
        message = await sandbox.say(li, await sandbox.group("第一学习小组"), "大家好", channel=channel)
        assert message["sender_chat"]["title"] == "学习频道"
        shown = next(chat for chat in (await sandbox.state(li))["chats"] if chat["title"] == "论坛")
        assert shown["topics"] == [{"message_thread_id": thread, "name": "学习", "is_closed": True}]


async def test_stickers_and_voice_messages_reach_the_bot_in_private_and_not_in_a_group() -> None:
    async with stage() as s:
        wang, group = await s.sandbox.person("王芳"), await s.group()
        await s.sandbox.press_start(wang)
        await s.sandbox.send_sticker(wang, wang, "🎉")
        await s.sandbox.send_voice(wang, wang, 7)
        await s.sandbox.send_sticker(wang, group)
        start, sticker, voice = [u["message"] for u in await s.news()]
        assert start["text"] == "/start"
        assert (sticker["sticker"]["emoji"], sticker["sticker"]["type"]) == ("🎉", "regular")
        assert voice["voice"]["duration"] == 7


async def test_an_edit_is_told_to_a_bot_that_asked_for_edits() -> None:
    async with stage() as s:
        wang, group = await s.sandbox.person("王芳"), await s.group()
        await s.news(allowed_updates=["message", "edited_message"])
        said = await s.sandbox.say(wang, group, "/today")
        await s.sandbox.edit(wang, group, said, "/today 再看一次")
        hidden = await s.sandbox.say(wang, group, "大家好")
        await s.sandbox.edit(wang, group, hidden, "大家早")
        _, edited = await s.news(allowed_updates=["message"])
        assert (edited["edited_message"]["text"], "edit_date" in edited["edited_message"]) == ("/today 再看一次", True)
        await s.sandbox.edit(wang, group, said, "/today")
        assert await s.news() == []
        li = await s.sandbox.person("李明")
        with pytest.raises(SandboxRefusedError):
            await s.sandbox.edit(li, group, said, "不是我的")


async def test_of_a_message_out_of_reach_the_bot_is_told_only_where_it_is() -> None:
    async with stage() as s:
        wang, group = await s.sandbox.person("王芳"), await s.group()
        card = await s.ok("sendMessage", chat_id=group["id"], text="签到", reply_markup=button("签到", "c:1"))
        await s.sandbox.tap(wang, group, card, "签到", inaccessible=True, wait=0)
        message = (await s.news())[-1]["callback_query"]["message"]
        assert (message["message_id"], message["date"], message["chat"]["id"]) == (card["message_id"], 0, group["id"])
        assert "text" not in message


async def test_the_bot_sends_on_by_its_id_what_somebody_uploaded() -> None:
    async with stage() as s:
        wang, group = await s.sandbox.person("王芳"), await s.group()
        await s.sandbox.press_start(wang)
        paper = await s.sandbox.upload(wang, wang, "材料.pdf", b"%PDF-1.7")
        photo = await s.sandbox.upload(wang, wang, "会场.png", png(10, 20), kind="photo")
        sent = await s.ok("sendDocument", chat_id=group["id"], document=paper["document"]["file_id"])
        assert sent["document"] == paper["document"]
        shown = await s.ok("sendPhoto", chat_id=group["id"], photo=photo["photo"][-1]["file_id"])
        assert shown["photo"] == photo["photo"]


async def test_no_other_page_can_frame_this_one_and_files_run_nothing() -> None:
    async with stage() as s:
        group = await s.group()
        sent = await s.send_file(group, "a.png", png(10, 20), "photo")
        picture = f"/sandbox/api/files/{sent['photo'][-1]['file_id']}"
        for path in ("/", "/page/app.js", "/sandbox/api/state", picture):
            async with s.sandbox.session.get(s.sandbox.url + path) as response:
                assert response.headers["X-Content-Type-Options"] == "nosniff"
                assert response.headers["X-Frame-Options"] == "DENY"
                assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
                assert response.headers["Content-Security-Policy"].startswith("sandbox") == (path == picture)


async def test_a_chat_s_own_menu_wins_over_the_one_of_its_kind_and_language() -> None:
    async with stage() as s:
        wang, alex = await s.people("王芳", "Alex")
        everywhere = {"scope": {"type": "all_private_chats"}}
        await s.ok("setMyCommands", commands=[_command("帮助")], **everywhere)
        await s.ok("setMyCommands", commands=[_command("Help")], language_code="en", **everywhere)
        own = {"scope": {"type": "chat", "chat_id": wang["id"]}}
        await s.ok("setMyCommands", commands=[_command("组长")], **own)
        assert [await _shown(s.sandbox, person) for person in (wang, alex)] == ["组长", "Help"]
        await s.ok("setMyCommands", commands=[], **own)
        assert await _shown(s.sandbox, wang) == "帮助"


def _command(description: str) -> dict[str, str]:
    return {"command": "help", "description": description}


async def _shown(sandbox: SandboxClient, person: Json) -> str:
    state = await sandbox.state(person)
    return str(next(chat for chat in state["chats"] if chat["type"] == "private")["commands"][0]["description"])
