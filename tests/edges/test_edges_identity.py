"""Whoever does not show who they are: anonymous admins, channels, people without a username, other bots' commands."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from edge_life import (
    OURS,
    EdgeTalk,
    bots_messages,
    edge_talk,
    groups_at,
    newcomers,
    open_life,
    people_of,
    rows,
    without_fault,
)

from db.tables import draft, unverified
from handlers.registry import all_features
from sandbox.client import Json

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.filterwarnings(OURS)]

ANONYMOUS, CHANNEL_WRITER, CHANNEL_POSTS = 1087968824, 136817688, 777000


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def talk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EdgeTalk]:
    async with edge_talk(tmp_path_factory.mktemp("identity")) as made:
        yield made


async def anonymous_group(talk: EdgeTalk) -> tuple[Json, Json, Json, Json]:
    """A creator, an anonymous admin, a plain member, and their group with the bot."""
    creator, hidden, member = await newcomers(talk, "群主", "隐名", "组员")
    group = await talk.new_group(creator, hidden, member)
    await talk.sandbox.promote(creator, group, hidden, anonymous=True)
    return creator, hidden, member, group


async def test_anonymous_admin_registers_and_confirms_in_time(talk: EdgeTalk) -> None:
    _, hidden, member, group = await anonymous_group(talk)
    await talk.sandbox.say(hidden, group, "/register")
    question = await talk.see(hidden, group, "匿名管理员")
    assert "隐名" not in question["text"]
    assert await talk.press(hidden, group, question, "确认身份") == "已确认身份"
    card = await talk.see(member, group, "成员：1 人")
    assert "隐名" not in card["text"]
    assert await people_of(talk, ANONYMOUS) == []
    again = await talk.sandbox.tap(hidden, group, question, data=_data(question), forge=True)
    assert again is not None
    assert "已经执行" in again["text"]
    assert await groups_at(talk, group) == 1


async def test_anonymous_admin_is_not_confirmed_by_somebody_who_is_no_admin(talk: EdgeTalk) -> None:
    _, hidden, member, group = await anonymous_group(talk)
    await talk.sandbox.say(hidden, group, "/register")
    question = await talk.see(hidden, group, "匿名管理员")
    assert "只有本群的 Telegram 管理员" in await talk.press(member, group, question, "确认身份")
    assert await groups_at(talk, group) == 0
    assert await talk.press(hidden, group, question, "确认身份") == "已确认身份"


async def test_anonymous_admin_who_confirms_too_late_has_done_nothing(talk: EdgeTalk) -> None:
    _, hidden, _, group = await anonymous_group(talk)
    await talk.sandbox.say(hidden, group, "/register")
    question = await talk.see(hidden, group, "匿名管理员")
    await talk.sandbox.shift(seconds=61)
    assert "60 秒" in await talk.press(hidden, group, question, "确认身份")
    assert await groups_at(talk, group) == 0


async def test_anonymous_admin_s_button_works_in_its_own_group_only(talk: EdgeTalk) -> None:
    _, hidden, _, group = await anonymous_group(talk)
    elsewhere, intruder, _, other = await anonymous_group(talk)
    await talk.sandbox.say(hidden, group, "/register")
    question = await talk.see(hidden, group, "匿名管理员")
    greeting = await talk.sandbox.say(elsewhere, other, "大家好")
    for who in (intruder, elsewhere):
        answer = await talk.sandbox.tap(who, other, greeting, data=_data(question), forge=True)
        assert answer is not None
        assert "请重新发送命令" in answer["text"]
    assert (await groups_at(talk, group), await groups_at(talk, other)) == (0, 0)


async def test_anonymous_admin_schedules_once_although_two_confirm_at_once(talk: EdgeTalk) -> None:
    creator, hidden, _, group = await anonymous_group(talk)
    await talk.sandbox.say(hidden, group, "/register")
    await talk.press(hidden, group, await talk.see(hidden, group, "匿名管理员"), "确认身份")
    card = await talk.see(hidden, group, "成员：1 人")
    await talk.press(hidden, group, card, "当组长")
    first = await talk.sandbox.say(hidden, group, "/new 3天后19:00 党课：学习原著")
    question = await talk.see(hidden, group, "匿名管理员", first["message_id"])
    taps = [await talk.sandbox.tap_later(hidden, group, question, data=_data(question)) for _ in range(2)]
    taps.append(await talk.sandbox.tap_later(creator, group, question, data=_data(question)))
    answers = await asyncio.gather(*(talk.sandbox.answer(tap) for tap in taps))
    texts = [str(answer["text"]) for answer in answers if answer is not None]
    assert len(texts) == 3
    assert texts.count("已确认身份") == 1
    echo = await talk.see(hidden, group, "请确认", question["message_id"])
    assert "隐名" not in echo["text"]
    hidden_person = (await people_of(talk, hidden["id"]))[0]
    assert len(await rows(talk, draft, draft.c.person_id == hidden_person.id)) == 1
    assert await rows(talk, unverified, unverified.c.chat_telegram_id == group["id"]) == []


async def test_anonymous_admin_who_is_a_stand_in_for_many_is_never_met(talk: EdgeTalk) -> None:
    """Whatever command they give: 1087968824 is everybody who hides, so it is no person of ours."""
    _, hidden, _, group = await anonymous_group(talk)
    names = sorted(command.name for feature in all_features().values() for command in feature.commands)
    for name in names:
        await talk.sandbox.say(hidden, group, f"/{name}")
    await talk.sandbox.say(hidden, group, "/new 3天后19:00 党课")
    await without_fault(talk)
    assert await people_of(talk, ANONYMOUS) == []


async def test_channel_identity_is_asked_to_write_as_oneself(talk: EdgeTalk) -> None:
    life = await open_life(talk, "王芳")
    wang = life.members[0]
    channel = await talk.sandbox.new_channel(wang, "学习频道")
    for text in ("/today", "/register", "/new 3天后19:00 党课"):
        said = await talk.sandbox.say(wang, life.group, text, channel=channel)
        answer = await talk.see(wang, life.group, "频道身份", said["message_id"])
        assert answer["reply_to_message"]["message_id"] == said["message_id"]
    await without_fault(talk)
    assert await people_of(talk, CHANNEL_WRITER) == []


async def test_linked_channel_s_automatic_forward_is_ignored(talk: EdgeTalk) -> None:
    life = await open_life(talk, "王芳")
    channel = await talk.sandbox.new_channel(life.leader, "学习频道")
    await talk.sandbox.link_channel(life.leader, channel, life.group)
    for text in ("/today", "/register", "/new 3天后19:00 党课", "今天的学习内容"):
        assert await talk.sandbox.publish(life.leader, channel, text) is not None
    await without_fault(talk)
    written = await bots_messages(talk, life.leader, life.group, life.card["message_id"])
    assert [message for message in written if message["message_id"] > life.card["message_id"]] == []
    assert await people_of(talk, CHANNEL_POSTS) == []


async def test_no_username_is_needed_for_anything(talk: EdgeTalk) -> None:
    life = await open_life(talk)
    (nameless,) = await newcomers(talk, "无名")
    assert "username" not in nameless
    await talk.sandbox.add(life.leader, life.group, nameless)
    assert "已签到" in await life.check_in(nameless)
    said = await talk.sandbox.say(nameless, life.group, "我来")
    await talk.sandbox.say(life.leader, life.group, "/leader", reply_to=said)
    await talk.see(nameless, life.group, "无名")
    assert [row.telegram_id for row in await people_of(talk, nameless["id"])] == [nameless["id"]]


async def test_command_addressed_to_another_bot_is_left_to_it(talk: EdgeTalk) -> None:
    life = await open_life(talk, "王芳")
    await talk.sandbox.promote(life.leader, life.group, await talk.sandbox.bot_id())  # so that it sees them
    for text in ("/today@other_bot", "/register@other_bot x", "/nonsense@other_bot"):
        await talk.sandbox.say(life.members[0], life.group, text)
    said = await talk.sandbox.say(life.members[0], life.group, "/today@STUDY_sandbox_bot")
    await talk.see(life.members[0], life.group, "学习", said["message_id"])
    await without_fault(talk)
    assert len(await bots_messages(talk, life.leader, life.group, said["message_id"])) == 1
    before = [m["message_id"] for m in await bots_messages(talk, life.leader, life.group, life.card["message_id"])]
    assert [number for number in before if number < said["message_id"]] == []


def _data(message: Json) -> str:
    return str(message["reply_markup"]["inline_keyboard"][0][0]["callback_data"])
