"""Kill after kill under load, each at another place: no check-in is lost or doubled, no message without an account.

`FAULT_KILLS` says how many; a long run is `make soak`.
"""

import asyncio
import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from open_session import engine_of
from processes import bot_process, sandbox_process
from scene import prepare, recorded
from sqlalchemy import Connection, func, insert, select, update

from db.tables import attendance, chat, delivery
from domain.deliveries import Policy
from services import deliveries

KILLS = int(os.environ.get("FAULT_KILLS", "8"))
TAPS = 4
"""Check-ins between two kills."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(max(240, KILLS * 8))]


def post(connection: Connection, rows: list[int], turn: int) -> None:
    """A message of each policy becomes due, and the leases of whoever was killed end."""
    now = datetime.now(UTC)
    under_way = delivery.c.lease_until.is_not(None)
    connection.execute(update(delivery).where(under_way).values(lease_until=now - timedelta(minutes=5)))
    for number, policy in enumerate((Policy.RESEND, Policy.ONCE)):
        deliveries.enqueue(
            connection,
            key=f"message {turn}-{number}",
            kind="reply",
            destination_id=rows[(2 * turn + number) % len(rows)],
            payload={
                "text": "makeups.waits",
                "values": {"title": f"message {turn}-{number}."},
                "language": "en",
                "buttons": [],
            },
            due_at=now,
            expires_at=now + timedelta(hours=6),
            policy=policy,
        )


def quiet(connection: Connection) -> bool:
    """Whether nothing of ours is under way or due."""
    ours = delivery.c.dedupe_key.like("message %")
    waiting = delivery.c.state.in_(("pending", "claimed", "sending"))
    return not connection.execute(select(func.count()).where(ours, waiting)).scalar_one()


def work(url: str, what: object, *given: object) -> object:
    """Run something on the database from outside."""
    engine = engine_of(url)
    try:
        with engine.begin() as connection:
            return what(connection, *given)  # type: ignore[operator]
    finally:
        engine.dispose()


def became(connection: Connection) -> dict[str, tuple[str, bool]]:
    """What each message became, and whether there was a doubt."""
    query = select(delivery.c.dedupe_key, delivery.c.state, delivery.c.uncertain)
    rows = connection.execute(query.where(delivery.c.dedupe_key.like("message %"))).all()
    return {key: (state, uncertain) for key, state, uncertain in rows}


def chats(connection: Connection, people: list[int]) -> list[int]:
    """Private chats for the messages."""
    made = (insert(chat).values(telegram_id=number, kind="private").returning(chat.c.id) for number in people)
    return [int(connection.execute(each).scalar_one()) for each in made]


async def test_kill_after_kill_nothing_is_lost_and_nothing_doubled(database_url: str, tmp_path: Path) -> None:
    async with sandbox_process() as sandbox:
        group, leader = await sandbox.group("第一学习小组"), await sandbox.person("李明")
        people = [int(number) for number in await sandbox.new_people(KILLS * TAPS, group=group)]
        readers = [int(number) for number in await sandbox.new_people(40)]
        for reader in readers:
            await sandbox.press_start(reader)
        made = await asyncio.to_thread(prepare, database_url, group, leader, people)
        rows = await asyncio.to_thread(work, database_url, chats, readers)
        bot, kills, places = bot_process(sandbox.url, database_url, tmp_path), 0, Counter[int]()
        async with bot:
            card = await sandbox.wait_for_message(leader, group, contains="党课", timeout=60)
        for turn in range(KILLS):
            await asyncio.to_thread(work, database_url, post, rows, turn)
            await sandbox.tap_all(group, card, made.button, people[turn * TAPS : (turn + 1) * TAPS])
            place = 1 + (turn * 7) % 17
            await bot.start(FAULT_KILL=f"any:{place}")
            if await bot.died(within=10):
                kills += 1
                places[place] += 1
            else:  # there was less to do than places to pass
                await bot.stop()
        await asyncio.to_thread(work, database_url, post, rows, KILLS)
        await bot.start()
        try:

            async def all_is_done() -> bool:
                done = await asyncio.to_thread(work, database_url, recorded)
                return done == (len(people), len(people)) and bool(await asyncio.to_thread(work, database_url, quiet))

            await sandbox.wait_for(all_is_done, timeout=240)
        finally:
            await bot.stop()
        entries = (await sandbox.ledger())["entries"]
    doubled = select(func.count()).select_from(
        select(attendance.c.person_id).group_by(attendance.c.person_id).having(func.count() > 1).subquery()
    )
    assert await asyncio.to_thread(work, database_url, lambda c: c.execute(doubled).scalar_one()) == 0
    arrived = Counter(
        str(entry["params"]["text"]).split("message ")[1].split(".")[0]
        for entry in entries
        if "message " in str(entry["params"].get("text", ""))
    )
    fates = await asyncio.to_thread(work, database_url, became)
    assert isinstance(fates, dict)
    twice = unconfirmed = 0
    for key, (state, was_doubtful) in fates.items():
        times = arrived[key.removeprefix("message ")]
        if state == "sent":
            assert times == 1 or (times == 2 and was_doubtful), key
        else:
            assert state == "unconfirmed", key
            assert times <= (1 if key.endswith("-1") else 2), key
        twice += times > 1
        unconfirmed += state == "unconfirmed"
    assert kills >= KILLS * 3 // 4
    print(
        f"\n{database_url.partition(':')[0]}: {kills} kills at {len(places)} places, {len(people)} check-ins: 0 lost, "
        f"0 doubled; {len(fates)} messages: {twice} sent twice, {unconfirmed} unconfirmed"
    )
