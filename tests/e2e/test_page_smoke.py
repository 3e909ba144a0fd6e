"""The sandbox's page in Chromium: persons, writing, taps, two windows in step, a phone's width, keyboard."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from browser import become, launched, window, write
from playwright.async_api import Browser, Page, expect

from sandbox.client import SandboxClient

# One browser for all, so all run in one event loop; each test has a sandbox and windows of its own.
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "1000000002:page-smoke"
GROUP = "第一学习小组"
FILE = b"name,status\r\n"
KEYBOARD = {
    "inline_keyboard": [
        [{"text": "Toast", "callback_data": "toast"}, {"text": "Alert", "callback_data": "alert"}],
        [
            {"text": "Edit", "callback_data": "edit"},
            {"text": "Private", "url": "https://t.me/BOT?start=deep"},
        ],
    ]
}


class Bot:
    """A bot of a few lines that speaks the Bot API with nothing but HTTP."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.root = f"{url}/bot{TOKEN}/"
        self.session = session
        self.username = ""

    async def call(self, method: str, **fields: Any) -> Any:
        async with self.session.post(self.root + method, json=fields) as response:
            answer = await response.json()
        assert answer["ok"], (method, answer)
        return answer["result"]

    async def run(self) -> None:
        """Answer for ever; ends by cancellation."""
        offset = 0
        while True:
            for update in await self.call("getUpdates", offset=offset, timeout=20):
                offset = update["update_id"] + 1
                if "callback_query" in update:
                    await self.tapped(update["callback_query"])
                elif "text" in update.get("message", {}):
                    await self.told(update["message"])

    async def told(self, message: dict[str, Any]) -> None:
        chat, word = message["chat"]["id"], message["text"].split("@")[0]
        if word == "/card":
            keyboard = json.loads(json.dumps(KEYBOARD).replace("BOT", self.username))
            text = "<b>Card</b> of &lt;i&gt;today&lt;/i&gt;"
            await self.call("sendMessage", chat_id=chat, text=text, parse_mode="HTML", reply_markup=keyboard)
        elif word == "/file":
            await self.send_file(chat)
        elif word.startswith("/start"):
            await self.call("sendMessage", chat_id=chat, text=f"Welcome:{word.removeprefix('/start')}")

    async def send_file(self, chat: int) -> None:
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("chat_id", str(chat))
        form.add_field("document", FILE, filename="考勤.csv", content_type="text/csv")
        async with self.session.post(self.root + "sendDocument", data=form) as response:
            assert response.status == 200, await response.text()

    async def tapped(self, query: dict[str, Any]) -> None:
        if query["data"] == "edit":
            message = query["message"]
            await self.call(
                "editMessageText",
                chat_id=message["chat"]["id"],
                message_id=message["message_id"],
                text="Card after the edit",
            )
        text = f"{query['data']} for {query['from']['first_name']}"
        alert = query["data"] == "alert"
        await self.call("answerCallbackQuery", callback_query_id=query["id"], text=text, show_alert=alert)


