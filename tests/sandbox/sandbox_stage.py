"""A sandbox for one test, with the bot's side as bare calls.

There is no __init__.py in this folder: it would hide the real package of the same name.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import FormData, web

from sandbox.app import create_app
from sandbox.client import Json, Ref, SandboxClient, id_of
from sandbox.testing import serve

TOKEN = "700000001:token-of-the-tests"


class Stage:
    """The control side as `sandbox`, the bot's side as `ok`, `refused` and `news`."""

    def __init__(self, sandbox: SandboxClient) -> None:
        self.sandbox = sandbox
        self.offset = 0

    async def call(self, method: str, **params: Any) -> Json:
        """The whole answer of a call with JSON arguments."""
        address = f"{self.sandbox.url}/bot{TOKEN}/{method}"
        async with self.sandbox.session.post(address, json=params) as response:
            body: Json = await response.json()
            assert body["ok"] == (response.status == 200)
            return body

    async def ok(self, method: str, **params: Any) -> Any:
        """The result of a call that is expected to succeed."""
        body = await self.call(method, **params)
        assert body["ok"], body
        return body["result"]

    async def refused(self, method: str, **params: Any) -> tuple[int, str]:
        """Code and description of a call that is expected to be refused."""
        body = await self.call(method, **params)
        assert not body["ok"], body
        return body["error_code"], body["description"]

    async def news(self, **params: Any) -> list[Json]:
        """The updates since the last time, acknowledging those before."""
        updates: list[Json] = await self.ok("getUpdates", offset=self.offset, **params)
        if updates:
            self.offset = updates[-1]["update_id"] + 1
        return updates

    async def send_file(self, chat: Ref, name: str, content: bytes, field: str = "document") -> Json:
        """sendDocument or sendPhoto as multipart."""
        form = FormData({"chat_id": str(id_of(chat))}, quote_fields=False)
        form.add_field(field, content, filename=name)
        address = f"{self.sandbox.url}/bot{TOKEN}/send{field.capitalize()}"
        async with self.sandbox.session.post(address, data=form) as response:
            body: Json = await response.json()
            assert body["ok"], body
            message: Json = body["result"]
            return message

    async def people(self, *names: str) -> list[Json]:
        """Some of the cast."""
        return [await self.sandbox.person(name) for name in names]

    async def group(self) -> Json:
        """The ready-made group, with the news of its founding read away."""
        await self.news()
        return await self.sandbox.group("第一学习小组")


@asynccontextmanager
async def stage(app: web.Application | None = None, **options: Any) -> AsyncIterator[Stage]:
    """A sandbox in this process; `options` go to `create_app`."""
    async with serve(app or create_app(TOKEN, **options)) as sandbox:
        yield Stage(sandbox)


def button(text: str, data: str) -> Json:
    """An inline keyboard of one button."""
    return {"inline_keyboard": [[{"text": text, "callback_data": data}]]}


def png(width: int, height: int) -> bytes:
    """The beginning of a PNG file, which is all the sandbox looks at."""
    size = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    return b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + size + b"\x08\x02\x00\x00\x00"
