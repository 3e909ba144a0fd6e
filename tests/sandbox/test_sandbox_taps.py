"""Taps: what the bot gets, what the person gets back, and what is refused."""

import asyncio

import pytest
from sandbox_stage import button, stage

from sandbox.client import SandboxRefusedError

_TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"


async def test_a_tap_is_answered_once() -> None:
    async with stage() as s:
        li, group = await s.sandbox.person("李明"), await s.group()
        card = await s.ok("sendMessage", chat_id=group["id"], text="签到", reply_markup=button("✅ 签到", "c:1"))
        tap = asyncio.create_task(s.sandbox.tap(li, group, card, "签到"))
        (update,) = await s.news(timeout=5)
        query = update["callback_query"]
        assert (query["from"]["id"], query["data"]) == (li["id"], "c:1")
        assert query["message"] == card
        await s.ok("answerCallbackQuery", callback_query_id=query["id"], text="已签到", show_alert=True)
        assert await tap == {"text": "已签到", "show_alert": True, "url": None}
        await s.ok("answerCallbackQuery", callback_query_id=query["id"], text="又一次")
        assert await s.sandbox.answer(query["id"]) == {"text": "已签到", "show_alert": True, "url": None}
        entries = await s.sandbox.accepted("answerCallbackQuery")
        assert [(e["user"], e["chat"], e["repeated"]) for e in entries] == [
            (li["id"], group["id"], False),
            (li["id"], group["id"], True),
        ]


async def test_the_update_carries_the_message_as_it_was_when_tapped() -> None:
    async with stage() as s:
        li, group = await s.sandbox.person("李明"), await s.group()
        card = await s.ok("sendMessage", chat_id=group["id"], text="0/5", reply_markup=button("签到", "c"))
        await s.sandbox.tap_later(li, group, card, "签到")
        await s.ok("editMessageText", chat_id=group["id"], message_id=card["message_id"], text="1/5")
        assert (await s.news())[0]["callback_query"]["message"]["text"] == "0/5"


async def test_forged_data_needs_to_be_asked_for() -> None:
    async with stage() as s:
        (li, zhou), group = await s.people("李明", "周伟"), await s.group()
        card = await s.ok("sendMessage", chat_id=group["id"], text="a", reply_markup=button("签到", "c"))
        with pytest.raises(SandboxRefusedError):
            await s.sandbox.tap_later(li, group, card, data="admin")
        await s.sandbox.tap_later(li, group, card, data="admin", forge=True)
        assert (await s.news())[0]["callback_query"]["data"] == "admin"
        with pytest.raises(SandboxRefusedError):
            await s.sandbox.tap_later(zhou, group, card, data="c")


async def test_late_and_unknown_answers_are_refused() -> None:
    async with stage(query_ttl=0.0) as s:
        li, group = await s.sandbox.person("李明"), await s.group()
        card = await s.ok("sendMessage", chat_id=group["id"], text="a", reply_markup=button("签到", "c"))
        query = await s.sandbox.tap_later(li, group, card, "签到")
        assert await s.refused("answerCallbackQuery", callback_query_id=query) == (400, _TOO_OLD)
        assert await s.refused("answerCallbackQuery", callback_query_id="1") == (400, _TOO_OLD)


async def test_limits_of_an_answer() -> None:
    async with stage() as s:
        li, group = await s.sandbox.person("李明"), await s.group()
        card = await s.ok("sendMessage", chat_id=group["id"], text="a", reply_markup=button("签到", "c"))
        query = await s.sandbox.tap_later(li, group, card, "签到")
        name = (await s.ok("getMe"))["username"]
        too_long = await s.refused("answerCallbackQuery", callback_query_id=query, text="a" * 201)
        assert too_long == (400, "Bad Request: MESSAGE_TOO_LONG")
        elsewhere = await s.refused("answerCallbackQuery", callback_query_id=query, url="https://example.org")
        assert elsewhere == (400, "Bad Request: URL_INVALID")
        link = f"https://t.me/{name}?start=reg_1"
        await s.ok("answerCallbackQuery", callback_query_id=query, url=link)
        assert (await s.sandbox.answer(query) or {})["url"] == link
        assert (await s.sandbox.follow(li, link))["text"] == "/start reg_1"


async def test_a_fault_of_answers_can_be_limited_to_a_chat() -> None:
    async with stage() as s:
        li, group = await s.sandbox.person("李明"), await s.group()
        card = await s.ok("sendMessage", chat_id=group["id"], text="a", reply_markup=button("签到", "c"))
        query = await s.sandbox.tap_later(li, group, card, "签到")
        await s.sandbox.fault("answerCallbackQuery", {"status": 500}, chat=li)
        await s.ok("answerCallbackQuery", callback_query_id=query)
        await s.sandbox.fault("answerCallbackQuery", {"status": 500}, chat=group)
        assert (await s.refused("answerCallbackQuery", callback_query_id=query))[0] == 500


async def test_no_answer_is_none() -> None:
    async with stage() as s:
        li, group = await s.sandbox.person("李明"), await s.group()
        card = await s.ok("sendMessage", chat_id=group["id"], text="a", reply_markup=button("签到", "c"))
        assert await s.sandbox.tap(li, group, card, "签到", wait=0.01) is None


async def test_many_people_tap_at_once() -> None:
    async with stage() as s:
        group = await s.group()
        card = await s.ok("sendMessage", chat_id=group["id"], text="a", reply_markup=button("签到", "c"))
        before = (await s.sandbox.updates())["created"]
        people = await s.sandbox.new_people(250, group=group)
        assert (await s.sandbox.updates())["created"] == before
        queries = await s.sandbox.tap_all(group, card, "c", people)
        got = []
        while updates := await s.news():
            got += [u["callback_query"] for u in updates]
        assert [q["id"] for q in got] == queries
        assert [q["from"]["id"] for q in got] == people
        counts = await s.sandbox.updates()
        assert counts["confirmed_by_kind"]["callback_query"] == 250
