"""A walk in either language: people are led by the keys of the sentences and buttons, and all they read is kept."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Formatter

from babel.messages.pofile import read_po
from processes import Killable

from sandbox.app import create_app
from sandbox.client import Json, SandboxClient
from sandbox.testing import serve
from texts.words import catalogue_files

CASTS = {
    "zh-CN": ("李明", "王芳", "赵强", "周伟", "第一学习小组", "市直机关", "zh-hans"),
    "en": ("Lisa Lee", "Mia Wong", "Tom Zhao", "Will Zhou", "Reading group one", "City offices", "en"),
}
_TAG = re.compile(r"<[^>]*>")


@dataclass
class Walk:
    """A group whose people speak one language, and the bot that serves them."""

    sandbox: SandboxClient
    sentences: dict[str, str]
    group: Json
    leader: Json
    member: Json
    other: Json
    admin: Json

    def of(self, chinese: str, english: str) -> str:
        """What somebody types, in their language."""
        return chinese if self.leader["language_code"].startswith("zh") else english

    def private(self, person: Json) -> int:
        """Somebody's private chat with the bot."""
        return self.sandbox.private(person)

    def fragment(self, key: str) -> str:
        """The longest piece of a sentence that no value changes, as it is read."""
        form = self.sentences[key]
        pieces = [piece for text, *_ in Formatter().parse(_TAG.sub("", form)) for piece in text.split("\n")]
        return max(pieces, key=len).strip()

    def label(self, key: str) -> str:
        """What stands on a button, up to its first value."""
        return next(text for text, *_ in Formatter().parse(self.sentences[f"button.{key}"]) if text).strip()

    async def see(self, person: Json, chat: Json | int, key: str) -> Json:
        """Wait for the sentence of a key."""
        return await self.sandbox.wait_for_message(person, chat, contains=self.fragment(key), timeout=20)

    async def press(self, person: Json, chat: Json | int, button: str, under: str = "") -> str:
        """Press the newest button of this name, under a message that begins or goes on with a key; what is answered."""
        label = self.label(button)
        message = await self.sandbox.wait_for_message(
            person, chat, contains=self.fragment(under) if under else "", where=has_button(label), timeout=20
        )
        answer = await self.sandbox.tap(person, chat, message, label)
        assert answer is not None, f"no answer to {label}"
        return str(answer.get("text") or "")

    async def press_data(self, person: Json, chat: Json | int, verb: str, ending: str = "") -> str:
        """Press the newest button by the data it carries: its label says a date, a time or a name."""
        message = await self.sandbox.wait_for_message(person, chat, where=carries(verb, ending), timeout=20)
        data = next(each["callback_data"] for each in buttons(message) if _is(each, verb, ending))
        answer = await self.sandbox.tap(person, chat, message, data=data)
        assert answer is not None, f"no answer to {data}"
        return str(answer.get("text") or "")

    async def say(self, person: Json, chat: Json | int, text: str) -> None:
        """Type something."""
        await self.sandbox.say(person, chat, text)

    async def at(self, moment: datetime) -> None:
        """Move the clock."""
        await self.sandbox.set_clock(moment.isoformat())

    async def told(self) -> str:
        """Everything that is read in the group and in each private chat, for reading through."""
        lines: list[str] = []
        places: list[tuple[str, Json, Json | int]] = [("group", self.leader, self.group)]
        places += [(str(each["first_name"]), each, self.private(each)) for each in self.people]
        for title, person, chat in places:
            lines.append(f"===== {title}")
            for message in await self.sandbox.messages(person, chat):
                text = message.get("text") or message.get("caption") or "…"
                rows = [" ".join(f"⟦{each['text']}⟧" for each in row) for row in keyboard(message)]
                lines += [f"— {message['from']['first_name']}:", text, *rows]
        return "\n".join(lines)

    @property
    def people(self) -> tuple[Json, ...]:
        """Everybody of the walk."""
        return (self.leader, self.member, self.other, self.admin)


def keyboard(message: Json) -> list[list[Json]]:
    """The rows of buttons under a message."""
    rows: list[list[Json]] = (message.get("reply_markup") or {}).get("inline_keyboard", [])
    return rows


def buttons(message: Json) -> list[Json]:
    """The buttons under a message."""
    return [button for row in keyboard(message) for button in row]


def has_button(label: str) -> Callable[[Json], bool]:
    """Whether there is a button of this name under a message."""
    return lambda message: any(label in button["text"] for button in buttons(message))


def carries(verb: str, ending: str = "") -> Callable[[Json], bool]:
    """Whether there is a button of this verb whose numbers end like this."""
    return lambda message: any(_is(button, verb, ending) for button in buttons(message))


def _is(button: Json, verb: str, ending: str) -> bool:
    data = str(button.get("callback_data", ""))
    return data.partition(":")[0] == verb and data.endswith(ending)


def sentences(language: str) -> dict[str, str]:
    """Every sentence of a language by its key; of one that has plurals, the last form."""
    found: dict[str, str] = {}
    for path in catalogue_files(language):
        with path.open("rb") as file:
            for message in read_po(file, locale=language.replace("-", "_")):
                forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
                key = message.id[0] if isinstance(message.id, tuple | list) else message.id
                found[str(key)] = str(forms[-1])
    return found


@asynccontextmanager
async def walk(language: str, folder: Path) -> AsyncIterator[Walk]:
    """A group of three with its bot, and an operator beside it; it is a morning."""
    names = CASTS[language]
    async with serve(create_app(empty=True, language=language)) as sandbox:
        people = [
            await sandbox.new_person(*name.split(" ", 1)[:1], last_name=_last(name), language_code=names[6])
            for name in names[:4]
        ]
        group = await sandbox.new_group(people[0], names[4], people[1:3], with_bot=True)
        (folder / "config.toml").touch()
        environment = {
            "BOT_CONFIG": str(folder / "config.toml"),
            "BOT__SANDBOX__URL": sandbox.url,
            "BOT__DATABASE__URL": f"sqlite:///{folder / 'bot.sqlite3'}",
            "BOT__OPERATORS": str(people[3]["id"]),
            "BOT__ORGANISATION__NAME": names[5],
            "BOT__ORGANISATION__LANGUAGE": language,
        }
        async with Killable(("-m", "bot", "run"), environment, folder / "bot.log"):
            await sandbox.wait_for_message(people[0], group, timeout=60)  # it greets: it runs
            morning = datetime.now(UTC).replace(hour=2, minute=0, second=0, microsecond=0) + timedelta(days=1)
            await sandbox.set_clock(morning.isoformat())
            yield Walk(sandbox, sentences(language), group, *people)


def _last(name: str) -> str | None:
    return name.split(" ", 1)[1] if " " in name else None
