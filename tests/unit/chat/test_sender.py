"""The sender's five answers, against a real server that answers as Telegram and the network do."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from scripted_api import TOKEN, Answer, ScriptedApi, half_body, refuse, reset, say, scripted_api
from telegram.ext import ExtBot

from chat.limiter import Limiter
from chat.outgoing import Button, Delete, Document, Edit, EditButtons, Message, Outgoing, Photo
from chat.sender import Gone, Moved, Outcome, Sender, Sent, TryLater, Unknown
from chat.transport import AiohttpRequest

TIMEOUT = 5.0
BUTTONS = (
    (Button("签到", data="c:1"), Button("说明", url="https://example.org")),
    (Button("抄", copy_text="x"),),
)
MARKUP = {
    "inline_keyboard": [
        [{"text": "签到", "callback_data": "c:1"}, {"text": "说明", "url": "https://example.org"}],
        [{"text": "抄", "copy_text": {"text": "x"}}],
    ]
}


@pytest.fixture
async def api() -> AsyncIterator[ScriptedApi]:
    async with scripted_api() as running:
        yield running


@pytest.fixture
async def sender(api: ScriptedApi) -> AsyncIterator[Sender]:
    async with ExtBot(TOKEN, api.base_url, request=AiohttpRequest()) as bot:
        yield Sender(bot)


async def send(sender: Sender, outgoing: Outgoing | None = None) -> Outcome:
    return await sender.send(5, outgoing or Message("x"), timeout=TIMEOUT)


async def test_a_message_as_it_arrives(api: ScriptedApi, sender: Sender) -> None:
    message = Message("<b>好</b>", BUTTONS, silent=True, reply_to=3, thread=4)
    assert await send(sender, message) == Sent(77)
    assert api.made("sendMessage")[0].fields == {
        "chat_id": 5,
        "text": "<b>好</b>",
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
        "disable_notification": True,
        "message_thread_id": 4,
        "reply_parameters": {"message_id": 3, "allow_sending_without_reply": True},
        "reply_markup": MARKUP,
    }


async def test_what_is_too_long_is_cut_and_arrives(api: ScriptedApi, sender: Sender) -> None:
    """A card that somebody's words made too long would else be refused, for ever the same."""
    assert await send(sender, Message("<b>" + "党&amp;" * 3000 + "</b>")) == Sent(77)
    assert await send(sender, Edit(8, "👍" * 2049)) == Sent(8)
    assert await send(sender, Document("a.txt", "file-id", caption="<i>" + "说" * 1025 + "</i>")) == Sent(77)
    message, edit, document = (call.fields for call in api.calls[1:])
    assert message["text"] == "<b>" + "党&amp;" * 2047 + "党…</b>"
    assert edit["text"] == "👍" * 2047 + "…"
    assert document["caption"] == "<i>" + "说" * 1023 + "…</i>"


async def test_edits_as_they_arrive(api: ScriptedApi, sender: Sender) -> None:
    assert await send(sender, Edit(8, "新", BUTTONS)) == Sent(8)
    assert await send(sender, EditButtons(9)) == Sent(9)
    assert await send(sender, Delete(10)) == Sent(10)
    edit, buttons, delete = api.calls[1:]
    assert edit.fields == {
        "chat_id": 5,
        "message_id": 8,
        "text": "新",
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
        "reply_markup": MARKUP,
    }
    assert buttons.fields == {"chat_id": 5, "message_id": 9}
    assert delete.fields == {"chat_id": 5, "message_id": 10}


async def test_files_as_they_arrive(api: ScriptedApi, sender: Sender, tmp_path: Path) -> None:
    (tmp_path / "made.tmp").write_bytes(b"rows")
    document = Document("考勤.xlsx", tmp_path / "made.tmp", "<i>表</i>", BUTTONS)
    assert await send(sender, document) == Sent(77)
    assert await send(sender, Photo(b"\x89PNG", "榜")) == Sent(77)
    assert api.made("sendDocument")[0].files == {"document": ("考勤.xlsx", b"rows")}
    assert api.made("sendDocument")[0].fields["caption"] == "<i>表</i>"
    assert api.made("sendDocument")[0].fields["parse_mode"] == "HTML"
    (photo,) = api.made("sendPhoto")
    assert [content for _, content in photo.files.values()] == [b"\x89PNG"]
    assert photo.fields["caption"] == "榜"


async def test_a_file_that_is_not_there_is_gone(sender: Sender, tmp_path: Path) -> None:
    assert await send(sender, Document("x.csv", tmp_path / "no")) == Gone("file_unreadable", destination=False)


