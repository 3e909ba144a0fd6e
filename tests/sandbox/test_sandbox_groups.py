"""Groups: who may do what, what the bot is told, privacy mode, anonymous admins, migration, topics."""

from typing import Any

import pytest
from sandbox_stage import Stage, stage

from sandbox.client import SandboxRefusedError


def _texts(updates: list[dict[str, Any]]) -> list[str]:
    return [u["message"].get("text", "") for u in updates if "message" in u]


async def _bot(s: Stage) -> int:
    return await s.sandbox.bot_id()


async def test_privacy_mode_lets_commands_replies_and_service_messages_through() -> None:
    async with stage() as s:
        (li, wang), group = await s.people("李明", "王芳"), await s.group()
        mine = await s.ok("sendMessage", chat_id=group["id"], text="签到")
        name = (await s.ok("getMe"))["username"]
        await s.sandbox.say(wang, group, "大家好")
        await s.sandbox.say(wang, group, "/me")
        await s.sandbox.say(wang, group, f"/rank@{name}")
        await s.sandbox.say(wang, group, "/rank@other_bot")
        await s.sandbox.say(wang, group, "请发 /me")
        await s.sandbox.say(wang, group, "收到", reply_to=mine)
        await s.sandbox.rename(li, group, "第二学习小组")
        updates = await s.news()
        assert _texts(updates) == ["/me", f"/rank@{name}", "收到", ""]
        assert updates[-1]["message"]["new_chat_title"] == "第二学习小组"


async def test_an_admin_bot_and_one_without_privacy_see_everything() -> None:
    async with stage() as s:
        (li, wang), group = await s.people("李明", "王芳"), await s.group()
        await s.sandbox.promote(li, group, await _bot(s))
        await s.sandbox.say(wang, group, "大家好")
        await s.sandbox.demote(li, group, await _bot(s))
        await s.sandbox.say(wang, group, "再见")
        assert _texts(await s.news()) == ["大家好"]
        await s.sandbox.set_privacy(False)
        await s.sandbox.say(wang, group, "又来了")
        assert _texts(await s.news()) == ["又来了"]
        assert (await s.ok("getMe"))["can_read_all_group_messages"] is True


async def test_standing_of_the_bot_is_always_told() -> None:
    async with stage() as s:
        li, group = await s.sandbox.person("李明"), await s.group()
        await s.sandbox.promote(li, group, await _bot(s), rights=["can_pin_messages"])
        await s.sandbox.kick(li, group, await _bot(s))
        statuses = [
            (
                u["my_chat_member"]["old_chat_member"]["status"],
                u["my_chat_member"]["new_chat_member"]["status"],
            )
            for u in await s.news()
            if "my_chat_member" in u
        ]
        assert statuses == [("member", "administrator"), ("administrator", "kicked")]
        reason = "Forbidden: bot was kicked from the supergroup chat"
        assert await s.refused("sendMessage", chat_id=group["id"], text="a") == (403, reason)
        await s.sandbox.add(li, group, await _bot(s), payload="reg_1")
        name = (await s.ok("getMe"))["username"]
        assert _texts(await s.news())[-1] == f"/start@{name} reg_1"


async def test_the_bot_can_leave() -> None:
    async with stage() as s:
        group = await s.group()
        await s.ok("leaveChat", chat_id=group["id"])
        reason = "Forbidden: bot is not a member of the supergroup chat"
        assert await s.refused("sendMessage", chat_id=group["id"], text="a") == (403, reason)
        assert await s.refused("getChat", chat_id=group["id"]) == (403, reason)


async def test_standing_of_others_is_told_to_an_admin_that_asked() -> None:
    async with stage() as s:
        (li, zhou), group = await s.people("李明", "周伟"), await s.group()
        await s.news(allowed_updates=["chat_member", "my_chat_member"])
        await s.sandbox.add(li, group, zhou)
        await s.sandbox.promote(li, group, await _bot(s))
        await s.sandbox.leave(zhou, group)
        updates = await s.news()
        assert [next(k for k in u if k != "update_id") for u in updates] == ["my_chat_member", "chat_member"]
        assert updates[1]["chat_member"]["new_chat_member"]["status"] == "left"


async def test_blocking_and_unblocking_is_told() -> None:
    async with stage() as s:
        li = await s.sandbox.person("李明")
        await s.group()
        await s.sandbox.press_start(li)
        await s.sandbox.block(li)
        await s.sandbox.press_start(li)
        kinds = [u.get("my_chat_member", {}).get("new_chat_member", {}).get("status") for u in await s.news()]
        assert kinds == [None, "kicked", "member", None]


