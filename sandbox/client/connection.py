"""The client's HTTP: requests to the control side, and its refusals."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import aiohttp
import orjson

Json = dict[str, Any]
Ref = int | Mapping[str, Any]


class SandboxRefusedError(Exception):
    """The sandbox does not allow it; the text is the reason."""


def id_of(thing: Ref) -> int:
    """The id of a person, chat or message that is given as an id or as the dict the sandbox returned."""
    if isinstance(thing, int):
        return thing
    return int(thing["message_id"] if "message_id" in thing else thing["id"])


class Connection:
    """HTTP to a sandbox at `url`, such as http://127.0.0.1:8081, while the `async with` runs."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None
        self._bot_id: int | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            json_serialize=lambda value: orjson.dumps(value).decode(),
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=120),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session:
            await self._session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        """The HTTP session, open inside the `async with`."""
        if self._session is None:
            raise RuntimeError("use the client in an async with")
        return self._session

    async def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """Any request below /sandbox/api/. Raises SandboxRefusedError."""
        asked = {name: str(value) for name, value in query.items() if value is not None}
        given = {} if body is None else {"json": body}
        async with self.session.request(method, f"{self.url}/sandbox/api/{path}", params=asked, **given) as response:
            answer = await response.json(loads=orjson.loads)
            if response.status >= 400:
                raise SandboxRefusedError(answer.get("error", response.reason))
            return answer

    async def _get(self, path: str, **query: Any) -> Any:
        return await self.call("GET", path, **query)

    async def _post(self, path: str, **body: Any) -> Any:
        return await self.call("POST", path, {name: value for name, value in body.items() if value is not None})


def text_of(message: Json) -> str:
    """A message's text or caption."""
    return str(message.get("text") or message.get("caption") or "")


def buttons_of(message: Json) -> list[list[Json]]:
    """The rows of a message's inline keyboard."""
    rows: list[list[Json]] = message.get("reply_markup", {}).get("inline_keyboard", [])
    return rows
