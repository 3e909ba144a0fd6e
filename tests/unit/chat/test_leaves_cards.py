"""What is said around answers and leave, in both languages."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import leaves_cards as cards
from chat import responses_cards
from chat.outgoing import Keyboard
from services.leaves import Decision, Leave, Offer, Requests
from services.responses import Answered
from texts import LANGUAGES, words

STARTS_AT = datetime(2026, 12, 2, 11, 0, tzinfo=UTC)
LEAVE = Leave(7, 5, 3, "李明", "党课：学习原著", STARTS_AT, "Asia/Shanghai", "", None, "zh-CN")
OFFER = Offer(7, "党课：学习原著", STARTS_AT, "Asia/Shanghai", "第一学习小组", on_leave=False)


def data(keyboard: Keyboard) -> list[str | None]:
    return [button.data for row in keyboard for button in row]


def answered(answer: str, **facts: bool) -> Answered:
    told = {"repeated": False, "joined": False, "reachable": True, **facts}
    return Answered(7, "党课", STARTS_AT, "Asia/Shanghai", answer, **told)


def test_own_leave_offers_reasons_and_the_way_back() -> None:
    message = cards.ask_reason(LEAVE)
    assert data(message.keyboard) == ["leave_reason:7:0", "leave_reason:7:1", "leave_reason:7:2", "withdraw:7"]
    text = cards.own_leave(replace(LEAVE, reason="sick", approved=False), words("zh-CN")).text
    assert "病假" in text
    assert "未获批准" in text


def test_a_leader_decides_and_may_change_it() -> None:
    assert data(cards.request(LEAVE).keyboard) == ["approve:7:3:0:0", "decline:7:3:0:0"]
    approved = cards.decision(Decision(replace(LEAVE, approved=True), before_you=False), words("zh-CN"))
    assert data(approved.keyboard) == ["decline:7:3:1:0"]
    declined = cards.decision(
        Decision(replace(LEAVE, approved=False), before_you=False), words("zh-CN"), from_list=True
    )
    assert data(declined.keyboard) == ["approve:7:3:2:1", "leaves:5"]


def test_what_somebody_wrote_is_escaped() -> None:
    nasty = "<b>&title"
    facts = replace(LEAVE, title=nasty, person_name=nasty)
    for message in (cards.request(facts), cards.ask_reason(facts), cards.decided(replace(facts, approved=False))):
        assert "&lt;b&gt;&amp;title" in message.text
        assert nasty not in message.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_groups_are_named_where_there_are_several(language: str) -> None:
    spoken = words(language)
    other = replace(OFFER, session_id=8, group_name="第二学习小组", on_leave=True)
    alone = cards.offers([OFFER], spoken).keyboard[0][0]
    assert "第一学习小组" not in alone.label
    first, second, long = (row[0] for row in cards.offers([OFFER, other], spoken).keyboard)
    assert long.data == "long_leaves"
    assert (first.data, second.data) == ("leave_from:7", "leave_from:8")
    assert "第一学习小组" in first.label
    assert "第二学习小组" in second.label
    assert [button.data for row in cards.offers([], spoken).keyboard for button in row] == ["long_leaves"]


def test_the_list_of_requests_is_paged_and_leads_back() -> None:
    entries = tuple(replace(LEAVE, person_id=number) for number in range(8))
    facts = Requests(5, "第一学习小组", entries, page=1, pages=3, count=20)
    assert data(cards.requests(facts, words("en")).keyboard)[-4:] == [
        "leaves:5:0",
        "leaves:5:2",
        "long_wait:5:0",
        "manage:5",
    ]
    none = cards.requests(Requests(5, "第一学习小组", (), 0, 1, 0), words("zh-CN"))
    assert data(none.keyboard) == ["long_wait:5:0", "manage:5"]
    assert "没有待批准" in none.text


@given(st.sampled_from(LANGUAGES), st.sampled_from(["going", "leave"]), *[st.booleans()] * 5)
def test_an_answer_to_a_tap_is_short_enough_for_an_alert(
    language: str, answer: str, repeated: bool, joined: bool, reachable: bool, declined: bool, in_private: bool
) -> None:
    result = answered(answer, repeated=repeated, joined=joined, reachable=reachable, declined=declined)
    text = responses_cards.answered(result, words(language), in_private=in_private)
    assert 0 < len(text) <= 200


def test_a_private_answer_stands_in_the_messages_place() -> None:
    going = responses_cards.recorded(answered("going"), words("zh-CN"))
    assert "已登记：参加" in going.text
    assert data(going.keyboard) == ["leave:7", "session:7"]
    leave = responses_cards.recorded(answered("leave"), words("zh-CN"))
    assert data(leave.keyboard)[0] == "leave_reason:7:0"
    declined = responses_cards.recorded(answered("leave", repeated=True, declined=True), words("zh-CN"))
    assert "未获批准" in declined.text
    assert data(declined.keyboard) == ["going:7", "session:7"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("approved", [True, False, None])
@pytest.mark.parametrize("before_you", [True, False])
def test_a_decision_is_answered_in_short(language: str, approved: bool | None, before_you: bool) -> None:
    result = Decision(replace(LEAVE, approved=approved), before_you)
    assert 0 < len(cards.decision_toast(result, words(language))) <= 200
