"""Updates brought to a webhook."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from sandbox_stage import stage

from sandbox.serving import listening
from sandbox.webhook import is_reachable

Calls = asyncio.Queue[tuple[str | None, Any]]


@asynccontextmanager
async def receiver(*statuses: int) -> AsyncIterator[tuple[str, Calls]]:
    """A webhook that answers with `statuses` in turn, then with 200; its address and what it was brought."""
    calls: Calls = asyncio.Queue()
    answers = iter(statuses)

    async def hook(request: web.Request) -> web.Response:
        calls.put_nowait((request.headers.get("X-Telegram-Bot-Api-Secret-Token"), await request.json()))
        return web.Response(status=next(answers, 200))

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
