"""A lean stand-in for the Bot API in a process of its own, so cheap that the bot is what is measured.

It is driven by JSON lines on standard input and tells what happens by JSON lines on standard output:
`load` prepares updates, `release` hands them out, `report` asks for the figures; `listening`, `first_poll`
(or the webhook that was set instead) and `done` come by themselves. Moments are seconds of the machine's monotonic
clock, shared by all processes.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

import uvloop

from benchmarks.answers import CONFLICT, TRUE, fixed_answers, flood, member, ok
from benchmarks.exchange import Exchange
from benchmarks.http_protocol import HttpProtocol, Parameters
from benchmarks.limits import Limits
from benchmarks.updates import BOT_USER, GROUP, Load, Scenario, prepare
from benchmarks.webhook_client import Pusher


class Server:
    """The methods of the Bot API that the measured bots call."""

    def __init__(self, latency: float) -> None:
        self.exchange = Exchange()
        self._latency = latency
        self._loop = asyncio.get_running_loop()
        self._poll: tuple[Connection, Parameters, asyncio.TimerHandle] | None = None
        self._next_message_id = 5000
        self._fixed = fixed_answers()
        self._webhook: Parameters | None = None
        self._pushing: asyncio.Task[None] | None = None

    def handle(self, connection: Connection, method: str, parameters: Parameters) -> None:
        calls = self.exchange.calls
        calls[method] = calls.get(method, 0) + 1
        if method == "getUpdates":
            self._get_updates(connection, parameters)
        elif method == "answerCallbackQuery":
            self._note(str(parameters.get("callback_query_id")))
            self._reply(connection, TRUE)
        elif method in ("sendMessage", "sendDocument", "editMessageText", "editMessageReplyMarkup"):
            self._send(connection, method, parameters)
        elif method == "getChatMember":
            self._reply(connection, ok(member(int(parameters["user_id"]))))
        elif method == "setWebhook" and parameters.get("url"):
            self._webhook = parameters
            self._told_where()
            self._reply(connection, TRUE)
        else:
            self._reply(connection, self._fixed.get(method, TRUE))

    def release(self) -> None:
        """Let the updates out: to the webhook, to a poll that is waiting, or to the next one."""
        self.exchange.released_at = time.monotonic()
        if self._webhook is not None:
            pusher = Pusher(self.exchange, self._webhook, self._called_in_answer)
            self._pushing = self._loop.create_task(pusher.run())
        self._resume()

    def _called_in_answer(self, method: str, parameters: Parameters) -> None:
        """A call that came in the answer to an update: carried out, and nobody is told what came of it."""
        self.handle(Connection(self), method, parameters)

    def forget(self, connection: Connection) -> None:
        """Drop the long poll of a connection that is gone."""
        if self._poll is not None and self._poll[0] is connection:
            self._poll[2].cancel()
            self._poll = None

    def _resume(self) -> None:
        if self._poll is not None:
            connection, parameters, timer = self._poll
            self._poll = None
            timer.cancel()
            self._get_updates(connection, parameters)

    def _told_where(self) -> None:
        if not self.exchange.polled:
            self.exchange.polled = True
            tell({"event": "first_poll", "at": time.monotonic()})

    def _get_updates(self, connection: Connection, parameters: Parameters) -> None:
        self._told_where()
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
            return
        coming = self.exchange.next_in()
        if coming is None:
            timer = self._loop.call_later(timeout, self._poll_ends, connection)
        else:
            timer = self._loop.call_later(coming, self._resume)
        self._poll = (connection, parameters, timer)

    def _poll_ends(self, connection: Connection) -> None:
        self._poll = None
        connection.reply(b'{"ok":true,"result":[]}')

    def _note(self, key: str) -> None:
        if self.exchange.answer(key):
            tell({"event": "done", "at": time.monotonic()})

    def _send(self, connection: Connection, method: str, parameters: Parameters) -> None:
        chat_id = int(parameters["chat_id"])
        wait, last = self.exchange.send(chat_id)
        if wait:
            self._reply(connection, flood(wait), 429)
            return
        self._note(str(chat_id))
        self._reply(connection, self._message(method, parameters))
        if last:
            tell({"event": "done", "at": time.monotonic()})

    def _reply(self, connection: Connection, body: bytes, status: int = 200) -> None:
        if self._latency:
            self._loop.call_later(self._latency, connection.reply, body, status)
        else:
            connection.reply(body, status)

    def _message(self, method: str, parameters: Parameters) -> bytes:
        chat_id = int(parameters["chat_id"])
        chat = GROUP if chat_id == GROUP["id"] else {"id": chat_id, "type": "private", "first_name": "同学"}
        message = {
            "from": BOT_USER,
            "chat": chat,
            "date": int(time.time()),
            "text": parameters.get("text", ""),
        }
        if method.startswith("send"):
            self._next_message_id += 1
            message["message_id"] = self._next_message_id
        else:
            message["message_id"] = int(parameters.get("message_id", 1))
            message["edit_date"] = message["date"]
        return ok(message)


class Connection(HttpProtocol):
    """One keep-alive connection of the bot."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self._server = server

    def handle(self, method: str, parameters: Parameters) -> None:
        self._server.handle(self, method, parameters)

    def gone(self) -> None:
        self._server.forget(self)


def tell(event: dict[str, Any]) -> None:
    """Write one line for the harness."""
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def obey(server: Server, order: dict[str, Any]) -> None:
    """Carry out one line of the harness."""
    exchange = server.exchange
    match order["do"]:
        case "load":
            people = range(order["first_person"], order["first_person"] + order["count"])
            scenario = Scenario(order["scenario"])
            exchange.waiting = prepare(Load(scenario, people, order["data"], order["first"]))
            exchange.pace = order["pace"]
            if order["messages"]:
                exchange.messages, exchange.limits = order["messages"], Limits()
            tell({"event": "loaded", "updates": len(exchange.waiting)})
        case "release":
            server.release()
        case "report":
            tell(exchange.report())
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
