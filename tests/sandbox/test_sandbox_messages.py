"""Messages from the bot: forms of the request, limits, edits, quotes, pins, deletions, reachability."""

from typing import Any

import pytest
from sandbox_stage import TOKEN, button, stage

_SAME = "Bad Request: message is not modified: specified new message content and reply markup"


async def test_get_form_multipart_and_json_are_read_alike() -> None:
    async with stage() as s:
        group = await s.group()
        address = f"{s.sandbox.url}/bot{TOKEN}/SENDmessage"
        fields = {"chat_id": str(group["id"]), "text": "<b>a</b>", "parse_mode": "HTML"}
        requests: list[dict[str, Any]] = [
            {"method": "GET", "params": fields},
            {"method": "POST", "data": fields},
            {"method": "POST", "json": fields},
        ]
        for request in requests:
            async with s.sandbox.session.request(url=address, **request) as response:
                assert (await response.json())["result"]["text"] == "a"
        await s.send_file(group, "a.txt", b"a")
        assert (await s.sandbox.ledger())["accepted"] == {"sendMessage": 3, "sendDocument": 1}


async def test_wrong_tokens_and_unknown_methods_are_refused() -> None:
    async with stage() as s:
        async with s.sandbox.session.get(f"{s.sandbox.url}/bot1:wrong/getMe") as response:
            assert await response.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}
            assert response.status == 401
        assert await s.refused("sendNothing") == (404, "Not Found")


async def test_what_is_accepted_looks_like_telegrams_message() -> None:
    async with stage() as s:
        group = await s.group()
        message = await s.ok(
            "sendMessage",
            chat_id=group["id"],
            text="<b>签到</b> /checkin",
            parse_mode="html",
            reply_markup=button("签到", "c:1"),
        )
        assert message["chat"] == {"id": group["id"], "title": "第一学习小组", "type": "supergroup"}
        assert message["from"]["id"] == int(TOKEN.partition(":")[0])
        assert message["text"] == "签到 /checkin"
        assert [e["type"] for e in message["entities"]] == ["bold", "bot_command"]
        assert message["reply_markup"]["inline_keyboard"][0][0] == {"text": "签到", "callback_data": "c:1"}


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"text": " "}, "message text is empty"),
        ({"text": "<b></b>", "parse_mode": "HTML"}, "message text is empty"),
        ({"text": "a" * 4097}, "message is too long"),
        ({"text": "📚" * 2049}, "message is too long"),
        ({"text": "a", "reply_markup": button("a", "x" * 65)}, "BUTTON_DATA_INVALID"),
        ({"text": "a", "reply_markup": button("a", "签" * 22)}, "BUTTON_DATA_INVALID"),
        ({"text": "a", "reply_markup": button("a", "")}, "BUTTON_DATA_INVALID"),
        (
            {"text": "a", "reply_markup": {"inline_keyboard": [[{"text": "a"}]]}},
            "text buttons are unallowed in the inline keyboard",
        ),
        (
            {"text": "a", "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "b"}] * 9]}},
            "reply markup is too long",
        ),
        (
            {"text": "a", "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]] * 101}},
            "reply markup is too long",
        ),
        ({"text": "a", "reply_parameters": {"message_id": 999}}, "message to be replied not found"),
        ({"text": "a", "message_thread_id": 999}, "message thread not found"),
        ({"text": "a", "reply_markup": "{"}, "can't parse reply markup JSON object"),
        ({"text": "a", "reply_parameters": 5}, "can't parse reply parameters JSON object"),
        (
            {"text": "a", "reply_parameters": {"message_id": "x"}},
            'can\'t parse "message_id": integer expected',
        ),
        ({"text": "a", "entities": ["b"]}, "can't parse entities JSON object"),
        (
            {"text": "a", "entities": [{"type": "bold", "offset": 0, "length": 2}]},
            "entity begins or ends outside of the text at UTF-16 offset 0",
        ),
    ],
)
async def test_limits_of_a_message(params: dict[str, Any], reason: str) -> None:
    async with stage() as s:
        group = await s.group()
        assert await s.refused("sendMessage", chat_id=group["id"], **params) == (
            400,
            f"Bad Request: {reason}",
        )
        assert (await s.sandbox.ledger())["count"] == 0


