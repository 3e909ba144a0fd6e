"""Privacy over HTTP: the file, and being forgotten by typing a word in private."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from settled import settle
from sqlalchemy import select
from talk import Talk, talking

from db.tables import chat, person

pytestmark = pytest.mark.filterwarnings("ignore:.*do_api_request:telegram.warnings.PTBUserWarning")


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    async with talking(f"sqlite:///{tmp_path / 'bot.sqlite3'}") as made:
        yield made


async def test_the_file_with_ones_data_comes_to_whoever_asks(talk: Talk) -> None:
    alex = await talk.started("Alex")
    own = talk.sandbox.private(alex)
    await talk.sandbox.say(alex, own, "/privacy")
    page = await talk.see(alex, own, "What is kept, and why")
    assert await talk.press(alex, own, page, "Download my data") == "On its way"
    sent = await talk.sandbox.wait_for_message(alex, own, where=lambda message: "document" in message)
    assert sent["caption"].startswith("Everything we keep of you.")
    name, content = await talk.sandbox.file(sent["document"]["file_id"])
    assert name.startswith("my-data_")
    assert json.loads(content)["person"]["Telegram number"] == alex["id"]


async def test_somebody_is_forgotten_and_may_begin_anew(talk: Talk) -> None:
    li, wang = await talk.started("李明"), await talk.started("王芳")
    group = await talk.new_group(li, wang)
    await settle(talk, group, {"leader": li, "member": wang})
    own = talk.sandbox.private(li)
    await talk.sandbox.say(li, own, "/forget")
    await talk.see(li, own, "您是\u2068第二学习小组\u2069唯一的组长")
    wrong = await talk.sandbox.say(li, own, "好的")
    await talk.see(li, own, "没有删除任何内容", after=wrong["message_id"])
    right = await talk.sandbox.say(li, own, "删除")
    page = await talk.see(li, own, "您的数据将在", after=right["message_id"])
    await talk.press(li, own, page, "不删了")
    await talk.see(li, own, "一切照旧")
    assert ("李明", li["id"]) in await _known(talk)
    said = await talk.sandbox.say(li, own, "/forget")
    await talk.see(li, own, "唯一的组长", after=said["message_id"])
    for text in ("删除", "/forget"):
        said = await talk.sandbox.say(li, own, text)
        page = await talk.see(li, own, "您的数据将在", after=said["message_id"])
    await talk.press(li, own, page, "立即删除")
    await talk.see(li, own, "已删除。任何记录都不再指向您")
    await talk.see(wang, group, "本组暂时没有组长")
    assert await _known(talk) == [("", None), ("王芳", wang["id"])]
    assert (
        await talk.bot.store.read(
            lambda connection: connection.execute(select(chat.c.id).where(chat.c.telegram_id == li["id"])).all()
        )
        == []
    )
    again = await talk.sandbox.say(li, own, "/start")
    await talk.see(li, own, "您好，我是学习助手", after=again["message_id"])
    assert ("李明", li["id"]) in await _known(talk)


async def test_who_keeps_their_data_is_not_taken_by_the_word(talk: Talk) -> None:
    li = await talk.started("李明")
    own = talk.sandbox.private(li)
    await talk.sandbox.say(li, own, "/privacy")
    page = await talk.see(li, own, "隐私说明")
    await talk.press(li, own, page, "删除我的数据")
    page = await talk.see(li, own, "7 天后删除")
    await talk.press(li, own, page, "不删除")
    await talk.see(li, own, "什么都没有删除")
    said = await talk.sandbox.say(li, own, "删除")
    await talk.see(li, own, "我没看懂", after=said["message_id"])
    assert await _known(talk) == [("李明", li["id"])]


@pytest.mark.parametrize(("command", "payload"), [("/forget", "forget"), ("/privacy", "privacy")])
async def test_in_a_group_there_is_only_the_way_to_the_private_chat(talk: Talk, command: str, payload: str) -> None:
    li = await talk.started("李明")
    group = await talk.new_group(li)
    await talk.sandbox.say(li, group, command)
    answer = await talk.see(li, group, "个人事项请在私聊中办理")
    url = answer["reply_markup"]["inline_keyboard"][0][0]["url"]
    assert url.endswith(f"?start={payload}")
    for data in ("forget", "my_data", "forget_no"):
        forged = await talk.sandbox.tap(li, group, answer, "", data=data, forge=True)
        assert forged is not None
        assert forged["text"].startswith("这个按钮已失效")
    await talk.sandbox.say(li, group, "删除", reply_to=answer)
    followed = await talk.sandbox.follow(li, url)
    await talk.see(
        li, talk.sandbox.private(li), "数据" if payload == "forget" else "隐私说明", after=followed["message_id"]
    )
    assert await _known(talk) == [("李明", li["id"])]


async def _known(talk: Talk) -> list[tuple[str, int | None]]:
    query = select(person.c.name, person.c.telegram_id).order_by(person.c.id)
    rows = await talk.bot.store.read(lambda connection: connection.execute(query).all())
    return [(row.name, row.telegram_id) for row in rows]
