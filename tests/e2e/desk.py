"""The sandbox's page in Chromium as one person's desk: a group and the private chat side by side, and the clock."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from playwright.async_api import Locator, Page, expect

from sandbox.client import Json, SandboxClient

SHOTS = os.environ.get("SHOTS")  # a folder for pictures of the walk, for whoever wants to look at it


@dataclass
class Desk:
    """The page, and what a person does on it."""

    sandbox: SandboxClient
    page: Page
    group: Json

    async def be(self, person: Json) -> None:
        """I am …, with the group and the private chat side by side."""
        await self.page.get_by_test_id(f"person-chip-{person['id']}").click()
        await self.page.get_by_test_id(f"chat-{self.group['id']}").click()
        await (
            self.page.get_by_test_id(f"chat-{await self.sandbox.bot_id()}")
            .or_(self.page.get_by_test_id(f"chat-{person['id']}"))
            .first.click()
        )

    def pane(self, name: str) -> Locator:
        """The group's pane, or the private one's."""
        return self.page.get_by_test_id(f"pane-{name}")

    async def say(self, pane: str, text: str) -> None:
        """Type a line and send it."""
        await self.pane(pane).get_by_test_id("composer").fill(text)
        await self.pane(pane).get_by_test_id("send").click()

    async def see(self, pane: str, text: str) -> None:
        """Wait until a message with these words is there."""
        await expect(self.pane(pane).get_by_text(text).last).to_be_visible(timeout=15_000)

    async def press(self, pane: str, label: str, *, exact: bool = False) -> None:
        """Press the newest button whose name has these words, or is exactly these."""
        await self.pane(pane).get_by_role("button", name=label, exact=exact).last.click(timeout=15_000)

    async def alert(self, text: str) -> None:
        """Read an alert and put it away."""
        await expect(self.page.get_by_test_id("alert")).to_contain_text(text, timeout=15_000)
        await self.shot("alert")
        await self.page.get_by_test_id("alert-ok").click()

    async def now(self) -> datetime:
        """The sandbox's time."""
        return datetime.now(UTC) + timedelta(seconds=float((await self.sandbox.clock())["offset_seconds"]))

    async def wait_until(self, moment: datetime) -> None:
        """Move the clock to just after a moment, with the free field of the page: days, hours, minutes."""
        left = (moment - await self.now()).total_seconds() + 60
        for unit in (86_400, 3_600, 60):
            amount, left = divmod(left, unit)
            if amount >= 1:
                await self._move(int(amount), unit)

    async def _move(self, amount: int, unit: int) -> None:
        before = (await self.sandbox.clock())["offset_seconds"]
        await self.page.get_by_test_id("clock-amount").fill(str(amount))
        await self.page.get_by_test_id("clock-unit").select_option(str(unit))
        await self.page.get_by_test_id("clock-go").click()

        async def moved() -> bool:
            return bool((await self.sandbox.clock())["offset_seconds"] > before)

        await self.sandbox.wait_for(moved)

    async def shot(self, name: str) -> None:
        """A picture of the page, where one is wanted."""
        if SHOTS:
            await self.page.screenshot(path=f"{SHOTS}/{name}.png")
