"""The feed of changes, waiting on it, and the state that a page shows."""

import asyncio

import pytest
from sandbox_stage import stage

from sandbox.client import WaitedInVainError


async def test_events_tell_what_changed_since() -> None:
    async with stage() as s:
        li, group = await s.sandbox.person("李明"), await s.group()
        seq = (await s.sandbox.state())["seq"]
        poll = asyncio.create_task(s.sandbox.call("GET", "events", after=seq, timeout=30))
        sent = await s.sandbox.say(li, group, "/help")
        async with asyncio.timeout(5):
            news = await poll
        (event,) = news["events"]
        assert (event["kind"], event["chat"], event["message_id"]) == (
            "message",
            group["id"],
            sent["message_id"],
        )
        assert news == {"seq": seq + 1, "reset": False, "events": [event]}


async def test_an_unknown_place_in_the_feed_asks_for_a_new_beginning() -> None:
    async with stage() as s:
        assert (await s.sandbox.call("GET", "events", after=10_000, timeout=30))["reset"] is True


async def test_waiting_ends_with_the_change_or_in_vain() -> None:
    async with stage() as s:
        li, group = await s.sandbox.person("李明"), await s.group()
        waiting = asyncio.create_task(s.sandbox.wait_for_message(li, group, contains="签到"))
        await s.sandbox.say(li, group, "签到")
        sent = await s.ok("sendMessage", chat_id=group["id"], text="签到进行中")
        assert (await waiting)["message_id"] == sent["message_id"]
        with pytest.raises(WaitedInVainError, match="签到进行中"):
            await s.sandbox.wait_for_message(li, group, contains="没有", timeout=0.05)


async def test_waiting_for_the_ledger_and_for_idleness() -> None:
    async with stage() as s:
        group = await s.group()
        waiting = asyncio.create_task(s.sandbox.wait_for_ledger(lambda e: e["method"] == "sendMessage", count=2))
        for text in ("1", "2"):
            await s.ok("sendMessage", chat_id=group["id"], text=text)
        assert [e["params"]["text"] for e in await waiting] == ["1", "2"]
        idle = asyncio.create_task(s.sandbox.wait_until_idle())
        await s.news()
        await idle


async def test_the_state_of_a_person() -> None:
    async with stage() as s:
        li, zhou = await s.people("李明", "周伟")
        group = await s.group()
        state = await s.sandbox.state(li)
        assert [p["first_name"] for p in state["people"]] == ["李明", "王芳", "赵强", "陈静", "周伟", "Alex"]
        assert [c["type"] for c in state["chats"]] == ["private", "supergroup"]
        private, shown = state["chats"]
        assert (private["started"], private["blocked"], private["bot"]) == (False, False, state["bot"]["id"])
        assert (shown["bot_status"], shown["members"][0]["status"]) == ("member", "creator")
        assert shown["last"]["new_chat_members"][0]["id"] == state["bot"]["id"]
        outside = await s.sandbox.state(zhou)
        assert [c["type"] for c in outside["chats"]] == ["private"]
        assert [g["id"] for g in outside["other_groups"]] == [group["id"]]
        assert (await s.sandbox.state())["chats"] == []


async def test_the_page_is_served() -> None:
    async with stage() as s, s.sandbox.session.get(s.sandbox.url) as response:
        assert (response.status, response.content_type) == (200, "text/html")
