"""Rows 5, 6, 30 and 31 of the fault matrix: what is late, what is useless by now, and clocks that jump."""

# ruff: noqa: DTZ001 — a nominal local time is naive

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from bot_stage import BotStage, bot_stage
from hypothesis import given
from hypothesis import strategies as st
from open_session import OpenSession, open_session
from outbox_room import NOON, Notes, is_in, room
from sqlalchemy import Connection, func, select, update
from study_life import StudyLife

from db.tables import chat, delivery, series, study_session
from domain.cadence import Cadence, Occurrence, occurrences, to_instant
from domain.schedule import Leads
from jobs.registry import all_jobs
from jobs.ticker import Ticker
from sandbox.client import Json
from services import scheduling
from services.rules import Rules

RULES = Rules()


@pytest.fixture
async def stage(database_url: str) -> AsyncIterator[BotStage]:
    async with bot_stage(database_url, NOON) as made:
        yield made


async def announced(stage: BotStage, starts_at: datetime) -> tuple[Json, OpenSession]:
    """A group of the sandbox whose session is published, with everything it brings in time."""
    li = await stage.sandbox.new_person("组长")
    group = await stage.sandbox.new_group(li, "小组", [], with_bot=True)

    def publish(connection: Connection) -> OpenSession:
        made = open_session(connection, group["id"], [], li["id"], starts_at)
        leads = Leads(timedelta(minutes=30), timedelta(0), timedelta(0))
        times = scheduling.times_of("lesson", starts_at, timedelta(minutes=90), leads, now=NOON, rules=RULES)
        scheduling.announce(
            connection,
            made.session_id,
            1,
            made.chat_row,
            times,
            leads,
            at_once=True,
            silent=False,
            now=NOON,
            rules=RULES,
        )
        return made

    return group, await stage.store.write(publish)


async def by_kind(stage: BotStage) -> dict[str, str]:
    """How the messages stand."""
    rows = await stage.store.read(lambda c: c.execute(select(delivery.c.kind, delivery.c.state)).all())
    return {row.kind: row.state for row in rows}


def none_is_due(stage: BotStage) -> Any:
    """A query that is true once nothing is under way or due by the stage's clock."""
    due = (delivery.c.state == "pending") & (delivery.c.next_at <= stage.clock())
    count = select(func.count()).where(due | delivery.c.state.in_(("claimed", "sending")))
    return lambda connection: connection.execute(count).scalar_one() == 0


async def said_in(stage: BotStage, group: Json) -> list[str]:
    return [entry["params"]["text"] for entry in await stage.sandbox.accepted("sendMessage", group)]


async def come_to_rest(stage: BotStage, ticker: Ticker) -> None:
    """Let the bot work until nothing is due by its clock; a group gets at most one message in a few seconds."""
    async with asyncio.timeout(20):
        while not await stage.store.read(none_is_due(stage)):
            stage.monotonic += 4
            await ticker.tick()
            await asyncio.sleep(0.01)


async def run_for(stage: BotStage, seconds: int, looks: int = 12) -> None:
    """Let the bot work while so much time goes by."""
    async with stage.ticking(all_jobs()) as ticker:
        for _ in range(looks):
            stage.clock.move(seconds=seconds / looks)
            await ticker.tick()
            await come_to_rest(stage, ticker)


async def test_row_05_overdue_but_useful_it_is_sent_and_says_so(stage: BotStage) -> None:
    group, _ = await announced(stage, NOON + timedelta(hours=2))
    await run_for(stage, 60)
    before = len(await said_in(stage, group))
    stage.clock.at = NOON + timedelta(hours=2, minutes=-10)  # down; the reminder has been due for 20 minutes
    stage.clock.move(minutes=20)  # and the session began 10 minutes ago
    await run_for(stage, 48)
    said = (await said_in(stage, group))[before:]
    reminders = [text for text in said if "已开始" in text or "已经开始" in text]
    assert len(reminders) == 1, said
    assert (await by_kind(stage))["group_reminder"] == "sent"


async def test_row_06_useless_by_now_it_is_skipped_and_there_is_no_flood(stage: BotStage) -> None:
    groups = [await announced(stage, NOON + timedelta(hours=hours)) for hours in range(2, 8)]
    await run_for(stage, 60)
    before = len(await stage.sandbox.accepted("sendMessage"))
    stage.clock.move(days=3)
    await run_for(stage, 48)
    rows = await stage.store.read(
        lambda c: c.execute(select(delivery.c.kind, delivery.c.state, delivery.c.session_id)).all()
    )
    late = {row.state for row in rows if row.kind in ("group_reminder", "checkin_open")}
    assert late == {"skipped"}
    after = (await stage.sandbox.accepted("sendMessage"))[before:]
    assert len(after) <= len(groups)  # each leader is asked to close a session, and that is all


