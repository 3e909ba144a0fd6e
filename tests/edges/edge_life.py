"""What the edge cases have in common: a group with an open session, and looks into the database."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

from open_session import OpenSession, announce, open_session
from sqlalchemy import Connection, Table, select, update
from talk import Talk, talking

from db.sqlite import SqliteStore
from db.tables import attendance, chat, delivery, inbox, person, study_group
from sandbox.client import Json
from services import deliveries

T = TypeVar("T")

OURS = "ignore:.*do_api_request:telegram.warnings.PTBUserWarning"
"""pytest sets the filters of warnings anew for each test, so the poller's own is lost."""


@dataclass
class EdgeTalk(Talk):
    """The bot and its sandbox, and a sign of each write of the bot's: not everything it does shows in the sandbox."""

    written: asyncio.Event

    async def until(self, query: Callable[[Connection], T], *, seconds: float = 10) -> T:
        """Look into the database now and after each write until the query gives something truthy."""
        async with asyncio.timeout(seconds):
            while True:
                self.written.clear()
                if found := await self.bot.store.read(query):
                    return found
                await self.written.wait()


@dataclass
class Life:
    """A group whose session begins now. Its people are new ones, so that many tests can share one bot."""

    talk: EdgeTalk
    group: Json
    leader: Json
    members: list[Json]
    made: OpenSession
    card: Json

    async def tap(self, who: Json, data: str, message: Json | None = None, **how: Any) -> str:
        """Press a button of the card, or any other, a forged one too; what the alert says."""
        answer = await self.talk.sandbox.tap(who, self.group, message or self.card, data=data, **how)
        assert answer is not None, "the tap was never answered"
        return str(answer["text"] or "")

    async def check_in(self, who: Json, **how: Any) -> str:
        """⟦签到⟧ under the card."""
        return await self.tap(who, self.made.button, **how)

    async def announce(self) -> None:
        """Have the card with ⟦签到⟧ sent to the group."""
        await self.talk.bot.store.write(lambda c: announce(c, self.made, self.talk.bot.clock()))
        self.talk.bot.ticker.wake()
        self.card = await self.talk.see(self.leader, self.group, "签到")

    async def attended(self) -> list[Any]:
        """What stands in the record of the session."""
        return list(await rows(self.talk, attendance, attendance.c.session_id == self.made.session_id))


@asynccontextmanager
async def edge_talk(folder: Path) -> AsyncIterator[EdgeTalk]:
    """A bot before a sandbox for all tests of a file: each makes its own people and groups."""
    written, write = asyncio.Event(), SqliteStore.write

    async def noticed(store: SqliteStore, use_case: Callable[[Connection], T], *, lane: int = 0) -> T:
        try:
            return await write(store, use_case, lane=lane)
        finally:
            written.set()

    with patch.object(SqliteStore, "write", noticed):
        async with talking(f"sqlite:///{folder / 'bot.sqlite3'}") as made:
            yield EdgeTalk(made.sandbox, made.bot, written)


async def newcomers(talk: EdgeTalk, *names: str) -> list[Json]:
    """People whom nobody has met."""
    return [await talk.sandbox.new_person(name) for name in names]


async def open_life(
    talk: EdgeTalk,
    *names: str,
    is_forum: bool = False,
    kind: str = "supergroup",
    in_hours: float = 0,
    chat_admin: bool = False,
    announced: bool = True,
) -> Life:
    """A leader, members of these names, and a session that begins now or in some hours; its card hangs in the group."""
    sandbox = talk.sandbox
    leader, *members = await newcomers(talk, "组长", *names)
    group = await sandbox.new_group(leader, "边缘小组", members, type=kind, with_bot=False, is_forum=is_forum)
    ids = [member["id"] for member in members]
    now = talk.bot.clock()
    starts_at = now + timedelta(hours=in_hours)
    made = await talk.bot.store.write(lambda c: open_session(c, group["id"], ids, leader["id"], starts_at))
    await sandbox.add(leader, group, await sandbox.bot_id())
    if chat_admin:
        await sandbox.promote(leader, group, await sandbox.bot_id())
    life = Life(talk, group, leader, members, made, {})
    if announced:
        await life.announce()
    return life


async def rows(talk: EdgeTalk, table: Table, *where: Any) -> Sequence[Any]:
    """Rows of the bot's database."""
    query = select(table).where(*where)
    return await talk.bot.store.read(lambda connection: connection.execute(query).all())


async def make_due(talk: EdgeTalk, chat_row: int, key: str) -> None:
    """Make a plain message due in a chat, which says that nothing is open, and have the ticker look."""
    text, now = "checkins.none_open", talk.bot.clock()
    await talk.bot.store.write(
        lambda c: deliveries.reply(c, key=key, chat_id=chat_row, text=text, language="zh-CN", now=now)
    )
    talk.bot.ticker.wake()


async def send_later(talk: EdgeTalk, chat_row: int, key: str) -> Any:
    """Make a plain message due in a chat and let it be sent; the row of its delivery, once that is settled."""
    await make_due(talk, chat_row, key)
    return await settled(talk, delivery.c.dedupe_key == key)


async def settled(talk: EdgeTalk, where: Any) -> Any:
    """The delivery that this names, once it waits for nothing any more."""
    over = delivery.c.state.not_in(("pending", "claimed", "sending"))
    return await talk.until(lambda connection: connection.execute(select(delivery).where(where, over)).first())


async def people_of(talk: EdgeTalk, *telegram_ids: int) -> Sequence[Any]:
    """Our people of these accounts."""
    return await rows(talk, person, person.c.telegram_id.in_(telegram_ids))


async def chat_state(talk: EdgeTalk, telegram_id: int) -> str | None:
    """Whether a chat can be reached, as far as we know; None for one we do not know."""
    found = await rows(talk, chat, chat.c.telegram_id == telegram_id)
    return str(found[0].state) if found else None


async def groups_at(talk: EdgeTalk, group: Json) -> int:
    """How many study groups are registered in a chat."""
    here = chat.c.telegram_id == group["id"]
    return len(await rows(talk, study_group, study_group.c.chat_id.in_(select(chat.c.id).where(here))))


async def without_fault(talk: EdgeTalk) -> None:
    """Every update so far was handled at its first try."""
    await talk.sandbox.wait_until_idle()
    await talk.bot.intake.drain()
    failed = await rows(talk, inbox, (inbox.c.tries > 0) | (inbox.c.state != "done"))
    assert [(row.state, row.tries, row.raw) for row in failed] == []


async def bots_messages(talk: EdgeTalk, who: Json, where: Json | int, after: int = 0) -> list[Json]:
    """What the bot has written in a chat."""
    bot_id = await talk.sandbox.bot_id()
    return [message for message in await talk.sandbox.messages(who, where, after) if message["from"]["id"] == bot_id]


async def change(talk: EdgeTalk, table: Table, where: Any, **values: Any) -> None:
    """Put rows of the bot's database right for a test."""
    await talk.bot.store.write(lambda connection: connection.execute(update(table).where(where).values(**values)))
