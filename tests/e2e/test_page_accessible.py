"""The page for everybody: axe-core finds nothing serious in any look of it, and the keyboard reaches all of it."""

from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path
from typing import Literal

import aiohttp
import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from browser import become, launched, window
from live_page import live_bot
from playwright.async_api import Browser, Page, expect

from bot.launcher import TOKEN
from sandbox.client import Json, SandboxClient

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.asyncio(loop_scope="module"),
]

GRAVE = {"serious", "critical"}
RICH = (
    'A <b>bold</b>, <i>slanted</i> and <code>coded</code> line, <a href="https://example.org">a link</a>, '
    "<tg-spoiler>a secret</tg-spoiler>, /help\n<blockquote>quoted</blockquote><pre>a block of code</pre>"
)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)
KEYS = {"inline_keyboard": [[{"text": "Go", "callback_data": "x"}, {"text": "Out", "url": "https://example.org"}]]}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SandboxClient]:
    """A group with every kind of message the page can show, and a fault that has struck."""
    folder: Path = tmp_path_factory.mktemp("page")
    async with live_bot(folder) as client:
        li, wang = await client.person("李明"), await client.person("王芳")
        group = await client.group("第一学习小组")
        await client.fault("send*", "drop_after_accept", name="lostAnswer")
        await client.press_start(li)
        greeting = await client.wait_for_message(li, client.private(li), contains="编号")
        assert greeting
        await client.promote(li, group, await client.bot_id())
        async with aiohttp.ClientSession() as http:
            rich = await _call(
                client, http, "sendMessage", chat_id=group["id"], text=RICH, parse_mode="HTML", reply_markup=KEYS
            )
            await _call(client, http, "pinChatMessage", chat_id=group["id"], message_id=rich["message_id"])
            asked = {"chat_id": group["id"], "question": "When?", "options": [{"text": "Mon"}, {"text": "Tue"}]}
            poll = await _call(client, http, "sendPoll", **asked)
        await client.vote(li, group, poll, 0)
        await client.say(wang, group, "an answer", reply_to=rich["message_id"])
        await client.edit(wang, group, await client.say(wang, group, "a slip"), "no slip")
        await client.upload(wang, group, "考勤.csv", b"name,status\r\n", caption="a file")
        await client.upload(li, group, "picture.png", PNG)
        await client.send_sticker(wang, group, "🙂")
        yield client


async def _call(client: SandboxClient, http: aiohttp.ClientSession, method: str, **fields: object) -> Json:
    async with http.post(f"{client.url}/bot{TOKEN}/{method}", json=fields) as response:
        answer: Json = await response.json()
    assert answer["ok"], answer
    result: Json = {} if answer["result"] is True else answer["result"]
    return result


async def _check(page: Page, where: str) -> None:
    """Nothing serious or critical in what is shown now."""
    await page.wait_for_timeout(250)  # what fades in has its colours only then
    results = await Axe().run(page)
    found = [
        f"{where}: {violation['id']} ({violation['impact']}): {node['html'][:160]}"
        for violation in results.response["violations"]
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]
    assert found == []


@pytest.mark.parametrize(
    ("locale", "scheme", "width"), list(product(("zh-CN", "en-GB"), ("light", "dark"), (1280, 390)))
)
async def test_axe_finds_nothing_serious(
    browser: Browser, sandbox: SandboxClient, locale: str, scheme: Literal["light", "dark"], width: int
) -> None:
    group = await sandbox.group("第一学习小组")
    async with window(browser, sandbox.url, width, locale, scheme=scheme) as page:
        await become(page, sandbox, "李明")
        await expect(page.get_by_test_id("guide-do")).to_be_visible()
        await _check(page, "list and first steps")
        await page.get_by_test_id(f"chat-{group['id']}").click()
        pane = page.get_by_test_id("pane-group")
        await expect(pane.get_by_text("an answer")).to_be_visible()
        await _check(page, "conversation")
        await page.get_by_test_id("faults-button").click()
        await page.get_by_test_id("fault-silent").click()
        await expect(page.get_by_test_id("fault-silent")).to_have_attribute("aria-pressed", "true")
        await _check(page, "fault desk")
        await page.get_by_test_id("fault-silent").click()
        await page.get_by_test_id("panel-close").click()
        await pane.get_by_test_id("command-button").click()
        await expect(pane.get_by_test_id("command-menu")).to_be_visible()
        await _check(page, "menu of commands")
        await page.keyboard.press("Escape")
        await pane.get_by_test_id("chat-info").click()
        await expect(page.get_by_test_id("chat-info-window")).to_be_visible()
        await _check(page, "members")
        await page.get_by_test_id("dialog-close").click()
        await page.get_by_test_id("new-person").click()
        await _check(page, "new person")
        await page.keyboard.press("Escape")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_axe_would_find_something(browser: Browser, sandbox: SandboxClient) -> None:
    async with window(browser, sandbox.url) as page:
        await page.evaluate("document.querySelector('#language').textContent = ''")
        await page.evaluate("document.querySelector('#language').removeAttribute('aria-label')")
        with pytest.raises(AssertionError, match="button-name"):
            await _check(page, "a button without a name")


async def test_the_keyboard_alone_takes_a_step_arms_a_fault_and_moves_the_clock(
    browser: Browser, sandbox: SandboxClient
) -> None:
    async with window(browser, sandbox.url) as page:
        await _tab_to(page, "guide-do")
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("step-register")).to_have_class("step-row done", timeout=20_000)
        await _tab_to(page, "faults-button")
        await page.keyboard.press("Enter")
        await _tab_to(page, "fault-busy")
        await page.keyboard.press("Space")
        await expect(page.get_by_test_id("fault-busy")).to_have_attribute("aria-pressed", "true")
        await expect(page.get_by_test_id("fault-busy")).to_be_focused()
        await page.keyboard.press("Space")
        await expect(page.get_by_test_id("fault-busy")).to_have_attribute("aria-pressed", "false")
        await page.keyboard.press("Escape")
        await expect(page.get_by_test_id("faults-button")).to_be_focused()
        before = (await sandbox.clock())["offset_seconds"]
        await _tab_to(page, "clock-plus-3600")
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("toasts").or_(page.get_by_test_id("toast")).first).to_contain_text("clock")
        assert (await sandbox.clock())["offset_seconds"] == pytest.approx(before + 3600)


async def _tab_to(page: Page, testid: str) -> None:
    """Press Tab until this element has the focus."""
    for _ in range(80):
        await page.keyboard.press("Tab")
        if await page.get_by_test_id(testid).evaluate("node => node === document.activeElement"):
            return
    pytest.fail(f"{testid} cannot be reached by Tab")
