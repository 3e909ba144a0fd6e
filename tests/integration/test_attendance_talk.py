"""Leave, nudges, closing and corrections as people live them: the whole bot in front of the sandbox, over HTTP."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from open_session import OpenSession, announce, open_session
from sqlalchemy import insert, select, update
from talk import Talk, talking

from db.tables import membership, person, study_session
from sandbox.client import Json

# pytest sets the filters of warnings anew for each test, so the poller's own is lost.
pytestmark = pytest.mark.filterwarnings("ignore:.*do_api_request:telegram.warnings.PTBUserWarning")


class Life:
    """A group of three with a session three hours from now, in the middle of a day."""

    def __init__(self, talk: Talk, people: list[Json], group: Json, made: OpenSession, starts_at: datetime) -> None:
        self.talk, self.group, self.made, self.starts_at = talk, group, made, starts_at
        self.li, self.wang, self.alex = people

    def private(self, somebody: Json) -> int:
        return self.talk.sandbox.private(somebody)

    async def press(self, somebody: Json, chat: Json | int, contains: str, label: str) -> str:
        message = await self.talk.see(somebody, chat, contains)
        return await self.talk.press(somebody, chat, message, label)

    async def see_in_group(self, contains: str) -> None:
        """The group's message is edited every few seconds at most."""
        await self.talk.sandbox.shift(seconds=7)
        await self.talk.see(self.wang, self.group, contains)


@pytest.fixture
async def life(tmp_path: Path) -> AsyncIterator[Life]:
    async with talking(f"sqlite:///{tmp_path / 'bot.sqlite3'}") as talk:
        noon = (datetime.now(UTC) + timedelta(days=1)).replace(hour=4, minute=0, second=0, microsecond=0)
        await talk.sandbox.set_clock(noon.isoformat())
        people = [await talk.started(name) for name in ("李明", "王芳", "Alex")]
        group = await talk.sandbox.new_group(people[0], "第三学习小组", people[1:], type="group")
        starts_at = noon + timedelta(hours=3)
        made = await talk.bot.store.write(lambda connection: _session(connection, group, people, starts_at))
        yield Life(talk, people, group, made, starts_at)


def _session(connection, group: Json, people: list[Json], starts_at: datetime) -> OpenSession:  # type: ignore[no-untyped-def]
    made = open_session(connection, int(group["id"]), [], 1, starts_at)
    joined_at = starts_at - timedelta(days=30)
    for somebody, role in zip(people, ("leader", "member", "member"), strict=True):
        known = select(person.c.id).where(person.c.telegram_id == somebody["id"])
        person_id = connection.execute(known).scalar_one()
        row = {"group_id": made.group_id, "person_id": person_id, "role": role, "joined_at": joined_at}
        connection.execute(insert(membership).values(**row))
    # Whoever made the rows is no member of this group.
    first = select(person.c.id).where(person.c.telegram_id == 1).scalar_subquery()
    connection.execute(membership.delete().where(membership.c.person_id == first))
    connection.execute(update(person).values(private_reminders=True))
    announce(connection, made, starts_at - timedelta(minutes=15))
    return made


async def test_leave_is_taken_turned_down_and_answered_in_private(life: Life) -> None:
    wang, li = life.private(life.wang), life.private(life.li)
    await life.talk.sandbox.say(life.wang, life.group, "/leave")
    assert "请假在私聊中办理" in (await life.talk.see(life.wang, life.group, "请假在私聊"))["text"]
    await life.talk.sandbox.say(life.wang, wang, "/leave")
    await life.press(life.wang, wang, "要为哪一次学习请假", "党课")
    assert await life.press(life.wang, wang, "为什么请假", "病假") == "已登记"
    await life.talk.see(life.wang, wang, "已请假：病假")
    assert "未批准" in await life.press(life.li, li, "请假（病假）", "不批准")
    await life.talk.see(life.li, li, "未批准：")
    assert "已登记：参加" in await life.press(life.wang, wang, "请假未获批准", "参加")
    await life.talk.see(life.wang, wang, "✅ 已登记：参加")


