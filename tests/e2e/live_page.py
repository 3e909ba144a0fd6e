"""A real bot beside a sandbox, and the page in Chromium: for tests of what the page shows of the bot."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from processes import Killable

from sandbox.app import create_app
from sandbox.client import SandboxClient
from sandbox.testing import serve


@asynccontextmanager
async def live_bot(folder: Path, **environment: str) -> AsyncIterator[SandboxClient]:
    """The ready-made cast with the bot running; entered when it has greeted the group."""
    async with serve(create_app()) as sandbox:
        (folder / "config.toml").touch()
        settings = {
            "BOT_CONFIG": str(folder / "config.toml"),
            "BOT__SANDBOX__URL": sandbox.url,
            "BOT__DATABASE__URL": f"sqlite:///{folder / 'bot.sqlite3'}",
            "BOT__WEB__PORT": "0",
            **environment,
        }
        async with Killable(("-m", "bot", "run"), settings, folder / "bot.log"):
            await sandbox.wait_for_message(
                await sandbox.person("李明"), await sandbox.group("第一学习小组"), timeout=60
            )
            yield sandbox
