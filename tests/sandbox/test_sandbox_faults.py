"""Scripted faults, and a ledger that tells the truth beside them."""

import asyncio
from typing import Any

import aiohttp
import pytest
from sandbox_stage import Stage, stage

from sandbox.client import Json, SandboxRefusedError


async def _send(s: Stage, chat: Json, text: str = "a") -> Json:
    return await s.call("sendMessage", chat_id=chat["id"], text=text)


async def test_a_429_holds_for_one_chat_at_the_nth_call() -> None:
    async with stage() as s:
        li = await s.sandbox.person("李明")
        one, other = await s.group(), await s.sandbox.new_group(li, "另一组")
        refusal = {"status": 429, "parameters": {"retry_after": 7}}
        await s.sandbox.fault("sendMessage", refusal, chat=one, nth=2, times=1)
        answers = [await _send(s, chat) for chat in (one, other, one, one)]
        assert [a["ok"] for a in answers] == [True, True, False, True]
        assert answers[2] == {
            "ok": False,
            "error_code": 429,
            "description": "Too Many Requests: retry after 7",
            "parameters": {"retry_after": 7},
        }
        ledger = await s.sandbox.ledger()
        assert (ledger["count"], ledger["calls"]["sendMessage"]) == (3, 4)
        assert await s.sandbox.faults() == []


async def test_a_fault_can_hold_for_several_calls_or_until_taken_back() -> None:
    async with stage() as s:
        group = await s.group()
        await s.sandbox.fault("sendmessage", {"status": 500}, times=2)
        assert [(await _send(s, group))["ok"] for _ in range(3)] == [False, False, True]
        fault = await s.sandbox.fault("*", {"status": 502}, times=0)
        assert [(await _send(s, group))["ok"] for _ in range(3)] == [False] * 3
        assert (await s.refused("getMe"))[0] == 502
        await s.sandbox.clear_faults(fault)
        assert (await _send(s, group))["ok"]


@pytest.mark.parametrize(("action", "count"), [("drop_before", 0), ("drop_after_accept", 1)])
async def test_a_dropped_connection_accepts_or_not(action: str, count: int) -> None:
    async with stage() as s:
        group = await s.group()
        await s.sandbox.fault("sendMessage", action)
        with pytest.raises(aiohttp.ClientError):
            await _send(s, group)
        ledger = await s.sandbox.ledger()
        assert [e["fault"] for e in ledger["entries"]] == [action] * count
        assert (await _send(s, group))["ok"]


@pytest.mark.parametrize("accept", [True, False])
async def test_a_hanging_call_accepts_first_or_never(accept: bool) -> None:
    async with stage() as s:
        group = await s.group()
        await s.sandbox.fault("sendMessage", {"hang": 30, "accept": accept})
        call = asyncio.create_task(_send(s, group))

        async def struck() -> bool:
            return not await s.sandbox.faults()

        await s.sandbox.wait_for(struck)
        assert (await s.sandbox.ledger())["count"] == int(accept)
        assert not call.done()
        call.cancel()


async def test_a_short_hang_ends_with_the_answer() -> None:
    async with stage() as s:
        group = await s.group()
        await s.sandbox.fault("sendMessage", {"hang": 0.01, "accept": True})
        assert (await _send(s, group))["ok"]
        await s.sandbox.fault("sendMessage", {"delay": 0.01})
        assert (await _send(s, group))["ok"]
        assert (await s.sandbox.ledger())["count"] == 2


async def test_a_raw_body_replaces_the_answer() -> None:
    async with stage() as s:
        group = await s.group()
        await s.sandbox.fault("sendMessage", {"body": "<html>", "status": 502, "accept": True})
        address = f"{s.sandbox.url}/bot700000001:token-of-the-tests/sendMessage"
        async with s.sandbox.session.post(address, json={"chat_id": group["id"], "text": "a"}) as response:
            assert (response.status, await response.text()) == (502, "<html>")
        assert (await s.sandbox.ledger())["count"] == 1


@pytest.mark.parametrize("action", [{}, "explode", {"hang": "long"}, None, 5, {"status": "x"}])
async def test_a_fault_that_cannot_be_read_is_refused(action: Any) -> None:
    async with stage() as s:
        with pytest.raises(SandboxRefusedError):
            await s.sandbox.call("POST", "faults", {"method": "sendMessage", "action": action})


