"""Rows 22 to 24, 40 to 42 and 46 of the fault matrix: old, forged and hostile input, and people who lose a right."""

import asyncio
import unicodedata
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from bot_stage import bot_stage
from open_session import OpenSession, announce, open_session
from outbox_room import NOON, Notes, is_in, room
from scene import seen
from sqlalchemy import Connection, func, select, update
from structlog.testing import capture_logs
from talk import Talk, talking

from chat.callback_data import pack
from chat.outgoing import Message, Outgoing
from db.tables import attendance, attendance_change, delivery, membership, response, study_group, study_session
from domain import names
from domain.people import Actor
from jobs.job import Job, Kind
from sandbox.client import Json
from services import exports
from services.exports import FORMATS
from services.rules import Rules

pytestmark = pytest.mark.filterwarnings("ignore:.*do_api_request:telegram.warnings.PTBUserWarning")


@pytest.fixture
async def talk(database_url: str) -> AsyncIterator[Talk]:
    async with talking(database_url) as made:
        yield made


@dataclass
class Group:
    """A group with an open session, its card, and its people."""

    talk: Talk
    chat: Json
    leader: Json
    member: Json
    made: OpenSession
    card: Json

    async def tap(self, who: Json, data: str, where: "Group | None" = None) -> str:
        """Press a button that may be on no message, under the card of this group or of another; what is answered."""
        here = where or self
        answer = await self.talk.sandbox.tap(who, here.chat, here.card, data=data, forge=True)
        assert answer is not None
        return str(answer["text"])

    async def change(self, **values: Any) -> None:
        """Change the session behind everybody's back."""
        mine = study_session.c.id == self.made.session_id
        await self.talk.bot.store.write(lambda c: c.execute(update(study_session).where(mine).values(**values)))


async def a_group(talk: Talk, name: str, member_name: str = "王芳", in_hours: float = 0) -> Group:
    leader = await talk.sandbox.new_person(f"{name}组长")
    member = await talk.sandbox.new_person(member_name)
    chat = await talk.sandbox.new_group(leader, name, [member], with_bot=False)
    starts = talk.bot.clock() + timedelta(hours=in_hours)
    made = await talk.bot.store.write(lambda c: open_session(c, chat["id"], [member["id"]], leader["id"], starts))
    await talk.sandbox.add(leader, chat, await talk.sandbox.bot_id())
    await talk.bot.store.write(lambda c: announce(c, made, talk.bot.clock()))
    talk.bot.ticker.wake()
    return Group(talk, chat, leader, member, made, await talk.see(leader, chat, "签到"))


async def standing(talk: Talk) -> list[Any]:
    """All that a button could have changed: who is recorded, who answered, who belongs where, how sessions stand."""

    def look(connection: Connection) -> list[Any]:
        tables = (attendance, attendance_change, response, membership)
        found: list[Any] = [sorted(map(repr, connection.execute(select(table)).all())) for table in tables]
        sessions = select(study_session.c.id, study_session.c.state, study_session.c.title)
        return [*found, sorted(map(tuple, connection.execute(sessions).all()))]

    return await talk.bot.store.read(look)


@pytest.mark.parametrize("how", ["closed", "cancelled", "deleted"])
async def test_row_22_the_button_of_an_old_session_writes_nothing(talk: Talk, how: str) -> None:
    group = await a_group(talk, "第一学习小组")
    await group.change(state=how if how != "deleted" else "scheduled")
    button = pack("checkin", 10**9) if how == "deleted" else group.made.button
    before = await standing(talk)
    said = await group.tap(group.member, button)
    assert ("结束" if how == "closed" else "取消或不存在") in said
    assert await standing(talk) == before