async def test_a_pin_that_fails_takes_nothing_back(api: ScriptedApi, sender: Sender) -> None:
    assert await send(sender, Message("x", pin=True)) == Sent(77, pinned=True)
    assert api.made("pinChatMessage")[0].fields == {
        "chat_id": 5,
        "message_id": 77,
        "disable_notification": True,
    }
    for answer in (refuse(400, "Bad Request: not enough rights to manage pinned messages"), reset):
        api.on("pinChatMessage", answer)
        assert await send(sender, Message("x", pin=True)) == Sent(77)
    api.on("pinChatMessage", api.hang)
    assert await sender.send(5, Message("x", pin=True), timeout=0.2) == Sent(77)


def destination(reason: str, detail: str) -> Gone:
    return Gone(reason, destination=True, detail=detail)


MESSAGE_ANSWERS: dict[str, tuple[Answer, Outcome]] = {
    "429": (refuse(429, "Too Many Requests: retry after 8", retry_after=8), TryLater(8, "chat")),
    "429 of an hour": (refuse(429, "Too Many Requests", retry_after=3600), TryLater(3600, "chat")),
    "429 of no time": (refuse(429, "Too Many Requests", retry_after=0), TryLater(1, "chat")),
    "500": (refuse(500, "Internal Server Error"), Unknown("the server failed with 500")),
    "502": (say(b"<html>", 502), Unknown("the server failed with 502")),
    "504": (say(b"<html>", 504), Unknown("the server failed with 504")),
    "garbage": (say(b"<html>"), Unknown("the answer cannot be read")),
    "half body": (half_body, Unknown("ClientPayloadError")),
    "200 but not ok": (
        say(b'{"ok":false,"error_code":400,"description":"Bad Request: message text is empty"}'),
        Gone("rejected", destination=False, detail="Message text is empty"),
    ),
    "revoked": (refuse(401, "Unauthorized"), TryLater(60, "all", unauthorized=True)),
    "no such token": (refuse(404, "Not Found"), TryLater(60, "all", unauthorized=True)),
    "login page": (say(b"", 302, Location="http://127.0.0.1:1/"), TryLater(5, "all")),
    "kicked": (
        refuse(403, "Forbidden: bot was kicked from the supergroup chat"),
        destination("kicked", "Forbidden: bot was kicked from the supergroup chat"),
    ),
    "blocked": (
        refuse(403, "Forbidden: bot was blocked by the user"),
        destination("blocked", "Forbidden: bot was blocked by the user"),
    ),
    "deactivated": (
        refuse(403, "Forbidden: user is deactivated"),
        destination("deactivated", "Forbidden: user is deactivated"),
    ),
    "never started": (
        refuse(403, "Forbidden: bot can't initiate conversation with a user"),
        destination("never_started", "Forbidden: bot can't initiate conversation with a user"),
    ),
    "another 403": (
        refuse(403, "Forbidden: something new"),
        destination("forbidden", "Forbidden: something new"),
    ),
    "chat not found": (
        refuse(400, "Bad Request: chat not found"),
        destination("not_found", "Chat not found"),
    ),
    "muted": (
        refuse(400, "Bad Request: not enough rights to send text messages to the chat"),
        destination("no_rights", "Not enough rights to send text messages to the chat"),
    ),
    "our mistake": (
        refuse(400, 'Bad Request: can\'t parse entities: unsupported start tag "王小明" at byte offset 4'),
        Gone("rejected", destination=False, detail="Can't parse entities: unsupported start tag"),
    ),
    "too long": (
        refuse(400, "Bad Request: message is too long"),
        Gone("rejected", destination=False, detail="Message is too long"),
    ),
    "migrated": (
        refuse(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-1009),
        Moved(-1009),
    ),
}


@pytest.mark.parametrize("name", MESSAGE_ANSWERS)
async def test_what_becomes_of_a_message(api: ScriptedApi, sender: Sender, name: str) -> None:
    answer, outcome = MESSAGE_ANSWERS[name]
    api.on("sendMessage", answer)
    assert await send(sender) == outcome
    assert len(api.made("sendMessage")) == 1
    assert await send(sender) == Sent(77)  # one fault spoils nothing for the next


EDIT_ANSWERS: dict[str, tuple[str, Outcome]] = {
    "not modified": (
        "message is not modified: specified new message content and reply markup are exactly the same",
        Sent(8),
    ),
    "not found": ("message to edit not found", Gone("message_gone", False, "Message to edit not found")),
    "too old": ("message can't be edited", Gone("message_gone", False, "Message can't be edited")),
    "chat not found": ("chat not found", destination("not_found", "Chat not found")),
    "too long": ("message is too long", Gone("rejected", False, "Message is too long")),
}