async def test_the_ledger_keeps_order_and_essentials() -> None:
    async with stage() as s:
        group = await s.group()
        sent = (await _send(s, group, "1"))["result"]
        await s.ok("editMessageText", chat_id=group["id"], message_id=sent["message_id"], text="2")
        await s.refused("editMessageText", chat_id=group["id"], message_id=sent["message_id"], text="2")
        await s.send_file(group, "考勤.csv", b"abc")
        ledger = await s.sandbox.ledger()
        assert [(e["n"], e["method"]) for e in ledger["entries"]] == [
            (1, "sendMessage"),
            (2, "editMessageText"),
            (3, "sendDocument"),
        ]
        assert {e["chat"] for e in ledger["entries"]} == {group["id"]}
        assert ledger["entries"][1]["message_id"] == sent["message_id"]
        assert ledger["entries"][2]["params"]["document"] == {"name": "考勤.csv", "size": 3}
        assert ledger["accepted"] == {"sendMessage": 1, "editMessageText": 1, "sendDocument": 1}
        assert ledger["calls"]["editMessageText"] == 2
        assert [e["n"] for e in (await s.sandbox.ledger(after=2))["entries"]] == [3]


async def test_a_fault_of_all_that_is_sent_lets_the_rest_pass() -> None:
    async with stage() as s:
        group = await s.group()
        await s.sandbox.fault("send*", {"status": 500})
        await s.ok("sendChatAction", chat_id=group["id"], action="typing")
        await s.ok("getMe")
        assert [(await _send(s, group))["ok"] for _ in range(2)] == [False, True]


async def test_a_fault_lasts_its_seconds_and_so_does_its_silence() -> None:
    async with stage() as s:
        group = await s.group()
        await s.sandbox.fault("*", {"hang": 30}, times=0, seconds=0.3, name="silent")
        (armed,) = await s.sandbox.faults()
        assert (armed["name"], 0 < armed["seconds_left"] <= 0.3) == ("silent", True)
        with pytest.raises(aiohttp.ClientError):
            await asyncio.wait_for(_send(s, group), 5)
        assert await s.sandbox.faults() == []
        assert (await _send(s, group))["ok"]
        with pytest.raises(SandboxRefusedError):
            await s.sandbox.fault("*", {"status": 500}, seconds=0)


@pytest.mark.parametrize(
    ("action", "accepted", "answered", "copies"),
    [
        ({"status": 429, "parameters": {"retry_after": 5}}, False, True, 1),
        ("drop_before", False, False, 1),
        ("drop_after_accept", True, False, 2),
        ({"body": "<html>", "status": 502}, False, False, 1),
    ],
)
async def test_what_became_of_a_struck_call_is_told(action: Any, accepted: bool, answered: bool, copies: int) -> None:
    async with stage() as s:
        group = await s.group()
        await s.sandbox.fault("send*", action, name="mine")
        for number, text in enumerate(("<b>one</b> &amp; two", "another", "<b>one</b> &amp; two")):
            try:
                await s.call("sendMessage", chat_id=group["id"], text=text, parse_mode="HTML")
            except (aiohttp.ClientError, AssertionError):  # cut off, or refused with a page
                assert number == 0
        (told,) = await s.sandbox.incidents()
        assert (told["name"], told["method"], told["chat"], told["text"]) == (
            "mine",
            "sendMessage",
            group["id"],
            "one & two",
        )
        first, second = told["tries"]
        assert (first["accepted"], first["answered"], told["copies"]) == (accepted, answered, copies)
        assert (second["accepted"], second["answered"]) == (True, True)
        seen = await s.sandbox.messages(await s.sandbox.person("李明"), group)
        assert sum(message.get("text") == "one & two" for message in seen) == copies
        assert second["message_id"] == seen[-1]["message_id"]


async def test_a_refused_repetition_is_a_try_and_no_copy() -> None:
    async with stage() as s:
        group = await s.group()
        sent = (await _send(s, group, "1"))["result"]
        change = {"chat_id": group["id"], "message_id": sent["message_id"], "text": "2"}
        await s.sandbox.fault("editMessageText", "drop_after_accept")
        with pytest.raises(aiohttp.ClientError):
            await s.call("editMessageText", **change)
        await s.refused("editMessageText", **change)
        (told,) = await s.sandbox.incidents()
        assert [one["accepted"] for one in told["tries"]] == [True, False]
        assert "not modified" in told["tries"][1]["said"]
        await s.sandbox.call("DELETE", "incidents")
        assert await s.sandbox.incidents() == []
