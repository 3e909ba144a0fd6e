"""Buttons: tapped twice, by two at once, on old cards, too late for an answer, forged."""

import asyncio
import inspect
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from edge_life import (
    OURS,
    EdgeTalk,
    change,
    edge_talk,
    make_due,
    newcomers,
    open_life,
    people_of,
    rows,
    settled,
    without_fault,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unhurried import Unhurried

from bot.dispatch import Dispatch
from chat.callback_data import pack
from db.tables import attendance_change, delivery, membership, response, study_group, study_session
from handlers.registry import all_features
from sandbox.client import Json

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.filterwarnings(OURS)]

DISPATCH = Dispatch(all_features(), Unhurried())
REFUSED = {
    "status": 400,
    "description": "Bad Request: message is not modified: specified new message content is the same",
}
TOO_OLD = {
    "status": 400,
    "description": "Bad Request: query is too old and response timeout expired or query ID is invalid",
}
OUT_OF_REACH = {"status": 400, "description": "Bad Request: message can't be edited"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def talk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EdgeTalk]:
    async with edge_talk(tmp_path_factory.mktemp("taps")) as made:
        yield made


async def test_double_tap_has_one_effect(talk: EdgeTalk) -> None:
    life = await open_life(talk, "王芳")
    wang = life.members[0]
    taps = [await talk.sandbox.tap_later(wang, life.group, life.card, data=life.made.button) for _ in range(5)]
    answers = [answer for tap in taps if (answer := await talk.sandbox.answer(tap)) is not None]
    assert sum("准时" in answer["text"] for answer in answers) == 1
    assert [answer["show_alert"] for answer in answers] == [True, False, False, False, False]
    (record,) = await life.attended()
    changes = await rows(talk, attendance_change, attendance_change.c.session_id == life.made.session_id)
    assert (record.status, len(changes)) == ("present", 1)


async def test_two_people_tapping_at_once_are_both_counted(talk: EdgeTalk) -> None:
    life = await open_life(talk, *(f"组员{n}" for n in range(1, 9)))
    taps = await talk.sandbox.tap_all(life.group, life.card, life.made.button, life.members)
    answers = [await talk.sandbox.answer(tap) for tap in taps]
    assert all(answer is not None and "已签到" in answer["text"] for answer in answers)
    assert {row.status for row in await life.attended()} == {"present"}
    await talk.see(life.leader, life.group, "已到 8/9")


async def test_not_modified_is_swallowed(talk: EdgeTalk) -> None:
    life = await open_life(talk, "王芳")
    await talk.sandbox.fault("editMessageText", REFUSED, chat=life.group)
    assert "已签到" in await life.check_in(life.members[0])
    live = (delivery.c.kind == "checkin_live") & (delivery.c.session_id == life.made.session_id)
    edited = await settled(talk, live & (delivery.c.attempt > 0))
    assert (edited.state, edited.attempt, edited.last_error) == ("sent", 1, None)


async def test_inaccessible_old_card_still_works_and_is_answered_by_an_alert(talk: EdgeTalk) -> None:
    life = await open_life(talk, "王芳")
    await talk.sandbox.fault("editMessageText", OUT_OF_REACH, chat=life.group, times=0)
    answer = await talk.sandbox.tap(life.members[0], life.group, life.card, data=life.made.button, inaccessible=True)
    assert answer is not None
    assert answer["show_alert"] is True
    assert "准时" in answer["text"]
    assert len(await life.attended()) == 1
    await talk.sandbox.clear_faults()
    await without_fault(talk)


async def test_inaccessible_message_that_cannot_be_edited_leaves_the_effect(talk: EdgeTalk) -> None:
    (wang,) = await newcomers(talk, "王芳")
    await talk.sandbox.press_start(wang)
    greeting = await talk.see(wang, wang["id"], str(wang["id"]))
    await talk.sandbox.fault("editMessageText", OUT_OF_REACH, chat=wang)
    answer = await talk.sandbox.tap(wang, wang["id"], greeting, data="lang", forge=True, inaccessible=True)
    assert answer is not None
    assert [row.language for row in await people_of(talk, wang["id"])] == ["en"]
    await without_fault(talk)


async def test_expired_callback_leaves_the_effect(talk: EdgeTalk) -> None:
    life = await open_life(talk, "王芳")
    await talk.sandbox.fault("answerCallbackQuery", TOO_OLD, chat=life.group)
    answer = await talk.sandbox.tap(life.members[0], life.group, life.card, data=life.made.button, wait=0)
    assert answer is None
    await talk.see(life.leader, life.group, "已到 1/2")
    assert [row.status for row in await life.attended()] == ["present"]
    await without_fault(talk)


async def test_callback_answered_too_slowly_by_telegram_holds_up_nobody(talk: EdgeTalk) -> None:
    life = await open_life(talk, "王芳", "赵强")
    await talk.sandbox.fault("answerCallbackQuery", {"hang": 30}, chat=life.group)
    await talk.sandbox.tap(life.members[0], life.group, life.card, data=life.made.button, wait=0)
    assert "已签到" in await life.check_in(life.members[1])
    await talk.see(life.leader, life.group, "已到 2/3")


