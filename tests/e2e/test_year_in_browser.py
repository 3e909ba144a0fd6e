"""The seeded year on the page in Chromium: plan, auto-schedule, radar, quorum, leave, make-up study, board, ledger."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from browser import FLAGS, chromium
from desk import Desk
from playwright.async_api import async_playwright, expect
from processes import Killable

from bot import launcher
from bot.seeding import running as seeding
from bot.settings import Settings
from db import migrate
from sandbox.app import create_app
from sandbox.testing import serve

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)  # Tuesday, ten o'clock in Beijing
COMMITTEE = datetime(2026, 12, 7, 1, 30, tzinfo=UTC)
"""When the seeded committee meets: on the first Monday of the month, at half past nine."""


MADE_UP = "会后自学了会议材料，已落实分工。"


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """A year was seeded, the bot runs, and somebody sits before the page."""
    path = chromium()
    folder = tmp_path / "sandbox"
    monkeypatch.setenv("BOT__DATABASE__URL", f"sqlite:///{tmp_path / 'bot.sqlite3'}")
    monkeypatch.setenv("BOT__SANDBOX__FOLDER", str(folder))
    monkeypatch.setenv("BOT__WEB__PORT", "0")
    migrate.upgrade(Settings().database.url)
    await seeding.run(Settings(), "zh-CN", NOW)
    async with serve(create_app(launcher.TOKEN, data=folder)) as sandbox:
        await sandbox.set_clock(NOW.isoformat())
        (tmp_path / "config.toml").touch()
        environment = {"BOT_CONFIG": str(tmp_path / "config.toml"), "BOT__SANDBOX__URL": sandbox.url}
        async with Killable(("-m", "bot", "run"), environment, tmp_path / "bot.log"), async_playwright() as playwright:
            leader = await sandbox.person("李明")
            (group,) = await sandbox.groups(leader)
            await sandbox.wait_for_message(leader, group, timeout=60)
            browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
            page = await browser.new_page(viewport={"width": 1280, "height": 900}, locale="zh-CN")
            await page.goto(sandbox.url)
            yield Desk(sandbox, page, group)
            await browser.close()


async def test_a_year_of_a_unit_on_the_page(desk: Desk, tmp_path: Path) -> None:
    li, zhao, wang = [await desk.sandbox.person(name) for name in ("李明", "赵强", "王芳")]
    await desk.be(li)
    await desk.say("private", "/plan")
    await desk.press("private", "综合事务中心党支部")
    await desk.see("private", "党员大会 3/4")
    await desk.shot("plan")
    await desk.press("private", "一键排期")
    await desk.see("private", "还没有发布")
    await desk.shot("auto-schedule")
    await desk.press("private", "发布 4 场")
    await desk.see("private", "已排定 4 场")
    await desk.wait_until(NOW + timedelta(minutes=2))
    await desk.see("group", "新排定 4 场")

    await desk.wait_until(datetime(2026, 11, 25, 1, 5, tzinfo=UTC))  # the radar looks at nine, and gathers
    await desk.wait_until(datetime(2026, 11, 25, 1, 20, tzinfo=UTC))
    await desk.see("private", "计划提醒")
    await desk.shot("radar")
    await desk.press("private", "填写")
    await desk.see("private", "逾期未开的活动")
    await desk.press("private", "主题党日")
    await desk.press("private", "工作冲突")
    await desk.see("private", "原因：工作冲突")

    await desk.be(zhao)
    await desk.say("private", "/leave")
    await desk.press("private", "支委会")
    await desk.press("private", "公假")
    await desk.see("private", "等组长批准")
    await desk.be(li)
    await desk.press("private", "批准", exact=True)
    await desk.see("private", "已批准")

    await desk.wait_until(COMMITTEE - timedelta(minutes=10))
    await desk.see("group", "还差 2 人才能表决")
    for person in (li, wang):
        await desk.be(person)
        await desk.press("group", "签到")
        await desk.alert("准时")
    await desk.see("group", "可以表决")
    await desk.shot("quorum")
    await desk.wait_until(COMMITTEE + timedelta(minutes=61))
    await desk.be(li)
    await desk.press("private", "其余缺勤并结束")
    await desk.see("private", "已到 2/3 · 请假 1")

    await desk.wait_until(await desk.now() + timedelta(minutes=1))
    await desk.be(zhao)
    await desk.see("private", "您没有参加 支委会")
    await desk.press("private", "交心得")
    await desk.see("private", "请发来 支委会")
    await desk.say("private", MADE_UP)
    await desk.see("private", "已补学")
    await desk.shot("make-up")

    monday = datetime(2026, 12, 14, 1, tzinfo=UTC)
    await desk.wait_until(monday + timedelta(minutes=40))
    await desk.be(li)
    await desk.see("group", "第50周 学习榜")
    picture = desk.pane("group").locator("img").last
    await expect(picture).to_be_visible(timeout=20_000)
    await picture.scroll_into_view_if_needed()
    assert await picture.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [1080, 1350]
    await desk.shot("board")

    await desk.say("private", "/export")
    await desk.press("private", "综合事务中心党支部")
    await desk.press("private", "本年")
    await desk.press("private", "XLSX")
    button = desk.pane("private").get_by_test_id("document-download")
    async with desk.page.expect_download() as download:
        await button.last.click(timeout=30_000)
    await (await download.value).save_as(tmp_path / "ledger.xlsx")
    book = openpyxl.load_workbook(tmp_path / "ledger.xlsx")
    people, meetings = ([*book[name].iter_rows(values_only=True)] for name in ("签到明细", "会议台账"))
    (record,) = (row for row in people if _is(row, "支委会：研究近期工作") and "赵强" in row)
    assert {"请假", "公假"} <= set(record)  # both facts stay: the leave, and what was made up for it
    (meeting,) = (dict(zip(meetings[0], row, strict=True)) for row in meetings if _is(row, "支委会：研究近期工作"))
    figures = ("应到", "实到", "有表决权实到", "请假", "补学应补", "补学已补")
    assert [meeting[name] for name in figures] == [3, 2, 2, 1, 1, 1]


def _is(row: tuple[object, ...], title: str) -> bool:
    """Whether a row is of the committee's session of the walk."""
    days = [value.date() for value in row if isinstance(value, datetime)]
    return title in row and COMMITTEE.date() in days