async def test_row_23_a_button_forged_for_another_group_is_denied_and_on_record(talk: Talk) -> None:
    mine, theirs = await a_group(talk, "甲组"), await a_group(talk, "乙组")
    before = await standing(talk)
    session, group = theirs.made.session_id, theirs.made.group_id
    forged = [
        pack("checkin", session),
        pack("leave", session),
        *(pack("mark", session, number) for number in (0, 1)),
        pack("close", session),
        pack("leader", group),
        pack("exp_group", group),
        pack("cancel", session),
    ]
    known = (
        set(talk.bot.application.bot_data["dispatch_verbs"])
        if "dispatch_verbs" in talk.bot.application.bot_data
        else None
    )
    assert known is None
    with capture_logs() as logged:
        for data in forged:
            said = await mine.tap(mine.leader, data)
            assert said
            assert "乙组" not in said
    assert await standing(talk) == before
    refused = [line for line in logged if line["event"] == "refused"]
    assert len(refused) == len(forged)
    assert {(line["person"], line["chat"]) for line in refused} == {(mine.leader["id"], mine.chat["id"])}
    assert {type(line["code"]) for line in refused} == {str}


async def test_row_24_an_anonymous_admin_acts_only_after_showing_who_they_are(talk: Talk) -> None:
    creator = await talk.sandbox.new_person("群主")
    hidden, member = await talk.sandbox.new_person("隐名"), await talk.sandbox.new_person("组员")
    group = await talk.new_group(creator, hidden, member)
    await talk.sandbox.promote(creator, group, hidden, anonymous=True)
    count = select(func.count()).select_from(study_group)

    async def groups() -> int:
        return int(await talk.bot.store.read(lambda c: c.execute(count).scalar_one()))

    await talk.sandbox.say(hidden, group, "/register")
    question = await talk.see(hidden, group, "匿名管理员")
    assert await groups() == 0
    assert "只有本群的 Telegram 管理员" in await talk.press(member, group, question, "确认身份")
    assert await groups() == 0
    assert await talk.press(hidden, group, question, "确认身份") == "已确认身份"
    await talk.see(member, group, "成员：1 人")
    assert await groups() == 1


FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"