async def test_several_groups_leak_nothing_across(talk: EdgeTalk) -> None:
    """Every button of group A, forged by the leader and a member of group B, in their group and in private."""
    a = await open_life(talk, "秘密甲", "秘密乙")
    assert "已签到" in await a.check_in(a.members[0])
    b = await open_life(talk, "王芳")
    await talk.sandbox.press_start(b.leader)
    greeting = await talk.see(b.leader, b.leader["id"], str(b.leader["id"]))
    person = (await people_of(talk, a.members[1]["id"]))[0].id
    await change(talk, study_group, study_group.c.id == a.made.group_id, name="秘密小组")
    await change(talk, study_session, study_session.c.id == a.made.session_id, title="秘密学习")
    before = await _standing(talk, a.made.session_id, a.made.group_id)
    for verb in sorted(set(DISPATCH.taps) - {"register", "lang", "mine", "remind"}):
        wanted = len(inspect.signature(DISPATCH.taps[verb]).parameters) - 2  # besides update and context
        forging = [
            talk.sandbox.tap(b.leader, where, card, data=pack(verb, *numbers), forge=True)
            for numbers in _numbers_of(a.made.session_id, a.made.group_id, person)
            if len(numbers) == wanted
            for where, card in ((b.group, b.card), (b.leader["id"], greeting))
        ]
        for answer in await asyncio.gather(*forging):
            assert answer is not None, verb
            assert "秘密" not in (answer["text"] or ""), (verb, answer)
    assert await _standing(talk, a.made.session_id, a.made.group_id) == before
    for where in (b.group, b.leader["id"]):
        said = await talk.sandbox.messages(b.leader, where)
        assert [message["text"] for message in said if "秘密" in message.get("text", "")] == []
    await without_fault(talk)


def _numbers_of(session: int, group: int, person: int) -> tuple[tuple[int, ...], ...]:
    """What buttons carry: a session or a group, with a person, a status, a page, a switch."""
    one = ((session,), (group,))
    two = ((session, person), (session, 0), (session, 1), (group, person), (group, 0), (session, group))
    three = ((session, person, 0), (session, 0, 1), (group, 0, 1), (group, person, 0), (group, person, 1))
    return (*one, *two, *three, (session, person, 0, 0), (session, person, 1, 1))


async def _standing(talk: EdgeTalk, session_id: int, group_id: int) -> list[object]:
    """All that a button could have changed in a group."""
    return [
        [tuple(row) for row in await rows(talk, table, where)]
        for table, where in (
            (membership, membership.c.group_id == group_id),
            (response, response.c.session_id == session_id),
            (attendance_change, attendance_change.c.session_id == session_id),
        )
    ]


small = st.integers(-2, 12)
wide = st.one_of(small, st.integers(-(2**63), 2**63), st.sampled_from([2**31, 2**32, 2**63 - 1, -(2**63) + 1]))
made_up = st.builds(
    lambda verb, numbers: ":".join((verb, *map(str, numbers))),
    st.sampled_from(sorted(DISPATCH.taps)),
    st.lists(wide, max_size=5),
)
nonsense = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=64)
forged = st.one_of(made_up, made_up, nonsense).filter(lambda data: 1 <= len(data.encode()) <= 64)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def forgers(talk: EdgeTalk) -> list[tuple[Json, Json | int, Json]]:
    """A leader in private and in the group, a member, and somebody who has not joined; each with a message to tap."""
    life = await open_life(talk, "王芳")
    (outsider,) = await newcomers(talk, "外人")
    await talk.sandbox.add(life.leader, life.group, outsider)
    await talk.sandbox.press_start(life.leader)
    greeting = await talk.see(life.leader, life.leader["id"], str(life.leader["id"]))
    return [
        (life.leader, life.leader["id"], greeting),
        *((who, life.group, life.card) for who in (life.leader, life.members[0], outsider)),
    ]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=forged, number=st.integers(0, 3))
async def test_forged_callback_data_is_answered_and_never_a_fault(
    talk: EdgeTalk, forgers: list[tuple[Json, Json | int, Json]], data: str, number: int
) -> None:
    who, where, card = forgers[number]
    answer = await talk.sandbox.tap(who, where, card, data=data, forge=True, wait=5)
    assert answer is not None, f"{data!r} was never answered"
    await without_fault(talk)


async def test_forged_buttons_beside_each_other_block_nobody(talk: EdgeTalk) -> None:
    life = await open_life(talk, "王芳", "赵强")
    forging = [
        talk.sandbox.tap(life.members[0], life.group, life.card, data=f"{verb}:{2**63 - 1}", forge=True)
        for verb in DISPATCH.taps
    ]
    answers = await asyncio.gather(*forging, life.check_in(life.members[1]))
    assert all(answers)
    assert "已签到" in str(answers[-1])
    await make_due(talk, life.made.chat_row, f"after:{life.group['id']}")
    assert (await settled(talk, delivery.c.dedupe_key == f"after:{life.group['id']}")).state == "sent"
