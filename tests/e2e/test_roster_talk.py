"""A roster by file as a leader lives it, over real HTTP: sent, looked at, written, and had back."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from study_group import StudyGroup, study_group

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.fixture
async def g(database_url: str, tmp_path: Path) -> AsyncIterator[StudyGroup]:
    async with study_group(database_url, tmp_path) as started:
        await started.sandbox.press_start(started.li)
        await started.say(started.li, started.group, "/register")
        await started.press(started.li, started.group, "已登记", "我来当组长")
        yield started


async def test_a_roster_comes_in_and_goes_out(g: StudyGroup) -> None:
    private = g.sandbox.private(g.li)
    await g.say(g.li, private, "/manage")
    await g.press(g.li, private, "管理", "成员")
    await g.press(g.li, private, "成员", "导入/导出名册")
    await g.see(g.li, private, "请直接发来名册文件")
    await g.say(g.li, private, "张三")
    await g.see(g.li, private, "这里需要名册文件")
    await g.sandbox.upload(g.li, private, "坏.xlsx", b"no table")
    await g.see(g.li, private, "没有找到“姓名”表头")
    rows = "姓名,工号,职务,党小组,表决权\n张三,007,副组长,一小组,是\n王五,008,书记,,否\n赵六,009,,二小组,否\n"
    await g.sandbox.upload(g.li, private, "名册.csv", rows.encode("gb18030"))
    shown = await g.see(g.li, private, "名册核对")
    assert "新增 2 人" in shown["text"]
    assert "第 3 行：不认识的职务" in shown["text"]
    await g.press(g.li, private, "名册核对", "写入 2 人")
    await g.see(g.li, private, "已新增 2 人")
    await g.press(g.li, private, "已新增 2 人", "返回")
    await g.see(g.li, private, "3 人")
    await g.press(g.li, private, "3 人", "导入/导出名册")
    await g.press(g.li, private, "请直接发来名册文件", "当前名册 XLSX")
    sent = await g.see(g.li, private, "名册，共 3 人")
    assert sent["document"]["file_name"].endswith(".xlsx")