@pytest_asyncio.fixture(loop_scope="module")
async def url() -> AsyncIterator[str]:
    """The address of a sandbox in its own process."""
    arguments = (sys.executable, "-m", "sandbox", "--port", "0", "--token", TOKEN)
    process = await asyncio.create_subprocess_exec(*arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    line = (await asyncio.wait_for(process.stdout.readline(), 20)).decode()
    assert "http://" in line, line
    yield line.split()[-1]
    process.terminate()
    await process.communicate()


@pytest_asyncio.fixture(loop_scope="module")
async def sandbox(url: str) -> AsyncIterator[SandboxClient]:
    """The control side, with the bot of this module answering and its menu set."""
    async with SandboxClient(url) as client, aiohttp.ClientSession() as session:
        bot = Bot(url, session)
        bot.username = (await bot.call("getMe"))["username"]
        menu = [{"command": "card", "description": "A card"}, {"command": "file", "description": "A file"}]
        await bot.call("setMyCommands", commands=menu)
        task = asyncio.create_task(bot.run())
        yield client
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as started:
        yield started


async def tab_to(page: Page, testid: str) -> None:
    """Press Tab until this element has the focus; fails after a dozen."""
    for _ in range(12):
        await page.keyboard.press("Tab")
        if await page.get_by_test_id(testid).evaluate("node => node === document.activeElement"):
            return
    pytest.fail(f"{testid} cannot be reached by Tab")


async def test_taps_are_answered_by_toast_alert_and_edit(browser: Browser, url: str, sandbox: SandboxClient) -> None:
    async with window(browser, url) as page:
        await become(page, sandbox, "王芳")
        await write(page, "pane-group", "/card")
        log = page.get_by_test_id("pane-group").get_by_test_id("messages")
        await expect(log.get_by_text("Card of <i>today</i>")).to_be_visible()
        await log.get_by_role("button", name="Toast").click()
        await expect(page.get_by_test_id("toast")).to_have_text("toast for 王芳")
        await log.get_by_role("button", name="Alert").click()
        await expect(page.get_by_test_id("alert")).to_contain_text("alert for 王芳")
        await page.get_by_test_id("alert-ok").click()
        await expect(page.get_by_test_id("alert")).to_have_count(0)
        await expect(log.get_by_role("button", name="Alert")).to_be_focused()
        await log.get_by_role("button", name="Edit").click()
        await expect(log.get_by_role("article").last).to_contain_text("Card after the edit")
        await expect(log.get_by_text("edited")).to_be_visible()


async def test_another_person_sees_the_same_group_and_survives_a_reload(
    browser: Browser, url: str, sandbox: SandboxClient
) -> None:
    hostile = '<img src="x" onerror="alert(1)"> & "quotes"'
    async with window(browser, url) as page:
        await become(page, sandbox, "李明")
        await write(page, "pane-group", hostile)
        mine = page.locator("#pane-group article.out")
        await expect(mine).to_contain_text(hostile)
        await become(page, sandbox, "陈静")
        theirs = page.locator("#pane-group article.in")
        await expect(theirs).to_contain_text("李明")
        await expect(theirs).to_contain_text(hostile)
        await expect(mine).to_have_count(0)
        await page.reload()
        quiet = await sandbox.person("陈静")
        await expect(page.get_by_test_id(f"person-chip-{quiet['id']}")).to_be_checked()
        await expect(theirs).to_contain_text(hostile)


async def test_two_windows_stay_in_step(browser: Browser, url: str, sandbox: SandboxClient) -> None:
    async with window(browser, url) as one, window(browser, url, locale="zh-CN") as other:
        await become(one, sandbox, "李明")
        await become(other, sandbox, "Alex")
        await write(one, "pane-group", "seen by both")
        await expect(other.get_by_test_id("pane-group").get_by_text("seen by both")).to_be_visible()
        await expect(other.get_by_test_id("announcer")).to_contain_text("李明：seen by both")
        before = await other.get_by_test_id("clock-now").get_attribute("title") or ""
        await one.get_by_test_id("clock-plus-86400").click()
        await expect(other.get_by_test_id("clock-now")).not_to_have_attribute("title", before)
        assert (await sandbox.clock())["offset_seconds"] == pytest.approx(86400)


async def test_start_then_a_document_comes_down_whole(browser: Browser, url: str, sandbox: SandboxClient) -> None:
    async with window(browser, url) as page:
        await become(page, sandbox, "王芳")
        private = page.get_by_test_id("pane-private")
        await expect(private.get_by_test_id("composer")).to_have_count(0)
        await private.get_by_test_id("start").click()
        await expect(private.get_by_text("Welcome:")).to_be_visible()
        await write(page, "pane-private", "/file")
        async with page.expect_download() as caught:
            await private.get_by_test_id("document-download").click()
        download = await caught.value
        assert download.suggested_filename == "考勤.csv"
        path = await download.path()
        assert await asyncio.to_thread(path.read_bytes) == FILE


async def test_a_deep_link_opens_the_private_chat_with_its_payload(
    browser: Browser, url: str, sandbox: SandboxClient
) -> None:
    async with window(browser, url) as page:
        await become(page, sandbox, "Alex")
        await write(page, "pane-group", "/card")
        await page.get_by_test_id("pane-group").get_by_role("button", name="Private").click()
        private = page.get_by_test_id("pane-private")
        await expect(private.get_by_text("Welcome: deep")).to_be_visible()
        await expect(private.get_by_test_id("composer")).to_be_focused()


async def test_a_phone_shows_one_pane_and_a_way_back(browser: Browser, url: str, sandbox: SandboxClient) -> None:
    group = await sandbox.group(GROUP)
    async with window(browser, url, width=390) as page:
        await become(page, sandbox, "王芳")
        await expect(page.get_by_test_id("composer")).to_be_hidden()
        await page.get_by_test_id(f"chat-{group['id']}").click()
        await expect(page.get_by_test_id("pane-group").get_by_test_id("composer")).to_be_visible()
        await expect(page.get_by_test_id("chat-list")).to_be_hidden()
        await write(page, "pane-group", "from a phone " * 30)
        await expect(page.locator("#pane-group article.out")).to_be_in_viewport()
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await page.get_by_test_id("pane-group").get_by_test_id("back").click()
        await expect(page.get_by_test_id("chat-list")).to_be_visible()
        await expect(page.get_by_test_id("pane-group")).to_be_hidden()


async def test_the_keyboard_alone_switches_writes_and_runs_a_command(
    browser: Browser, url: str, sandbox: SandboxClient
) -> None:
    group = await sandbox.group(GROUP)
    async with window(browser, url) as page:
        chosen = page.get_by_role("radio", checked=True)
        await page.keyboard.press("Tab")
        await expect(chosen).to_be_focused()
        before = await chosen.get_attribute("data-testid") or ""
        await page.keyboard.press("ArrowRight")
        await expect(chosen).not_to_have_attribute("data-testid", before)
        await tab_to(page, f"chat-{group['id']}")
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("pane-group").get_by_test_id("composer")).to_be_focused()
        await page.keyboard.type("by keyboard")
        await page.keyboard.press("Enter")
        await expect(page.locator("#pane-group article.out")).to_contain_text("by keyboard")
        await page.keyboard.type("/ca")
        option = page.get_by_test_id("command-menu").get_by_role("option", selected=True)
        await expect(option).to_contain_text("/card")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Toast")).to_be_visible()


