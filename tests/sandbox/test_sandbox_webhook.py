"""Updates brought to a webhook."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from sandbox_stage import button, stage

from sandbox.serving import listening
from sandbox.webhook import is_reachable

Says = Callable[[Any], dict[str, Any] | None]
Calls = asyncio.Queue[tuple[str | None, Any]]


@asynccontextmanager
async def receiver(*statuses: int, says: Says = lambda _update: None) -> AsyncIterator[tuple[str, Calls]]:
    """A webhook that answers with `statuses` in turn, then with 200; its address and what it was brought.

    `says` gives the call that the answer carries.
    """
    calls: Calls = asyncio.Queue()
    answers = iter(statuses)

    async def hook(request: web.Request) -> web.Response:
        update = await request.json()
        calls.put_nowait((request.headers.get("X-Telegram-Bot-Api-Secret-Token"), update))
        call = says(update)
        return web.json_response(call, status=next(answers, 200)) if call else web.Response(status=next(answers, 200))

    app = web.Application()
    app.router.add_post("/hook", hook)
    async with listening(app) as address:
        yield f"{address}/hook", calls


async def test_updates_are_brought_in_order_with_the_secret() -> None:
    async with stage() as s, receiver() as (address, calls):
        await s.ok("setWebhook", url=address, secret_token="s-1")
        async with asyncio.timeout(5):
            brought = [await calls.get() for _ in range(2)]
            await s.sandbox.press_start(await s.sandbox.person("李明"))
            brought.append(await calls.get())
        assert [secret for secret, _ in brought] == ["s-1"] * 3
        assert brought[2][1]["message"]["text"] == "/start"
        ids = [update["update_id"] for _, update in brought]
        assert ids == sorted(ids)
        await s.sandbox.wait_until_idle()
        assert (await s.sandbox.updates())["confirmed"] == 3


async def test_an_update_that_was_not_taken_is_brought_again() -> None:
    async with stage() as s, receiver(500, 503) as (address, calls):
        await s.ok("setWebhook", url=address)
        async with asyncio.timeout(5):
            brought = [(await calls.get())[1]["update_id"] for _ in range(4)]
        assert len(set(brought[:3])) == 1
        assert brought[3] == brought[0] + 1
        info = await s.ok("getWebhookInfo")
        assert info["last_error_message"] == "Wrong response from the webhook: 503 Service Unavailable"
        assert "secret" not in str(info)


async def test_the_answer_to_an_update_may_carry_a_call() -> None:
    def says(update: Any) -> dict[str, Any] | None:
        if query := update.get("callback_query"):
            return {"method": "answerCallbackQuery", "callback_query_id": query["id"], "text": "已签到"}
        return {"method": "nothingKnown"} if "message" in update else None

    async with stage() as s, receiver(says=says) as (address, calls):
        li, group = await s.sandbox.person("李明"), await s.group()
        card = await s.ok("sendMessage", chat_id=group["id"], text="签到", reply_markup=button("签到", "c:1"))
        await s.ok("setWebhook", url=address)
        await s.sandbox.press_start(li)
        assert await s.sandbox.tap(li, group, card, "签到") == {"text": "已签到", "show_alert": False, "url": None}
        assert (await s.sandbox.ledger())["calls"]["answerCallbackQuery"] == 1
        await s.sandbox.fault("answerCallbackQuery", {"status": 429, "parameters": {"retry_after": 1}})
        lost = await s.sandbox.tap_later(li, group, card, "签到")
        await s.sandbox.wait_until_idle()
        assert await s.sandbox.answer(lost, wait=0) is None
        assert not calls.empty()


async def test_a_secret_with_other_characters_is_refused() -> None:
    async with stage() as s:
        refused = await s.refused("setWebhook", url="https://example.org", secret_token="a b")
        assert refused == (400, "Bad Request: secret token contains unallowed characters")


@pytest.mark.parametrize(
    ("url", "reachable"),
    [
        ("http://127.0.0.1:8443/hook", True),
        ("https://localhost/hook", True),
        ("http://[::1]:80/", True),
        ("https://example.org/hook", False),
        ("http://127.0.0.1.example.org/", False),
        ("", False),
    ],
)
def test_only_this_computer_is_called(url: str, reachable: bool) -> None:
    assert is_reachable(url) is reachable
