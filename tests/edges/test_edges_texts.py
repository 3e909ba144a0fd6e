"""What people write: huge, in any script and direction, nonsense, forged links, stickers, edits, captions."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
from edge_life import OURS, EdgeTalk, bots_messages, change, edge_talk, newcomers, open_life, rows, without_fault
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func
from unhurried import Unhurried

from bot.dispatch import Dispatch
from chat.callback_data import pack
from db.tables import awaited, inbox, metadata, person
from domain import names
from handlers.registry import all_features
from sandbox.client import Json

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.filterwarnings(OURS)]

DISPATCH = Dispatch(all_features(), Unhurried())

NAMES = {
    "Arabic": "محمد عبد الله",
    "Hebrew": "שרה כהן",
    "Thai": "สมชาย ใจดี",
    "combining marks": "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘",
    "emoji with joiners": "👩🏽‍🚀👨‍👩‍👧‍👦🏳️‍🌈",
    "right-to-left override": "\u202egnimalc eh\u202c \u2067ab",
    "HTML": "<b>Bold</b> &amp; <script>alert(1)</script>",
    "64 and 64 characters": "长" * 64 + " " + "名" * 64,
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def talk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EdgeTalk]:
    async with edge_talk(tmp_path_factory.mktemp("texts")) as made:
        yield made


async def started(talk: EdgeTalk, name: str, **more: str) -> Json:
    """Somebody new who has pressed Start."""
    somebody = await talk.sandbox.new_person(name, **more)
    await talk.sandbox.press_start(somebody)
    await talk.see(somebody, somebody["id"], str(somebody["id"]))
    return somebody


async def test_huge_text_is_answered_and_kept_nowhere(talk: EdgeTalk) -> None:
    wang = await started(talk, "王芳")
    for text in ("啊" * 4096, "/" + "x" * 4095, "/start " + "y" * 4089, "👍" * 2048, "/new " + "党" * 4091):
        said = await talk.sandbox.say(wang, wang["id"], text)
        await talk.see(wang, wang["id"], "", said["message_id"])
    await without_fault(talk)
    assert await _found_anywhere(talk, "啊" * 100) == []


async def test_huge_title_of_a_session_reaches_its_echo(talk: EdgeTalk) -> None:
    creator = await started(talk, "群主")
    group = await talk.registered(creator)
    await talk.press(creator, group, await talk.see(creator, group, "成员：1 人"), "当组长")
    said = await talk.sandbox.say(creator, creator["id"], "/new 3天后19:00 " + "党<课>&" * 600)
    answer = await talk.see(creator, creator["id"], "", said["message_id"])
    assert len(answer["text"]) <= 4096
    await without_fault(talk)


async def test_huge_title_of_a_group_reaches_its_card(talk: EdgeTalk) -> None:
    (creator,) = await newcomers(talk, "群主")
    group = await talk.sandbox.new_group(creator, "<" * 64 + "组" * 64, [])
    await talk.sandbox.say(creator, group, "/register")
    card = await talk.see(creator, group, "成员：1 人")
    assert "<" * 64 in card["text"]


async def test_names_in_any_script_and_direction(talk: EdgeTalk) -> None:
    await asyncio.gather(*(_show_everywhere(talk, name) for name in NAMES.values()))
    await without_fault(talk)


async def _show_everywhere(talk: EdgeTalk, name: str) -> None:
    """A leader and a member of this name: on the group's card, and in the request for a leave."""
    first, _, last = name.partition(" ") if len(name) > 64 else (name, "", "")
    leader = await started(talk, first, **({"last_name": last} if last else {}))
    group = await talk.registered(leader)
    await talk.press(leader, group, await talk.see(leader, group, "成员：1 人"), "当组长")
    card = await talk.see(leader, group, "组长：")
    _is_shown(card, name)
    life = await open_life(talk, "占位", in_hours=3)
    await talk.sandbox.press_start(life.leader)
    await talk.see(life.leader, life.leader["id"], str(life.leader["id"]))
    member = await talk.sandbox.new_person(first, **({"last_name": last} if last else {}))
    await talk.sandbox.add(life.leader, life.group, member)
    assert "请假" in await life.tap(member, pack("leave", life.made.session_id), forge=True)
    await talk.sandbox.shift(minutes=2)
    _is_shown(await talk.see(life.leader, life.leader["id"], "请假（"), name)


