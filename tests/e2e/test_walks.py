"""A session's whole life as a member, a leader and an admin live it, in either language, and how it looks.

`PICTURES=docs/pictures pytest tests/e2e/test_walks.py` takes the pictures of docs/talk.md and of the guides anew;
`TOLD=folder` keeps everything that was said, for reading it through.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from browser import launched, window
from playwright.async_api import Browser, Page, expect
from walk import CASTS, Walk, carries, walk

from sandbox.client import Json

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(180)]

PICTURES, TOLD = os.environ.get("PICTURES"), os.environ.get("TOLD")


@asynccontextmanager
async def seen_by(browser: Browser, w: Walk, person: Json, locale: str) -> AsyncIterator[Page]:
    """The page as somebody sees it: the group, and beside it their private chat."""
    async with window(browser, w.sandbox.url, locale=locale) as page:
        await page.get_by_test_id(f"person-chip-{person['id']}").click()
        await page.get_by_test_id(f"chat-{w.group['id']}").or_(page.get_by_test_id("chat-list")).first.click()
        private = page.get_by_test_id(f"chat-{await w.sandbox.bot_id()}")
        await private.or_(page.get_by_test_id(f"chat-{person['id']}")).first.click()
        yield page


async def picture(page: Page, name: str) -> None:
    """Take a picture of the page, where pictures are wanted."""
    if PICTURES:
        await page.screenshot(path=f"{PICTURES}/{name}.png")


def keep(path: Path, told: str) -> None:
    """Write down what was said."""
    path.write_text(told, encoding="utf-8")


@dataclass(frozen=True)
class Camera:
    """Takes the pictures of the guides: one chat as somebody sees it, about as wide as a phone."""

    browser: Browser
    w: Walk
    language: str

    async def group(self, name: str, height: int = 620) -> None:
        """The group, as a member sees it."""
        await self._take(self.w.member, "pane-group", name, height)

    async def private(self, name: str, person: Json, height: int = 620) -> None:
        """Somebody's private chat with the bot."""
        await self._take(person, "pane-private", name, height)

    async def _take(self, person: Json, pane: str, name: str, height: int) -> None:
        if PICTURES:
            async with seen_by(self.browser, self.w, person, self.language) as page:
                await page.set_viewport_size({"width": 1120, "height": height})
                await page.evaluate("document.activeElement.blur()")
                await expect(page.get_by_test_id("toast")).to_have_count(0, timeout=15_000)
                await page.get_by_test_id(pane).screenshot(path=f"{PICTURES}/guide-{name}-{self.language}.png")


@pytest.mark.parametrize("language", CASTS)
async def test_member_leader_and_admin_live_a_session(language: str, tmp_path: Path) -> None:
    async with walk(language, tmp_path) as w, launched() as browser:
        camera = Camera(browser, w, language)
        await found_the_group(w, camera)
        starts_at = await schedule(w, camera)
        await answer(w, camera)
        await look(w, camera)
        await change_the_place(w, starts_at)
        await be_reminded(w, starts_at)
        await check_in(w, starts_at, camera)
        async with seen_by(browser, w, w.member, language) as page:
            await picture(page, f"member-{language}")
        await close_and_correct(w, starts_at, camera)
        async with seen_by(browser, w, w.leader, language) as page:
            await picture(page, f"leader-{language}")
        await own_affairs(w, starts_at, camera)
        await administer(w, camera)
        async with seen_by(browser, w, w.admin, language) as page:
            await picture(page, f"admin-{language}")
        if TOLD:
            keep(Path(TOLD, f"{language}.txt"), await w.told())


async def found_the_group(w: Walk, camera: Camera) -> None:
    await w.press(w.leader, w.group, "register", "groups.greeting")
    await w.press(w.leader, w.group, "lead", "groups.needs_leader")
    for person in w.people:
        await w.sandbox.press_start(person)
        await w.see(person, w.private(person), "start.greeting")
    for person in (w.member, w.other):
        await w.press(person, w.group, "join")
        await w.sandbox.press_start(person, payload="remind_on")
        await w.see(person, w.private(person), "start.reminders_on")
    await camera.group("joined")


async def schedule(w: Walk, camera: Camera) -> datetime:
    """Step by step in private; the session is three days ahead at 19:00, every other week."""
    private, local = w.private(w.leader), await _local(w) + timedelta(days=3)
    await w.say(w.leader, private, "/new")
    await w.press_data(w.leader, private, "plan_kind", ":4")
    await w.see(w.leader, private, "planning.title")
    await w.say(w.leader, private, w.of("学习原著", "Reading the classics"))
    await w.press_data(w.leader, private, "plan_day", f":{local:%Y%m%d}")
    await w.press_data(w.leader, private, "plan_time", ":1900")
    await w.see(w.leader, private, "planning.place")
    await w.say(w.leader, private, w.of("三楼会议室", "Room 3F"))
    await w.press(w.leader, private, "repeat", "drafts.echo")
    await w.press_data(w.leader, private, "cadence", ":2")
    await camera.private("draft", w.leader)
    await w.press(w.leader, private, "publish")
    await w.see(w.leader, private, "drafts.published")
    return local.replace(hour=11, minute=0, second=0, microsecond=0)


