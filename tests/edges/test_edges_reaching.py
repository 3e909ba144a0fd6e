"""Where a message cannot go: never started, blocked, bot removed, not admin, moved to a supergroup, topic gone."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from edge_life import (
    OURS,
    EdgeTalk,
    Life,
    bots_messages,
    chat_state,
    edge_talk,
    make_due,
    newcomers,
    open_life,
    rows,
    send_later,
    settled,
    without_fault,
)
from sqlalchemy import insert

from chat.callback_data import pack
from db.tables import chat, delivery, group_topic, person
from sandbox.client import Json

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.filterwarnings(OURS)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def talk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EdgeTalk]:
    async with edge_talk(tmp_path_factory.mktemp("reaching")) as made:
        yield made


async def started(talk: EdgeTalk, who: Json) -> int:
    """Somebody presses Start; our row of their private chat."""
    await talk.sandbox.press_start(who)
    await talk.see(who, talk.sandbox.private(who), str(who["id"]))
    (found,) = await rows(talk, person, person.c.telegram_id == who["id"])
    return int(found.chat_id)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("Forbidden: bot can't initiate conversation with a user", "never_started"),
        ("Forbidden: bot was blocked by the user", "blocked"),
        ("Forbidden: user is deactivated", "deactivated"),
    ],
)
async def test_never_started_is_noted_and_not_tried_again(talk: EdgeTalk, said: str, reason: str) -> None:
    (wang,) = await newcomers(talk, "王芳")
    row = await started(talk, wang)
    await talk.sandbox.fault("sendMessage", {"status": 403, "description": said}, chat=wang, times=0)
    refused = await send_later(talk, row, f"first:{wang['id']}")
    assert (refused.state, refused.last_error, refused.attempt) == ("rejected", reason, 1)
    assert await chat_state(talk, wang["id"]) == "gone"
    await make_due(talk, row, f"second:{wang['id']}")
    await talk.sandbox.shift(minutes=1)
    other = await open_life(talk, "赵强")  # what is due for others goes out all the same
    assert "已签到" in await other.check_in(other.members[0])
    waiting = (await rows(talk, delivery, delivery.c.dedupe_key == f"second:{wang['id']}"))[0]
    assert (waiting.state, waiting.attempt) == ("pending", 0)
    await talk.sandbox.clear_faults()


async def test_never_started_leader_is_asked_in_the_group_without_names(talk: EdgeTalk) -> None:
    life = await open_life(talk, "王芳", "赵强")
    assert "已签到" in await life.check_in(life.members[0])
    await talk.sandbox.shift(hours=3)
    prompt = await talk.see(life.leader, life.group, "未登记")
    assert "赵强" not in prompt["text"]
    assert await talk.sandbox.messages(life.leader, talk.sandbox.private(life.leader)) == []


async def test_never_started_member_is_told_in_the_alert(talk: EdgeTalk) -> None:
    life = await open_life(talk, "王芳", in_hours=0.2)
    assert "打开机器人" in await life.tap(life.members[0], pack("leave", life.made.session_id), forge=True)
    await without_fault(talk)
    assert await chat_state(talk, life.members[0]["id"]) is None


async def test_blocked_and_unblocked_again(talk: EdgeTalk) -> None:
    (wang,) = await newcomers(talk, "王芳")
    row = await started(talk, wang)
    await talk.sandbox.block(wang)
    await talk.sandbox.wait_until_idle()
    await talk.bot.intake.drain()
    assert await chat_state(talk, wang["id"]) == "gone"
    await make_due(talk, row, f"held:{wang['id']}")
    await talk.sandbox.unblock(wang)
    await talk.sandbox.press_start(wang)
    sent = await settled(talk, delivery.c.dedupe_key == f"held:{wang['id']}")
    assert (sent.state, sent.attempt) == ("sent", 1)
    assert await chat_state(talk, wang["id"]) == "active"
    assert len([m for m in await talk.sandbox.messages(wang, wang["id"]) if "正在签到" in m["text"]]) == 1


async def test_bot_removed_and_added_back(talk: EdgeTalk) -> None:
    life = await open_life(talk, "王芳")
    bot = await talk.sandbox.bot_id()
    await talk.sandbox.kick(life.leader, life.group, bot)
    await talk.sandbox.wait_until_idle()
    await talk.bot.intake.drain()
    assert await chat_state(talk, life.group["id"]) == "gone"
    await make_due(talk, life.made.chat_row, f"away:{life.group['id']}")
    await talk.sandbox.add(life.leader, life.group, bot)
    sent = await settled(talk, delivery.c.dedupe_key == f"away:{life.group['id']}")
    assert (sent.state, sent.attempt) == ("sent", 1)
    assert "已签到" in await life.check_in(life.members[0])
    await talk.sandbox.shift(seconds=3)
    await talk.see(life.leader, life.group, "我回来了", life.card["message_id"])
    assert len(await life.attended()) == 1


async def test_bot_not_admin_does_the_main_job(talk: EdgeTalk) -> None:
    creator, wang = await newcomers(talk, "群主", "王芳")
    group = await talk.new_group(creator, wang)
    await talk.sandbox.say(creator, group, "/register")
    card = await talk.see(creator, group, "成员：1 人")
    assert "已加入" in await talk.press(wang, group, card, "加入")
    assert "只有" in await talk.press(wang, group, card, "当组长")
    life = await open_life(talk, "赵强")
    assert "已签到" in await life.check_in(life.members[0])
    await talk.see(life.leader, life.group, "已到 1/2")
    await without_fault(talk)


async def test_group_becomes_a_supergroup_in_the_middle_of_a_send(talk: EdgeTalk) -> None:
    life = await open_life(talk, "王芳", kind="group")
    key = f"moving:{life.group['id']}"
    await talk.sandbox.fault("sendMessage", {"delay": 0.3}, chat=life.group)
    sending = asyncio.create_task(send_later(talk, life.made.chat_row, key))
    await talk.sandbox.wait_for(lambda: _used_up(talk), what="the request to be on its way")
    new = await talk.sandbox.upgrade(life.leader, life.group)
    sent = await sending
    assert (sent.state, sent.uncertain) == ("sent", False)
    told = [m for where in (life.group, new) for m in await talk.sandbox.messages(life.leader, where)]
    assert [m["chat"]["id"] for m in told if "正在签到" in m.get("text", "")] == [new["id"]]
    await without_fault(talk)
    numbers = [row.telegram_id for row in await rows(talk, chat, chat.c.id == life.made.chat_row)]
    assert numbers == [new["id"]]


async def test_group_becomes_a_supergroup_before_a_direct_answer(talk: EdgeTalk) -> None:
    life = await open_life(talk, "王芳", kind="group")
    await talk.sandbox.fault("sendMessage", {"delay": 0.3}, chat=life.group)
    await talk.sandbox.say(life.members[0], life.group, "/today")
    await talk.sandbox.wait_for(lambda: _used_up(talk), what="the answer to be on its way")
    new = await talk.sandbox.upgrade(life.leader, life.group)
    await talk.see(life.members[0], new, "学习")


async def test_topic_deleted_falls_back_to_general_and_the_leader_is_told_once(talk: EdgeTalk) -> None:
    life = await _forum_life(talk)
    thread = await _chosen_topic(talk, life)
    private = await started(talk, life.leader)
    await talk.sandbox.delete_topic(life.leader, life.group, thread)
    await life.announce()
    assert "message_thread_id" not in life.card
    assert await rows(talk, group_topic, group_topic.c.group_id == life.made.group_id) == []
    await settled(talk, (delivery.c.destination_id == private) & delivery.c.dedupe_key.like("topic:%"))
    assert len([m for m in await bots_messages(talk, life.leader, life.leader["id"]) if "话题" in m["text"]]) == 1
    assert "已签到" in await life.check_in(life.members[0])


async def test_topic_chosen_gets_the_card_and_answers_stay_where_they_were_asked(talk: EdgeTalk) -> None:
    life = await _forum_life(talk)
    thread = await _chosen_topic(talk, life)
    await life.announce()
    assert life.card["message_thread_id"] == thread
    other = await talk.sandbox.topic(life.leader, life.group, "闲聊")
    said = await talk.sandbox.say(life.members[0], life.group, "/today", thread=other)
    assert (await talk.see(life.leader, life.group, "学习", said["message_id"]))["message_thread_id"] == other


async def test_topic_closed_to_the_bot_is_answered_in_general(talk: EdgeTalk) -> None:
    life = await _forum_life(talk)
    thread = await talk.sandbox.topic(life.leader, life.group, "公告")
    await talk.sandbox.close_topic(life.leader, life.group, thread)
    said = await talk.sandbox.say(life.leader, life.group, "/today", thread=thread)
    answer = await talk.see(life.leader, life.group, "学习", said["message_id"])
    assert "message_thread_id" not in answer
    await without_fault(talk)


async def _forum_life(talk: EdgeTalk) -> Life:
    """A forum with a group in it; its card is not announced yet."""
    return await open_life(talk, "王芳", is_forum=True, announced=False)


async def _chosen_topic(talk: EdgeTalk, life: Life) -> int:
    thread = await talk.sandbox.topic(life.leader, life.group, "学习")
    values = {"group_id": life.made.group_id, "purpose": "sessions", "thread_id": thread}
    await talk.bot.store.write(lambda c: c.execute(insert(group_topic).values(**values)))
    return thread


async def _used_up(talk: EdgeTalk) -> bool:
    return await talk.sandbox.faults() == []
