"""The client's part for what a person does in a chat."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import orjson

from sandbox.client.connection import Connection, Json, Ref, SandboxRefusedError, buttons_of, id_of


class Acting(Connection):
    """Start, texts, files, taps."""

    async def press_start(self, person: Ref, payload: str | None = None) -> Json:
        """Press Start, or open t.me/<bot>?start=<payload>; the message sent by this."""
        message: Json = await self._post("start", **{"as": id_of(person)}, payload=payload)
        return message

    async def follow(self, person: Ref, url: str) -> Json:
        """Follow a link to the bot, such as https://t.me/<bot>?start=<payload>; the message sent by this."""
        query = parse_qs(urlsplit(url).query)
        return await self.press_start(person, query.get("start", [None])[0])

    async def block(self, person: Ref) -> None:
        """Block the bot."""
        await self._post("block", **{"as": id_of(person)})

    async def unblock(self, person: Ref) -> None:
        """Take the block back."""
        await self._post("unblock", **{"as": id_of(person)})

    async def say(
        self,
        person: Ref,
        chat: Ref,
        text: str,
        *,
        reply_to: Ref | None = None,
        thread: int | None = None,
        channel: Ref | None = None,
    ) -> Json:
        """Write a text, or have a channel of one's own say it; the message."""
        return await self._send(
            person,
            chat,
            text=text,
            reply_to=None if reply_to is None else id_of(reply_to),
            message_thread_id=thread,
            channel=None if channel is None else id_of(channel),
        )

    async def edit(self, person: Ref, chat: Ref, message: Ref, text: str) -> Json:
        """Change a text of one's own; the message."""
        place = {"as": id_of(person), "chat": id_of(chat), "message": id_of(message)}
        edited: Json = await self._post("messages/edit", **place, text=text)
        return edited

    async def send_sticker(self, person: Ref, chat: Ref, emoji: str = "👍") -> Json:
        """Send a sticker; the message."""
        return await self._send(person, chat, sticker=emoji)

    async def send_voice(self, person: Ref, chat: Ref, seconds: int = 3) -> Json:
        """Send a voice message; the message."""
        return await self._send(person, chat, voice=seconds)

    async def share_location(
        self,
        person: Ref,
        chat: Ref,
        latitude: float,
        longitude: float,
        horizontal_accuracy: float | None = None,
    ) -> Json:
        """Share a place; the message."""
        place: Json = {"latitude": latitude, "longitude": longitude}
        if horizontal_accuracy is not None:
            place["horizontal_accuracy"] = horizontal_accuracy
        return await self._send(person, chat, location=place)

    async def _send(self, person: Ref, chat: Ref, **content: Any) -> Json:
        message: Json = await self._post("messages", **{"as": id_of(person), "chat": id_of(chat), **content})
        return message

    async def upload(
        self, person: Ref, chat: Ref, name: str, content: bytes, *, caption: str = "", kind: str = "document"
    ) -> Json:
        """Send a file, as a "document" or a "photo"; the message."""
        fields = {"as": str(id_of(person)), "chat": str(id_of(chat)), "caption": caption, "kind": kind}
        form = aiohttp.FormData(fields, quote_fields=False)
        form.add_field("file", content, filename=name)
        async with self.session.post(f"{self.url}/sandbox/api/documents", data=form) as response:
            answer: Json = await response.json(loads=orjson.loads)
            if response.status >= 400:
                raise SandboxRefusedError(answer["error"])
            return answer

    async def vote(self, person: Ref, chat: Ref, message: Ref, *options: int) -> Json:
        """Vote in a poll, or take the vote back with no options; the message."""
        given = {"as": id_of(person), "chat": id_of(chat), "message": id_of(message), "options": list(options)}
        voted: Json = await self._post("votes", **given)
        return voted

    async def messages(self, as_: Ref, chat: Ref, after: int = 0) -> list[Json]:
        """What the person sees in the chat, oldest first, of ids greater than `after`."""
        found: list[Json] = await self._get(f"chats/{id_of(chat)}/messages", **{"as": id_of(as_)}, after=after)
        return found

    async def last_message(self, as_: Ref, chat: Ref) -> Json | None:
        """The newest message, or None."""
        return next(reversed(await self.messages(as_, chat)), None)

    async def tap(
        self,
        person: Ref,
        chat: Ref,
        message: Ref,
        label: str | None = None,
        *,
        data: str | None = None,
        row: int | None = None,
        col: int | None = None,
        forge: bool = False,
        inaccessible: bool = False,
        wait: float = 10,
    ) -> Json | None:
        """Press a button and wait for the answer `{text, show_alert, url}`, or None after `wait` seconds.

        The button is named by its label or a part of it (in the message as it is now), by its data, or by
        row and column. `inaccessible`: the bot is told of the message only where it is.
        """
        how = {"row": row, "col": col, "forge": forge, "inaccessible": inaccessible, "wait": wait}
        answer: Json | None = (await self._tap(person, chat, message, label, data=data, **how))["answer"]
        return answer

    async def tap_later(
        self,
        person: Ref,
        chat: Ref,
        message: Ref,
        label: str | None = None,
        *,
        data: str | None = None,
        forge: bool = False,
    ) -> str:
        """Press a button and do not wait; the query's id, for `answer`."""
        return str((await self._tap(person, chat, message, label, data=data, forge=forge))["query_id"])

    async def _tap(self, person: Ref, chat: Ref, message: Ref, label: str | None, **how: Any) -> Json:
        if label is not None:
            how["row"], how["col"] = await self._find_button(person, chat, message, label)
        place = {"as": id_of(person), "chat": id_of(chat), "message": id_of(message)}
        answer: Json = await self._post("taps", **place, **how)
        return answer

    async def _find_button(self, person: Ref, chat: Ref, message: Ref, label: str) -> tuple[int, int]:
        wanted = id_of(message)
        current = next((m for m in await self.messages(person, chat, wanted - 1) if m["message_id"] == wanted), None)
        if current is None:
            raise LookupError(f"message {wanted} is not there any more")
        buttons = [
            (button["text"], (row, col))
            for row, keys in enumerate(buttons_of(current))
            for col, button in enumerate(keys)
        ]
        for text, place in buttons:
            if text == label:
                return place
        for text, place in buttons:
            if label in text:
                return place
        raise LookupError(f"no button {label!r} among {[text for text, _ in buttons]}")

    async def answer(self, query_id: str, wait: float = 10) -> Json | None:
        """The answer of an earlier tap."""
        answer: Json | None = (await self._get(f"taps/{query_id}", wait=wait))["answer"]
        return answer

    async def tap_all(self, chat: Ref, message: Ref, data: str, users: Iterable[Ref]) -> list[str]:
        """Many people press the same button; the query ids in their order."""
        people = [id_of(user) for user in users]
        place = {"chat": id_of(chat), "message": id_of(message)}
        ids: list[str] = (await self._post("taps/bulk", **place, data=data, users=people))["query_ids"]
        return ids
