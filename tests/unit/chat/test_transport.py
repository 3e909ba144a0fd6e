"""The transport: what it sends, and what each fault says of whether the request may have been accepted."""

import asyncio
import socket
import traceback
from collections.abc import AsyncIterator

import pytest
from scripted_api import TOKEN, Answer, ScriptedApi, half_body, refuse, reset, say, scripted_api
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    TelegramError,
)
from telegram.ext import ExtBot
from telegram.request import RequestData

from chat.answers import FloodControl, MaybeSent, NotSent
from chat.transport import AiohttpRequest

SHORT = 0.05


@pytest.fixture
async def api() -> AsyncIterator[ScriptedApi]:
    async with scripted_api() as running:
        yield running


@pytest.fixture
async def request_() -> AsyncIterator[AiohttpRequest]:
    async with AiohttpRequest() as transport:
        yield transport


async def post(transport: AiohttpRequest, url: str) -> object:
    return await transport.post(url, RequestData())


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def assert_no_token(error: BaseException) -> None:
    assert TOKEN not in "".join(traceback.format_exception(error))
    assert TOKEN not in repr(error)
    link: BaseException | None = error
    while link is not None:
        assert TOKEN not in f"{link!r} {link} {link.args!r}"
        link = link.__cause__ or link.__context__


async def test_a_bot_works_over_it(api: ScriptedApi) -> None:
    bot = ExtBot(TOKEN, base_url=api.base_url, request=AiohttpRequest(), get_updates_request=AiohttpRequest())
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("签到", callback_data="c:1")]])
    async with bot:
        assert bot.username == "bot"
        assert (await bot.send_message(5, "<b>你好</b>", parse_mode="HTML", reply_markup=keyboard)).id == 77
        await bot.edit_message_text("x", 5, 77, reply_markup=keyboard)
        await bot.send_document(5, b"\x00\xff", caption="表", filename='考勤 "11月".xlsx', reply_markup=keyboard)
        assert [update.update_id for update in await bot.get_updates(offset=9, timeout=0)] == [9]
        assert await bot.answer_callback_query("q", "好", show_alert=True)
    (sent,) = api.made("sendMessage")
    assert sent.content_type == "application/json"
    rows = {"inline_keyboard": [[{"text": "签到", "callback_data": "c:1"}]]}
    assert sent.fields["chat_id"] == 5
    assert sent.fields["text"] == "<b>你好</b>"
    assert sent.fields["reply_markup"] == rows
    (document,) = api.made("sendDocument")
    assert document.files == {"document": ('考勤 "11月".xlsx', b"\x00\xff")}
    assert document.fields["chat_id"] == "5"
    assert document.fields["caption"] == "表"
    assert document.fields["reply_markup"].startswith('{"inline_keyboard":[[')


async def test_connections_are_kept(api: ScriptedApi, request_: AiohttpRequest) -> None:
    for _ in range(5):
        await post(request_, api.url("getMe"))
    assert len(api.connections) == 1


async def test_files_larger_than_one_piece_arrive_whole(api: ScriptedApi) -> None:
    content = bytes(range(256)) * 8192
    async with ExtBot(TOKEN, api.base_url, request=AiohttpRequest()) as bot:
        await bot.send_document(5, content, filename="big.bin")
    assert api.made("sendDocument")[0].files["document"] == ("big.bin", content)


MAYBE: dict[str, tuple[Answer, int | None]] = {
    "reset": (reset, None),
    "half body": (half_body, None),
    "500": (refuse(500, "Internal Server Error"), 500),
    "502 of a proxy": (say(b"<html>Bad Gateway</html>", 502), 502),
    "504": (say(b"", 504), 504),
    "200 with garbage": (say(b"<html>welcome</html>"), 200),
    "200 with nothing": (say(b""), 200),
    "200 that breaks off": (say(b'{"ok":true,"result":{"message_id"'), 200),
    "200 without a result": (say(b'{"ok":true}'), 200),
    "200 with a list": (say(b"[1]"), 200),
    "200 without ok": (say(b'{"result":1}'), 200),
    "200 with an error of the server": (say(b'{"ok":false,"error_code":500}'), 500),
}


@pytest.mark.parametrize("name", MAYBE)
async def test_may_have_been_accepted(api: ScriptedApi, request_: AiohttpRequest, name: str) -> None:
    answer, status = MAYBE[name]
    api.on("sendMessage", answer)
    with pytest.raises(MaybeSent) as caught:
        await post(request_, api.url("sendMessage"))
    assert caught.value.status == status
    assert len(api.calls) == 1  # the transport never repeats a call by itself
    assert_no_token(caught.value)


