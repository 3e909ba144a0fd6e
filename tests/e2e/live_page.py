"""A real bot beside a sandbox, and the page in Chromium: for tests of what the page shows of the bot."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from processes import ROOT, Killable
from study_group import next_morning

from bot.launcher import TOKEN
from sandbox.app import create_app
from sandbox.client import SandboxClient
from sandbox.testing import serve


def _settings(folder: Path) -> dict[str, str]:
    (folder / "config.toml").touch()
    return {
        "BOT_CONFIG": str(folder / "config.toml"),
        "BOT__DATABASE__URL": f"sqlite:///{folder / 'bot.sqlite3'}",
        "BOT__WEB__PORT": "0",
    }


@asynccontextmanager
async def seeded_bot(folder: Path, *options: str) -> AsyncIterator[SandboxClient]:
    """What `python -m bot seed` with these options makes, with the bot running beside it."""
    settings, data = _settings(folder), folder / "sandbox"
    seeding = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "seed",
        *options,
        cwd=ROOT,
        env={**os.environ, **settings, "BOT__SANDBOX__FOLDER": str(data)},
    )
    assert await seeding.wait() == 0
    async with serve(create_app(TOKEN, data=data)) as sandbox:
        settings["BOT__SANDBOX__URL"] = sandbox.url
        async with Killable(("-m", "bot", "run"), settings, folder / "bot.log"):
            yield sandbox


@asynccontextmanager
async def live_bot(folder: Path, language: str = "zh-CN") -> AsyncIterator[SandboxClient]:
    """The ready-made cast with the bot running; entered when it has greeted the group, on the next morning at ten.

    At other hours something else would come next.
    """
    async with serve(create_app(language=language)) as sandbox:
        settings = {
            **_settings(folder),
            "BOT__SANDBOX__URL": sandbox.url,
            "BOT__ORGANISATION__LANGUAGE": language,
        }
        async with Killable(("-m", "bot", "run"), settings, folder / "bot.log"):
            creator = (await sandbox.people())[0]
            (group,) = await sandbox.groups(creator)
            await sandbox.wait_for_message(creator, group, timeout=60)
            await sandbox.set_clock((await next_morning(sandbox)).isoformat())
            yield sandbox
