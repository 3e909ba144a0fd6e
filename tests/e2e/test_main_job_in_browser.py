"""The main job on the sandbox's page in Chromium: from registering a group to opening the downloaded workbook."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from browser import FLAGS, chromium
from playwright.async_api import Locator, Page, async_playwright, expect
from study_group import StudyGroup, study_group

from sandbox.client import Json

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]

SHOTS = os.environ.get("SHOTS")  # a folder for pictures of the walk, for whoever wants to look at it


@dataclass
class Desk:
    """The page, and what a person does on it."""

    g: StudyGroup
    page: Page

    async def be(self, person: Json) -> None:
        """I am …, with the group and the private chat side by side."""
        await self.page.get_by_test_id(f"person-chip-{person['id']}").click()
        await self.page.get_by_test_id(f"chat-{self.g.group['id']}").click()
        await (
            self.page.get_by_test_id(f"chat-{await self.g.sandbox.bot_id()}")
            .or_(self.page.get_by_test_id(f"chat-{person['id']}"))
            .first.click()
        )

    def pane(self, name: str) -> Locator:
        """The group's pane, or the private one's."""
        return self.page.get_by_test_id(f"pane-{name}")

    async def say(self, pane: str, text: str) -> None:
        """Type a line and send it."""
        await self.pane(pane).get_by_test_id("composer").fill(text)
        await self.pane(pane).get_by_test_id("send").click()

    async def see(self, pane: str, text: str) -> None:
        """Wait until a message with these words is there."""
        await expect(self.pane(pane).get_by_text(text).last).to_be_visible(timeout=15_000)

    async def press(self, pane: str, label: str) -> None:
        """Press the newest button of that name."""
        await self.pane(pane).get_by_role("button", name=label).last.click(timeout=15_000)

    async def alert(self, text: str) -> None:
        """Read an alert and put it away."""
        await expect(self.page.get_by_test_id("alert")).to_contain_text(text, timeout=15_000)
        await self.shot("alert")
        await self.page.get_by_test_id("alert-ok").click()

    async def wait_until(self, moment: datetime) -> None:
        """Move the clock to just after a moment, with the free field of the page: days, hours, minutes."""
        left = (moment - await self.g.now()).total_seconds() + 60
        for unit in (86_400, 3_600, 60):
            amount, left = divmod(left, unit)
            if amount >= 1:
                await self._move(int(amount), unit)

    async def _move(self, amount: int, unit: int) -> None:
        before = (await self.g.sandbox.clock())["offset_seconds"]
        await self.page.get_by_test_id("clock-amount").fill(str(amount))
        await self.page.get_by_test_id("clock-unit").select_option(str(unit))
        await self.page.get_by_test_id("clock-go").click()

        async def moved() -> bool:
            return bool((await self.g.sandbox.clock())["offset_seconds"] > before)

        await self.g.sandbox.wait_for(moved)

    async def shot(self, name: str) -> None:
        """A picture of the page, where one is wanted."""
        if SHOTS:
            await self.page.screenshot(path=f"{SHOTS}/{name}.png")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    path = chromium()
    async with study_group(f"sqlite:///{tmp_path / 'bot.sqlite3'}", tmp_path) as g, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        page = await browser.new_page(viewport={"width": 1280, "height": 900}, locale="zh-CN")
        await page.goto(g.sandbox.url)
        yield Desk(g, page)
        await browser.close()


async def test_the_main_job_on_the_page(desk: Desk, tmp_path: Path) -> None:
    g = desk.g
    await desk.be(g.li)
    await desk.say("group", "/register")
    await desk.press("group", "我来当组长")
    await desk.see("group", "组长：")
    await desk.page.get_by_test_id("start").click()
    await desk.see("private", "编号")
    await desk.say("group", "/new 3天后19:00 党课：学习原著 @三楼会议室")
    await desk.press("group", "发布")
    await desk.see("group", "未回复")
    await desk.shot("card")
    local = (await g.now() + timedelta(hours=8)).date() + timedelta(days=3)
    starts_at = datetime(local.year, local.month, local.day, 11, tzinfo=UTC)

    await desk.wait_until(starts_at - timedelta(hours=24))
    await desk.see("group", "⏰")
    await desk.wait_until(starts_at - timedelta(minutes=15))
    await desk.be(g.wang)
    await desk.see("group", "签到进行中")
    await desk.press("group", "签到")
    await desk.alert("准时")
    await desk.see("group", "已到 1/2")

    await desk.wait_until(starts_at + timedelta(minutes=91))
    await desk.be(g.li)
    await desk.see("private", "还有 1 人未登记")
    await desk.press("private", "其余缺勤并结束")
    await desk.see("private", "已到 1/2")

    monday = starts_at + timedelta(hours=8)
    monday = (monday - timedelta(days=monday.weekday())).replace(hour=0, minute=30) + timedelta(days=7)
    await desk.wait_until(monday)
    await desk.see("group", "50%")
    await desk.shot("board")

    await desk.say("private", "/export")
    await desk.press("private", "本年")
    await desk.press("private", "XLSX")
    button = desk.pane("private").get_by_test_id("document-download")
    async with desk.page.expect_download() as download:
        await button.click(timeout=30_000)
    await desk.shot("export")
    await (await download.value).save_as(tmp_path / "ledger.xlsx")
    book = openpyxl.load_workbook(tmp_path / "ledger.xlsx")
    rows = [{str(cell.value) for cell in row} for row in book["签到明细"].iter_rows()]
    assert any({"王芳", "出勤", "党课：学习原著"} <= row for row in rows)
    assert any({"李明", "缺勤", "党课：学习原著"} <= row for row in rows)