async def test_row_30_a_clock_that_jumps_sends_nothing_early_and_nothing_twice(stage: BotStage) -> None:
    here, notes = await room(stage), Notes()
    for minutes in (0, 30, 60, 90, 150):
        due = NOON + timedelta(minutes=minutes)
        await here.enqueue(str(minutes), due_at=due, expires_at=due + timedelta(hours=12))
    sent_at: dict[str, datetime] = {}
    async with stage.ticking(notes.jobs) as ticker:
        for hours in (0, 2, -2, 0, 2, -2, 2):
            stage.clock.move(hours=hours)
            await come_to_rest(stage, ticker)
            for text in await here.accepted():
                sent_at.setdefault(text, stage.clock())
    accepted = await here.accepted()
    assert sorted(accepted) == sorted(set(accepted))
    assert set(accepted) == {"0", "30", "60", "90"}
    assert all(at >= NOON + timedelta(minutes=int(text)) for text, at in sent_at.items())
    assert (await stage.store.read(lambda c: is_in("150", "pending")(c))).attempt == 0


async def test_row_30_leases_do_not_follow_a_clock_that_jumps(stage: BotStage) -> None:
    here, notes = await room(stage), Notes()
    await here.enqueue("slow", expires_at=NOON + timedelta(days=1))
    await stage.sandbox.fault("sendMessage", {"delay": 1.0})
    async with stage.ticking(notes.jobs) as ticker:
        await stage.sandbox.wait_for(lambda: was_called(stage))
        for hours in (2, -4, 2):
            stage.clock.move(hours=hours)
            for _ in range(16):  # a sweep for ended leases among them
                await ticker.tick()
        await stage.store.until(is_in("slow", "sent"))
    assert await here.accepted() == ["slow"]


async def was_called(stage: BotStage) -> bool:
    return bool((await stage.sandbox.ledger())["calls"].get("sendMessage")) or not await stage.sandbox.faults()


ZONES = [ZoneInfo(name) for name in ("Europe/Berlin", "Africa/Cairo", "Australia/Lord_Howe", "Asia/Shanghai")]


@given(
    zone=st.sampled_from(ZONES),
    first=st.datetimes(datetime(2023, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(second=0, microsecond=0)),
    day=st.integers(0, 6),
    stops=st.lists(st.integers(0, 900), min_size=1, max_size=6),
)
def test_row_31_one_a_local_date_however_clocks_change_and_wherever_planning_stops(
    zone: ZoneInfo, first: datetime, day: int, stops: list[int]
) -> None:
    cadence = Cadence.weekly(day)
    begin = to_instant(first, zone) - timedelta(days=2)
    whole = list(occurrences(cadence, first, zone, begin, until=begin + timedelta(days=900)))
    parts: list[Occurrence] = []
    after = begin
    for stop in [*sorted(stops), 900]:  # planned further and further, as a series is
        until = begin + timedelta(days=stop)
        parts += occurrences(cadence, first, zone, after, until=until)
        after = max(after, until)
    assert parts == whole
    dates = [each.nominal_local.date() for each in whole]
    assert len(dates) == len(set(dates))
    assert all(later - earlier == timedelta(weeks=1) for earlier, later in pairwise(dates))
    instants = [each.starts_at for each in whole]
    assert instants == sorted(set(instants))


@pytest.mark.parametrize("shift", [-2, -1, 1, 2, 24])
@pytest.mark.parametrize("offset", range(-3, 4))
def test_row_31_new_rules_of_a_zone_neither_double_nor_drop_a_session(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, shift: int, offset: int
) -> None:
    life = StudyLife(connection)
    group = life.group(life.unit(), time_zone="Africa/Cairo")
    leader = life.member(group, "组长", "leader")
    chat_row = connection.execute(select(chat.c.id)).scalar_one()
    plan = scheduling.Plan(group, chat_row, leader.id, "lesson", "党课", "", timedelta(minutes=90))
    cairo = ZoneInfo("Africa/Cairo")
    first = datetime(2026, 6, 3, 19, 0)
    now = to_instant(datetime(2026, 6, 1, 19, 0) + timedelta(hours=offset), cairo)
    begins = Occurrence(first, to_instant(first, cairo))
    rules = Rules()
    scheduling.start_series(connection, plan, Cadence.weekly(2), begins, "Africa/Cairo", now=now, rules=rules)
    # It is planned up to some hours around an occurrence, and then the zone's rules change.
    known = connection.execute(select(func.max(study_session.c.starts_at))).scalar_one()
    border = known.replace(tzinfo=UTC) + timedelta(weeks=1, hours=offset)
    extend_at(connection, border - rules.horizon, rules)
    changed = timedelta(hours=shift)
    monkeypatch.setattr("domain.cadence.to_instant", lambda local, zone: to_instant(local, zone) - changed)
    extend_at(connection, border - rules.horizon + timedelta(weeks=1), rules)
    found = connection.execute(select(study_session.c.nominal_local).order_by(study_session.c.nominal_local)).scalars()
    dates = [local.date() for local in found]
    assert {later - earlier for earlier, later in pairwise(dates)} == {timedelta(weeks=1)}


def extend_at(connection: Connection, now: datetime, rules: Rules) -> None:
    """Plan the series further at this moment."""
    connection.execute(update(series).values(extend_at=now))
    scheduling.extend_series(connection, now, rules)