async def test_members_and_admins() -> None:
    async with stage() as s:
        (li, wang, zhou), group = await s.people("李明", "王芳", "周伟"), await s.group()
        status = {}
        for person in (li, wang, zhou):
            member = await s.ok("getChatMember", chat_id=group["id"], user_id=person["id"])
            status[person["first_name"]] = member["status"]
        assert status == {"李明": "creator", "王芳": "member", "周伟": "left"}
        assert (await s.refused("getChatMember", chat_id=group["id"], user_id=1))[0] == 400
        await s.sandbox.promote(li, group, wang, rights=["can_restrict_members"], title="组长")
        admins = await s.ok("getChatAdministrators", chat_id=group["id"])
        assert [(a["user"]["first_name"], a["status"]) for a in admins] == [
            ("李明", "creator"),
            ("王芳", "administrator"),
        ]
        assert (admins[1]["can_restrict_members"], admins[1]["can_pin_messages"]) == (True, False)
        assert await s.ok("getChatMemberCount", chat_id=group["id"]) == 6


async def test_people_cannot_do_what_their_standing_forbids() -> None:
    async with stage() as s:
        (li, wang, zhao, zhou), group = await s.people("李明", "王芳", "赵强", "周伟"), await s.group()
        for act in (
            s.sandbox.promote(wang, group, zhao),
            s.sandbox.kick(wang, group, zhao),
            s.sandbox.say(zhou, group, "/me"),
            s.sandbox.messages(zhou, group),
            s.sandbox.add(zhou, group, zhou),
            s.sandbox.say(li, li, "你好"),
            s.sandbox.upgrade(li, group),
        ):
            with pytest.raises(SandboxRefusedError):
                await act


async def test_an_anonymous_admin_writes_as_the_group_and_taps_as_a_person() -> None:
    async with stage() as s:
        li, group = await s.sandbox.person("李明"), await s.group()
        await s.sandbox.promote(li, group, li, anonymous=True)
        await s.sandbox.say(li, group, "/register")
        message = (await s.news())[-1]["message"]
        assert message["from"]["id"] == 1087968824
        assert message["sender_chat"]["id"] == group["id"]
        keyboard = {"inline_keyboard": [[{"text": "确认身份", "callback_data": "v"}]]}
        card = await s.ok("sendMessage", chat_id=group["id"], text="?", reply_markup=keyboard)
        await s.sandbox.tap_later(li, group, card, "确认身份")
        assert (await s.news())[-1]["callback_query"]["from"]["id"] == li["id"]
        assert (await s.ok("getChatMember", chat_id=group["id"], user_id=li["id"]))["is_anonymous"] is True


async def test_a_basic_group_becomes_a_supergroup() -> None:
    async with stage() as s:
        li, wang = await s.people("李明", "王芳")
        await s.group()
        old = await s.sandbox.new_group(li, "小组", [wang], type="group")
        assert old["type"] == "group"
        assert [next(k for k in u if k != "update_id") for u in await s.news()] == [
            "my_chat_member",
            "message",
        ]
        new = await s.sandbox.upgrade(li, old)
        standing, moved_to, moved_from = await s.news()
        assert standing["my_chat_member"]["chat"]["id"] == new["id"]
        assert moved_to["message"]["migrate_to_chat_id"] == new["id"]
        assert moved_to["message"]["chat"]["id"] == old["id"]
        assert moved_from["message"]["migrate_from_chat_id"] == old["id"]
        body = await s.call("sendMessage", chat_id=old["id"], text="a")
        assert body["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
        assert body["parameters"] == {"migrate_to_chat_id": new["id"]}
        await s.ok("sendMessage", chat_id=new["id"], text="a")
        assert (await s.ok("getChatMember", chat_id=new["id"], user_id=li["id"]))["status"] == "creator"
        shown = [g for g in await s.sandbox.groups(wang) if g["title"] == "小组"]
        assert [(g["id"], g["migrated_from"]) for g in shown] == [(new["id"], old["id"])]


async def test_topics_of_a_forum() -> None:
    async with stage() as s:
        li = await s.sandbox.person("李明")
        forum = await s.sandbox.new_group(li, "论坛", is_forum=True)
        thread = await s.sandbox.topic(li, forum, "学习")
        await s.sandbox.say(li, forum, "/new", thread=thread)
        said = (await s.news())[-1]["message"]
        assert (said["message_thread_id"], said["is_topic_message"]) == (thread, True)
        sent = await s.ok("sendMessage", chat_id=forum["id"], text="a", message_thread_id=thread)
        assert sent["message_thread_id"] == thread
        assert (await s.refused("createForumTopic", chat_id=forum["id"], name="b"))[0] == 400
        await s.sandbox.promote(li, forum, await _bot(s))
        made = await s.ok("createForumTopic", chat_id=forum["id"], name="b")
        await s.ok("sendMessage", chat_id=forum["id"], text="a", message_thread_id=made["message_thread_id"])
