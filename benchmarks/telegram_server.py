"""A lean stand-in for the Bot API in a process of its own, so cheap that the bot is what is measured.

It is driven by JSON lines on standard input and tells what happens by JSON lines on standard output:
`load` prepares updates, `release` hands them out, `report` asks for the figures; `listening`, `first_poll`
and `done` come by themselves. Moments are seconds of the machine's monotonic clock, shared by all processes.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

import orjson
import uvloop

from benchmarks.http_protocol import HttpProtocol, Parameters
from benchmarks.updates import BOT_USER, GROUP, Load, PreparedUpdate, Scenario, prepare

TRUE = b'{"ok":true,"result":true}'
CONFLICT = b'{"ok":false,"error_code":409,"description":"Conflict: terminated by other getUpdates request"}'


class Exchange:
    """What is waiting for the bot, what it was given and what it answered."""

    def __init__(self) -> None:
        self.waiting: list[PreparedUpdate] = []
        self.released = False
        self.position = 0
        self.delivered: dict[str, float] = {}
        self.answered: dict[str, float] = {}
        self.duplicates = 0
        self.redelivered = 0
        self.calls: dict[str, int] = {}
        self.polled = False

    def take(self, offset: int, limit: int) -> list[PreparedUpdate]:
        """Forget what `offset` confirms and hand out the next updates, oldest first, as getUpdates does."""
        while self.position < len(self.waiting) and self.waiting[self.position].update_id < offset:
            self.position += 1
        if not self.released:
            return []
        now = time.monotonic()
        batch = self.waiting[self.position : self.position + limit]
        for update in batch:
            if self.delivered.setdefault(update.key, now) != now:
                self.redelivered += 1
        return batch

    def answer(self, key: str) -> bool:
        """Note an answer; tell whether it was the last one missing."""
        if key not in self.delivered:
            return False
        if key in self.answered:
            self.duplicates += 1
            return False
        self.answered[key] = time.monotonic()
        return len(self.answered) == len(self.waiting)

    def report(self) -> dict[str, Any]:
        """Give the figures so far; p50 and p99 in ms from an update's first delivery to its answer."""
        waits = sorted((at - self.delivered[key]) * 1000 for key, at in self.answered.items())
        seconds = max(self.answered.values()) - min(self.delivered.values()) if waits else 0.0
        return {
            "event": "report",
            "updates": len(self.waiting),
            "answered": len(waits),
            "duplicates": self.duplicates,
            "redelivered": self.redelivered,
            "seconds": seconds,
            "p50_ms": _share(waits, 0.50),
            "p99_ms": _share(waits, 0.99),
            "calls": self.calls,
        }