@pytest.mark.parametrize("unit", [FAMILY, "党<b>课</b>&amp;", "👍🏽", "e\u0301"])
async def test_row_40_a_megabyte_of_text_is_cut_between_characters(database_url: str, unit: str) -> None:
    class Giant(Notes):
        """Messages of a megabyte."""

        def __init__(self) -> None:
            super().__init__()
            self.jobs = {"giant": Job({"note": Kind(self._facts, self._giant)})}

        def _giant(self, _text: str) -> Outgoing:
            return Message(unit * (1_000_000 // len(unit.encode()) + 1))

    async with bot_stage(database_url, NOON) as stage:
        here = await room(stage)
        await here.enqueue("giant")
        async with stage.ticking(Giant().jobs):
            row = await stage.store.until(is_in("giant", "sent", "rejected"))
            assert row.state == "sent"
        seen_there = (await stage.sandbox.messages(await stage.sandbox.person("李明"), here.group))[-1]["text"]
    assert 4000 < len(seen_there.encode("utf-16-le")) // 2 <= 4096
    whole = unit.replace("<b>", "").replace("</b>", "").replace("&amp;", "&")
    kept = seen_there.removesuffix("…")
    assert kept != seen_there
    if unit.startswith("党"):
        assert (whole * 2000).startswith(kept)
    else:
        assert kept == whole * (len(kept) // len(whole))  # no half of a family, no thumb without its colour


async def test_row_40_a_giant_title_reaches_its_card(talk: Talk) -> None:
    group = await a_group(talk, "第一学习小组")
    await group.change(title=FAMILY * 40_000)
    assert await group.tap(group.member, group.made.button)
    await talk.sandbox.shift(seconds=10)

    async def counted() -> Json | None:
        said = await talk.sandbox.messages(group.leader, group.chat)
        message = next(each for each in said if each["message_id"] == group.card["message_id"])
        return message if FAMILY in message["text"] else None

    shown = await talk.sandbox.wait_for(counted)
    assert shown is not None
    text = shown["text"]
    assert len(text.encode("utf-16-le")) // 2 <= 4096
    assert not [c for c in text if unicodedata.category(c) == "Cs"]


HOSTILE = {
    "a link": '<a href="https://example.org">点我</a>',
    "markdown": "_*[王](tg://user?id=1)`",
    "half a tag": "</b><i>&lt;",
    "right to left": "\u202egnimalc\u202c eh",
    "zero width": "王\u200b\u200d\u2060芳",
    "emoji": FAMILY + "👍🏽",
}


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
async def test_row_41_and_42_a_hostile_name_is_shown_as_letters(talk: Talk, name: str) -> None:
    group = await a_group(talk, "第一学习小组", in_hours=3)
    await talk.sandbox.press_start(group.leader)
    await talk.see(group.leader, group.leader["id"], str(group.leader["id"]))
    guest = await talk.sandbox.new_person(name)
    await talk.sandbox.add(group.leader, group.chat, guest)
    assert "请假" in await group.tap(guest, pack("leave", group.made.session_id))
    await talk.sandbox.shift(minutes=2)
    told = await talk.see(group.leader, group.leader["id"], "请假（")
    plain = names.clean(name)
    assert f"\u2068{plain}\u2069" in told["text"]  # held together, and turning nothing around it
    assert "\u202e" not in told["text"]
    links = [entity for entity in told.get("entities", []) if entity["type"] in ("text_link", "text_mention")]
    assert links == []
    bad = select(func.count()).where(delivery.c.state.in_(("rejected", "unconfirmed")))
    assert await talk.bot.store.read(lambda c: c.execute(bad).scalar_one()) == 0


async def test_row_42_people_who_look_alike_are_told_apart_by_their_numbers(talk: Talk) -> None:
    group = await a_group(talk, "第一学习小组")
    alike = [await talk.sandbox.new_person(name) for name in ("王芳", "王\u200b芳", "王\u2060芳")]
    for each in alike:
        await talk.sandbox.add(group.leader, group.chat, each)
        assert await group.tap(each, group.made.button)
    mine = attendance.c.session_id == group.made.session_id
    count = select(func.count(attendance.c.person_id.distinct())).where(mine)
    assert await talk.bot.store.read(lambda c: c.execute(count).scalar_one()) == len(alike)


async def test_row_46_a_chat_admin_who_is_one_no_more_is_denied(talk: Talk) -> None:
    creator, admin = await talk.sandbox.new_person("群主"), await talk.sandbox.new_person("管理员")
    group = await talk.new_group(creator, admin)
    greeting = await talk.see(creator, group, "")
    await talk.sandbox.promote(creator, group, admin)
    await talk.sandbox.demote(creator, group, admin)  # between the look at the button and the tap
    label = greeting["reply_markup"]["inline_keyboard"][0][0]["text"]
    assert "只有本群的 Telegram 管理员" in await talk.press(admin, group, greeting, label)
    assert await talk.bot.store.read(lambda c: c.execute(select(study_group.c.id)).first()) is None


async def test_row_46_a_leader_who_lost_the_lead_gets_no_file(talk: Talk, database_url: str) -> None:
    group = await a_group(talk, "第一学习小组")
    await talk.sandbox.press_start(group.leader)
    await talk.see(group.leader, group.leader["id"], str(group.leader["id"]))
    now = talk.bot.clock()
    today = now.date()

    def order_and_demote(connection: Connection) -> None:
        """One transaction, so that the ticker sees the order only with the role already gone."""
        exports.order(
            connection,
            Actor(group.leader["id"], "组长"),
            group.made.group_id,
            today,
            today,
            FORMATS.index("csv"),
            message_id=1,
            language="zh-CN",
            now=now,
            rules=Rules(),
        )
        connection.execute(update(membership).where(membership.c.role == "leader").values(role="member"))

    await talk.bot.store.write(order_and_demote)
    talk.bot.ticker.wake()
    state = select(delivery.c.state).where(delivery.c.kind == "export")
    over: Callable[[Connection], Any] = lambda c: c.execute(state).scalar_one() == "skipped"  # noqa: E731
    await asyncio.wait_for(seen(database_url, over), 20)
    assert (await talk.sandbox.ledger())["accepted"].get("sendDocument", 0) == 0