async def test_silence_after_acceptance(api: ScriptedApi) -> None:
    api.on("sendMessage", api.hang)
    async with AiohttpRequest(read_timeout=SHORT) as transport:
        with pytest.raises(MaybeSent) as caught:
            await post(transport, api.url("sendMessage"))
    assert len(api.calls) == 1
    assert_no_token(caught.value)


async def test_cut_on_a_reused_connection_may_have_been_accepted(api: ScriptedApi, request_: AiohttpRequest) -> None:
    await post(request_, api.url("getMe"))
    api.on("sendMessage", reset)
    with pytest.raises(MaybeSent):
        await post(request_, api.url("sendMessage"))
    assert len(api.connections) == 1
    assert len(api.made("sendMessage")) == 1
    assert await post(request_, api.url("getMe"))


async def test_refused_connection_was_not_sent(request_: AiohttpRequest) -> None:
    with pytest.raises(NotSent) as caught:
        await post(request_, f"http://127.0.0.1:{unused_port()}/bot{TOKEN}/sendMessage")
    assert_no_token(caught.value)


async def test_unknown_name_was_not_sent(request_: AiohttpRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(NotSent, match="DNS") as caught:
        await post(request_, f"http://telegram.invalid/bot{TOKEN}/sendMessage")
    assert_no_token(caught.value)


async def test_full_pool_was_not_sent(api: ScriptedApi) -> None:
    api.on("sendMessage", api.hang)
    async with AiohttpRequest(connection_pool_size=1, pool_timeout=SHORT, connect_timeout=SHORT) as transport:
        first = asyncio.create_task(post(transport, api.url("sendMessage")))
        await api.accepted.wait()
        with pytest.raises(NotSent) as caught:
            await post(transport, api.url("sendPhoto"))
        api.release.set()
        with pytest.raises(MaybeSent):
            await first
    assert api.made("sendPhoto") == []
    assert_no_token(caught.value)


async def test_connect_timeout_was_not_sent() -> None:
    """A server that never answers the TLS handshake: connected, but not a byte of the request was written."""
    over = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with AiohttpRequest(connect_timeout=SHORT, pool_timeout=SHORT) as transport:
        with pytest.raises(NotSent) as caught:
            await post(transport, f"https://127.0.0.1:{port}/bot{TOKEN}/sendMessage")
    assert_no_token(caught.value)
    over.set()
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize("url", ["http://", "ftp://127.0.0.1/bot", "nonsense", "http://a:b:c/"])
async def test_a_wrong_address_was_not_sent(request_: AiohttpRequest, url: str) -> None:
    with pytest.raises(NotSent) as caught:
        await post(request_, f"{url}{TOKEN}/sendMessage")
    assert_no_token(caught.value)


async def test_closed_transport_was_not_sent(api: ScriptedApi) -> None:
    transport = AiohttpRequest()
    with pytest.raises(NotSent):
        await post(transport, api.url("getMe"))
    async with transport:
        assert await post(transport, api.url("getMe"))
    with pytest.raises(NotSent):
        await post(transport, api.url("getMe"))
    async with transport:
        assert await post(transport, api.url("getMe"))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(api: ScriptedApi, request_: AiohttpRequest, status: int) -> None:
    """It would carry the message, and with a relative address the token, to wherever a stranger says."""
    api.on("sendMessage", say(b"", status, Location=api.url("sendPhoto")))
    with pytest.raises(NotSent):
        await post(request_, api.url("sendMessage"))
    assert [call.method for call in api.calls] == ["sendMessage"]


NOT_TELEGRAM: dict[str, Answer] = {
    "login page of a network": say(b"", 302, Location="http://127.0.0.1:1/login"),
    "firewall": say(b"<html>403 Forbidden</html>", 403),
    "page of a web server": say(b"<html>404 Not Found</html>", 404),
    "flood control of a proxy": say(b"slow down", 429),
    "proxy wants a password": say(b"", 407),
}


@pytest.mark.parametrize("name", NOT_TELEGRAM)
async def test_another_server_answered(api: ScriptedApi, request_: AiohttpRequest, name: str) -> None:
    api.on("sendMessage", NOT_TELEGRAM[name])
    with pytest.raises(NotSent) as caught:
        await post(request_, api.url("sendMessage"))
    assert len(api.calls) == 1
    assert_no_token(caught.value)


REFUSALS: dict[str, tuple[Answer, type[TelegramError]]] = {
    "400": (refuse(400, "Bad Request: chat not found"), BadRequest),
    "401": (refuse(401, "Unauthorized"), InvalidToken),
    "403": (refuse(403, "Forbidden: bot was kicked"), Forbidden),
    "404": (refuse(404, "Not Found"), InvalidToken),
    "409": (refuse(409, "Conflict: terminated by other getUpdates request"), Conflict),
    "413": (refuse(413, "Request Entity Too Large"), BadRequest),
    "413 of a web server": (say(b"<html>Too Large</html>", 413), BadRequest),
    "migrated": (refuse(400, "Bad Request: upgraded", migrate_to_chat_id=-1009), ChatMigrated),
    "200 but not ok": (say(b'{"ok":false,"error_code":400,"description":"no"}'), BadRequest),
    "200 but forbidden": (say(b'{"ok":false,"error_code":403,"description":"no"}'), Forbidden),
    "200 but not ok, without a code": (say(b'{"ok":false}'), BadRequest),
}


@pytest.mark.parametrize("name", REFUSALS)
async def test_refusals_get_the_libraries_errors(api: ScriptedApi, request_: AiohttpRequest, name: str) -> None:
    answer, kind = REFUSALS[name]
    api.on("sendMessage", answer)
    with pytest.raises(kind) as caught:
        await post(request_, api.url("sendMessage"))
    assert not isinstance(caught.value, NotSent | MaybeSent)
    assert_no_token(caught.value)


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (refuse(429, "Too Many Requests", retry_after=7), 7),
        (refuse(429, "Too Many Requests", retry_after=3600), 3600),
        (refuse(429, "Too Many Requests: retry after 0", retry_after=0), 1),
        (refuse(429, "Too Many Requests"), 1),
        (say(b'{"ok":false,"error_code":429,"parameters":{"retry_after":2}}'), 2),
        (say(b'{"ok":false,"error_code":429,"parameters":{"retry_after":"soon"}}'), 1),
    ],
)
async def test_flood_control_says_how_long(
    api: ScriptedApi, request_: AiohttpRequest, answer: Answer, seconds: int
) -> None:
    api.on("sendMessage", answer)
    with pytest.raises(FloodControl) as caught:
        await post(request_, api.url("sendMessage"))
    assert caught.value.retry_after.total_seconds() == seconds


