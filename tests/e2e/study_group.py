"""A running bot with its sandbox for the walks: the bot is a process of its own and follows the sandbox's clock."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from processes import Killable

from sandbox.app import create_app
from sandbox.client import Json, SandboxClient
from sandbox.testing import serve


@dataclass
class StudyGroup:
    """The people of the sandbox and the bot that serves them."""

    sandbox: SandboxClient
    bot: Killable
    group: Json
    li: Json
    wang: Json
    zhao: Json
    chen: Json
    alex: Json
    zhou: Json

    async def say(self, person: Json, chat: Json | int, text: str) -> None:
        """Type something."""
        await self.sandbox.say(person, chat, text)

    async def press(self, person: Json, chat: Json | int, contains: str, label: str) -> str:
        """Press a button of the message that has these words; what the person is answered."""
        message = await self.sandbox.wait_for_message(person, chat, contains=contains, where=_has_button(label))
        answer = await self.sandbox.tap(person, chat, message, label)
        assert answer is not None, f"no answer to {label}"
        return str(answer.get("text") or "")

    async def see(self, person: Json, chat: Json | int, contains: str) -> Json:
        """Wait for a message with these words."""
        return await self.sandbox.wait_for_message(person, chat, contains=contains)

    async def move_to(self, moment: datetime) -> None:
        """Move the clock to a moment."""
        await self.sandbox.set_clock(moment.isoformat())

    async def now(self) -> datetime:
        """The sandbox's time."""
        clock = await self.sandbox.clock()
        return datetime.now(UTC) + timedelta(seconds=float(clock["offset_seconds"]))


def _has_button(label: str) -> Callable[[Json], bool]:
    def found(message: Json) -> bool:
        rows = (message.get("reply_markup") or {}).get("inline_keyboard", [])
        return any(label in button["text"] for row in rows for button in row)

    return found


async def next_morning(sandbox: SandboxClient) -> datetime:
    """Ten o'clock in Beijing: at night a walk would meet quiet hours."""
    now = datetime.now(UTC) + timedelta(seconds=float((await sandbox.clock())["offset_seconds"]))
    return now.replace(hour=2, minute=0, second=0, microsecond=0) + timedelta(days=1)


@asynccontextmanager
async def study_group(database_url: str, folder: Path) -> AsyncIterator[StudyGroup]:
    """The ready-made cast, with 周伟 as the operator of the bot."""
    async with serve(create_app()) as sandbox:
        zhou = await sandbox.person("周伟")
        (folder / "config.toml").touch()
        environment = {
            "BOT_CONFIG": str(folder / "config.toml"),
            "BOT__SANDBOX__URL": sandbox.url,
            "BOT__DATABASE__URL": database_url,
            "BOT__OPERATORS": str(zhou["id"]),
            "BOT__ORGANISATION__NAME": "市直机关",
        }
        bot = Killable(("-m", "bot", "run"), environment, folder / "bot.log")
        async with bot:
            group, li = await sandbox.group("第一学习小组"), await sandbox.person("李明")
            await sandbox.wait_for_message(li, group, timeout=60)  # it greets: it runs
            await sandbox.set_clock((await next_morning(sandbox)).isoformat())
            yield StudyGroup(
                sandbox,
                bot,
                group,
                li,
                await sandbox.person("王芳"),
                await sandbox.person("赵强"),
                await sandbox.person("陈静"),
                await sandbox.person("Alex"),
                zhou,
            )