@pytest.mark.parametrize("name", EDIT_ANSWERS)
async def test_what_becomes_of_an_edit(api: ScriptedApi, sender: Sender, name: str) -> None:
    description, outcome = EDIT_ANSWERS[name]
    api.on("editMessageText", refuse(400, f"Bad Request: {description}"))
    assert await send(sender, Edit(8, "x")) == outcome


async def test_what_becomes_of_a_deletion(api: ScriptedApi, sender: Sender) -> None:
    api.on(
        "deleteMessage",
        refuse(400, "Bad Request: message to delete not found"),
        refuse(400, "Bad Request: message can't be deleted for everyone"),
    )
    assert await send(sender, Delete(8)) == Sent(8)
    assert await send(sender, Delete(8)) == Gone(
        "rejected", destination=False, detail="Message can't be deleted for everyone"
    )


async def test_a_reset_leaves_it_unknown(api: ScriptedApi, sender: Sender) -> None:
    api.on("sendMessage", reset)
    assert isinstance(await send(sender), Unknown)
    assert len(api.made("sendMessage")) == 1


async def test_the_hard_timeout_leaves_it_unknown(api: ScriptedApi, sender: Sender) -> None:
    api.on("sendMessage", api.hang)
    assert await sender.send(5, Message("x"), timeout=0.1) == Unknown("no answer in time")
    assert len(api.made("sendMessage")) == 1


async def test_the_transports_own_timeout_leaves_it_unknown(api: ScriptedApi) -> None:
    async with ExtBot(TOKEN, api.base_url, request=AiohttpRequest(read_timeout=0.1)) as bot:
        api.on("sendMessage", api.hang)
        assert await send(Sender(bot)) == Unknown("no answer in time")


async def test_an_unreachable_server_is_tried_later() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    request = AiohttpRequest()
    async with request:
        bot = ExtBot(TOKEN, f"http://127.0.0.1:{port}/bot", request=request)
        assert await send(Sender(bot)) == TryLater(5, "all")


@pytest.mark.parametrize("result", [b'{"message_id":1}', b"true", b'"x"', b"[]", b"null"])
async def test_a_result_that_makes_no_sense_is_unknown(api: ScriptedApi, sender: Sender, result: bytes) -> None:
    api.on("sendMessage", say(b'{"ok":true,"result":' + result + b"}"))
    assert isinstance(await send(sender), Unknown)


async def test_half_a_surrogate_pair_is_rejected(sender: Sender) -> None:
    outcome = await send(sender, Message("a\ud83d"))
    assert outcome == Gone("rejected", destination=False, detail="the request cannot be encoded")


async def test_it_never_waits_for_a_budget_that_was_taken(api: ScriptedApi) -> None:
    limiter = Limiter()
    bot = ExtBot(TOKEN, api.base_url, request=AiohttpRequest(), rate_limiter=limiter)
    async with bot:
        limiter.hold(5, 60)
        sender = Sender(bot)
        for outgoing in (
            Message("x", pin=True),
            Edit(8, "x"),
            EditButtons(8),
            Document("x", b"x"),
            Photo(b"x"),
        ):
            assert isinstance(await send(sender, outgoing), Sent)
        assert limiter.overall() == 25  # it did not wait for a place, and counts from when it left


async def test_a_tap_is_answered(api: ScriptedApi, sender: Sender) -> None:
    assert await sender.answer_tap("q1", "已签到", alert=True)
    assert await sender.answer_tap("q2")
    first, second = api.made("answerCallbackQuery")
    assert first.fields == {"callback_query_id": "q1", "text": "已签到", "show_alert": True}
    assert second.fields == {"callback_query_id": "q2", "show_alert": False}


async def test_a_tap_that_cannot_be_answered_is_no_error(api: ScriptedApi, sender: Sender) -> None:
    too_old = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    faults: tuple[Answer, ...] = (
        refuse(400, too_old),
        refuse(429, "x", retry_after=3),
        refuse(401, "x"),
        reset,
    )
    for fault in faults:
        api.on("answerCallbackQuery", fault)
        assert not await sender.answer_tap("q", "已签到")


async def test_cancelling_a_send_is_not_swallowed(api: ScriptedApi, sender: Sender) -> None:
    api.accepted.clear()
    api.on("sendMessage", api.hang)
    task = asyncio.create_task(send(sender))
    await api.accepted.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(
    "arguments",
    [{}, {"data": "a", "url": "b"}, {"data": "签" * 22}, {"copy_text": "x" * 257}],
)
def test_a_button_does_one_thing_that_fits(arguments: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="button"):
        Button("x", **arguments)


@pytest.mark.parametrize("name", ["", "a\r\nX: y", "a\x00", "../a", "a/b"])
def test_a_file_name_cannot_break_out_of_its_header(name: str) -> None:
    with pytest.raises(ValueError, match="file name"):
        Document(name, b"")
