"""The page with the check-in code: over HTTP as a machine reads it, and in Chromium as a hall does."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from browser import launched
from open_session import open_session
from playwright.async_api import expect

from db import migrate
from db.queries import codes as queries
from db.store import Store, open_store
from domain import codes as rule
from services import codes
from web.screen import make_app
from web.serving import serving

LEADER, MEMBER = 1, 2


class Hall:
    """A session that is open for check-in, and the page of it on a port."""

    def __init__(self, store: Store, url: str, session_id: int, key: bytes) -> None:
        self.store = store
        self.url = url
        self.session_id = session_id
        self.key = key
        self.offset = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset


@pytest.fixture
async def hall(tmp_path: Path, unused_tcp_port: int) -> AsyncIterator[Hall]:
    database = f"sqlite:///{tmp_path / 'bot.sqlite3'}"
    await asyncio.to_thread(migrate.upgrade, database)
    store = open_store(database)
    starts_at = datetime.now(UTC) + timedelta(minutes=5)
    made = await store.write(lambda c: open_session(c, -100, [MEMBER], LEADER, starts_at))
    key = await store.write(lambda c: queries.make_key(c, codes.KEY))
    facts = await store.read(
        lambda c: codes.screen(c, {"session_id": made.session_id, "language": "zh-CN"}, datetime.now(UTC))
    )
    assert facts is not None
    url = f"http://127.0.0.1:{unused_tcp_port}"
    found = Hall(store, f"{url}/s/{made.session_id}/{facts.page}", made.session_id, key)
    app = make_app(store, found.now, lambda: "study_bot")
    async with serving(app, "127.0.0.1", unused_tcp_port) as is_served:
        assert is_served
        yield found
    await store.close()


async def test_it_shows_the_digits_to_who_knows_the_address_and_nothing_to_others(hall: Hall) -> None:
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{hall.url}/now") as answer:
            facts = await answer.json()
            assert answer.headers["Cache-Control"] == "no-store"
        now = hall.now()
        near = {rule.code(hall.key, hall.session_id, now + timedelta(seconds=s)).text for s in (-60, 0)}
        assert facts["code"] in near
        assert facts["qr"].startswith("data:image/svg+xml")
        assert (facts["state"], facts["there"], facts["expected"]) == ("open", 0, 2)
        async with http.get(hall.url) as answer:
            page = await answer.text()
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert 'lang="zh-CN"' in page
        assert "组长" not in page  # no page names anybody
        for address in (hall.url[:-1] + "x", f"{hall.url}/../9", hall.url.replace(f"/s/{hall.session_id}/", "/s/9/")):
            async with http.get(address, headers={"Accept-Language": "en"}) as answer:
                assert answer.status == 404
                assert "There is nothing at this address" in await answer.text()


async def test_before_and_after_it_says_so(hall: Hall) -> None:
    async with aiohttp.ClientSession() as http:
        hall.offset = -timedelta(hours=3)
        async with http.get(f"{hall.url}/now") as answer:
            early = await answer.json()
        assert (early["state"], early["code"], early["qr"]) == ("early", "", "")
        assert "开始" in early["opens"]
        hall.offset = timedelta(hours=5)
        async with http.get(f"{hall.url}/now") as answer:
            over = await answer.json()
        assert (over["over"], over["code"]) == (True, "")


async def test_a_taken_port_is_no_reason_to_stop(hall: Hall) -> None:
    port = int(hall.url.split(":")[2].split("/")[0])
    async with serving(make_app(hall.store, hall.now, lambda: "b"), "127.0.0.1", port) as is_served:
        assert not is_served


@pytest.mark.browser
@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (390, 844)])
async def test_a_hall_can_read_it(hall: Hall, width: int, height: int, tmp_path: Path) -> None:
    async with launched() as browser:
        page = await browser.new_page(viewport={"width": width, "height": height})
        errors: list[str] = []
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.goto(hall.url)
        await expect(page.locator("#code")).to_have_text(rule.code(hall.key, hall.session_id, hall.now()).text)
        for part in ("#code", "#qr", "#there", "h1"):
            box = await page.locator(part).bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width + 1
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        hall.offset = timedelta(minutes=2)
        following = rule.code(hall.key, hall.session_id, hall.now() + timedelta(seconds=2)).text
        await expect(page.locator("#code")).to_have_text(following, timeout=15_000)
        (tmp_path / "page.png").write_bytes(await page.screenshot())
        assert errors == []