async def test_a_group_is_made_an_admin_appointed_and_the_upgrade_followed(
    browser: Browser, url: str, sandbox: SandboxClient
) -> None:
    owner, admin = await sandbox.person("李明"), await sandbox.person("王芳")
    async with window(browser, url) as page:
        await become(page, sandbox, "李明")
        await page.get_by_test_id("new-group").click()
        await page.get_by_test_id("group-title").fill("Reading circle")
        await page.get_by_test_id("group-basic").check()
        await page.get_by_test_id("new-group-form-submit").click()
        pane = page.get_by_test_id("pane-group")
        await expect(pane.get_by_role("heading", name="Reading circle")).to_be_visible()
        await pane.get_by_test_id("chat-info").click()
        await page.get_by_test_id(f"promote-{admin['id']}").click()
        await expect(page.get_by_test_id("chat-info-window")).to_have_count(0)
        await become(page, sandbox, "王芳")
        await page.get_by_test_id("chat-list").get_by_text("Reading circle", exact=True).click()
        await pane.get_by_test_id("chat-info").click()
        await expect(page.get_by_test_id(f"member-{admin['id']}")).to_contain_text("admin · you")
        await expect(page.get_by_test_id(f"kick-{owner['id']}")).to_have_count(0)
        await page.get_by_test_id("dialog-close").click()
        await become(page, sandbox, "李明")
        await pane.get_by_test_id("chat-info").click()
        await page.get_by_test_id("upgrade").click()
        await expect(pane).to_contain_text("· supergroup")
        await expect(pane.get_by_role("heading", name="Reading circle")).to_be_visible()


async def test_a_lost_sandbox_is_said_in_chinese_and_found_again(browser: Browser, url: str) -> None:
    async with window(browser, url, locale="zh-CN", offline=True) as page:
        await expect(page.get_by_role("heading", name="聊天")).to_be_visible()
        await page.context.set_offline(True)
        await page.get_by_test_id("clock-plus-60").click()
        await expect(page.get_by_test_id("failure")).to_contain_text("没有成功")
        await page.context.set_offline(False)
        await page.get_by_test_id("clock-plus-60").click()
        await expect(page.get_by_test_id("toast")).to_contain_text("时钟已拨到")
