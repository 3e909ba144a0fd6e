"""Scheduling as people live it: the whole bot in front of the sandbox, over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select, update
from talk import Talk, talking

from db.tables import membership, person, study_group, study_session
from sandbox.client import Json

# pytest sets the filters of warnings anew for each test, so the poller's own is lost.
pytestmark = pytest.mark.filterwarnings("ignore:.*do_api_request:telegram.warnings.PTBUserWarning")


@dataclass
class Stage:
    """A group with its leader, who has pressed Start."""

    talk: Talk
    li: Json
    group: Json

    @property
    def private(self) -> int:
        return self.talk.sandbox.private(self.li)

    async def say(self, text: str, chat: Json | int | None = None) -> Json:
        return await self.talk.sandbox.say(self.li, self.private if chat is None else chat, text)

    async def see(self, contains: str, after: Json | int = 0, chat: Json | int | None = None) -> Json:
        since = after if isinstance(after, int) else after["message_id"]
        return await self.talk.see(self.li, self.private if chat is None else chat, contains, since)

    async def press(self, message: Json, label: str, chat: Json | int | None = None) -> str:
        return await self.talk.press(self.li, self.private if chat is None else chat, message, label)

    async def until(self, message: Json, contains: str, chat: Json | int | None = None) -> Json:
        """The message once it has been edited to say something."""
        return await self.see(contains, message["message_id"] - 1, chat)

    async def sessions(self) -> list[tuple[str, str]]:
        query = select(study_session.c.title, study_session.c.state).order_by(study_session.c.id)
        rows = await self.talk.bot.store.read(lambda connection: connection.execute(query).all())
        return [(row.title, row.state) for row in rows]


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with talking(f"sqlite:///{tmp_path / 'bot.sqlite3'}") as talk:
        li = await talk.started("李明")
        group = await talk.registered(li)
        card = await talk.see(li, group, "已登记")
        await talk.press(li, group, card, "组长")
        yield Stage(talk, li, group)


def labels(message: Json) -> list[str]:
    return [button["text"] for row in message["reply_markup"]["inline_keyboard"] for button in row]


async def test_step_by_step_from_the_group_to_the_card_and_back(stage: Stage) -> None:
    said = await stage.say("/new", stage.group)
    how_to = await stage.see("写明时间和主题", said, stage.group)
    await stage.talk.sandbox.follow(stage.li, how_to["reply_markup"]["inline_keyboard"][0][0]["url"])
    kind = await stage.see("是哪一类")
    await stage.press(kind, "党课")
    await stage.until(kind, "学什么")
    title = await stage.say("今天 怎样上好党课")  # an awaited answer may begin with a command's word
    day = await stage.see("哪一天", title)
    assert "怎样上好党课" in day["text"]
    tomorrow = labels(day)[1]
    await stage.press(day, tomorrow)
    await stage.until(day, "几点")
    clock = await stage.say("晚上7点到9点")
    place = await stage.see("在哪里", clock)
    await stage.press(place, "线上")
    await stage.until(place, "线上会议的链接")
    refused = await stage.say("腾讯会议 123")
    await stage.see("链接要以 http", refused)
    link = await stage.say("https://meeting.example/1")
    echo = await stage.see("请确认", link)
    for part in (tomorrow, "19:00", "120分钟", "线上", "https://meeting.example/1"):
        assert part in echo["text"]
    await publish_undo_and_publish_anew(stage, echo)


async def publish_undo_and_publish_anew(stage: Stage, echo: Json) -> None:
    assert await stage.press(echo, "发布") == "已发布"
    card = await stage.see("怎样上好党课", chat=stage.group)
    published = await stage.until(echo, "✅ 已发布")
    assert labels(published) == ["↩️ 撤销"]
    assert "撤销" in await stage.press(echo, "撤销")
    await stage.until(echo, "请确认")

    async def card_is_gone() -> bool:
        seen = await stage.talk.sandbox.messages(stage.li, stage.group)
        return card["message_id"] not in {message["message_id"] for message in seen}

    await stage.talk.sandbox.wait_for(card_is_gone, what="the card deleted")
    await stage.press(echo, "发布")
    await stage.see("怎样上好党课", card, stage.group)
    states = [state for _, state in await stage.sessions()]
    assert states == ["cancelled", "scheduled"]
    await stage.talk.sandbox.shift(seconds=90)
    assert "已超过 60 秒" in await stage.press(echo, "撤销")


async def test_every_page_of_a_draft_is_edited_in_place(stage: Stage) -> None:
    said = await stage.say("/new 3天后7点 读书会 @三楼")
    echo = await stage.see("按 07:00 理解", said)
    await stage.press(echo, "改为 19:00")
    await stage.until(echo, "按 19:00 理解")
    await stage.press(echo, "重复")
    choices = labels(await stage.until(echo, "多久一次"))
    assert choices[0] == "✓ 不重复"
    await stage.press(echo, choices[2])
    recurs = await stage.until(echo, "🔁 隔周")
    assert recurs["text"].count(" · ") == 4
    await stage.press(echo, "改时间")
    await stage.until(echo, "哪一天")
    await stage.press(echo, "20:00")
    await stage.until(echo, "20:00")
    await stage.press(echo, "更多")
    await stage.until(echo, "要改什么")
    await stage.press(echo, "120分钟")
    await stage.until(echo, "120分钟")
    await stage.press(echo, "更多")
    await stage.press(echo, "改主题")
    await stage.until(echo, "新的主题")
    typed = await stage.say("共读一本书")
    assert "120分钟" in (await stage.see("主题：共读一本书", typed))["text"]
    again = await stage.see("主题：共读一本书", typed)
    await stage.press(again, "取消")
    await stage.until(again, "没有发布任何内容")
    assert "已取消或不存在" in await stage.press(echo, "返回")  # the older message still shows the question
    assert await stage.sessions() == []


async def test_a_line_that_cannot_be_read_is_answered_with_what_why_and_a_next_step(stage: Stage) -> None:
    await be_refused_and_mend_the_line(stage)
    await take_the_time_proposed_for_one_that_has_passed(stage)


async def be_refused_and_mend_the_line(stage: Stage) -> None:
    for line, sentence in (
        ("/new 2月31日19:00 党课", "“2月31日”不是一个日期"),
        ("下周三 党课", "没有读到几点"),
        ("下周三上午15点 党课", "自相矛盾"),
        ("每天19:00 党课", "不能按“每天”重复"),
        ("下周三19:00 党课 ftp://a.example", "链接要以 http"),
        ("下周三19:00", "没有读到主题"),
    ):
        said = await stage.say(line)
        await stage.see(sentence, said)
    said = await stage.say("每月第一个周三19:00 党课")
    assert "🔁 每月第1个周三" in (await stage.see("请确认", said))["text"]
    # What is answered is not waited for any more.
    said = await stage.say("明天19:00 读书会")
    await stage.see("/help", said)


async def take_the_time_proposed_for_one_that_has_passed(stage: Stage) -> None:
    said = await stage.say("/new 昨天19:00 党课")
    question = await stage.see("已过。改为", said)
    assert labels(question) == ["是", "重选"]
    await stage.press(question, "是")
    await stage.until(question, "请确认")
    said = await stage.say("/new 昨天19:00 读书会", stage.group)
    question = await stage.see("已过。改为", said, stage.group)
    await stage.press(question, "重选", stage.group)
    page = await stage.until(question, "哪一天", stage.group)
    assert "⌨️ 输入时间" not in labels(page)


async def test_two_leaders_and_double_taps_publish_once(stage: Stage) -> None:
    sandbox = stage.talk.sandbox
    wang = await sandbox.person("王芳")
    await sandbox.add(stage.li, stage.group, wang)
    card = await stage.see("已登记", chat=stage.group)
    await stage.talk.press(wang, stage.group, card, "加入")
    await stage.talk.bot.store.write(
        lambda connection: connection.execute(
            update(membership)
            .where(membership.c.person_id == select(person.c.id).where(person.c.name == "王芳").scalar_subquery())
            .values(role="deputy")
        )
    )
    said = await stage.say("/new 明天19:00 党课", stage.group)
    echo = await stage.see("请确认", said, stage.group)
    taps = [await sandbox.tap_later(who, stage.group, echo, "发布") for who in (stage.li, wang, stage.li, wang)]
    answers = [answer for answer in await asyncio.gather(*map(sandbox.answer, taps)) if answer is not None]
    texts = sorted(str(answer["text"]) for answer in answers)
    assert texts == ["已发布", *["这次学习之前已发布，没有重复发布。"] * 3]
    assert await stage.sessions() == [("党课", "scheduled")]
    stale = await sandbox.tap(wang, stage.group, echo, data=f"repeat:{_draft_of(echo)}", forge=True)
    assert stale is not None
    assert "已发布，草稿不能再改" in stale["text"]
    said = await stage.say("/new 明天19:00 党课", stage.group)
    twin = await stage.see("请确认", said, stage.group)
    assert "时间重叠" in twin["text"]
    assert "已有同名的“党课”" in await stage.press(twin, "仍要发布", stage.group)


def _draft_of(echo: Json) -> str:
    return str(echo["reply_markup"]["inline_keyboard"][0][0]["callback_data"]).split(":")[1]


async def test_the_echo_speaks_the_language_of_its_place(stage: Stage) -> None:
    await stage.talk.bot.store.write(lambda connection: connection.execute(update(study_group).values(language="en")))
    said = await stage.say("/new tomorrow 7pm Reading https://a.example/1", stage.group)
    echo = await stage.see("Please confirm", said, stage.group)
    assert "Place: Online\nLink: https://a.example/1" in echo["text"]
    await stage.press(echo, "More", stage.group)
    page = await stage.until(echo, "What should change", stage.group)
    link = next(button["url"] for row in page["reply_markup"]["inline_keyboard"] for button in row if "url" in button)
    await stage.talk.sandbox.follow(stage.li, link)
    own = await stage.see("请确认")
    await stage.press(own, "更多")
    assert "改主题" in labels(await stage.until(own, "要改什么"))
    forged = await stage.talk.sandbox.tap(stage.li, stage.group, echo, data=f"retitle:{_draft_of(echo)}", forge=True)
    assert forged is not None
    assert "按钮已失效" in forged["text"]
