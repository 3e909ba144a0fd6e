"""Forums and polls on the page in Chromium: topics made, chosen and kept apart; votes given and taken back."""

import pytest
from browser import become, launched, window, write
from playwright.async_api import expect

from sandbox.app import DEFAULT_TOKEN, create_app
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


async def test_a_vote_is_given_shown_and_taken_back() -> None:
    async with (
        serve(create_app()) as sandbox,
        launched() as browser,
        window(browser, sandbox.url) as page,
    ):
        group = await sandbox.group("第一学习小组")
        asked = {"chat_id": group["id"], "question": "When?", "options": [{"text": "Monday"}, {"text": "Tuesday"}]}
        async with sandbox.session.post(f"{sandbox.url}/bot{DEFAULT_TOKEN}/sendPoll", json=asked) as response:
            assert response.status == 200
        await become(page, sandbox, "王芳")
        tuesday = page.get_by_test_id("pane-group").get_by_role("button", name="Tuesday")
        await tuesday.click()
        await expect(tuesday).to_have_attribute("aria-pressed", "true")
        await expect(tuesday).to_contain_text("100%")
        await become(page, sandbox, "陈静")
        await expect(tuesday).to_have_attribute("aria-pressed", "false")
        await expect(page.get_by_test_id("pane-group").get_by_text("votes: 1")).to_be_visible()
        await become(page, sandbox, "王芳")
        await tuesday.click()
        await expect(page.get_by_test_id("pane-group").get_by_text("votes: 0")).to_be_visible()