async def test_the_longest_text_and_data_are_accepted() -> None:
    async with stage() as s:
        group = await s.group()
        await s.ok("sendMessage", chat_id=group["id"], text="a" * 4096, reply_markup=button("a", "x" * 64))


async def test_edits_replace_text_and_buttons() -> None:
    async with stage() as s:
        li, group = await s.sandbox.person("李明"), await s.group()
        sent = await s.ok("sendMessage", chat_id=group["id"], text="0/20", reply_markup=button("签到", "c"))
        where = {"chat_id": group["id"], "message_id": sent["message_id"]}
        code, reason = await s.refused("editMessageText", **where, text="0/20", reply_markup=button("签到", "c"))
        assert (code, reason.startswith(_SAME)) == (400, True)
        edited = await s.ok("editMessageText", **where, text="1/20", reply_markup=button("签到", "c"))
        assert (edited["text"], "edit_date" in edited) == ("1/20", True)
        bare = await s.ok("editMessageReplyMarkup", **where)
        assert "reply_markup" not in bare
        assert (await s.refused("editMessageReplyMarkup", **where))[1].startswith(_SAME)
        assert (await s.sandbox.messages(li, group))[-1] == bare


async def test_an_edit_without_buttons_takes_them_away() -> None:
    async with stage() as s:
        group = await s.group()
        sent = await s.ok("sendMessage", chat_id=group["id"], text="a", reply_markup=button("签到", "c"))
        where = {"chat_id": group["id"], "message_id": sent["message_id"]}
        assert "reply_markup" not in await s.ok("editMessageText", **where, text="a")


async def test_only_own_messages_of_the_right_kind_are_edited() -> None:
    async with stage() as s:
        li, group = await s.sandbox.person("李明"), await s.group()
        theirs = await s.sandbox.say(li, group, "/help")
        where = {"chat_id": group["id"], "message_id": theirs["message_id"]}
        assert (await s.refused("editMessageText", **where, text="b"))[1] == "Bad Request: message can't be edited"
        where["message_id"] = 12345
        assert (await s.refused("editMessageText", **where, text="b"))[1] == "Bad Request: message to edit not found"
        file = await s.send_file(group, "a.txt", b"a")
        where["message_id"] = file["message_id"]
        reason = "Bad Request: there is no text in the message to edit"
        assert (await s.refused("editMessageText", **where, text="b"))[1] == reason
        assert (await s.ok("editMessageCaption", **where, caption="<i>b</i>", parse_mode="HTML"))["caption"] == "b"


async def test_quotes_are_one_level_deep() -> None:
    async with stage() as s:
        li, group = await s.sandbox.person("李明"), await s.group()
        first = await s.ok("sendMessage", chat_id=group["id"], text="1")
        second = await s.sandbox.say(li, group, "2", reply_to=first)
        third = await s.ok(
            "sendMessage",
            chat_id=group["id"],
            text="3",
            reply_parameters={"message_id": second["message_id"]},
        )
        assert third["reply_to_message"]["text"] == "2"
        assert "reply_to_message" not in third["reply_to_message"]
        lenient = {"message_id": 999, "allow_sending_without_reply": True}
        assert "reply_to_message" not in await s.ok(
            "sendMessage", chat_id=group["id"], text="4", reply_parameters=lenient
        )


async def test_silent_messages_are_marked_for_people_only() -> None:
    async with stage() as s:
        li, group = await s.sandbox.person("李明"), await s.group()
        sent = await s.ok("sendMessage", chat_id=group["id"], text="a", disable_notification=True)
        assert "silent" not in sent
        assert (await s.sandbox.messages(li, group))[-1]["silent"] is True


