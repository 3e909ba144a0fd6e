"""Settings as people use them: the whole bot in front of the sandbox, over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from settled import settle
from sqlalchemy import select
from talk import Talk, talking

from db.tables import group_topic, person, study_group
from sandbox.client import Json
from services.settings import Page

pytestmark = pytest.mark.filterwarnings("ignore:.*do_api_request:telegram.warnings.PTBUserWarning")


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    async with talking(f"sqlite:///{tmp_path / 'bot.sqlite3'}") as made:
        yield made


async def said_after(talk: Talk, somebody: Json, said: Json, contains: str) -> Json:
    return await talk.see(somebody, talk.sandbox.private(somebody), contains, after=said["message_id"])


async def edited(talk: Talk, somebody: Json, chat: Json | int, message: Json, contains: str) -> Json:
    """The same message, once it says something else."""
    return await talk.sandbox.wait_for_message(
        somebody, chat, contains=contains, where=lambda seen: bool(seen["message_id"] == message["message_id"])
    )


async def commands(talk: Talk, somebody: Json, chat: Json | int | None = None) -> dict[str, str]:
    """The menu that somebody sees: in private, or in a group."""
    chats = (await talk.sandbox.state(somebody))["chats"]
    wanted = somebody["id"] if chat is None else chat["id"] if isinstance(chat, dict) else chat
    here = next(each for each in chats if each["id"] == wanted)
    return {command["command"]: command["description"] for command in here["commands"]}


async def test_ones_own_settings_are_edited_in_place(talk: Talk) -> None:
    li = await talk.started("李明")
    own = talk.sandbox.private(li)
    await talk.sandbox.say(li, own, "设置")
    page = await talk.see(li, own, "我的设置")
    await talk.press(li, own, page, "私信提醒")
    page = await edited(talk, li, own, page, "选了时间即为同意接收")
    assert await talk.press(li, own, page, "30 分钟") == "已保存"
    page = await edited(talk, li, own, page, "选了时间即为同意接收")
    await talk.press(li, own, page, "‹ 返回")
    page = await edited(talk, li, own, page, "私信提醒：开始前 30 分钟")
    await talk.press(li, own, page, "时区")
    page = await edited(talk, li, own, page, "免打扰按这个时区计算")
    await talk.press(li, own, page, "输入其他城市")
    await edited(talk, li, own, page, "请发城市名")
    wrong = await talk.sandbox.say(li, own, "火星")
    await said_after(talk, li, wrong, "没找到这个城市或时区")
    right = await talk.sandbox.say(li, own, "东京")
    answer = await said_after(talk, li, right, "✅ 时区：Asia/Tokyo")
    await talk.press(li, own, answer, "返回设置")
    await edited(talk, li, own, answer, "时区：东京时间")
    ignored = await talk.sandbox.say(li, own, "大阪府")  # nothing is waited for any more
    await said_after(talk, li, ignored, "我没看懂")


async def test_what_is_waited_for_ends_with_the_way_back(talk: Talk) -> None:
    li = await talk.started("李明")
    own = talk.sandbox.private(li)
    await talk.sandbox.say(li, own, "/settings")
    page = await talk.see(li, own, "我的设置")
    await talk.press(li, own, page, "真实姓名")
    page = await edited(talk, li, own, page, "选填")
    await talk.press(li, own, page, "填写姓名")
    page = await edited(talk, li, own, page, "请发真实姓名")
    await talk.press(li, own, page, "‹ 返回")
    await edited(talk, li, own, page, "选填")
    said = await talk.sandbox.say(li, own, "李大明")
    await said_after(talk, li, said, "我没看懂")
    names = await talk.bot.store.read(lambda connection: list(connection.execute(select(person.c.real_name)).scalars()))
    assert names == [None]


async def test_the_menu_and_every_page_follow_the_language(talk: Talk) -> None:
    li = await talk.started("李明")
    own = talk.sandbox.private(li)
    await talk.sandbox.wait_for(lambda: _says(talk, li, "settings", "设置"), what="the Chinese menu")
    await talk.sandbox.say(li, own, "/settings")
    page = await talk.see(li, own, "我的设置")
    await talk.press(li, own, page, "语言")
    page = await edited(talk, li, own, page, "我在私聊里用哪种语言")
    assert await talk.press(li, own, page, "English") == "Saved"
    await edited(talk, li, own, page, "Which language shall I use")
    await talk.sandbox.wait_for(lambda: _says(talk, li, "settings", "Settings"), what="the English menu")
    asked = await talk.sandbox.say(li, own, "/help")
    await said_after(talk, li, asked, "What would you like help with?")


async def test_the_menu_grows_with_a_leaders_duties(talk: Talk) -> None:
    li, wang = await talk.started("李明"), await talk.started("王芳")
    group = await talk.new_group(li, wang)
    await settle(talk, group, {"leader": li, "member": wang})
    assert "export" not in await commands(talk, wang)
    said = await talk.sandbox.say(wang, group, "我可以带学")
    await talk.sandbox.say(li, group, "/leader", reply_to=said)
    await talk.sandbox.wait_for(lambda: _has(talk, wang, "export"), what="the leader's menu")
    assert "export" not in await commands(talk, li, group)  # in the group it is the same for all


async def test_a_leader_goes_from_the_group_to_its_private_page_and_a_member_does_not(talk: Talk) -> None:
    li, wang = await talk.started("李明"), await talk.started("王芳")
    group = await talk.new_group(li, wang)
    group_id = await settle(talk, group, {"leader": li, "member": wang})
    await talk.sandbox.say(wang, group, "/settings")
    await talk.see(wang, group, "只有这个小组的组长")
    await talk.sandbox.say(li, group, "/settings")
    answer = await talk.see(li, group, "小组设置在私聊里修改")
    link = answer["reply_markup"]["inline_keyboard"][0][0]["url"]
    refused = await talk.sandbox.follow(wang, link)
    await said_after(talk, wang, refused, "只有这个小组的组长")
    followed = await talk.sandbox.follow(li, link)
    page = await said_after(talk, li, followed, "群提醒：开始前 1 天（默认）")
    own = talk.sandbox.private(li)
    await talk.press(li, own, page, "语言")
    page = await edited(talk, li, own, page, "我在群里用哪种语言")
    assert await talk.press(li, own, page, "English") == "已保存"
    asked = await talk.sandbox.say(li, group, "/help")
    await talk.see(li, group, "In the group you can use:", after=asked["message_id"])
    forged = await talk.sandbox.tap(wang, group, answer, "", data=f"gset_to:{group_id}:{Page.QUIET}:0", forge=True)
    assert forged is not None
    assert forged["text"].startswith("这个按钮已失效")  # in a group these pages are not even for a leader


async def test_a_topic_is_chosen_where_it_is(talk: Talk) -> None:
    """By an anonymous admin too, once they have said who they are."""
    li, wang = await talk.sandbox.person("李明"), await talk.sandbox.person("王芳")
    forum = await talk.sandbox.new_group(li, "论坛小组", [wang], is_forum=True)
    group_id = await settle(talk, forum, {"member": li, "leader": wang})
    thread = await talk.sandbox.topic(li, forum, "学习")
    await talk.sandbox.promote(li, forum, wang, anonymous=True)
    await _say_in(talk, wang, forum, "/settings", thread)
    question = await talk.see(wang, forum, "匿名管理员")
    await talk.press(wang, forum, question, "确认身份")
    answer = await talk.see(wang, forum, "小组设置在私聊里修改")
    assert answer["message_thread_id"] == thread
    assert "只有这个小组的组长" in await talk.press(li, forum, answer, "这个话题发学习通知")
    elsewhere = f"gtopic:{group_id}:0:{thread + 1000}"
    forged = await talk.sandbox.tap(wang, forum, answer, "", data=elsewhere, forge=True)
    assert forged is not None
    assert forged["text"].startswith("这个按钮已失效")
    assert await talk.press(wang, forum, answer, "这个话题发学习通知") == "已保存"
    answer = await edited(talk, wang, forum, answer, "学习通知有指定话题")
    assert await _topics(talk) == {"sessions": thread}
    assert await talk.press(wang, forum, answer, "改回常规话题") == "已保存"
    await edited(talk, wang, forum, answer, "学习通知和榜单都发到“常规”话题")
    assert await _topics(talk) == {}


async def test_a_group_is_given_another_name_by_typing(talk: Talk) -> None:
    li = await talk.started("李明")
    own = talk.sandbox.private(li)
    await settle(talk, await talk.new_group(li), {"leader": li})
    await talk.sandbox.say(li, own, "/settings")
    page = await talk.see(li, own, "我的设置")
    await talk.press(li, own, page, "小组设置：第二学习小组")
    page = await edited(talk, li, own, page, "请假截止")
    await talk.press(li, own, page, "小组名称")
    page = await edited(talk, li, own, page, "用于通知、榜单和台账")
    await talk.press(li, own, page, "修改名称")
    await edited(talk, li, own, page, "请发新的小组名称")
    said = await talk.sandbox.say(li, own, "青年理论学习小组")
    await said_after(talk, li, said, "✅ 小组名称：\u2068青年理论学习小组\u2069")
    names = await talk.bot.store.read(lambda connection: connection.execute(select(study_group.c.name)).scalars().all())
    assert names == ["青年理论学习小组"]


async def _says(talk: Talk, somebody: Json, command: str, description: str) -> bool:
    return (await commands(talk, somebody)).get(command) == description


async def _has(talk: Talk, somebody: Json, command: str) -> bool:
    return command in await commands(talk, somebody)


async def _topics(talk: Talk) -> dict[str, int]:
    query = select(group_topic.c.purpose, group_topic.c.thread_id)
    rows = await talk.bot.store.read(lambda connection: connection.execute(query).all())
    return {row.purpose: row.thread_id for row in rows}


async def _say_in(talk: Talk, somebody: Json, chat: Json, text: str, thread: int) -> None:
    body = {"as": somebody["id"], "chat": chat["id"], "text": text, "message_thread_id": thread}
    await talk.sandbox.call("POST", "messages", body)
