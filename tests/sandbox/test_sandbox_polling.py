"""getUpdates: offsets, limits, long polls, one poller at a time, allowed_updates."""

import asyncio

from sandbox_stage import Stage, button, stage


async def _polled(s: Stage, count: int) -> None:
    """Until the server has seen that many polls, the last of which waits."""

    async def enough() -> bool:
        return bool((await s.sandbox.updates())["polls"] >= count)

    await s.sandbox.wait_for(enough)


async def test_a_new_sandbox_tells_the_bot_that_it_was_added() -> None:
    async with stage() as s:
        standing, service = await s.ok("getUpdates")
        assert standing["my_chat_member"]["new_chat_member"]["status"] == "member"
        assert standing["my_chat_member"]["chat"]["title"] == "第一学习小组"
        assert service["message"]["new_chat_members"][0]["is_bot"] is True
        assert service["update_id"] == standing["update_id"] + 1


async def test_updates_stay_until_an_offset_acknowledges_them() -> None:
    async with stage() as s:
        first = await s.ok("getUpdates")
        assert await s.ok("getUpdates") == first
        assert await s.ok("getUpdates", offset=first[0]["update_id"] + 1) == first[1:]
        assert await s.ok("getUpdates") == first[1:]
        counts = await s.sandbox.updates()
        assert (counts["created"], counts["delivered"], counts["confirmed"], counts["pending"]) == (
            2,
            2,
            1,
            1,
        )
        assert counts["confirmed_up_to"] == first[0]["update_id"]
        assert counts["confirmed_by_kind"] == {"my_chat_member": 1}


async def test_delivered_counts_an_update_once() -> None:
    async with stage() as s:
        for _ in range(3):
            await s.ok("getUpdates", limit=1)
        assert (await s.sandbox.updates())["delivered"] == 1


async def test_limit_and_negative_offset() -> None:
    async with stage() as s:
        li = await s.sandbox.person("李明")
        for n in range(5):
            await s.sandbox.press_start(li, f"n{n}")
        assert len(await s.ok("getUpdates", limit=3)) == 3
        last = await s.ok("getUpdates", offset=-2)
        assert [u["message"]["text"] for u in last] == ["/start n3", "/start n4"]
        assert (await s.sandbox.updates())["pending"] == 2


async def test_a_long_poll_ends_when_something_comes() -> None:
    async with stage() as s:
        li, group = await s.sandbox.person("李明"), await s.group()
        await s.news()
        poll = asyncio.create_task(s.news(timeout=30))
        await s.sandbox.say(li, group, "/help")
        async with asyncio.timeout(5):
            updates = await poll
        assert [u["message"]["text"] for u in updates] == ["/help"]


async def test_a_second_poller_ends_the_first_with_409() -> None:
    async with stage() as s:
        await s.news()
        await s.news()
        older = asyncio.create_task(s.call("getUpdates", offset=s.offset, timeout=30))
        await _polled(s, 3)
        newer = asyncio.create_task(s.call("getUpdates", offset=s.offset, timeout=30))
        async with asyncio.timeout(5):
            answer = await older
        assert answer["error_code"] == 409
        assert answer["description"].startswith("Conflict: terminated by other getUpdates request")
        await s.sandbox.press_start(await s.sandbox.person("李明"))
        assert (await newer)["ok"]


async def test_allowed_updates_are_remembered() -> None:
    async with stage() as s:
        li, group = await s.sandbox.person("李明"), await s.group()
        card = await s.ok("sendMessage", chat_id=group["id"], text="签到", reply_markup=button("签到", "c"))
        await s.news(allowed_updates=["callback_query"])
        await s.sandbox.say(li, group, "/help")
        await s.sandbox.tap_later(li, group, card, "签到")
        assert [set(u) - {"update_id"} for u in await s.news()] == [{"callback_query"}]
        await s.news(allowed_updates=[])
        await s.sandbox.say(li, group, "/help")
        assert "message" in (await s.news())[0]


async def test_polling_is_refused_while_a_webhook_is_set() -> None:
    async with stage() as s:
        await s.ok("setWebhook", url="https://example.org/hook")
        assert (await s.refused("getUpdates"))[0] == 409
        assert (await s.ok("getWebhookInfo"))["pending_update_count"] == 2
        await s.ok("deleteWebhook", drop_pending_updates=True)
        assert await s.ok("getUpdates") == []


async def test_a_poller_that_was_cut_off_loses_nothing() -> None:
    async with stage() as s:
        updates = await s.news()
        poll = asyncio.create_task(s.call("getUpdates", offset=s.offset, timeout=30))
        await _polled(s, 2)
        poll.cancel()
        await s.sandbox.press_start(await s.sandbox.person("李明"))
        again = await s.news()
        assert [u["update_id"] for u in again] == [updates[-1]["update_id"] + 1]
