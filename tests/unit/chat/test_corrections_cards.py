"""What is said around corrections, in both languages."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chat import corrections_cards as cards
from chat.outgoing import Keyboard
from domain.attendance import Status
from services.correcting import Decision, Requests
from services.corrections import Correction, Filed, OwnSession
from texts import LANGUAGES, words

STARTS_AT = datetime(2026, 12, 2, 11, 0, tzinfo=UTC)
OPEN = Correction(9, 7, 5, "李明", "党课", STARTS_AT, "Asia/Shanghai", Status.PRESENT, "open", Status.ABSENT, "zh-CN")


def data(keyboard: Keyboard) -> list[str | None]:
    return [button.data for row in keyboard for button in row]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("outcome", ["filed", "already_open", "already_so", "declined_before"])
@pytest.mark.parametrize("reachable", [True, False])
def test_one_tap_is_answered_in_short(language: str, outcome: str, reachable: bool) -> None:
    assert 0 < len(cards.filed_toast(Filed(outcome, OPEN, reachable), words(language))) <= 200


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", ["accepted", "declined"])
@pytest.mark.parametrize("before_you", [True, False])
def test_a_decision_is_answered_in_short(language: str, state: str, before_you: bool) -> None:
    text = cards.decision_toast(Decision(replace(OPEN, state=state), before_you), words(language))
    assert 0 < len(text) <= 200


def test_only_other_statuses_than_the_recorded_one_can_be_asked_for() -> None:
    late = replace(OPEN, id=0, state="none", recorded=Status.LATE)
    assert data(cards.look(late, words("zh-CN")).keyboard) == ["correct_to:7:0", "correct_to:7:2", "corrections_own"]
    assert data(cards.look(OPEN, words("zh-CN")).keyboard) == ["correction_withdraw:9"]
    declined = cards.look(replace(OPEN, state="declined"), words("zh-CN"))
    assert "未获同意" in declined.text


def test_a_leader_records_or_declines() -> None:
    assert data(cards.request(OPEN).keyboard) == ["correct:9:1:0", "correct:9:2:0", "correct:9:0:0"]
    excused = cards.to_decide(replace(OPEN, wanted=Status.EXCUSED), words("zh-CN"), from_list=True)
    assert data(excused.keyboard) == [
        "correct:9:1:1",
        "correct:9:2:1",
        "correct:9:3:1",
        "correct:9:0:1",
        "corrections:5",
    ]


def test_what_is_decided_already_offers_the_list_and_no_decision() -> None:
    decided = cards.to_decide(replace(OPEN, state="declined"), words("zh-CN"), from_list=True)
    assert data(decided.keyboard) == ["sheet:7:0:1", "corrections:5"]
    assert "未同意" in decided.text


@pytest.mark.parametrize("state", ["accepted", "declined"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_person_reads_what_the_record_says_now(language: str, state: str) -> None:
    facts = replace(OPEN, title="<b>&", language=language, state=state, recorded=Status.LATE)
    text = cards.decided(facts).text
    assert words(language)("status.late") in text
    assert "&lt;b&gt;&amp;" in text


def test_lists_are_paged_and_lead_back() -> None:
    facts = Requests(5, "第一学习小组", (OPEN,), page=1, pages=2, count=9)
    assert data(cards.requests(facts, words("en")).keyboard) == ["correction_request:9", "corrections:5:0", "manage:5"]
    assert "没有待处理" in cards.requests(Requests(5, "一组", (), 0, 1, 0), words("zh-CN")).text
    own = OwnSession(7, "党课", STARTS_AT, "Asia/Shanghai", Status.ABSENT, asked=True)
    shown = cards.own([own], words("zh-CN"))
    assert (shown.keyboard[0][0].data, shown.keyboard[0][0].label) == ("correction:7", "12月2日 周三 党课 · 已申请")
    assert cards.own([], words("zh-CN")).keyboard == ()
