"""What a restart keeps, in one process and across processes."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest
from sandbox_stage import TOKEN, button, stage

from sandbox import staging
from sandbox.app import create_app
from sandbox.client import SandboxClient
from sandbox.testing import serve

ROOT = Path(__file__).parents[2]


async def test_a_restart_keeps_everything(tmp_path: Path) -> None:
    async with stage(data=tmp_path) as s:
        li, group = await s.sandbox.person("李明"), await s.group()
        await s.sandbox.press_start(li)
        await s.sandbox.promote(li, group, await s.sandbox.bot_id())
        card = await s.ok("sendMessage", chat_id=group["id"], text="签到", reply_markup=button("签到", "c"))
        await s.ok("pinChatMessage", chat_id=group["id"], message_id=card["message_id"])
        await s.ok("setMyCommands", commands=[{"command": "help", "description": "帮助"}])
        sent = await s.send_file(group, "考勤.csv", b"abc")
        await s.ok("sendMessage", chat_id=group["id"], text="gone")
        gone = (await s.sandbox.messages(li, group))[-1]
        await s.ok("deleteMessage", chat_id=group["id"], message_id=gone["message_id"])
        await s.sandbox.shift(days=1)
        await s.news()
        await s.sandbox.say(li, group, "/help")
        before = (
            await s.sandbox.state(li),
            await s.sandbox.messages(li, group),
            await s.sandbox.updates(),
            await s.ok("getUpdates", offset=s.offset),
        )
        offset = s.offset
    async with stage(data=tmp_path) as s:
        state, messages, counts, updates = before
        again = await s.sandbox.state(li)
        for name in ("people", "chats", "other_groups", "bot"):
            assert again[name] == state[name]
        assert again["clock"]["offset_seconds"] == 86_400
        assert await s.sandbox.messages(li, group) == messages
        assert await s.ok("getUpdates", offset=offset) == updates
        kept = await s.sandbox.updates()
        assert kept["confirmed_up_to"] == offset - 1
        assert kept["created"] == counts["created"]
        assert await s.sandbox.file(sent["document"]["file_id"]) == ("考勤.csv", b"abc")
        assert (await s.ok("sendMessage", chat_id=group["id"], text="b"))["message_id"] == gone["message_id"] + 2


async def test_acknowledged_updates_do_not_come_back(tmp_path: Path) -> None:
    async with stage(data=tmp_path) as s:
        await s.news()
        await s.news()
        last = s.offset
    async with stage(data=tmp_path) as s:
        assert await s.ok("getUpdates") == []
        await s.sandbox.press_start(await s.sandbox.person("李明"))
        assert (await s.ok("getUpdates"))[0]["update_id"] == last


async def test_reset_begins_anew(tmp_path: Path) -> None:
    async with stage(data=tmp_path) as s:
        updates = await s.news()
        await s.sandbox.new_person("新人")
        await s.sandbox.shift(days=1)
        await s.sandbox.reset()
        assert len(await s.sandbox.people()) == 6
        assert (await s.sandbox.clock())["offset_seconds"] == 0
        assert (await s.ok("getUpdates"))[0]["update_id"] == updates[-1]["update_id"] + 1
    async with stage(data=tmp_path) as s:
        assert len(await s.sandbox.people()) == 6


async def test_another_token_takes_the_former_bots_place(tmp_path: Path) -> None:
    async with stage(data=tmp_path) as s:
        group = await s.group()
        card = await s.ok("sendMessage", chat_id=group["id"], text="a")
    async with serve(create_app("800000001:other", tmp_path)) as sandbox:
        li = await sandbox.person("李明")
        (shown,) = await sandbox.groups(li)
        assert shown["bot_status"] == "member"
        assert {m["user_id"] for m in shown["members"]} >= {800000001}
        edit = {"chat_id": group["id"], "message_id": card["message_id"], "text": "b"}
        async with sandbox.session.post(f"{sandbox.url}/bot800000001:other/editMessageText", json=edit) as response:
            assert response.status == 200


async def test_an_empty_sandbox_has_nobody() -> None:
    async with stage(empty=True) as s:
        assert await s.sandbox.people() == []
        assert await s.ok("getUpdates") == []


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--token", "secret"), "a token looks like 123456:secret"),
        (("--data", "{taken}"), "is in use by another sandbox"),
        (("--port", "{port}"), "cannot listen on port"),
    ],
)
async def test_a_wrong_setting_ends_with_one_line(arguments: tuple[str, str], reason: str, tmp_path: Path) -> None:
    async with stage(data=tmp_path) as s:
        given = [part.format(taken=tmp_path, port=s.sandbox.url.rpartition(":")[2]) for part in arguments]
        if "--port" not in given:
            given += ["--port", "0"]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "sandbox", *given, stderr=asyncio.subprocess.PIPE, cwd=ROOT
        )
        _, complaint = await process.communicate()
    assert process.returncode == 1
    assert reason in complaint.decode()
    assert complaint.count(b"\n") == 1


async def _start(data: Path) -> tuple[asyncio.subprocess.Process, str]:
    arguments = ("--port", "0", "--data", str(data), "--token", TOKEN)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", *arguments, stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert process.stdout
    line = (await process.stdout.readline()).decode()
    assert line.startswith("sandbox listening on http://127.0.0.1:")
    return process, line.split()[-1]


async def test_the_process_stops_at_once_and_keeps_its_state(tmp_path: Path) -> None:
    process, address = await _start(tmp_path)
    async with SandboxClient(address) as sandbox:
        person = await sandbox.new_person("新人")
        seq = (await sandbox.state())["seq"]
        poll = asyncio.create_task(sandbox.call("GET", "events", after=seq, timeout=60))
        await sandbox.state()
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            assert await process.wait() == 0
        await asyncio.gather(poll, return_exceptions=True)
    process, address = await _start(tmp_path)
    async with SandboxClient(address) as sandbox:
        assert person in await sandbox.people()
    process.send_signal(signal.SIGINT)
    assert await process.wait() == 0


async def test_a_staged_folder_has_its_people_groups_and_the_bots_name(tmp_path: Path) -> None:
    groups = [staging.StagedGroup("Group One", "Grace", ("Grace", "Henry"))]
    made = await staging.stage(TOKEN, tmp_path, ["Grace", "Henry"], groups, "en")
    async with stage(data=tmp_path) as s:
        grace = await s.sandbox.person("Grace")
        assert grace["id"] == made.people["Grace"]
        assert [group["id"] for group in await s.sandbox.groups(grace)] == [made.groups["Group One"]]
        assert (await s.ok("getMe"))["first_name"] == "Study Helper"
        assert await s.news() == []
    with pytest.raises(FileExistsError):
        await staging.stage(TOKEN, tmp_path, ["Irene"], [], "en")