async def test_who_has_not_answered_is_nudged_and_the_message_says_what_was_recorded(life: Life) -> None:
    due = update(study_session).values(nudge_at=life.starts_at - timedelta(hours=3))
    await life.talk.bot.store.write(lambda connection: connection.execute(due) and None)
    life.talk.bot.ticker.wake()
    alex = life.private(life.alex)
    nudge = await life.talk.see(life.alex, alex, "Can you come?")
    assert await life.talk.press(life.alex, alex, nudge, "Leave") == "📝 Leave recorded"
    await life.press(life.alex, alex, "What is the reason?", "Official")
    await life.talk.see(life.alex, alex, "On leave: Official")
    assert "已私信提醒" in (await life.talk.see(life.li, life.private(life.li), "已私信提醒"))["text"]


async def test_a_session_is_closed_undone_closed_and_its_record_corrected(life: Life) -> None:
    li, wang = life.private(life.li), life.private(life.wang)
    await life.talk.sandbox.set_clock((life.starts_at + timedelta(minutes=2)).isoformat())
    assert "on time" in await life.press(life.alex, life.group, "签到进行中", "签到")
    await life.talk.sandbox.set_clock((life.starts_at + timedelta(minutes=95)).isoformat())
    await life.press(life.li, li, "还有 2 人未登记", "补登")
    await life.press(life.li, li, "点选姓名", "李明")
    await life.press(life.li, li, "改为？", "出勤")
    assert await life.press(life.li, li, "点选姓名登记（1 人）", "撤销") == "已撤销"
    assert await life.press(life.li, li, "点选姓名登记（2 人）", "结束本次学习") == "已结束"
    await life.see_in_group("缺勤 2")
    assert await life.press(life.li, li, "✅ 党课", "撤销") == "已重新打开"
    await life.see_in_group("已重新打开")
    await life.press(life.li, li, "还有 2 人未登记", "其余缺勤并结束")
    await life.see_in_group("缺勤 2")
    assert "已提交" in await life.press(life.wang, life.group, "缺勤 2", "申请更正")
    assert "已记为“出勤”" in await life.press(life.li, li, "申请更正", "记为出勤")
    await life.talk.see(life.wang, wang, "✅ 已更正")
    await life.see_in_group("已到 2/3")
    await life.talk.sandbox.say(life.li, li, "/me")
    await life.press(life.li, li, "我的记录", "申请更正")
    await life.press(life.li, li, "哪一次的记录不对", "缺勤")
    await life.press(life.li, li, "应该是？", "迟到")
    assert await life.press(life.li, li, "已申请改为“迟到”", "撤回申请") == "已撤回"


async def test_what_was_missed_is_told_once_it_cannot_be_undone_and_is_made_up_from_the_list(life: Life) -> None:
    li, wang = life.private(life.li), life.private(life.wang)
    ended = life.starts_at + timedelta(minutes=95)
    await life.talk.sandbox.set_clock(ended.isoformat())
    await life.press(life.li, li, "还有 3 人未登记", "其余缺勤并结束")
    await life.talk.see(life.li, li, "✅ 党课")
    heard = [str(message.get("text")) for message in await life.talk.sandbox.messages(life.wang, wang)]
    assert not any("您没有参加" in text for text in heard)
    await life.talk.sandbox.set_clock((ended + timedelta(seconds=61)).isoformat())
    await life.press(life.wang, wang, "您没有参加", "我的补学")
    await life.press(life.wang, wang, "📘 我的补学", "党课")
    await life.press(life.wang, wang, "截止", "交心得")
    await life.talk.see(life.wang, wang, "请发来")
    await life.talk.sandbox.say(life.wang, wang, "三点体会")
    await life.talk.see(life.wang, wang, "已补学")
    await life.talk.sandbox.say(life.wang, wang, "/me")
    await life.press(life.wang, wang, "我的记录", "我的补学")
    await life.talk.see(life.wang, wang, "已补 ✅")