def _share(ordered: list[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


class Server:
    """The methods of the Bot API that the measured bots call."""

    def __init__(self, latency: float) -> None:
        self.exchange = Exchange()
        self._latency = latency
        self._loop = asyncio.get_running_loop()
        self._poll: tuple[Connection, Parameters, asyncio.TimerHandle] | None = None
        self._next_message_id = 5000
        self._fixed = _fixed_answers()

    def handle(self, connection: Connection, method: str, parameters: Parameters) -> None:
        calls = self.exchange.calls
        calls[method] = calls.get(method, 0) + 1
        if method == "getUpdates":
            self._get_updates(connection, parameters)
        elif method == "answerCallbackQuery":
            self._note(str(parameters.get("callback_query_id")))
            self._reply(connection, TRUE)
        elif method in ("sendMessage", "editMessageText", "editMessageReplyMarkup"):
            self._note(str(parameters.get("chat_id")))
            self._reply(connection, self._message(method, parameters))
        elif method == "getChatMember":
            self._reply(connection, _ok(_member(int(parameters["user_id"]))))
        else:
            self._reply(connection, self._fixed.get(method, TRUE))

    def release(self) -> None:
        """Let the updates out, to a poll that is waiting or to the next one."""
        self.exchange.released = True
        if self._poll is not None:
            connection, parameters, timer = self._poll
            self._poll = None
            timer.cancel()
            self._get_updates(connection, parameters)

    def forget(self, connection: Connection) -> None:
        """Drop the long poll of a connection that is gone."""
        if self._poll is not None and self._poll[0] is connection:
            self._poll[2].cancel()
            self._poll = None

    def _get_updates(self, connection: Connection, parameters: Parameters) -> None:
        if not self.exchange.polled:
            self.exchange.polled = True
            tell({"event": "first_poll", "at": time.monotonic()})
        if self._poll is not None:
            older, _, timer = self._poll
            self._poll = None
            timer.cancel()
            older.reply(CONFLICT, 409)
        limit = min(max(int(parameters.get("limit", 100)), 1), 100)
        batch = self.exchange.take(int(parameters.get("offset", 0)), limit)
        timeout = float(parameters.get("timeout", 0))
        if batch or timeout <= 0:
            body = b'{"ok":true,"result":[' + b",".join(update.body for update in batch) + b"]}"
            self._reply(connection, body)
        else:
            timer = self._loop.call_later(timeout, self._poll_ends, connection)
            self._poll = (connection, parameters, timer)

    def _poll_ends(self, connection: Connection) -> None:
        self._poll = None
        connection.reply(b'{"ok":true,"result":[]}')

    def _note(self, key: str) -> None:
        if self.exchange.answer(key):
            tell({"event": "done", "at": time.monotonic()})

    def _reply(self, connection: Connection, body: bytes) -> None:
        if self._latency:
            self._loop.call_later(self._latency, connection.reply, body)
        else:
            connection.reply(body)

    def _message(self, method: str, parameters: Parameters) -> bytes:
        chat_id = int(parameters["chat_id"])
        chat = GROUP if chat_id == GROUP["id"] else {"id": chat_id, "type": "private", "first_name": "同学"}
        message = {
            "from": BOT_USER,
            "chat": chat,
            "date": int(time.time()),
            "text": parameters.get("text", ""),
        }
        if method == "sendMessage":
            self._next_message_id += 1
            message["message_id"] = self._next_message_id
        else:
            message["message_id"] = int(parameters.get("message_id", 1))
            message["edit_date"] = message["date"]
        return _ok(message)


class Connection(HttpProtocol):
    """One keep-alive connection of the bot."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self._server = server

    def handle(self, method: str, parameters: Parameters) -> None:
        self._server.handle(self, method, parameters)

    def gone(self) -> None:
        self._server.forget(self)


def _ok(result: Any) -> bytes:
    return b'{"ok":true,"result":' + orjson.dumps(result) + b"}"


def _fixed_answers() -> dict[str, bytes]:
    me = BOT_USER | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }
    chat = GROUP | {
        "accent_color_id": 1,
        "max_reaction_count": 11,
        "permissions": {"can_send_messages": True},
        "accepted_gift_types": dict.fromkeys(
            (
                "unlimited_gifts",
                "limited_gifts",
                "unique_gifts",
                "premium_subscription",
                "gifts_from_channels",
            ),
            True,
        ),
    }
    return {
        "getMe": _ok(me),
        "getMyCommands": _ok([]),
        "getChatAdministrators": _ok([_member(int(str(BOT_USER["id"])))]),
        "getChatMemberCount": _ok(5001),
        "getChat": _ok(chat),
        "getWebhookInfo": _ok({"url": "", "has_custom_certificate": False, "pending_update_count": 0}),
    }


def _member(user_id: int) -> dict[str, Any]:
    if user_id != BOT_USER["id"]:
        user = {"id": user_id, "is_bot": False, "first_name": f"同学{user_id % 100_000}"}
        return {"status": "member", "user": user}
    rights = (
        "can_be_edited is_anonymous can_manage_chat can_delete_messages can_manage_video_chats "
        "can_restrict_members can_promote_members can_change_info can_invite_users can_post_stories "
        "can_edit_stories can_delete_stories can_pin_messages"
    )
    return {"status": "administrator", "user": BOT_USER} | dict.fromkeys(rights.split(), True)


def tell(event: dict[str, Any]) -> None:
    """Write one line for the harness."""
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def obey(server: Server, order: dict[str, Any]) -> None:
    """Carry out one line of the harness."""
    match order["do"]:
        case "load":
            people = range(order["first_person"], order["first_person"] + order["count"])
            server.exchange.waiting = prepare(Load(Scenario(order["scenario"]), people, order["data"]))
            tell({"event": "loaded", "updates": len(server.exchange.waiting)})
        case "release":
            server.release()
        case "report":
            tell(server.exchange.report())
        case other:
            raise ValueError(f"unknown order {other!r}")


async def serve(latency_ms: float) -> None:
    """Serve on a free loopback port until standard input ends."""
    loop = asyncio.get_running_loop()
    server = Server(latency_ms / 1000)
    listener = await loop.create_server(lambda: Connection(server), "127.0.0.1", 0, backlog=1024)
    tell({"event": "listening", "port": listener.sockets[0].getsockname()[1]})
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while line := await orders.readline():
        obey(server, json.loads(line))


if __name__ == "__main__":
    uvloop.run(serve(float(sys.argv[1]) if len(sys.argv) > 1 else 0.0))
