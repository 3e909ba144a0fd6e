"""The main job from registering a group to opening the exported workbook, over real HTTP, on both databases."""

import io
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from study_group import StudyGroup, study_group

from sandbox.client import text_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture
async def g(database_url: str, tmp_path: Path) -> AsyncIterator[StudyGroup]:
    async with study_group(database_url, tmp_path) as started:
        yield started


async def test_from_registering_to_the_exported_workbook(g: StudyGroup) -> None:
    await register_with_leader_and_admin(g)
    starts_at = await schedule_a_session(g)
    await answer_the_card(g)
    await be_reminded(g, starts_at)
    await check_in(g, starts_at)
    await close(g, starts_at)
    await see_the_board(g, starts_at)
    await export_it(g, starts_at)


async def register_with_leader_and_admin(g: StudyGroup) -> None:
    await g.see(g.li, g.group, "登记")
    await g.say(g.li, g.group, "/register")
    await g.see(g.li, g.group, "已登记")
    for person in (g.li, g.wang, g.zhou):
        await g.sandbox.press_start(person)
        greeting = await g.see(person, g.sandbox.private(person), "编号")
        assert str(person["id"]) in greeting["text"]
    assert "群管理员" in await g.press(g.wang, g.group, "已登记", "我来当组长")
    await g.press(g.li, g.group, "已登记", "我来当组长")
    await g.see(g.li, g.group, "组长：")
    assert "加入" in await g.press(g.wang, g.group, "已登记", "加入")
    assert "加入" in await g.press(g.zhao, g.group, "已登记", "加入")
    await g.sandbox.press_start(g.wang, payload="remind_on")
    await g.see(g.wang, g.sandbox.private(g.wang), "私信提醒已开启")
    await g.say(g.zhou, g.sandbox.private(g.zhou), f"/org admin {g.zhou['id']}")
    await g.see(g.zhou, g.sandbox.private(g.zhou), "管理员")


async def schedule_a_session(g: StudyGroup) -> datetime:
    await g.say(g.wang, g.group, "/new 3天后19:00 党课：学习原著 @三楼会议室")
    await g.see(g.wang, g.group, "组长")
    await g.say(g.li, g.group, "/new 3天后19:00 党课：学习原著 @三楼会议室")
    echo = await g.see(g.li, g.group, "请确认")
    now = await g.now()
    local = (now + timedelta(hours=8)).date() + timedelta(days=3)
    starts_at = datetime(local.year, local.month, local.day, 11, tzinfo=UTC)  # 19:00 in Beijing
    for part in (f"{local.month}月{local.day}日", "19:00", "北京时间", "三楼会议室", "党课：学习原著"):
        assert part in echo["text"]
    assert "已发布" in await g.press(g.li, g.group, "请确认", "发布")
    card = await g.see(g.li, g.group, "参加 0")
    assert "三楼会议室" in card["text"]
    return starts_at


async def answer_the_card(g: StudyGroup) -> None:
    await g.press(g.wang, g.group, "参加 0", "参加")
    await g.press(g.zhao, g.group, "参加", "请假")
    await g.see(g.li, g.group, "参加 1 · 请假 1")


async def be_reminded(g: StudyGroup, starts_at: datetime) -> None:
    await g.move_to(starts_at - timedelta(hours=24))
    await g.see(g.li, g.group, "⏰")
    await g.move_to(starts_at - timedelta(hours=1))
    await g.see(g.wang, g.sandbox.private(g.wang), "⏰")


async def check_in(g: StudyGroup, starts_at: datetime) -> None:
    await g.move_to(starts_at - timedelta(minutes=15))
    await g.see(g.li, g.group, "签到进行中")
    assert "准时" in await g.press(g.wang, g.group, "签到进行中", "签到")
    assert "已签到" in await g.press(g.wang, g.group, "签到", "签到")
    walk_in = await g.press(g.chen, g.group, "签到", "签到")
    assert "准时" in walk_in
    assert "加入" in walk_in
    await g.see(g.li, g.group, "已到 2/4")
    await g.move_to(starts_at + timedelta(minutes=12))
    await g.see(g.li, g.group, "🟡")
    assert "late" in await g.press(g.alex, g.group, "🟡", "签到")
    await g.see(g.li, g.group, "已到 3/5")


async def close(g: StudyGroup, starts_at: datetime) -> None:
    private = g.sandbox.private(g.li)
    await g.move_to(starts_at + timedelta(minutes=91))
    await g.see(g.li, private, "还有 2 人未登记")
    # The card is closed now: a late tap writes nothing and says so.
    await g.press(g.li, private, "未登记", "补登")
    await g.press(g.li, private, "点选姓名", "李明")
    await g.press(g.li, private, "李明", "出勤")
    await g.see(g.li, private, "点选姓名登记（1 人）")
    await g.press(g.li, private, "点选姓名", "结束本次学习")
    await g.see(g.li, private, "已到 4/5")
    final = await g.see(g.li, g.group, "\n已结束\n")
    assert "请假 1" in final["text"]
    assert [[button["text"] for button in row] for row in final["reply_markup"]["inline_keyboard"]] == [["申请更正"]]


async def see_the_board(g: StudyGroup, starts_at: datetime) -> None:
    local = starts_at + timedelta(hours=8)
    monday = (local - timedelta(days=local.weekday())).replace(hour=0, minute=30) + timedelta(days=7)
    await g.move_to(monday - timedelta(seconds=30))
    private = g.sandbox.private(g.wang)
    await g.say(g.wang, private, "/me")
    await g.see(g.wang, private, "10")
    await g.move_to(monday + timedelta(seconds=30))  # 08:30 in Beijing
    board = await g.see(g.wang, g.group, "100%")
    assert "王芳" in text_of(board)
    place = await g.press(g.wang, g.group, "100%", "我的位置")
    assert "1" in place


async def export_it(g: StudyGroup, starts_at: datetime) -> None:
    private = g.sandbox.private(g.zhou)
    await g.say(g.zhou, private, "/export")
    await g.press(g.zhou, private, "导出哪段时间", "本年")
    await g.press(g.zhou, private, "用哪种格式", "XLSX")

    async def document() -> dict[str, object] | None:
        messages = await g.sandbox.messages(g.zhou, private)
        return next((m["document"] for m in messages if "document" in m), None)

    found = await g.sandbox.wait_for(document, timeout=30)
    assert found is not None
    name, content = await g.sandbox.file(str(found["file_id"]))
    assert name.endswith(".xlsx")
    book = openpyxl.load_workbook(io.BytesIO(content))
    rows = [[cell.value for cell in row] for row in book["签到明细"].iter_rows()]
    by_name = {name: row for row in rows for name in ("李明", "王芳", "赵强", "陈静", "Alex Reed") if name in row}
    assert {name: _status(row) for name, row in by_name.items()} == {
        "李明": "出勤",
        "王芳": "出勤",
        "陈静": "出勤",
        "Alex Reed": "迟到",
        "赵强": "请假",
    }


def _status(row: Sequence[object]) -> object:
    return next(value for value in row if value in ("出勤", "迟到", "请假", "缺勤"))