async def answer(w: Walk, camera: Camera) -> None:
    assert w.fragment("responses.going") in await w.press(w.member, w.group, "going")
    await camera.group("card")
    await w.press(w.other, w.group, "leave")
    await w.sandbox.wait_for_message(w.other, w.private(w.other), where=carries("leave_reason"), timeout=20)
    await camera.private("leave", w.other)
    await w.press_data(w.other, w.private(w.other), "leave_reason", ":1")
    await w.sandbox.shift(minutes=2)
    await w.see(w.leader, w.private(w.leader), "leaves.request")
    await camera.private("approve", w.leader)
    await w.press(w.leader, w.private(w.leader), "approve")
    await w.see(w.other, w.private(w.other), "leaves.approved")


async def look(w: Walk, camera: Camera) -> None:
    """What a member looks at: the details on the card, what comes, the session's page, the calendar file."""
    private = w.private(w.member)
    assert "19:00" in await w.press(w.member, w.group, "details")
    await w.say(w.member, private, w.of("今天", "today"))
    await w.press_data(w.member, private, "session")
    await camera.private("session", w.member)
    await w.press(w.member, private, "calendar")
    await w.sandbox.wait_for_message(w.member, private, where=lambda message: "document" in message, timeout=20)


async def change_the_place(w: Walk, starts_at: datetime) -> None:
    private = w.private(w.leader)
    await w.say(w.leader, private, "/manage")
    await w.press(w.leader, private, "hub_sessions")
    await w.press_data(w.leader, private, "session")
    await w.press(w.leader, private, "edit")
    await w.press(w.leader, private, "edit_place")
    await w.see(w.leader, private, "editing.ask_place")
    await w.say(w.leader, private, w.of("五楼会议室", "Room 5F"))
    await w.press(w.leader, private, "only_this")
    await w.see(w.leader, private, "editing.applied")
    await w.sandbox.wait_for_message(w.member, w.group, contains=w.of("五楼", "5F"), timeout=20)


async def be_reminded(w: Walk, starts_at: datetime) -> None:
    await w.at(starts_at - timedelta(hours=24))
    await w.see(w.leader, w.group, "sessions.reminder")
    await w.at(starts_at - timedelta(hours=1))
    await w.see(w.member, w.private(w.member), "sessions.private_reminder")


async def check_in(w: Walk, starts_at: datetime, camera: Camera) -> None:
    await w.at(starts_at - timedelta(minutes=10))
    assert w.fragment("checkins.on_time") in await w.press(w.member, w.group, "check_in")
    await w.sandbox.wait_for_message(w.leader, w.group, contains=w.of("1/3", "1 of 3"), timeout=20)
    await camera.group("checkin")


async def close_and_correct(w: Walk, starts_at: datetime, camera: Camera) -> None:
    """The leader closes; whoever was there all the same says so, and the leader agrees."""
    private = w.private(w.leader)
    await w.at(starts_at + timedelta(minutes=91))
    await w.see(w.leader, private, "closing.prompt")
    await camera.private("closing", w.leader)
    await w.press(w.leader, private, "close_rest", "closing.prompt")
    await w.see(w.leader, private, "closing.closed")
    await w.press(w.other, w.group, "ask_correction")
    await w.see(w.leader, private, "corrections.request")
    await camera.private("correction", w.leader)
    await w.press(w.leader, private, "record_late")
    await w.see(w.other, w.private(w.other), "corrections.accepted")


async def own_affairs(w: Walk, starts_at: datetime, camera: Camera) -> None:
    private = w.private(w.member)
    for text, key in (
        ("/me", "record.title"),
        ("/groups", "groups.mine"),
        ("/settings", "settings.title"),
        ("/privacy", "privacy.text"),
        ("/help", "start.help"),
        (w.of("请假", "leave"), "leaves.which"),
    ):
        await w.say(w.member, private, text)
        await w.see(w.member, private, key)
    await w.press(w.member, private, "help_mine")
    monday = starts_at + timedelta(hours=8)
    monday = (monday - timedelta(days=monday.weekday())).replace(hour=0, minute=31) + timedelta(days=7)
    await w.at(monday)
    await w.see(w.member, w.group, "board.rate")
    await camera.group("board", height=900)


async def administer(w: Walk, camera: Camera) -> None:
    private = w.private(w.admin)
    await w.say(w.admin, private, f"/org admin {w.admin['id']}")
    await w.see(w.admin, private, "organisation.admin_appointed")
    await w.say(w.admin, private, "/plan")
    await w.see(w.admin, private, "plans.year")
    await camera.private("plan", w.admin)
    await w.say(w.admin, private, "/manage")
    await w.see(w.admin, private, "manage.title")
    await camera.private("hub", w.admin)
    await w.press(w.admin, private, "hub_roster")
    await w.say(w.admin, private, "/export")
    await w.press(w.admin, private, "days_year")
    await w.press(w.admin, private, "format_xlsx")
    await w.sandbox.wait_for_message(w.admin, private, where=lambda message: "document" in message, timeout=40)
    await camera.private("export", w.admin)


async def _local(w: Walk) -> datetime:
    """The wall clock of the group, as a moment without a care for its zone."""
    clock = await w.sandbox.clock()
    return datetime.now(UTC) + timedelta(seconds=float(clock["offset_seconds"]), hours=8)
