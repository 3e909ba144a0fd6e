"""Hosts that are cut off while messages fall due and people tap, and that come back: nobody is told, packets are gone.

One of three is cut off from everything, one from the database, one from Telegram. Where this machine lets network
namespaces be made, they are hosts of their own; everywhere they are processes behind proxies on loopback that fall
silent (tests/faults/lines.py). What keeps a machine from the former is said at the end of the run and fails nothing:
installing does not help against it, and the same scenario has run.
"""

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from cut_off_scene import CHATS, OURS, Scene, all_sent, policy_of, scene
from faults_counts import count
from lines import IP_HINT, why_no_namespaces
from missing_parts import missing
from postgres_server import find_binaries, hint
from sqlalchemy import select

from db.tables import delivery
from domain.deliveries import Policy
from sandbox.client import Json
from services import replicas

KINDS = ["proxies"] if why_no_namespaces() else ["namespaces", "proxies"]
A, B, C = 0, 1, 2

pytestmark = [pytest.mark.slow, pytest.mark.postgres, pytest.mark.timeout(300)]


@pytest.mark.parametrize("kind", KINDS)
async def test_hosts_cut_off_lose_nothing_and_send_nothing_that_was_given_to_others(kind: str, tmp_path: Path) -> None:
    if find_binaries() is None:
        missing(hint())
    if kind == "namespaces" and shutil.which("ip") is None:
        missing(IP_HINT)
    async with scene(kind, tmp_path) as here:
        await here.sandbox.fault("sendMessage", {"delay": 0.3}, times=0)  # so that there is always something under way
        async with _life(here):
            await here.fall_due(CHATS)
            await here.until(all_sent(datetime.now(UTC)))  # all three have joined
            print(f"\n{kind}")
            await _a_is_cut_off_from_everything_and_b_from_the_database(here)
            await _c_is_cut_off_from_telegram(here)
        print(f"the rest was sent within {await here.until(all_sent(datetime.now(UTC))):.0f} s")
        await _every_check_in_is_there_once(here)
        for bot in here.bots:
            await bot.stop()
        entries: list[Json] = (await here.sandbox.ledger())["entries"]
        query = select(delivery.c.dedupe_key, delivery.c.state, delivery.c.uncertain).where(OURS)
        became = {key: (state, doubt) for key, state, doubt in await here.look(lambda c: c.execute(query).all())}
    _every_message_arrived_once_or_is_on_record(here.number, became, entries)
    _the_pace_was_kept(became, entries)


@asynccontextmanager
async def _life(here: Scene) -> AsyncIterator[None]:
    living = asyncio.create_task(here.live())
    try:
        yield
    finally:
        here.over = True
        await living
        for host in here.hosts:
            await host.telegram.mend()
            await host.database.mend()


async def _a_is_cut_off_from_everything_and_b_from_the_database(here: Scene) -> None:
    """C alone does all the work meanwhile; then they come back into a burst of messages."""
    in_hand = await here.has_in_hand(A)
    await here.hosts[A].telegram.cut()
    await here.hosts[A].database.cut()
    began = datetime.now(UTC)
    await here.hosts[B].database.cut()
    told = await here.says(B, "database", seconds=15)
    print(f"A cut off with {dict(in_hand)}; /readyz of B, cut off from the database, says so within {told:.0f} s")
    await here.says(A, "database", seconds=15)
    await here.until(lambda c: all(replicas.is_missed(c, here.owners[host]) for host in (A, B)))
    await here.lease_ends(A)
    await here.lease_ends(B)
    await here.until(all_sent(began + timedelta(seconds=1)))
    taken_over = (datetime.now(UTC) - began).total_seconds()
    print(f"C alone had sent what was due for all three, and what they had in hand, after {taken_over:.0f} s")
    await here.fall_due(2 * CHATS)
    for host in (A, B):
        await here.hosts[host].telegram.mend()
        await here.hosts[host].database.mend()
    back = datetime.now(UTC)
    seconds = [await here.until(here.seen(host, back)) for host in (A, B)]
    print(f"back, A was at work again after {seconds[A]:.0f} s and B after {seconds[A] + seconds[B]:.0f} s")


async def _c_is_cut_off_from_telegram(here: Scene) -> None:
    """It is alive to all the others, and has to step back by itself."""
    in_hand = await here.has_in_hand(C)
    await here.hosts[C].telegram.cut()
    began = datetime.now(UTC)
    told = await here.says(C, "sending", seconds=40)
    print(f"C cut off from Telegram with {dict(in_hand)}; its /readyz says so after {told:.0f} s")
    taken_over = await here.until(all_sent(began + timedelta(seconds=1)))
    print(f"the others had sent its share after {told + taken_over:.0f} s")
    await here.hosts[C].telegram.mend()
    for host in (A, B, C):
        for part in ("sending", "database"):
            await here.says(host, part, wrong=False)


async def _every_check_in_is_there_once(here: Scene) -> None:
    tapped = len(here.tapped)
    await here.until(lambda c: count(c, here.made.session_id).attendance >= tapped)
    counts = await here.look(lambda c: count(c, here.made.session_id))
    assert (counts.attendance, counts.people, counts.history, counts.people_in_history) == (tapped,) * 4
    assert (counts.inbox_left, counts.quarantined) == (0, 0)
    waited = sorted(await here.waited())
    told = sum([await here.sandbox.answer(query, wait=0) is not None for query in here.queries])
    print(
        f"{tapped} taps, each recorded once, {told} told so in time; "
        f"half were taken in within {waited[tapped // 2]:.2f} s, the last within {waited[-1]:.0f} s"
    )


def _every_message_arrived_once_or_is_on_record(
    number: int, became: dict[str, tuple[str, bool]], entries: list[Json]
) -> None:
    arrived = Counter(_number(entry) for entry in entries if _number(entry) is not None)
    for each in range(number):
        state, doubt = became[f"message {each}"]
        times = arrived[each]
        if state == "sent":
            assert times == 1 or (times == 2 and doubt), (each, times)
        else:
            assert (state, doubt) == ("unconfirmed", True), each
            assert times <= (2 if policy_of(each) is Policy.RESEND else 1), (each, times)
    states = Counter(became.values())
    doubles = sum(times - 1 for times in arrived.values())
    lost = Counter(policy_of(each).value for each in range(number) if not arrived[each])
    print(
        f"{number} messages: {states['sent', False]} sent, {states['sent', True]} after a doubt, "
        f"{states['unconfirmed', True]} unconfirmed; {dict(lost) or 'none'} did not arrive; {doubles} arrived twice"
    )


def _the_pace_was_kept(became: dict[str, tuple[str, bool]], entries: list[Json]) -> None:
    """What is in doubt may have been on its way all the time, and is not counted between two of a chat."""
    moments = sorted(float(entry["at"]) for entry in entries if entry["method"].startswith(("send", "edit")))
    busiest = max(sum(1 for other in moments if at <= other < at + 1) for at in moments)
    by_chat: dict[str, list[float]] = {}
    for entry in entries:
        if _number(entry) is not None and became[f"message {_number(entry)}"] == ("sent", False):
            by_chat.setdefault(str(entry["chat"]), []).append(float(entry["at"]))
    closest = min(later - at for times in by_chat.values() for at, later in pairwise(sorted(times)))
    print(f"busiest second {busiest}, closest in a chat {closest:.2f} s")
    assert busiest <= 45  # as in test_replicas.py
    assert closest >= 0.7


def _number(entry: Json) -> int | None:
    said = str(entry["params"].get("text", ""))
    return int(said.split("message ")[1].split(".")[0]) if "message " in said else None
