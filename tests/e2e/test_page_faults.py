"""The fault desk in Chromium, with the real bot: what is armed strikes, and the page tells what the bot then did."""

from pathlib import Path

import pytest
from browser import become, launched, window
from live_page import live_bot
from playwright.async_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(120)]


async def test_a_lost_answer_is_repeated_once_and_a_429_waited_for(tmp_path: Path) -> None:
    async with live_bot(tmp_path) as sandbox, launched() as browser, window(browser, sandbox.url) as page:
        desk, private = page.get_by_test_id("fault-desk"), page.get_by_test_id("pane-private")
        await expect(desk).to_be_hidden()
        await page.get_by_test_id("faults-button").click()
        await expect(page.get_by_test_id("no-incidents")).to_contain_text("Nothing has gone wrong yet")
        await page.get_by_test_id("fault-lostAnswer").click()
        await expect(page.get_by_test_id("fault-lostAnswer")).to_have_attribute("aria-pressed", "true")
        await become(page, sandbox, "赵强")
        await private.get_by_test_id("start").click()
        await expect(page.get_by_test_id("verdict")).to_contain_text("Two copies", timeout=15_000)
        await expect(page.get_by_test_id("fault-lostAnswer")).to_have_attribute("aria-pressed", "false")
        await expect(private.get_by_test_id("copy")).to_have_text(
            ["This one arrived; the bot was not told", "Sent once more"]
        )
        zhao = await sandbox.person("赵强")
        greetings = [m for m in await sandbox.messages(zhao, zhao) if (m.get("from") or {}).get("is_bot")]
        assert len(greetings) == 2  # what the page says is what Telegram has

        await page.get_by_test_id("language").click()
        await page.reload()  # the desk stays open
        await page.get_by_test_id("fault-busy").focus()
        await page.keyboard.press("Enter")
        await become(page, sandbox, "陈静")
        await private.get_by_test_id("start").click()
        newest = page.get_by_test_id("incidents").get_by_role("listitem").first
        await expect(newest).to_contain_text("要求等 5 秒")
        await expect(newest.get_by_test_id("verdict")).to_contain_text("只有一份", timeout=15_000)
        await expect(private.get_by_test_id("copy")).to_have_count(0)

        await page.get_by_test_id("forget-incidents").click()
        await expect(page.get_by_test_id("verdict")).to_have_count(0)
        await page.get_by_test_id("panel-close").click()
        await expect(page.get_by_test_id("faults-button")).to_be_focused()
        await expect(desk).to_be_hidden()


async def test_a_tap_into_a_silence_is_recorded_when_it_is_over(tmp_path: Path) -> None:
    async with live_bot(tmp_path) as sandbox, launched() as browser, window(browser, sandbox.url) as page:
        await page.get_by_test_id("faults-button").click()
        await page.get_by_test_id("fault-silent").click()
        await expect(page.get_by_test_id("fault-silent")).to_contain_text("s left")
        await become(page, sandbox, "李明")
        group = page.get_by_test_id("pane-group")
        await group.get_by_role("button", name="登记").click()
        await expect(page.get_by_test_id("fault-silent")).to_have_attribute("aria-pressed", "false", timeout=30_000)
        await expect(group.get_by_text("已登记")).to_be_visible(timeout=30_000)


async def test_an_armed_fault_is_taken_back(tmp_path: Path) -> None:
    async with live_bot(tmp_path) as sandbox, launched() as browser, window(browser, sandbox.url) as page:
        await page.get_by_test_id("faults-button").click()
        await page.get_by_test_id("fault-serverError").click()
        await expect(page.get_by_test_id("fault-serverError")).to_have_attribute("aria-pressed", "true")
        await page.get_by_test_id("fault-serverError").click()
        await expect(page.get_by_test_id("fault-serverError")).to_have_attribute("aria-pressed", "false")
        assert await sandbox.faults() == []
