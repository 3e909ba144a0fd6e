"""The talk around scheduling as people live it: typing, changing, leave, series and cancelling, over real HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from study_group import StudyGroup, study_group

from sandbox.client import Json

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture
async def g(database_url: str, tmp_path: Path) -> AsyncIterator[StudyGroup]:
    async with study_group(database_url, tmp_path) as started:
        for person in (started.li, started.zhao):
            await started.sandbox.press_start(person)
        await started.say(started.li, started.group, "/register")
        await started.press(started.li, started.group, "已登记", "我来当组长")
        await started.press(started.zhao, started.group, "已登记", "加入")
        yield started


async def test_a_session_from_its_line_to_its_cancelling(g: StudyGroup) -> None:
    private = g.sandbox.private(g.li)
    await be_shown_how(g, private)
    await be_refused(g, private)
    await change_a_draft(g, private)
    await take_leave(g)
    await see_what_comes(g)
    await cancel_the_series(g, private)


async def be_shown_how(g: StudyGroup, private: int) -> None:
    await g.say(g.li, private, "/new")
    await g.see(g.li, private, "是哪一类")
    await g.say(g.zhao, g.sandbox.private(g.zhao), "/new")
    await g.see(g.zhao, g.sandbox.private(g.zhao), "您目前没有负责的小组")


async def be_refused(g: StudyGroup, private: int) -> None:
    for line, sentence in (
        ("2月31日19:00 党课", "“2月31日”不是一个日期"),
        ("昨天19:00 党课", "已过。改为"),
        ("下周三 党课", "没有读到几点"),
        ("下周三19:00", "没有读到主题"),
        ("下周三上午15点 党课", "自相矛盾"),
        ("每天19:00 党课", "不能按“每天”重复"),
    ):
        await g.say(g.li, private, f"/new {line}")
        await g.see(g.li, private, sentence)


async def change_a_draft(g: StudyGroup, private: int) -> None:
    await g.say(g.li, private, "/new 3天后7点 读书会 @三楼")
    await g.see(g.li, private, "按 07:00 理解")
    await g.press(g.li, private, "请确认", "改为 19:00")
    await g.see(g.li, private, "按 19:00 理解")
    await g.press(g.li, private, "请确认", "重复")
    await g.press(g.li, private, "多久一次", "每周")
    await g.see(g.li, private, "🔁 每周")
    await g.press(g.li, private, "🔁 每周", "发布")
    published = await g.see(g.li, private, "✅ 已发布")
    assert _labels(published) == ["↩️ 撤销"]
    card = await g.see(g.zhao, g.group, "参加 0")
    assert "19:00（北京时间）–20:30" in card["text"]
    # What was dropped is not published by its button in an older view of the message.
    await g.say(g.li, private, "/new 4天后19:00 参观")
    await g.press(g.li, private, "参观", "取消")
    await g.see(g.li, private, "已取消，没有发布任何内容")


async def take_leave(g: StudyGroup) -> None:
    own, leader = g.sandbox.private(g.zhao), g.sandbox.private(g.li)
    assert "请在私聊里选择原因" in await g.press(g.zhao, g.group, "参加 0", "请假")
    await g.press(g.zhao, own, "请选择原因", "病假")
    await g.see(g.zhao, own, "已请假：病假")
    await g.sandbox.shift(minutes=2)
    await g.press(g.li, leader, "请假（病假）", "批准")
    await g.see(g.li, leader, "已批准")
    await g.see(g.zhao, own, "请假已批准（病假）")
    await g.see(g.zhao, g.group, "请假 1")
    await g.press(g.zhao, own, "已请假：病假", "撤回请假")
    await g.see(g.zhao, own, "已撤回请假")
    await g.see(g.zhao, g.group, "请假 0")


async def see_what_comes(g: StudyGroup) -> None:
    own = g.sandbox.private(g.zhao)
    await g.say(g.zhao, g.group, "/today")
    await g.see(g.zhao, g.group, "接下来的学习")
    await g.say(g.zhao, own, "/today")
    await g.press(g.zhao, own, "接下来的学习", "读书会")
    assert "参加" in await g.press(g.zhao, own, "我的回复", "参加")
    await g.see(g.zhao, g.group, "参加 1")
    await g.say(g.zhao, own, "/today")
    assert "参加" in (await g.see(g.zhao, own, "读书会 · 三楼 · 参加"))["text"]


async def cancel_the_series(g: StudyGroup, private: int) -> None:
    await g.say(g.li, private, "/cancel")
    asked = await g.see(g.li, private, "要取消哪一次")
    first = _labels(asked)[0]
    await g.press(g.li, private, "要取消哪一次", first)
    await g.press(g.li, private, "确定取消", "取消本次及以后")
    await g.see(g.li, private, "已通知群里")
    await g.see(g.zhao, g.group, "🚫 已取消：")
    assert "以后" in (await g.see(g.zhao, g.group, "🚫 已取消："))["text"]
    card = await g.see(g.zhao, g.group, "🚫 已取消\n")
    assert "reply_markup" not in card
    await g.say(g.li, private, "/cancel")
    await g.see(g.li, private, "没有可以取消的学习")


def _labels(message: Json) -> list[str]:
    return [button["text"] for row in message["reply_markup"]["inline_keyboard"] for button in row]
