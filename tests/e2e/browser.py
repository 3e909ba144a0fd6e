"""The sandbox's page in Chromium: the browser of the tests, a window on the page, and what a person does in it."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect

from sandbox.client import SandboxClient

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def chromium() -> str:
    """Path of a Chromium; without one the test is skipped with the way to get it, but fails where CI=true."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found:
        return found
    sentence = "Chromium is missing; install it (Debian: apt-get install chromium) to test the page"
    if os.environ.get("CI") == "true":
        pytest.fail(sentence)
    pytest.skip(sentence)


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """A running Chromium without a screen."""
    path = chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        await browser.close()


@asynccontextmanager
async def window(
    browser: Browser,
    url: str,
    width: int = 1280,
    locale: str = "en-GB",
    offline: bool = False,
    scheme: Literal["light", "dark"] = "light",
) -> AsyncIterator[Page]:
    """A fresh window on the page. An error in its console fails the test, unless it is to go `offline`."""
    viewport: ViewportSize = {"width": width, "height": 800}
    context = await browser.new_context(viewport=viewport, locale=locale, color_scheme=scheme)
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    await page.goto(url)
    await expect(page.get_by_test_id("chat-list").get_by_role("button").first).to_be_visible()
    yield page
    await context.close()
    assert offline or errors == []


async def become(page: Page, sandbox: SandboxClient, name: str) -> None:
    """Be this person; returns when the page shows what they see."""
    chip = page.get_by_test_id(f"person-chip-{(await sandbox.person(name))['id']}")
    await chip.click()
    await expect(chip).to_be_checked()


async def write(page: Page, pane: str, text: str) -> None:
    """Type a line into one of the two panes and send it."""
    await page.get_by_test_id(pane).get_by_test_id("composer").fill(text)
    await page.get_by_test_id(pane).get_by_test_id("send").click()
