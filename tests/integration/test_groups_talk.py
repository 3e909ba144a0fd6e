"""A group's life as people live it: the whole bot in front of the sandbox, over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select
from talk import Talk, talking

from db.tables import chat

# pytest sets the filters of warnings anew for each test, so the poller's own is lost.
pytestmark = pytest.mark.filterwarnings("ignore:.*do_api_request:telegram.warnings.PTBUserWarning")


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    async with talking(f"sqlite:///{tmp_path / 'bot.sqlite3'}") as made:
        yield made


@pytest.fixture
async def talk_on_each(database_url: str) -> AsyncIterator[Talk]:
    """Where the database decides, once on each kind."""
    async with talking(database_url) as made:
        yield made


async def test_only_a_chat_admin_registers_by_the_button_under_the_greeting(talk: Talk) -> None:
    li, wang = await talk.sandbox.person("李明"), await talk.sandbox.person("王芳")
    group = await talk.new_group(li, wang)
    greeting = await talk.see(li, group, "登记本群")
    assert "只有本群的 Telegram 管理员" in await talk.press(wang, group, greeting, "登记")
    assert await talk.press(li, group, greeting, "登记") == "已登记"
    card = await talk.see(li, group, "第二学习小组")
    assert "成员：1 人" in card["text"]
    assert "已加入" in await talk.press(wang, group, card, "加入")
    await talk.see(li, group, "成员：2 人")


async def test_an_anonymous_admin_confirms_with_a_tap(talk_on_each: Talk) -> None:
    talk = talk_on_each
    li, wang = await talk.sandbox.person("李明"), await talk.sandbox.person("王芳")
    group = await talk.new_group(li, wang)
    await talk.sandbox.promote(li, group, wang, anonymous=True)
    await talk.sandbox.say(wang, group, "/register")
    question = await talk.see(li, group, "匿名管理员")
    assert await talk.press(wang, group, question, "确认身份") == "已确认身份"
    await talk.see(li, group, "成员：1 人")
    assert await talk.roles() == {"王芳": "member"}


async def test_a_leader_is_meant_by_a_reply_or_by_the_username_of_a_chat_admin(talk: Talk) -> None:
    li, wang, alex = [await talk.sandbox.person(name) for name in ("李明", "王芳", "Alex")]
    group = await talk.registered(li, wang, alex)
    await talk.sandbox.say(li, group, "/leader")
    await talk.see(li, group, "请回复要任命的人")
    said = await talk.sandbox.say(wang, group, "我可以带学")
    await talk.sandbox.say(li, group, "/leader", reply_to=said)
    await talk.see(li, group, "组长：⁨王芳⁩")
    await talk.sandbox.say(li, group, "/leader", reply_to=said)
    await talk.see(li, group, "组长已是")  # 王芳 leads now, so a chat admin appoints nobody any more
    await talk.sandbox.promote(li, group, alex)
    await talk.sandbox.say(wang, group, "/leader @alex_reed")
    await talk.see(li, group, "组长：⁨Alex Reed⁩")
    assert await talk.roles() == {"李明": "member", "王芳": "leader", "Alex Reed": "leader"}


async def test_whoever_leaves_the_chat_leaves_the_group(talk: Talk) -> None:
    li, wang = await talk.sandbox.person("李明"), await talk.sandbox.person("王芳")
    group = await talk.registered(li, wang)
    await talk.press(wang, group, await talk.see(li, group, "已登记"), "加入")
    assert await talk.roles() == {"李明": "member", "王芳": "member"}
    await talk.sandbox.leave(wang, group)
    await talk.sandbox.wait_for(lambda: _only(talk, {"李明": "member"}), what="the membership to end")


async def test_a_supergroup_goes_on_where_the_group_was(talk_on_each: Talk) -> None:
    talk = talk_on_each
    li = await talk.sandbox.person("李明")
    group = await talk.new_group(li, kind="group")
    await talk.see(li, group, "登记本群")
    await talk.sandbox.say(li, group, "/register")
    await talk.see(li, group, "已登记")
    new = await talk.sandbox.upgrade(li, group)
    await talk.sandbox.wait_until_idle()
    await talk.sandbox.say(li, new, "/register")
    assert "成员：1 人" in (await talk.see(li, new, "已登记"))["text"]
    numbers = await talk.bot.store.read(lambda c: list(c.execute(select(chat.c.telegram_id)).scalars()))
    assert new["id"] in numbers
    assert group["id"] not in numbers
    assert not [m for m in await talk.sandbox.messages(li, new) if "登记本群" in m.get("text", "")]


async def test_a_bot_that_was_removed_says_that_it_is_back(talk: Talk) -> None:
    li = await talk.sandbox.person("李明")
    group = await talk.registered(li)
    bot = {"id": await talk.sandbox.bot_id()}
    await talk.sandbox.kick(li, group, bot)
    await talk.sandbox.add(li, group, bot)
    await talk.see(li, group, "我回来了")


async def test_a_bot_that_was_added_by_its_link_greets_once(talk: Talk) -> None:
    li = await talk.sandbox.person("李明")
    group = await talk.sandbox.new_group(li, "第三学习小组", with_bot=False)
    bot = {"id": await talk.sandbox.bot_id()}
    await talk.sandbox.add(li, group, bot, payload="new")
    await talk.see(li, group, "登记本群")
    await talk.sandbox.wait_until_idle()
    told = [message for message in await talk.sandbox.messages(li, group) if message["from"]["id"] == bot["id"]]
    assert len([message for message in told if "text" in message]) == 1


async def _only(talk: Talk, wanted: dict[str, str]) -> bool:
    return await talk.roles() == wanted
