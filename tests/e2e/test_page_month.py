"""The month's seed on the page in Chromium: three groups, results to look at, and time that goes on by itself."""

from pathlib import Path

import pytest
from browser import become, launched, window
from live_page import seeded_bot
from playwright.async_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]


async def test_a_seeded_month_is_looked_at_and_goes_on(tmp_path: Path) -> None:
    async with (
        seeded_bot(tmp_path, "--month") as sandbox,
        launched() as browser,
        window(browser, sandbox.url, locale="zh-CN") as page,
    ):
        titles = {
            group["title"]
            for name in ("李明", "陈静", "马超")
            for group in await sandbox.groups(await sandbox.person(name))
        }
        assert titles == {"综合事务中心党支部", "青年理论学习第一小组", "青年理论学习第二小组"}
        await become(page, sandbox, "陈静")
        group = page.get_by_test_id("pane-group")
        await page.get_by_test_id("chat-list").get_by_text("青年理论学习第一小组").click()
        await group.get_by_test_id("composer").fill("/rank")
        await page.keyboard.press("Enter")
        await expect(group.get_by_text("学习榜").last).to_be_visible(timeout=20_000)
        private = page.get_by_test_id("pane-private")
        await private.get_by_test_id("composer").fill("/me")
        await page.keyboard.press("Enter")
        await expect(private.get_by_role("article").last).to_contain_text("%", timeout=20_000)
        upcoming = page.get_by_test_id("clock-next")
        await expect(upcoming).to_be_visible(timeout=20_000)
        for _ in range(3):
            announced = await upcoming.get_attribute("title") or ""
            before = await sandbox.clock()
            messages = (await sandbox.ledger())["count"]
            await upcoming.click()
            await expect(upcoming).not_to_have_attribute("title", announced, timeout=20_000)

            async def sent(count: int = messages) -> bool:
                return bool((await sandbox.ledger())["count"] > count)

            await sandbox.wait_for(sent, timeout=20)  # what was announced happened
            assert (await sandbox.clock())["now"] > before["now"]