def _is_shown(message: Json, name: str) -> None:
    """The name stands there without what turns the text around it, held together, and nothing of it became a tag."""
    plain = names.clean(name)
    assert f"\u2068{plain}\u2069" in message["text"]
    begins = message["text"].index(plain)
    within = range(len(message["text"][:begins].encode("utf-16-le")) // 2, begins + len(plain))
    assert [e for e in message.get("entities", []) if e["offset"] in within and e["offset"] > within.start] == []


garbage = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789_-", min_size=1, max_size=64)
payloads = st.one_of(
    garbage,
    st.builds(lambda prefix, rest: f"{prefix}_{rest}"[:64], st.sampled_from(sorted(DISPATCH.links)), garbage),
    st.sampled_from([f"{prefix}{end}" for prefix in sorted(DISPATCH.links) for end in ("", "_", "__", "_-1", "_0")]),
    st.sampled_from([f"{prefix}_{'9' * 40}" for prefix in sorted(DISPATCH.links)]),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def linker(talk: EdgeTalk) -> Json:
    return await started(talk, "链接")


@settings(max_examples=60, deadline=None)
@given(payload=payloads)
async def test_deep_link_with_garbage_is_never_a_fault(talk: EdgeTalk, linker: Json, payload: str) -> None:
    await talk.sandbox.press_start(linker, payload)
    await without_fault(talk)


async def test_deep_link_with_garbage_is_answered(talk: EdgeTalk) -> None:
    wang = await started(talk, "王芳")
    for payload in ("nonsense", "x_1", "remind_what", "-"):
        message = await talk.sandbox.press_start(wang, payload)
        await talk.see(wang, wang["id"], str(wang["id"]), message["message_id"])


async def test_unknown_command_text_sticker_and_voice_in_private_are_answered(talk: EdgeTalk) -> None:
    wang, sandbox = await started(talk, "王芳"), talk.sandbox
    for said, answer in (
        (await sandbox.say(wang, wang["id"], "/nonsense"), "没有这条命令"),
        (await sandbox.say(wang, wang["id"], "你好呀"), "我没看懂"),
        (await sandbox.send_sticker(wang, wang["id"]), "我没看懂"),
        (await sandbox.send_voice(wang, wang["id"]), "我没看懂"),
        (await sandbox.share_location(wang, wang["id"], 39.9, 116.4), "没有可以按位置签到的学习"),
        (await sandbox.upload(wang, wang["id"], "a.pdf", b"%PDF"), "我没看懂"),
    ):
        await sandbox.wait_for_message(wang, wang["id"], contains=answer, where=_answers(said))
    await without_fault(talk)


def _answers(said: Json) -> Callable[[Json], bool]:
    return lambda message: message.get("reply_to_message", {}).get("message_id") == said["message_id"]


async def test_unknown_command_text_sticker_and_voice_in_a_group_are_met_with_silence(talk: EdgeTalk) -> None:
    life = await open_life(talk, "王芳", chat_admin=True)
    wang, sandbox = life.members[0], talk.sandbox
    last = await sandbox.say(wang, life.group, "大家好")
    await sandbox.say(wang, life.group, "/nonsense")
    await sandbox.say(wang, life.group, "签到")
    await sandbox.say(wang, life.group, "收到", reply_to=life.card)
    await sandbox.say(wang, life.group, "今天 讲得真好", reply_to=life.card)
    await sandbox.send_sticker(wang, life.group)
    await sandbox.send_voice(wang, life.group)
    await sandbox.upload(wang, life.group, "a.pdf", b"%PDF", caption="/today")
    await without_fault(talk)
    assert await bots_messages(talk, wang, life.group, last["message_id"]) == []


async def test_word_for_a_command_answers_the_bot_in_a_group(talk: EdgeTalk) -> None:
    life = await open_life(talk, "王芳")
    said = await talk.sandbox.say(life.members[0], life.group, "签到。", reply_to=life.card)
    await talk.see(life.members[0], life.group, "签到", said["message_id"])


async def test_edited_message_is_ignored(talk: EdgeTalk) -> None:
    life = await open_life(talk, "王芳", chat_admin=True)
    said = await talk.sandbox.say(life.members[0], life.group, "大家好")
    await talk.sandbox.edit(life.members[0], life.group, said, "/today")
    wang = await started(talk, "王芳")
    mine = await talk.sandbox.say(wang, wang["id"], "/help")
    told = await talk.see(wang, wang["id"], "", mine["message_id"])
    await talk.sandbox.edit(wang, wang["id"], mine, "/today")
    await without_fault(talk)
    assert await bots_messages(talk, wang, wang["id"], told["message_id"]) == []
    assert await bots_messages(talk, life.leader, life.group, said["message_id"]) == []


async def test_caption_is_no_command(talk: EdgeTalk) -> None:
    wang = await started(talk, "王芳")
    sent = await talk.sandbox.upload(wang, wang["id"], "a.pdf", b"%PDF", caption="/register")
    await talk.see(wang, wang["id"], "我没看懂", sent["message_id"])
    await without_fault(talk)


async def test_awaited_answer_in_a_kind_we_cannot_read_is_asked_for_again(talk: EdgeTalk) -> None:
    wang = await started(talk, "王芳")
    purpose = sorted(DISPATCH.inputs)[0]
    until = talk.bot.clock().replace(year=2100)
    values = {"telegram_id": wang["id"], "purpose": purpose, "numbers": [], "expires_at": until}
    await talk.bot.store.write(lambda c: c.execute(awaited.insert().values(**values)))
    sent = await talk.sandbox.send_sticker(wang, wang["id"])
    await talk.see(wang, wang["id"], "这种消息我读不了", sent["message_id"])
    assert len(await rows(talk, awaited, awaited.c.telegram_id == wang["id"])) == 1


@pytest.mark.parametrize("how", ["privacy off", "bot as admin"])
async def test_plain_talk_is_dropped_and_nothing_of_it_is_stored(talk: EdgeTalk, how: str) -> None:
    life = await open_life(talk, "王芳", chat_admin=how == "bot as admin")
    if how == "privacy off":
        await talk.sandbox.set_privacy(False)
    try:
        secret = f"今晚八点老地方见{life.group['id']}"
        seen = (await talk.sandbox.updates())["created"]
        last = await talk.sandbox.say(life.members[0], life.group, secret)
        await talk.sandbox.say(life.members[0], life.group, secret, reply_to=life.card)
        await talk.sandbox.upload(life.members[0], life.group, "a.pdf", b"%PDF", caption=secret)
        assert (await talk.sandbox.updates())["created"] == seen + 3, "the bot saw them, and that is the point"
        await without_fault(talk)
    finally:
        await talk.sandbox.set_privacy(True)
    assert await _found_anywhere(talk, secret) == []
    assert await bots_messages(talk, life.leader, life.group, last["message_id"]) == []
    assert "已签到" in await life.check_in(life.members[0])  # all else is as it always is


async def test_plain_talk_is_not_kept_while_it_is_waiting_either(talk: EdgeTalk) -> None:
    """What was handled leaves only the number of its update behind."""
    await without_fault(talk)
    kept = await talk.bot.store.read(lambda c: c.execute(func.count(inbox.c.raw).select()).scalar_one())
    assert kept == 0


async def _found_anywhere(talk: EdgeTalk, text: str) -> list[str]:
    """The tables in which a text stands."""
    return [table.name for table in metadata.sorted_tables for row in await rows(talk, table) if text in repr(row)]


async def test_name_that_changes_is_taken_over(talk: EdgeTalk) -> None:
    life = await open_life(talk, "王芳")
    await change(talk, person, person.c.telegram_id == life.members[0]["id"], name="旧名")
    assert "已签到" in await life.check_in(life.members[0])
    assert [row.name for row in await rows(talk, person, person.c.telegram_id == life.members[0]["id"])] == ["王芳"]
