"""A forum on the page in Chromium: made there, its topics chosen, written into and kept apart."""

import pytest
from browser import become, launched, window, write
from playwright.async_api import expect

from sandbox.app import create_app
from sandbox.testing import serve

pytestmark = pytest.mark.browser


async def test_a_forum_is_made_and_its_topics_are_kept_apart() -> None:
    async with (
        serve(create_app()) as sandbox,
        launched() as browser,
        window(browser, sandbox.url) as page,
    ):
        await become(page, sandbox, "李明")
        pane = page.get_by_test_id("pane-group")
        await expect(pane.get_by_test_id("topics")).to_have_count(0)
        await page.get_by_test_id("new-group").click()
        await page.get_by_test_id("group-title").fill("Forum")
        await page.get_by_test_id("group-forum").check()
        await page.get_by_test_id("new-group-form-submit").click()
        for name in ("Plans", "Talk"):
            await pane.get_by_test_id("new-topic").click()
            await page.get_by_test_id("topic-name").fill(name)
            await page.get_by_test_id("new-topic-form-submit").click()
        topics = pane.get_by_test_id("topics")
        await topics.get_by_role("button", name="Plans").click()
        await write(page, "pane-group", "about the plans")
        await expect(pane.locator("article")).to_have_count(1)
        await topics.get_by_role("button", name="Talk").click()
        await expect(pane.locator("article")).to_have_count(0)
        await write(page, "pane-group", "just talk")
        await topics.get_by_role("button", name="General").click()
        await write(page, "pane-group", "to all")
        await expect(pane.locator("article")).to_have_count(1)
        await page.reload()
        await expect(topics.get_by_role("button", name="General")).to_have_attribute("aria-pressed", "true")
        await topics.get_by_role("button", name="All").click()
        await expect(pane.locator("article")).to_have_count(3)
        await expect(pane.locator(".topic-name")).to_have_text(["# Plans", "# Talk"])
        li, forum = await sandbox.person("李明"), await sandbox.group("Forum")
        threads = {m.get("text"): m.get("message_thread_id") for m in await sandbox.messages(li, forum)}
        (chat,) = [one for one in (await sandbox.state(li))["chats"] if one["id"] == forum["id"]]
        names = {topic["message_thread_id"]: topic["name"] for topic in chat["topics"]}
        assert names[threads["about the plans"]] == "Plans"
        assert names[threads["just talk"]] == "Talk"
        assert threads["to all"] is None