async def test_half_a_surrogate_pair_in_an_answer_is_read(api: ScriptedApi, request_: AiohttpRequest) -> None:
    api.on("getUpdates", say(rb'{"ok":true,"result":"a\ud83d"}'))
    assert await post(request_, api.url("getUpdates")) == "a\ud83d"


async def test_half_a_surrogate_pair_in_a_text_is_refused(api: ScriptedApi) -> None:
    async with ExtBot(TOKEN, api.base_url, request=AiohttpRequest()) as bot:
        with pytest.raises(BadRequest):
            await bot.send_message(5, "a\ud83d")
        with pytest.raises(BadRequest):
            await bot.send_document(5, b"x", caption="a\ud83d", filename="x")
    assert api.made("sendMessage") == api.made("sendDocument") == []


async def test_files_are_fetched(api: ScriptedApi, request_: AiohttpRequest) -> None:
    api.on("photo.jpg", say(b"\xff\xd8raw"))
    assert await request_.retrieve(api.url("photo.jpg")) == b"\xff\xd8raw"


async def test_cancelling_is_not_swallowed(api: ScriptedApi, request_: AiohttpRequest) -> None:
    api.on("sendMessage", api.hang)
    task = asyncio.create_task(post(request_, api.url("sendMessage")))
    await api.accepted.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("proxy", ["ftp://me:hunter2@h:1", "me:hunter2@h:1", "http://", "socks5://me:hunter2@"])
def test_a_wrong_proxy_is_named_without_its_password(proxy: str) -> None:
    with pytest.raises(ValueError, match="socks5") as caught:
        AiohttpRequest(proxy=proxy)
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


def test_errors_are_network_errors_of_the_library() -> None:
    assert issubclass(NotSent, NetworkError)
    assert issubclass(MaybeSent, NetworkError)
    assert AiohttpRequest(read_timeout=3).read_timeout == 3
