"""A published session as people live it: card, page, files, editing and moving, over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from talk import Talk, talking

from sandbox.client import Json

pytestmark = pytest.mark.filterwarnings("ignore:.*do_api_request:telegram.warnings.PTBUserWarning")


class Study:
    """A leader and a member of a group with one session, and its card."""

    def __init__(self, talk: Talk, li: Json, wang: Json, group: Json) -> None:
        self.talk, self.li, self.wang, self.group = talk, li, wang, group
        self.of_li, self.of_wang = talk.sandbox.private(li), talk.sandbox.private(wang)

    async def publish(self, line: str) -> Json:
        await self.talk.sandbox.say(self.li, self.of_li, f"/new {line}")
        echo = await self.talk.see(self.li, self.of_li, "请确认")
        await self.talk.press(self.li, self.of_li, echo, "发布")
        return await self.talk.see(self.wang, self.group, "参加 0")

    async def open_page(self, somebody: Json, contains: str = "我的回复") -> Json:
        await self.talk.sandbox.say(somebody, self.talk.sandbox.private(somebody), "/today")
        listed = await self.talk.see(somebody, self.talk.sandbox.private(somebody), "接下来的学习")
        await self.talk.press(somebody, self.talk.sandbox.private(somebody), listed, "党课")
        return await self.now(somebody, listed, contains)

    async def now(self, somebody: Json, message: Json, contains: str, chat: Json | int | None = None) -> Json:
        """The same message, once it says this."""
        place = self.talk.sandbox.private(somebody) if chat is None else chat
        return await self.talk.sandbox.wait_for_message(
            somebody, place, contains=contains, where=lambda seen: bool(seen["message_id"] == message["message_id"])
        )

    async def card_says(self, card: Json, contains: str) -> Json:
        """The card once it says this; its edits are paced, so the clock is moved past their interval."""
        await self.talk.sandbox.shift(seconds=7)
        return await self.now(self.wang, card, contains, self.group)

    async def tap(self, somebody: Json, message: Json, label: str, contains: str) -> Json:
        """Press a button of a private message and wait for what it turns into."""
        await self.talk.press(somebody, self.talk.sandbox.private(somebody), message, label)
        return await self.now(somebody, message, contains)


@pytest.fixture
async def study(tmp_path: Path) -> AsyncIterator[Study]:
    async with talking(f"sqlite:///{tmp_path / 'bot.sqlite3'}") as talk:
        li, wang = await talk.started("李明"), await talk.started("王芳")
        group = await talk.registered(li, wang)
        card = await talk.see(li, group, "已登记")
        await talk.press(li, group, card, "我来当组长")
        await talk.press(wang, group, card, "加入")
        yield Study(talk, li, wang, group)


def labels(message: Json) -> list[str]:
    keyboard = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for row in keyboard for button in row]


async def test_the_page_answers_edits_in_place_and_leads_back(study: Study) -> None:
    card = await study.publish("8天后19:00 党课：学习原著 @三楼")
    alert = await study.talk.press(study.wang, study.group, card, "详情")
    assert "地点：三楼" in alert
    assert "我的回复：未回复" in alert
    page = await study.open_page(study.wang, "我的回复：未回复")
    page = await study.tap(study.wang, page, "参加", "我的回复：参加")
    assert labels(page) == ["📝 请假", "📅 加入日历", "‹ 返回"]
    why = await study.tap(study.wang, page, "请假", "请选择请假原因")
    page = await study.tap(study.wang, why, "病假", "我的回复：请假，待批准")
    await study.card_says(card, "请假 1")
    page = await study.tap(study.wang, page, "撤回请假", "我的回复：未回复")
    await study.talk.press(study.wang, study.of_wang, page, "加入日历")
    file = await study.talk.sandbox.wait_for_message(study.wang, study.of_wang, where=lambda m: "document" in m)
    assert file["document"]["file_name"].endswith(".ics")
    await study.tap(study.wang, page, "返回", "接下来的学习")


async def test_a_leader_moves_a_session_and_who_had_answered_is_asked_again(study: Study) -> None:
    card = await study.publish("8天后19:00 党课：学习原著 @三楼")
    await study.talk.press(study.wang, study.group, card, "参加")
    page = await study.open_page(study.li)
    menu = await study.tap(study.li, page, "修改", "时长：90分钟")
    asked = await study.tap(study.li, menu, "时间", "请选择日期")
    await study.talk.sandbox.say(study.li, study.of_li, "随便什么时候")
    await study.talk.see(study.li, study.of_li, "没有读懂这个时间")
    await study.talk.sandbox.say(study.li, study.of_li, "20:30")
    echo = await study.talk.see(study.li, study.of_li, "请确认修改", after=asked["message_id"])
    assert "→" in echo["text"]
    assert "时长仍是90分钟，22:00 结束" in echo["text"]
    done = await study.tap(study.li, echo, "确认修改", "✅ 已修改")
    assert "↩️ 撤销" in labels(done)
    old = await study.now(study.wang, card, "已改期", study.group)
    assert labels(old) == []
    new = await study.talk.see(study.wang, study.group, "原定", after=card["message_id"])
    assert "20:30" in new["text"]
    assert "参加 0" in new["text"]
    await study.talk.sandbox.shift(hours=15)  # past the minute of undoing and the quiet night
    question = await study.talk.see(study.wang, study.of_wang, "还能参加吗")
    await study.talk.press(study.wang, study.of_wang, question, "参加")
    await study.card_says(new, "参加 1")


async def test_files_are_handed_in_shown_on_the_card_and_fetched_over_its_link(study: Study) -> None:
    card = await study.publish("8天后19:00 党课：学习原著 @三楼")
    page = await study.open_page(study.li)
    await study.tap(study.li, page, "添加材料", "逐个发来")
    await study.talk.sandbox.say(study.li, study.of_li, "材料稍后发")
    await study.talk.see(study.li, study.of_li, "这里等的是文件或图片")
    await study.talk.sandbox.upload(study.li, study.of_li, "提纲.txt", b"outline")
    added = await study.talk.see(study.li, study.of_li, "（1/10）")
    page = await study.tap(study.li, added, "完成", "📎 材料 1")
    card = await study.card_says(card, "📎 材料 1")
    link = next(b["url"] for row in card["reply_markup"]["inline_keyboard"] for b in row if "url" in b)
    await study.talk.sandbox.follow(study.wang, link)
    shown = await study.talk.see(study.wang, study.of_wang, "我的回复")
    await study.talk.press(study.wang, study.of_wang, shown, "材料")
    sent = await study.talk.sandbox.wait_for_message(study.wang, study.of_wang, where=lambda m: "document" in m)
    assert sent["document"]["file_name"] == "提纲.txt"
    listed = await study.tap(study.li, page, "管理材料", "点一个即可删除")
    sure = await study.tap(study.li, listed, "提纲.txt", "要重新上传")
    await study.tap(study.li, sure, "删除", "还没有材料")
    await study.card_says(card, "参加 0")


async def test_a_stranger_reads_no_page_a_forged_button_opens_none_and_english_is_complete(study: Study) -> None:
    card = await study.publish("8天后19:00 党课：学习原著 @三楼")
    alex = await study.talk.started("Alex")
    private = study.talk.sandbox.private(alex)
    await study.talk.sandbox.press_start(alex, "s_1")
    await study.talk.see(alex, private, "You have not joined")
    for data in ("session:1", "edit:1", "sessions_of:1", "session_people:1:0", "material_list:1", "calendar:1"):
        answer = await study.talk.sandbox.tap(study.li, study.group, card, data=data, forge=True)
        assert answer is not None
        assert "按钮已失效" in answer["text"]
    old = await study.talk.sandbox.tap(study.li, study.group, card, "详情", inaccessible=True)
    assert old is not None
    assert "我的回复" in old["text"]  # an old message of which only the number is known is answered too
    await study.talk.sandbox.add(study.li, study.group, alex)
    await study.talk.press(alex, study.group, card, "参加")
    assert "My answer: going" in await study.talk.press(alex, study.group, card, "详情")
    await study.talk.sandbox.say(alex, private, "/today")
    listed = await study.talk.see(alex, private, "Coming up")
    await study.talk.press(alex, private, listed, "党课")
    page = await study.now(alex, listed, "My answer: going")
    assert labels(page) == ["📝 Leave", "📅 Add to calendar", "‹ Back"]
