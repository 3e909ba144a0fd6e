"""An evening of a group with everything real in one process, and a fault that strikes the k-th operation of it."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from bot_stage import BotStage
from open_session import OpenSession, announce, open_session
from sqlalchemy import Connection, Engine, event, func, insert, select, update
from sqlalchemy.exc import OperationalError

from db.tables import attendance, attendance_change, chat, delivery, inbox, person, study_session
from handlers.registry import all_features
from jobs.registry import all_jobs
from sandbox.client import Json, text_of
from services.checkins import OPEN

PEOPLE = 3
UNFINISHED = ("pending", "claimed", "sending")


class Striker:
    """Makes the k-th statement or COMMIT of the bot fail. Looks from outside, through `looking`, do not count."""

    def __init__(self, what: str, number: int, looking: Engine) -> None:
        self._what, self._left, self._looking = what, number, looking
        self.fired = False

    def statement(self, connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        is_read = statement.lstrip().upper().startswith("SELECT")
        if self._what == ("read" if is_read else "write"):
            self._count(connection)

    def commit(self, connection: Connection) -> None:
        if self._what == "commit":
            self._count(connection)

    def _count(self, connection: Connection) -> None:
        if connection.engine is self._looking or self.fired:
            return
        self._left -= 1
        if not self._left:
            self.fired = True
            raise OperationalError("struck", {}, _Struck("struck"))

    @contextmanager
    def armed(self) -> Iterator[None]:
        listeners: dict[str, Callable[..., Any]] = {"before_cursor_execute": self.statement, "commit": self.commit}
        for name, listener in listeners.items():
            event.listen(Engine, name, listener)
        try:
            yield
        finally:
            for name, listener in listeners.items():
                event.remove(Engine, name, listener)


class _Struck(sqlite3.OperationalError):
    """What either driver says of a fault that passes."""

    sqlite_errorname = "SQLITE_IOERR"
    sqlstate = "57P01"


class Evening:
    """A session of a new group from its check-in message to its closing, and what became of it."""

    def __init__(self, stage: BotStage, looking: Engine) -> None:
        self.stage, self._looking = stage, looking

    def look(self, query: Callable[[Connection], Any]) -> Any:
        with self._looking.begin() as connection:
            return query(connection)

    async def prepare(self) -> None:
        sandbox = self.stage.sandbox
        owner = await sandbox.new_person("组长")
        self.leader: int = owner["id"]
        self.group: Json = await sandbox.new_group(owner, "小组", [], type="supergroup", with_bot=True)
        self.people = [int(each) for each in await sandbox.new_people(PEOPLE, group=self.group)]
        await sandbox.press_start(owner)
        self.made = await asyncio.to_thread(self.look, self._make)
        self.since = (await sandbox.ledger())["count"]

    def _make(self, connection: Connection) -> OpenSession:
        now = self.stage.clock()
        made = open_session(connection, self.group["id"], self.people, self.leader, now)
        announce(connection, made, now)
        private = insert(chat).values(telegram_id=self.leader, kind="private").returning(chat.c.id)
        chat_id = connection.execute(private).scalar_one()
        connection.execute(update(person).where(person.c.telegram_id == self.leader).values(chat_id=chat_id))
        return made

    @asynccontextmanager
    async def bot(self) -> AsyncIterator[None]:
        """Poller, intake and ticker at work; seconds go by while something is waited for."""
        self._intake = self.stage.intake(all_features())
        async with self.stage.polling(self._intake), self.stage.ticking(all_jobs()) as ticker:
            self._ticker = ticker
            yield

    async def until(self, what: str, condition: Callable[[], Any]) -> Any:
        """Let time go by, a second at a time, until something is so."""
        for second in range(1, 400):
            found = await condition()
            if found:
                return found
            self.stage.clock.move(seconds=1)
            self.stage.monotonic += 1
            await self._ticker.tick()
            if second % 15 == 0:
                await self._recover()
            await asyncio.sleep(0.01)
        raise AssertionError(f"waited in vain for {what}")

    async def _recover(self) -> None:
        """What the scheduler does; and a claim that nobody knows of comes to the end of its lease."""
        try:
            await self._intake.recover()
        except Exception:  # the fault may strike here, too: the scheduler comes again
            return
        await asyncio.to_thread(self.look, self._end_leases)

    def _end_leases(self, connection: Connection) -> None:
        past = datetime.now(UTC) - timedelta(minutes=5)
        claimed = select(delivery.c.id).where(delivery.c.state == "claimed").with_for_update(skip_locked=True)
        ids = connection.execute(claimed).scalars().all()
        connection.execute(update(delivery).where(delivery.c.id.in_(ids)).values(lease_until=past))

    async def run(self) -> None:
        """The check-in message, taps, the counter; then the leader is asked to close, and does."""
        sandbox = self.stage.sandbox
        card = await self.until("the card", lambda: self._message(self.group, "签到"))
        await sandbox.tap_all(self.group, card, self.made.button, self.people)
        await self.until("the check-ins", lambda: self._counted(attendance, PEOPLE))
        self.stage.clock.move(hours=2)
        self.stage.monotonic += 7200
        asked = await self.until("the question", lambda: self._message(sandbox.private(self.leader), "unrecorded"))
        labels = [button["text"] for row in asked["reply_markup"]["inline_keyboard"] for button in row]
        closing = next(label for label in labels if "absent" in label)
        await sandbox.tap_later(self.leader, sandbox.private(self.leader), asked, closing)
        await self.until("the closing", self._is_closed)
        await self.until("rest", self._at_rest)

    async def _message(self, where: Any, text: str) -> Json | None:
        reader = self.leader
        found = await self.stage.sandbox.messages(reader, where)
        return next((each for each in reversed(found) if text in text_of(each) and "reply_markup" in each), None)

    async def _counted(self, table: Any, number: int) -> bool:
        query = select(func.count()).where(table.c.session_id == self.made.session_id)
        return bool(await asyncio.to_thread(self.look, lambda c: c.execute(query).scalar_one()) >= number)

    async def _is_closed(self) -> bool:
        query = select(study_session.c.state).where(study_session.c.id == self.made.session_id)
        return bool(await asyncio.to_thread(self.look, lambda c: c.execute(query).scalar_one()) == "closed")

    async def _at_rest(self) -> bool:
        pending = (await self.stage.sandbox.updates())["pending"]
        return not pending and not await asyncio.to_thread(self.look, self._open)

    def _open(self, connection: Connection) -> int:
        due = delivery.c.state.in_(UNFINISHED) & (delivery.c.next_at <= self.stage.clock())
        deliveries = connection.execute(select(func.count()).where(due)).scalar_one()
        updates = connection.execute(select(func.count()).where(inbox.c.state == "new")).scalar_one()
        return int(deliveries + updates)

    async def judge(self) -> None:
        """Every check-in once, every message once or accounted for, nothing set aside."""
        await asyncio.to_thread(self.look, self._judge_rows)
        entries = (await self.stage.sandbox.ledger(self.since))["entries"]
        await asyncio.to_thread(self.look, lambda connection: self._judge_messages(connection, entries))

    def _judge_rows(self, connection: Connection) -> None:
        mine = attendance.c.session_id == self.made.session_id
        came = select(person.c.telegram_id).join(attendance).where(mine, attendance.c.status == "present")
        assert sorted(connection.execute(came).scalars()) == sorted(self.people)
        changes = select(func.count()).where(attendance_change.c.session_id == self.made.session_id)
        assert set(connection.execute(changes.group_by(attendance_change.c.person_id)).scalars()) == {1}
        assert set(connection.execute(select(inbox.c.state)).scalars()) == {"done"}

    def _judge_messages(self, connection: Connection, entries: list[Json]) -> None:
        sent = Counter(
            str(entry["chat"])
            for entry in entries
            if entry["method"] == "sendMessage" and "签到" in str(entry["params"])
        )
        query = select(delivery).where(delivery.c.session_id == self.made.session_id)
        for row in connection.execute(query).all():
            assert row.state in ("sent", "unconfirmed", "skipped", "cancelled") or row.next_at > self.stage.clock(), row
            if row.kind == OPEN:
                times = sent[str(self.group["id"])]
                assert times == 1 or (times == 2 and row.uncertain), (times, row)