async def test_deleting() -> None:
    async with stage() as s:
        li, group = await s.sandbox.person("李明"), await s.group()
        own = await s.ok("sendMessage", chat_id=group["id"], text="a")
        theirs = await s.sandbox.say(li, group, "/help")
        where = {"chat_id": group["id"], "message_id": theirs["message_id"]}
        assert (await s.refused("deleteMessage", **where))[1] == "Bad Request: message can't be deleted"
        await s.sandbox.promote(li, group, await s.sandbox.bot_id())
        assert await s.ok("deleteMessage", **where) is True
        assert (await s.refused("deleteMessage", **where))[1] == "Bad Request: message to delete not found"
        assert await s.ok("deleteMessages", chat_id=group["id"], message_ids=[own["message_id"], 999]) is True
        left = {m["message_id"] for m in await s.sandbox.messages(li, group)}
        assert not left & {own["message_id"], theirs["message_id"]}


async def test_a_message_older_than_two_days_stays() -> None:
    async with stage() as s:
        li = await s.sandbox.person("李明")
        await s.sandbox.press_start(li)
        sent = await s.ok("sendMessage", chat_id=li["id"], text="a")
        await s.sandbox.shift(days=3)
        where = {"chat_id": li["id"], "message_id": sent["message_id"]}
        assert (await s.refused("deleteMessage", **where))[1].startswith("Bad Request: message can't be deleted")


async def test_pinning_needs_the_right_and_leaves_a_service_message() -> None:
    async with stage() as s:
        li, group = await s.sandbox.person("李明"), await s.group()
        sent = await s.ok("sendMessage", chat_id=group["id"], text="a")
        where = {"chat_id": group["id"], "message_id": sent["message_id"]}
        reason = "Bad Request: not enough rights to manage pinned messages in the chat"
        assert (await s.refused("pinChatMessage", **where))[1] == reason
        await s.sandbox.promote(li, group, await s.sandbox.bot_id())
        await s.news()
        await s.ok("pinChatMessage", **where)
        assert (await s.news())[-1]["message"]["pinned_message"]["text"] == "a"
        assert (await s.ok("getChat", chat_id=group["id"]))["pinned_message"]["text"] == "a"
        assert (await s.sandbox.groups(li))[0]["pinned"]["text"] == "a"
        await s.ok("unpinChatMessage", **where)
        assert "pinned_message" not in await s.ok("getChat", chat_id=group["id"])


async def test_the_bot_cannot_write_first_nor_to_who_blocked_it() -> None:
    async with stage() as s:
        li = await s.sandbox.person("李明")
        say = {"chat_id": li["id"], "text": "a"}
        reason = "Forbidden: bot can't initiate conversation with a user"
        assert await s.refused("sendMessage", **say) == (403, reason)
        await s.sandbox.press_start(li)
        await s.ok("sendMessage", **say)
        await s.sandbox.block(li)
        assert await s.refused("sendMessage", **say) == (403, "Forbidden: bot was blocked by the user")
        await s.sandbox.unblock(li)
        await s.ok("sendMessage", **say)
        assert await s.refused("sendMessage", chat_id=1, text="a") == (400, "Bad Request: chat not found")
        assert await s.refused("sendMessage", text="a") == (400, "Bad Request: chat_id is empty")


async def test_copies_and_forwards() -> None:
    async with stage() as s:
        li, group = await s.sandbox.person("李明"), await s.group()
        await s.sandbox.press_start(li)
        said = await s.sandbox.say(li, group, "/help me")
        where = {"chat_id": li["id"], "from_chat_id": group["id"], "message_id": said["message_id"]}
        forwarded = await s.ok("forwardMessage", **where)
        assert forwarded["forward_origin"]["sender_user"]["id"] == li["id"]
        copied = await s.ok("copyMessage", **where)
        assert set(copied) == {"message_id"}
        assert (await s.sandbox.last_message(li, li) or {})["text"] == "/help me"
