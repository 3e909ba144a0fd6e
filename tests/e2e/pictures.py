"""`make pictures`: docs/pictures of groups of 2, 20 and 300 people (needs Chromium, CJK and emoji fonts)."""

import asyncio
import base64
import os
import shutil
import sys
import tempfile
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Literal

from browser import FLAGS, NAMES
from desk import Desk
from playwright.async_api import Page, async_playwright
from processes import ROOT, Killable

from bot import launcher
from bot.seeding import cast as casts
from bot.seeding import running as seeding
from bot.settings import Settings
from db import migrate
from sandbox.app import create_app
from sandbox.client import Json, SandboxClient
from sandbox.testing import serve

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)  # Friday, ten o'clock in Beijing
DAYS = 40
SIZES = (2, 20, 300)
Scheme = Literal["light", "dark"]
SHOWN: dict[str, Scheme] = {"zh-CN": "light", "en": "dark"}
"""Which look is kept of each language; the others are made where a folder is named, to be looked at."""

SURNAMES = {
    "zh-CN": "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗",
    "en": "Adams Baker Clark Davis Evans Foster Green Harris Irwin Jones King Lewis Moore Nolan Owens Parker Quinn "
    "Reed Scott Turner",
}
GIVEN = {
    "zh-CN": "伟 芳 娜 敏 静 强 磊 军 洋 勇 艳 杰 涛 明 超 建华 文博 雨桐 子涵 思远",
    "en": "Amy Ben Cara Dan Ella Finn Gina Hugo Iris Jack Kate Leo Mia Noah Olga Paul Rosa Sam Tess Will",
}


def people(number: int, language: str) -> tuple[str, ...]:
    """So many different names."""
    surnames = SURNAMES[language].split() if language == "en" else list(SURNAMES[language])
    given = GIVEN[language].split()
    pairs = list(product(range(len(given)), range(len(surnames))))
    pairs.sort(key=lambda pair: ((pair[0] - pair[1]) % len(given), pair[1]))  # neighbours share no part of their name
    joined = " ".join if language == "en" else "".join
    ordered = ((given[g], surnames[s]) if language == "en" else (surnames[s], given[g]) for g, s in pairs)
    return tuple(map(joined, ordered))[:number]


def cast(number: int, language: str) -> casts.Cast:
    """One study group of so many people."""
    whole, names = casts.read(language), people(number, language)
    group = replace(
        whole.groups[1],
        leader=names[0],
        deputy=names[1],
        members=names,
        committee=frozenset(),
        probationary=frozenset(),
        outside=frozenset(),
        subgroup_of={},
    )
    return replace(whole, groups=(group,))


async def shoot(number: int, language: str, scheme: Scheme, folder: Path) -> None:
    """The board's picture, and the page with the group and a leader's private chat."""
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary)
        os.environ |= {
            "BOT__DATABASE__URL": f"sqlite:///{home / 'bot.sqlite3'}",
            "BOT__SANDBOX__FOLDER": str(home / "sandbox"),
            "BOT__ORGANISATION__LANGUAGE": language,
            "BOT__WEB__PORT": "0",
        }
        migrate.upgrade(Settings().database.url)
        await seeding.run(Settings(), language, NOW, cast(number, language), DAYS)
        async with AsyncExitStack() as stack:
            sandbox = await stack.enter_async_context(serve(create_app(launcher.TOKEN, data=home / "sandbox")))
            await sandbox.set_clock(NOW.isoformat())
            (home / "config.toml").touch()
            environment = {"BOT_CONFIG": str(home / "config.toml"), "BOT__SANDBOX__URL": sandbox.url}
            await stack.enter_async_context(Killable(("-m", "bot", "run"), environment, home / "bot.log"))
            playwright = await stack.enter_async_context(async_playwright())
            chromium = next(filter(None, map(shutil.which, NAMES)))
            browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            page = await browser.new_page(viewport={"width": 1280, "height": 900}, locale=language, color_scheme=scheme)
            await _walk(sandbox, page, number, language, scheme, folder)
            await browser.close()


async def _walk(sandbox: SandboxClient, page: Page, number: int, language: str, scheme: str, folder: Path) -> None:
    leader = await sandbox.person(people(number, language)[0])
    (group,) = await sandbox.groups(leader)
    await sandbox.wait_for_message(leader, group, timeout=60)
    await page.goto(sandbox.url)
    desk = Desk(sandbox, page, group)
    private = sandbox.private(leader)
    if scheme == "dark":
        await sandbox.say(leader, private, "/manage")
        await _tap(sandbox, leader, private, "group_settings")
        await _tap(sandbox, leader, private, "gset_page", ":7")
        await _tap(sandbox, leader, private, "gset_to", ":7:3")
    monday = datetime(2026, 11, 23, 0, 31, tzinfo=UTC)
    wednesday = datetime(2026, 12, 2, 7, 5, tzinfo=UTC)
    await sandbox.set_clock(monday.isoformat())
    await asyncio.sleep(8)
    await desk.be(leader)
    pictures = desk.pane("group").locator("img")
    data = await pictures.last.evaluate(
        "async image => { const bytes = new Uint8Array(await (await fetch(image.src)).arrayBuffer());"
        " let text = ''; bytes.forEach(byte => text += String.fromCharCode(byte)); return btoa(text) }"
    )
    (folder / f"board-{number}-{language}-{scheme}.png").write_bytes(base64.b64decode(data))
    await sandbox.set_clock((wednesday - timedelta(hours=1)).isoformat())
    await asyncio.sleep(4)
    await sandbox.set_clock(wednesday.isoformat())
    await asyncio.sleep(4)
    for name in people(number, language)[: max(number * 2 // 3, 1)]:
        person = await sandbox.person(name)
        await _tap(sandbox, person, group, "checkin")
    await asyncio.sleep(10)
    await sandbox.say(leader, private, "/plan")
    await sandbox.say(leader, private, "/rota")
    await asyncio.sleep(2)
    await sandbox.say(leader, private, "/manage")
    await asyncio.sleep(2)
    await _tap(sandbox, leader, private, "roster", ":0")
    await asyncio.sleep(3)
    await page.screenshot(path=folder / f"page-{number}-{language}-{scheme}.png")


async def _tap(sandbox: SandboxClient, person: Json, chat: Json | int, verb: str, ending: str = "") -> None:
    """Press the newest button that carries this."""

    def carried(message: Json) -> str | None:
        rows = (message.get("reply_markup") or {}).get("inline_keyboard", [])
        found = (button.get("callback_data") or "" for row in rows for button in row)
        return next((data for data in found if data.split(":")[0] == verb and data.endswith(ending)), None)

    message = await sandbox.wait_for_message(person, chat, where=lambda one: carried(one) is not None, timeout=20)
    await sandbox.tap(person, chat, message, data=carried(message))


async def main(folder: Path, everything: bool) -> None:
    """All sizes, in the look that is kept of each language, or in every look."""
    schemes: tuple[Scheme, ...] = ("light", "dark")
    for number, language, scheme in product(SIZES, SHOWN, schemes):
        if everything or SHOWN[language] == scheme:
            await shoot(number, language, scheme, folder)
            sys.stdout.write(f"{number} people, {language}, {scheme}\n")


if __name__ == "__main__":
    wanted = sys.argv[1:]
    asyncio.run(main(Path(wanted[0]) if wanted else ROOT / "docs" / "pictures", everything=bool(wanted)))
