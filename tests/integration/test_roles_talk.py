"""Registering, settling in, roles and the roster as people live them: the whole bot in front of the sandbox."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from talk import Talk, talking

from sandbox.client import Json
from sandbox.client.connection import buttons_of

# pytest sets the filters of warnings anew for each test, so the poller's own is lost.
pytestmark = pytest.mark.filterwarnings("ignore:.*do_api_request:telegram.warnings.PTBUserWarning")


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    async with talking(f"sqlite:///{tmp_path / 'bot.sqlite3'}") as made:
        await made.sandbox.set_clock("2026-12-01T12:00:00+08:00")  # in nobody's quiet hours
        yield made


def link(message: Json, label: str) -> str:
    return next(str(b["url"]) for row in buttons_of(message) for b in row if label in b["text"])


async def test_a_group_is_registered_by_one_tap_and_settled_in_private_step_by_step(talk: Talk) -> None:
    li, wang = await talk.started("李明"), await talk.started("王芳")
    group = await talk.registered(li, wang)
    card = await talk.see(li, group, "已登记")
    url, home = link(card, "设置"), talk.sandbox.private(li)
    await talk.sandbox.follow(wang, url)
    await talk.see(wang, talk.sandbox.private(wang), "只有本群的 Telegram 管理员")
    await talk.sandbox.follow(li, url)
    page = await talk.see(li, home, "小组名称")
    await talk.sandbox.say(li, home, "理论学习一组")
    zone = await talk.see(li, home, "时区")
    assert zone["message_id"] == page["message_id"]
    await talk.press(li, home, page, "北京时间")
    await talk.see(li, home, "我在“")
    await talk.press(li, home, page, "跳过")
    await talk.see(li, home, "设置好了")
    assert await talk.press(li, home, page, "我来当组长") == "您已是组长"
    await talk.see(li, group, "组长：⁨李明⁩")
    assert await talk.roles() == {"李明": "leader"}


async def test_the_settings_of_a_forum_tell_how_to_choose_a_topic(talk: Talk) -> None:
    li = await talk.started("李明")
    group = await talk.sandbox.new_group(li, "论坛小组", (), is_forum=True)
    await talk.sandbox.say(li, group, "/register")
    await talk.sandbox.follow(li, link(await talk.see(li, group, "已登记"), "设置"))
    home = talk.sandbox.private(li)
    page = await talk.see(li, home, "小组名称")
    await talk.press(li, home, page, "跳过")
    assert "/settings" in (await talk.see(li, home, "话题"))["text"]
    await talk.press(li, home, page, "下一步")
    await talk.see(li, home, "时区")


async def test_a_registration_is_undone_within_a_minute_and_not_later(talk: Talk) -> None:
    li, wang = await talk.started("李明"), await talk.started("王芳")
    group = await talk.registered(li, wang)
    card = await talk.see(li, group, "已登记")
    assert "只有本群的 Telegram 管理员" in await talk.press(wang, group, card, "撤销")
    assert await talk.press(li, group, card, "撤销") == "已撤销登记"
    await talk.see(li, group, "登记已撤销")
    assert await talk.press(li, group, card, "登记") == "已登记"
    again = await talk.see(li, group, "已登记", after=card["message_id"])
    undo = next(b["callback_data"] for row in buttons_of(again) for b in row if "撤销" in b["text"])
    await talk.sandbox.shift(seconds=70)

    async def undo_is_gone() -> bool:
        shown = await talk.see(li, group, "已登记", after=card["message_id"])
        return not [b for row in buttons_of(shown) for b in row if "撤销" in b["text"]]

    await talk.sandbox.wait_for(undo_is_gone, what="the card without its undo button")
    answer = await talk.sandbox.tap(li, group, again, data=undo, forge=True)
    assert answer is not None
    assert "超过 60 秒" in answer["text"]


async def test_from_the_hub_to_a_deputy_and_a_new_leader(talk: Talk) -> None:
    li, wang = await talk.started("李明"), await talk.started("王芳")
    group = await talk.registered(li, wang)
    card = await talk.see(li, group, "已登记")
    await talk.press(wang, group, card, "加入")
    await talk.press(li, group, card, "我来当组长")
    await talk.sandbox.say(li, group, "/manage")
    home, hers = talk.sandbox.private(li), talk.sandbox.private(wang)
    await talk.sandbox.follow(li, link(await talk.see(li, group, "小组管理在私聊中办理"), "打开私聊"))
    hub = await talk.see(li, home, "还没有安排学习")
    await talk.press(li, home, hub, "成员（2）")
    await talk.see(li, home, "成员 2 人")
    await talk.press(li, home, hub, "王芳")
    await talk.see(li, home, "加入：")
    assert "现在是副组长" in await talk.press(li, home, hub, "任命副组长")
    await talk.see(wang, hers, "您已担任⁨第二学习小组⁩的副组长")
    await talk.see(li, home, "第二学习小组⁩ · 副组长")
    for label, then in (
        ("返回", "成员 2 人"),
        ("返回", "还没有安排学习"),
        ("组长", "副组长：⁨王芳⁩"),
        ("移交组长", "移交给谁"),
        ("王芳", "您改任副组长"),
    ):
        await talk.press(li, home, hub, label)
        await talk.see(li, home, then)
    assert await talk.press(li, home, hub, "邀请接任") == "邀请已发出"
    question = await talk.see(wang, hers, "邀请您接任")
    assert await talk.press(wang, hers, question, "接受") == "您已是组长"
    await talk.see(li, home, "已接任")
    await talk.see(li, group, "接替")
    assert await talk.roles() == {"李明": "deputy", "王芳": "leader"}


async def test_a_member_leaves_in_private_and_a_forged_button_in_the_group_tells_nothing(talk: Talk) -> None:
    alex, li = await talk.started("Alex"), await talk.started("李明")
    group = await talk.registered(li, alex)
    card = await talk.see(li, group, "已登记")
    await talk.press(alex, group, card, "加入")
    for data in ("roster:1:0", "leaders:1", "manage:1", "quit:1", "setup:1:3", "member:1:1", "hand_accept:1:1"):
        answer = await talk.sandbox.tap(li, group, card, data=data, forge=True)
        assert answer is not None
        assert "已失效" in answer["text"]
    home = talk.sandbox.private(alex)
    await talk.sandbox.say(alex, home, "my groups")
    page = await talk.see(alex, home, "My groups")
    await talk.press(alex, home, page, "Leave ")
    await talk.see(alex, home, "To come back, tap Join")
    assert await talk.press(alex, home, page, "Yes, leave") == "You have left"
    await talk.see(alex, home, "Your record stays")
    assert await talk.roles() == {"李明": "member"}
    await talk.press(alex, group, card, "加入")
    assert await talk.roles() == {"李明": "member", "Alex Reed": "member"}


async def test_an_appointment_is_undone_in_the_group(talk: Talk) -> None:
    li, wang = await talk.started("李明"), await talk.started("王芳")
    group = await talk.registered(li, wang)
    said = await talk.sandbox.say(wang, group, "我可以带学")
    await talk.sandbox.say(li, group, "/leader", reply_to=said)
    line = await talk.see(li, group, "组长：⁨王芳⁩", after=said["message_id"])
    assert await talk.press(li, group, line, "撤销") == "已撤销任命"
    await talk.see(li, group, "已撤销对 ⁨王芳⁩ 的任命")
    assert await talk.roles() == {"李明": "member"}
