"""Rows 44 and 49 of the fault matrix: a group of ten thousand, and what the log tells at its most talkative."""

import asyncio
import io
import tracemalloc
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from open_session import engine_of
from outbox_room import NOON
from processes import TOKEN, bot_process, sandbox_process
from scene import prepare, recorded
from session_life import RULES
from sqlalchemy import Connection, insert, literal, select
from study_life import StudyLife

from chat import checkins_cards, leaderboards_cards, roster_cards
from chat.fitting import MAX_TEXT, length
from db.tables import attendance, membership, person
from db.tables.metadata import Instant
from exports.ledger import Origin
from exports.making import Order, make
from services import checkins, exports, leaderboards, ledgers, roster
from services.point_rules import point_rules
from texts import words

MANY = 10_000
LARGEST_LEDGER = 200 * 2**20
"""Bytes that making the file of ten thousand records may take."""


@pytest.mark.timeout(180)
@pytest.mark.slow
def test_row_44_a_group_of_ten_thousand_fits_into_messages_and_memory(connection: Connection) -> None:
    life = StudyLife(connection)
    group = life.group(life.unit(), created_at=NOON - timedelta(days=90))
    leader = life.member(group, "组长", "leader")
    session = life.session(group, NOON - timedelta(days=1), leader, state="closed")
    long_ago = NOON - timedelta(days=60)
    connection.execute(
        insert(person), [{"name": f"组员{number:05}", "created_at": long_ago} for number in range(MANY - 1)]
    )
    moment = literal(long_ago, Instant())
    others = person.c.id != leader.id
    members = select(literal(group), person.c.id, literal("member"), moment).where(others)
    connection.execute(insert(membership).from_select(("group_id", "person_id", "role", "joined_at"), members))
    at = literal(NOON - timedelta(days=1), Instant())
    came = select(literal(session), person.c.id, literal("present"), literal("button"), at)
    columns = ("session_id", "person_id", "status", "method", "at")
    connection.execute(insert(attendance).from_select(columns, came))

    board = leaderboards.this_week(connection, leader.actor, group, NOON)
    for language in ("zh-CN", "en"):
        spoken = words(language)
        for message in (
            leaderboards_cards.weekly(board, spoken),
            roster_cards.page(roster.page(connection, group, 0, leader.actor), spoken),
        ):
            assert 0 < length(message.text) <= MAX_TEXT
            assert sum(len(row) for row in message.keyboard) <= 100
    live = checkins.live(connection, {"session_id": session}, NOON)
    assert live is None or length(checkins_cards.opened(live).text) <= MAX_TEXT

    groups = exports.choices(connection, leader.actor, group)
    day = (NOON - timedelta(days=1)).date()
    tracemalloc.start()
    ledger = ledgers.read(connection, groups, day, day, "Asia/Shanghai", NOON, RULES)
    origin = Origin("组长", NOON, "Asia/Shanghai", ("第一学习小组",))
    content = make(Order(ledger, point_rules(), origin, "zh-CN", "xlsx"))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < LARGEST_LEDGER
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    assert sum(1 for _ in book["签到明细"].iter_rows()) >= MANY


CANARY = "金丝雀的悄悄话"


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_row_49_the_log_at_debug_holds_no_token_no_name_and_no_word(database_url: str, tmp_path: Path) -> None:
    async with sandbox_process() as sandbox:
        group, leader = await sandbox.group("第一学习小组"), await sandbox.person("李明")
        people = await sandbox.new_people(3, group=group)
        made = await asyncio.to_thread(prepare, database_url, group, leader, people)
        bot = bot_process(sandbox.url, database_url, tmp_path)
        await bot.start(BOT__LOG__LEVEL="debug")
        try:
            card = await sandbox.wait_for_message(leader, group, contains="党课", timeout=60)
            await sandbox.press_start(leader)
            private = sandbox.private(leader)
            await sandbox.say(leader, private, CANARY)
            await sandbox.say(leader, group, f"/new 明天19:00 {CANARY}")
            for fault in ({"status": 401}, {"status": 500, "body": "<html>"}, "drop_after_accept"):
                for method in ("sendMessage", "editMessageText", "answerCallbackQuery"):
                    await sandbox.fault(method, fault, times=2)
                await sandbox.tap_all(group, card, made.button, people)
            await sandbox.clear_faults()

            async def done() -> bool:
                return bool(await asyncio.to_thread(_look, database_url))

            await sandbox.wait_for(done, timeout=60)
        finally:
            await bot.stop()
        log = await asyncio.to_thread((tmp_path / "bot.log").read_text)
        assert "[info" in log  # below the level that hides most of it
        assert "started" in log
        for secret in (TOKEN.partition(":")[2], CANARY, "李明", "组员"):
            assert secret not in log, secret


def _look(url: str) -> bool:
    engine = engine_of(url)
    with engine.begin() as connection:
        found = recorded(connection) == (3, 3)
    engine.dispose()
    return found
