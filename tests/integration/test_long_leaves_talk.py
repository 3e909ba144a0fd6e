"""Long leave as people live it, over HTTP: chosen on a calendar, approved, shortened, and entered for a member."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from talk import Talk, talking

from sandbox.client import Json

MORNING = datetime(2026, 11, 24, 2, tzinfo=UTC)  # ten o'clock in Shanghai, outside of everybody's quiet hours

pytestmark = pytest.mark.filterwarnings("ignore:.*do_api_request:telegram.warnings.PTBUserWarning")


class Office:
    """A leader and a member of a group, each with the private chat."""

    def __init__(self, talk: Talk, li: Json, wang: Json) -> None:
        self.talk, self.li, self.wang = talk, li, wang

    async def tap(self, somebody: Json, message: Json, label: str, contains: str) -> Json:
        """Press a button of a private message and wait for what it turns into."""
        place = self.talk.sandbox.private(somebody)
        await self.talk.press(somebody, place, message, label)
        return await self.talk.sandbox.wait_for_message(
            somebody, place, contains=contains, where=lambda seen: bool(seen["message_id"] == message["message_id"])
        )

    async def see(self, somebody: Json, contains: str) -> Json:
        return await self.talk.see(somebody, self.talk.sandbox.private(somebody), contains)

    async def say(self, somebody: Json, text: str) -> None:
        await self.talk.sandbox.say(somebody, self.talk.sandbox.private(somebody), text)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with talking(f"sqlite:///{tmp_path / 'bot.sqlite3'}", at=MORNING) as talk:
        li, wang = await talk.started("李明"), await talk.started("王芳")
        group = await talk.registered(li, wang)
        card = await talk.see(li, group, "已登记")
        await talk.press(li, group, card, "我来当组长")
        await talk.press(wang, group, card, "加入")
        yield Office(talk, li, wang)


async def test_days_from_the_calendar_are_approved_and_shortened(office: Office) -> None:
    await office.say(office.wang, "/leave")
    page = await office.see(office.wang, "请假")
    page = await office.tap(office.wang, page, "长期请假", "一段日子")
    page = await office.tap(office.wang, page, "新的长期请假", "点第一天")
    page = await office.tap(office.wang, page, "12月 ›", "2026年12月")
    page = await office.tap(office.wang, page, "7", "点最后一天")
    page = await office.tap(office.wang, page, "18", "是什么原因")
    await office.tap(office.wang, page, "病假", "待批准")
    asked = await office.see(office.li, "请长假")
    await office.tap(office.li, asked, "批准", "已批准")
    await office.see(office.wang, "已批准，期间活动自动请假")
    page = await office.tap(office.wang, page, "返回", "一段日子")
    page = await office.tap(office.wang, page, "12月7日 至 12月18日", "已批准")
    page = await office.tap(office.wang, page, "缩短", "改到哪天结束")
    await office.tap(office.wang, page, "11", "12月7日 至 12月11日")


async def test_a_leader_enters_it_with_typed_days_and_ends_it(office: Office) -> None:
    await office.say(office.li, "/manage")
    page = await office.see(office.li, "管理 ·")
    page = await office.tap(office.li, page, "成员", "成员 2 人")
    page = await office.tap(office.li, page, "王芳", "王芳")
    page = await office.tap(office.li, page, "登记长期请假", "从哪天到哪天")
    await office.say(office.li, "就下周吧")
    await office.see(office.li, "没看懂")
    await office.say(office.li, "12月7日到12月18日")
    why = await office.see(office.li, "点原因即登记")
    entered = await office.tap(office.li, why, "公假", "已批准")
    told = await office.see(office.wang, "组长已为您登记")
    await office.tap(office.li, entered, "提前结束", "已撤回")
    await office.see(office.wang, "已取消")
    await office.tap(office.wang, told, "长期请假", "已撤回")
