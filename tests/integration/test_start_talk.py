"""The first page and help over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from talk import Talk, talking

pytestmark = pytest.mark.filterwarnings("ignore:.*do_api_request:telegram.warnings.PTBUserWarning")


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    async with talking(f"sqlite:///{tmp_path / 'bot.sqlite3'}") as made:
        yield made


async def test_help_is_one_message_that_turns_its_pages(talk: Talk) -> None:
    li = await talk.started("李明")
    own = talk.sandbox.private(li)
    await talk.sandbox.say(li, own, "帮助")
    page = await talk.see(li, own, "需要哪方面的帮助？")
    await talk.press(li, own, page, "我的事项")
    page = await talk.see(li, own, "/settings 语言、提醒、免打扰和榜单显示")
    assert "也可直接发：设置" in page["text"]
    await talk.press(li, own, page, "‹ 返回")
    again = await talk.see(li, own, "需要哪方面的帮助？")
    assert again["message_id"] == page["message_id"]
    labels = [button["text"] for row in again["reply_markup"]["inline_keyboard"] for button in row]
    assert "🏢 组织管理" not in labels  # nothing in it is theirs


async def test_help_in_a_group_is_short_and_leads_to_the_private_one(talk: Talk) -> None:
    li = await talk.started("李明")
    group = await talk.new_group(li)
    await talk.sandbox.say(li, group, "/help")
    answer = await talk.see(li, group, "在群里可以用：")
    assert "/settings" not in answer["text"]
    followed = await talk.sandbox.follow(li, answer["reply_markup"]["inline_keyboard"][0][0]["url"])
    await talk.see(li, talk.sandbox.private(li), "需要哪方面的帮助？", after=followed["message_id"])
    forged = await talk.sandbox.tap(li, group, answer, "", data="help:1", forge=True)
    assert forged is not None
    assert forged["text"].startswith("这个按钮已失效")


@pytest.mark.parametrize("payload", ["group", "whatever_1"])
async def test_a_link_that_nobody_knows_leads_to_the_first_page(talk: Talk, payload: str) -> None:
    alex = await talk.sandbox.person("Alex")
    await talk.sandbox.press_start(alex, payload=payload)
    greeting = await talk.see(alex, talk.sandbox.private(alex), "Hello!")
    assert len([button for row in greeting["reply_markup"]["inline_keyboard"] for button in row]) == 3
