"""SIGKILL in the middle of 2,000 check-ins (FAULT_CROWD): none is lost or counts twice; stock polling loses some.

The answers to taps are slowed down at the server, as a slow network does: handlers then wait for it, and what
was acknowledged piles up unhandled. In that moment the process is killed.
"""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from faults_counts import Counts, count, handled
from open_session import OpenSession, announce, engine_of, open_session
from processes import TOKEN, Killable, bot_process, control_process, sandbox_process

import services.leaderboards
from db import migrate
from domain.leaderboards import week_of
from domain.people import Actor
from domain.scoring import Deed
from sandbox.client import Json, SandboxClient, text_of
from services.point_rules import point_rules
from services.rules import Rules

PEOPLE = int(os.environ.get("FAULT_CROWD", "2000"))
UNHANDLED = 500
"""Acknowledged and unhandled taps there must be at a kill."""

MARGIN = 150
"""How many more we wait for before the kill, because the bot works on until it dies."""

SLOW = {"delay": 1.0}

NONE_LOST_NONE_DOUBLED = Counts(
    attendance=PEOPLE,
    people=PEOPLE,
    on_time=PEOPLE,
    history=PEOPLE,
    people_in_history=PEOPLE,
    inbox_left=0,
    quarantined=0,
    live_cards=1,
    live_state="sent",
    unsettled=0,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@dataclass(frozen=True)
class Crowd:
    """A sandbox with a group of 2,000 people and its leader."""

    sandbox: SandboxClient
    group: Json
    leader: Json
    people: list[int]

    async def acknowledged(self) -> int:
        """Updates, nearly all of them taps, that the bot has told the server it has."""
        return int((await self.sandbox.updates())["confirmed"])

    async def acknowledged_taps(self) -> int:
        """Taps among them."""
        counts: dict[str, int] = (await self.sandbox.updates())["confirmed_by_kind"]
        return counts.get("callback_query", 0)

    async def all_acknowledged(self) -> bool:
        """Whether the server holds none any more."""
        return await self.acknowledged_taps() == len(self.people)


@asynccontextmanager
async def crowd_of_people() -> AsyncIterator[Crowd]:
    """A sandbox of its own with 2,000 people in its group."""
    async with sandbox_process() as sandbox:
        group = await sandbox.group("第一学习小组")
        people = await sandbox.new_people(PEOPLE, group=group)
        yield Crowd(sandbox, group, await sandbox.person("李明"), people)


async def test_kill_9_loses_and_doubles_no_check_in_where_stock_polling_loses_some(
    database_url: str, tmp_path: Path
) -> None:
    await _bot_keeps_every_check_in(database_url, tmp_path, kills=1)
    await _stock_polling_loses_some(tmp_path)


async def test_three_kills_in_a_row_lose_and_double_no_check_in(database_url: str, tmp_path: Path) -> None:
    await _bot_keeps_every_check_in(database_url, tmp_path, kills=3)


async def _bot_keeps_every_check_in(url: str, folder: Path, *, kills: int) -> None:
    async with crowd_of_people() as crowd:
        made = await asyncio.to_thread(_prepare, url, crowd)
        async with bot_process(crowd.sandbox.url, url, folder) as bot:
            card = await crowd.sandbox.wait_for_message(crowd.leader, crowd.group, contains="党课", timeout=60)
            await crowd.sandbox.fault("answerCallbackQuery", SLOW, times=0)
            await crowd.sandbox.tap_all(crowd.group, card, made.button, crowd.people)
            unhandled = [await _kill_with_many_unhandled(crowd, bot, url)]
            for _ in range(kills - 1):
                await bot.start()
                unhandled.append(await _kill_after_some_more(crowd, bot, url))
            await crowd.sandbox.clear_faults()
            await bot.start()
            await _wait_until_all_is_handled(crowd, url)
            shown = await _last_state_of(crowd, card)
        counts = await asyncio.to_thread(_count, url, made)
        print(f"\n{url.partition(':')[0]}, killed with {unhandled} acknowledged and unhandled: {counts}")
        assert unhandled[0] >= UNHANDLED
        assert counts == NONE_LOST_NONE_DOUBLED
        assert f"{PEOPLE}/{PEOPLE + 1}" in text_of(shown)  # the leader is expected and did not tap
        await asyncio.to_thread(_each_has_the_points_of_one_check_in, url, made, crowd)


async def _stock_polling_loses_some(folder: Path) -> None:
    database = folder / "control.sqlite3"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE attendance (person INTEGER PRIMARY KEY)")
    async with crowd_of_people() as crowd:
        card = await _post_button(crowd)
        async with control_process(crowd.sandbox.url, database, folder) as control:
            await crowd.sandbox.fault("answerCallbackQuery", SLOW, times=0)
            await crowd.sandbox.tap_all(crowd.group, card, "checkin", crowd.people)

            async def many_unhandled() -> bool:
                return await crowd.acknowledged_taps() - _rows(database) >= UNHANDLED + MARGIN

            await crowd.sandbox.wait_for(many_unhandled, timeout=60)
            await control.kill()
            unhandled = await crowd.acknowledged_taps() - _rows(database)
            await crowd.sandbox.clear_faults()
            await control.start()
            await crowd.sandbox.wait_for(crowd.all_acknowledged, timeout=60)
    lost = PEOPLE - _rows(database)  # counted after it has finished and stopped
    print(f"stock polling, killed with {unhandled} acknowledged and unhandled: lost {lost} of {PEOPLE}")
    assert unhandled >= UNHANDLED
    assert lost > 0


async def _kill_with_many_unhandled(crowd: Crowd, bot: Killable, url: str) -> int:
    """Kill once enough is acknowledged and unhandled; how many there were, counted after the kill."""
    watching = engine_of(url, read_only=True)
    with watching.connect() as connection:

        async def many_unhandled() -> bool:
            done = await asyncio.to_thread(handled, connection)
            return await crowd.acknowledged() - done >= UNHANDLED + MARGIN

        await crowd.sandbox.wait_for(many_unhandled, timeout=60)
        await bot.kill()
    watching.dispose()
    return await crowd.acknowledged() - await asyncio.to_thread(_handled, url)


async def _kill_after_some_more(crowd: Crowd, bot: Killable, url: str) -> int:
    """Kill once the restarted bot has handled some of what it found; how many are left unhandled."""
    before = await asyncio.to_thread(_handled, url)
    watching = engine_of(url, read_only=True)
    with watching.connect() as connection:

        async def some_more() -> bool:
            return await asyncio.to_thread(handled, connection) >= before + 50

        await crowd.sandbox.wait_for(some_more, timeout=60)
        await bot.kill()
    watching.dispose()
    return await crowd.acknowledged() - await asyncio.to_thread(_handled, url)


async def _wait_until_all_is_handled(crowd: Crowd, url: str) -> None:
    watching = engine_of(url, read_only=True)
    with watching.connect() as connection:

        async def all_handled() -> bool:
            done = await asyncio.to_thread(handled, connection)
            return await crowd.all_acknowledged() and done == await crowd.acknowledged()

        await crowd.sandbox.wait_for(all_handled, timeout=120)
    watching.dispose()


async def _last_state_of(crowd: Crowd, card: Json) -> Json:
    """The check-in message once its counter has come to rest at the full number.

    On PostgreSQL another process might be alive, so what the killed one held is taken over when its lease ends.
    """

    async def full() -> Json | None:
        messages = await crowd.sandbox.messages(crowd.leader, crowd.group, card["message_id"] - 1)
        return next((m for m in messages if f"{PEOPLE}" in text_of(m)), None)

    shown = await crowd.sandbox.wait_for(full, timeout=150)
    assert shown is not None
    assert shown["message_id"] == card["message_id"]
    return shown


async def _post_button(crowd: Crowd) -> Json:
    address = f"{crowd.sandbox.url}/bot{TOKEN}/sendMessage"
    keyboard = {"inline_keyboard": [[{"text": "签到", "callback_data": "checkin"}]]}
    message = {"chat_id": crowd.group["id"], "text": "签到", "reply_markup": keyboard}
    async with crowd.sandbox.session.post(address, json=message) as response:
        posted: Json = (await response.json())["result"]
        return posted


def _prepare(url: str, crowd: Crowd) -> OpenSession:
    migrate.upgrade(url)
    now = datetime.now(UTC)
    engine = engine_of(url)
    with engine.begin() as connection:
        made = open_session(connection, crowd.group["id"], crowd.people, crowd.leader["id"], now)
        announce(connection, made, now)
    engine.dispose()
    return made


def _handled(url: str) -> int:
    """From a dead bot's database, which a read-only connection could not repair."""
    engine = engine_of(url)
    with engine.connect() as connection:
        done = handled(connection)
    engine.dispose()
    return done


def _count(url: str, made: OpenSession) -> Counts:
    engine = engine_of(url)
    with engine.begin() as connection:
        counts = count(connection, made.session_id)
    engine.dispose()
    return counts


def _each_has_the_points_of_one_check_in(url: str, made: OpenSession, crowd: Crowd) -> None:
    """All share the first rank with the points of one deed: anybody with more would stand alone above them."""
    now = datetime.now(UTC)
    zone = ZoneInfo(Rules().time_zone)
    week = week_of(now - timedelta(minutes=10), zone)
    table = point_rules().on(week.monday)
    assert table is not None
    engine = engine_of(url)
    with engine.begin() as connection:
        for number in (crowd.people[0], crowd.people[-1]):
            place = services.leaderboards.standing(connection, Actor(number, ""), made.group_id, week.monday, now)
            assert (place.rank, place.people, place.points) == (1, PEOPLE, table.worth[Deed.PRESENT])
    engine.dispose()


def _rows(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute("SELECT count(*) FROM attendance").fetchone()[0])
