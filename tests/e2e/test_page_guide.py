"""The guided first minute in Chromium, with the real bot: by hand where it points to, and with the page doing it."""

import re
import time
from pathlib import Path

import pytest
from browser import launched, window
from live_page import live_bot
from playwright.async_api import Page, expect

from services.tour import STEPS

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]

MINUTE = 60.0


async def press_what_glows(page: Page) -> None:
    """Press the one thing that is marked, if something is; a marked composer is filled by the guide and sent."""
    glowing = page.locator(".glow")
    if await glowing.count() != 1:
        return  # what was pressed is still on its way
    if await glowing.get_attribute("data-testid") == "composer":
        await page.get_by_test_id("guide-fill").click()
        await expect(page.locator("#pane-group textarea")).not_to_have_value("")
        await page.keyboard.press("Enter")
        await expect(page.locator('.glow[data-testid="composer"]')).to_have_count(0, timeout=15_000)
    else:
        await glowing.click()


async def done(page: Page, step: str) -> bool:
    """Whether the step is ticked off; an alert in the way is read and put away first."""
    if await page.get_by_test_id("alert").count():
        await page.get_by_test_id("alert-ok").click()
        await expect(page.get_by_test_id("alert")).to_have_count(0)  # it goes a moment after it is closed
    return "done" in (await page.get_by_test_id(f"step-{step}").get_attribute("class") or "").split()


@pytest.mark.parametrize(("locale", "language", "width"), [("zh-CN", "zh-CN", 1280), ("en-GB", "en", 390)])
async def test_a_newcomer_follows_what_glows_to_the_first_check_in(
    tmp_path: Path, locale: str, language: str, width: int
) -> None:
    async with live_bot(tmp_path, language) as sandbox, launched() as browser:
        began = time.monotonic()
        async with window(browser, sandbox.url, width, locale) as page:
            for step in STEPS:
                while not await done(page, step):
                    assert time.monotonic() - began < 2 * MINUTE, step
                    await press_what_glows(page)
                    await page.wait_for_timeout(500)  # as a person looks up
                if step == "check_in":
                    assert time.monotonic() - began < MINUTE
            await expect(page.get_by_test_id("guide-end")).to_be_visible()
            await expect(page.locator("#pane-group .photo img").last).to_be_visible(timeout=20_000)
            spoken = await page.get_by_test_id("pane-group").get_by_test_id("messages").inner_text()
            assert re.search("[一-鿿]", spoken) is None or language == "zh-CN"  # all of it in their language


async def test_the_page_does_every_step_and_the_guide_survives_a_reload(tmp_path: Path) -> None:
    async with live_bot(tmp_path) as sandbox, launched() as browser:
        began = time.monotonic()
        async with window(browser, sandbox.url, locale="en-GB") as page:
            for step in STEPS:
                await page.get_by_test_id("guide-do").click()
                await expect(page.get_by_test_id(f"step-{step}")).to_have_class("step-row done", timeout=30_000)
                await done(page, step)
                if step == "schedule":  # moved to, it happens
                    await page.reload()
                    upcoming = page.get_by_test_id("clock-next")
                    await expect(upcoming).to_contain_text("Party lecture", timeout=15_000)
                    now = (await sandbox.clock())["now"]
                    await upcoming.click()
                    group = page.get_by_test_id("pane-group")
                    await expect(group.get_by_text("学习提醒")).to_be_visible(timeout=20_000)
                    assert (await sandbox.clock())["now"] > now
                    await expect(upcoming).to_contain_text("check-in opens", timeout=15_000)
                if step == "check_in":
                    assert time.monotonic() - began < MINUTE
            await page.get_by_test_id("panel-close").click()
            await page.reload()
            await expect(page.get_by_test_id("guide-button")).to_have_attribute("aria-expanded", "false")
            await expect(page.get_by_test_id("guide")).to_be_hidden()
            await page.get_by_test_id("guide-button").click()
            await expect(page.get_by_test_id("guide-end")).to_be_visible()
