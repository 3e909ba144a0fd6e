"""The main job on the sandbox's page in Chromium: from registering a group to opening the downloaded workbook."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from browser import FLAGS, chromium
from desk import Desk
from playwright.async_api import async_playwright
from study_group import StudyGroup, study_group

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture
async def main_job(tmp_path: Path) -> AsyncIterator[tuple[Desk, StudyGroup]]:
    path = chromium()
    async with study_group(f"sqlite:///{tmp_path / 'bot.sqlite3'}", tmp_path) as g, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        page = await browser.new_page(viewport={"width": 1280, "height": 900}, locale="zh-CN")
        await page.goto(g.sandbox.url)
        yield Desk(g.sandbox, page, g.group), g
        await browser.close()


async def test_the_main_job_on_the_page(main_job: tuple[Desk, StudyGroup], tmp_path: Path) -> None:
    desk, g = main_job
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
