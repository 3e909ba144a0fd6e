"""What a session's messages say, in both languages, and that every refusal of a typed line has its sentence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import refusal_text
from chat import responses_cards
from chat import sessions_cards as cards
from chat.dates import CODES, DateError, parse_line
from chat.outgoing import Keyboard
from services.drafts import Choice, Echo, Place, Typed
from services.reminders import Reminder
from services.responses import Answered, Leave
from services.sessions import Card, Coming, Notice
from texts import LANGUAGES, words

SHANGHAI = ZoneInfo("Asia/Shanghai")
STARTS_AT = datetime(2026, 12, 2, 11, 0, tzinfo=UTC)
CARD = Card(
    session_id=7,
    state="scheduled",
    kind="lesson",
    title="党课：学习原著",
    place="三楼会议室",
    starts_at=STARTS_AT,
    ends_at=STARTS_AT + timedelta(minutes=90),
    time_zone="Asia/Shanghai",
    language="zh-CN",
    going=12,
    leave=2,
    no_reply=6,
    answerable=True,
    started=False,
    is_reminder=False,
    message_id=77,
)
TYPED = Typed(
    title="党课：学习原著",
    kind="lesson",
    place="三楼会议室",
    starts_local=datetime(2026, 12, 2, 19, 0),  # noqa: DTZ001 — wall clock
    starts_at=STARTS_AT,
    minutes=90,
    weeks=None,
    bare_hour=False,
    in_gap=False,
)
ECHO = Echo(12, "open", "第一学习小组", TYPED, "Asia/Shanghai", (), None, "zh-CN")
LEAVE = Leave(7, 3, "李明", "党课：学习原著", STARTS_AT, "Asia/Shanghai", "", None, "zh-CN")
COMING = Coming(7, "党课", "三楼", STARTS_AT, "Asia/Shanghai", "第一学习小组", None, True, False)


def data(keyboard: Keyboard) -> list[str | None]:
    return [button.data for row in keyboard for button in row]


def test_the_card_says_when_where_and_how_many_and_takes_an_answer() -> None:
    message = cards.card(CARD)
    assert message.text == (
        "📚 <b>党课：学习原著</b>\n时间：12月2日 周三 19:00（北京时间）–20:30\n地点：三楼会议室\n"
        "参加 12 · 请假 2 · 未回复 6"
    )
    assert data(message.keyboard) == ["going:7", "leave:7"]


def test_the_card_in_english() -> None:
    message = cards.card(replace(CARD, language="en", title="Reading the original works", place=""))
    assert message.text == (
        "📚 Party lecture · <b>Reading the original works</b>\nTime: Wed 2 Dec 19:00–20:30 (Beijing time)\n"
        "Going 12 · leave 2 · no reply 6"
    )


def test_the_kind_is_not_said_twice_and_other_says_nothing() -> None:
    assert "·" not in cards.card(CARD).text.splitlines()[0]
    assert "党课 · <b>原著</b>" in cards.card(replace(CARD, title="原著")).text
    assert "·" not in cards.card(replace(CARD, kind="other", title="参观")).text.splitlines()[0]


def test_a_session_over_midnight_names_the_day_it_ends() -> None:
    long = replace(CARD, ends_at=STARTS_AT + timedelta(hours=6))
    assert "–12月3日 周四 01:00" in cards.card(long).text


def test_without_answers_there_are_no_buttons_and_cancelled_counts_nobody() -> None:
    assert cards.card_edited(replace(CARD, answerable=False)).keyboard == ()
    edit = cards.card_edited(replace(CARD, state="cancelled", answerable=False))
    assert edit.message_id == 77
    assert edit.text.startswith("🚫 <b>已取消</b>\n")
    assert "未回复" not in edit.text


def test_a_reminder_says_so_and_one_that_is_late_says_that_it_has_started() -> None:
    assert cards.card(replace(CARD, is_reminder=True)).text.startswith("⏰ <b>学习提醒</b>")
    late = cards.card(replace(CARD, is_reminder=True, started=True, answerable=False))
    assert late.text.startswith("⏰ <b>已开始</b>")


def test_what_a_leader_typed_is_escaped_in_every_message() -> None:
    nasty = "<b>&title"
    typed = replace(TYPED, title=nasty, place=nasty)
    reminder = Reminder(7, nasty, nasty, nasty, STARTS_AT, "Asia/Shanghai", "en", None, True, False)
    coming = replace(COMING, title=nasty, place=nasty)
    for text in (
        cards.card(replace(CARD, title=nasty, place=nasty)).text,
        cards.cancelled(Notice(nasty, STARTS_AT, "Asia/Shanghai", "en", 3)).text,
        cards.echo(replace(ECHO, typed=typed, group_name=nasty)).text,
        cards.private_reminder(reminder).text,
        cards.upcoming([coming], True, words("en")).text,
        cards.confirm_cancel(coming, words("en")).text,
        responses_cards.request(replace(LEAVE, title=nasty, person_name=nasty)).text,
    ):
        assert "&lt;b&gt;&amp;title" in text
        assert nasty not in text


def test_the_echo_asks_before_anything_is_published() -> None:
    message = cards.echo(ECHO)
    assert message.text == (
        "请确认：<b>2026年12月2日 周三 19:00</b>（北京时间），90分钟\n"
        "主题：党课：学习原著\n地点：三楼会议室\n小组：第一学习小组"
    )
    assert data(message.keyboard) == ["publish:12", "weekly:12", "drop:12"]


def test_the_echo_offers_the_other_half_of_the_day() -> None:
    message = cards.echo(replace(ECHO, other_at=STARTS_AT - timedelta(hours=12)))
    assert message.keyboard[1][0].label == "改为 07:00"
    assert message.keyboard[1][0].data == "half:12"


def test_a_weekly_echo_shows_its_dates_and_the_way_back() -> None:
    dates = tuple(STARTS_AT + timedelta(weeks=number) for number in range(5))
    weekly = replace(ECHO, typed=replace(TYPED, weeks=1), dates=dates)
    assert "12月2日 周三 · 12月9日 周三" in cards.echo(weekly).text
    assert cards.echo(weekly).keyboard[-1][0].label == "只此一次"
    assert "Every 2 weeks" in cards.echo(replace(weekly, typed=replace(TYPED, weeks=2)), "en").text


def test_a_published_echo_has_no_buttons() -> None:
    message = cards.echo(replace(ECHO, state="published", other_at=STARTS_AT))
    assert message.text.startswith("✅ 已发布")
    assert message.keyboard == ()


def test_the_group_is_chosen_by_a_button_each() -> None:
    choice = Choice(12, (Place(1, "一组", "Asia/Shanghai"), Place(2, "二组", "Asia/Shanghai")), "en")
    assert data(cards.choose_group(choice).keyboard) == ["new_in:12:1", "new_in:12:2"]


def test_the_notice_says_whether_later_ones_are_cancelled_too() -> None:
    notice = Notice("党课", STARTS_AT, "Asia/Shanghai", "en", 1)
    assert cards.cancelled(notice).text == "🚫 Cancelled: Wed 2 Dec 19:00 <b>党课</b>"
    assert cards.cancelled(replace(notice, count=3)).text.endswith("\nThe 2 after it are cancelled too.")


def test_cancelling_is_confirmed_and_a_series_can_end() -> None:
    assert data(cards.confirm_cancel(COMING, words("en")).keyboard) == ["cancel_yes:7", "cancel_no:7"]
    in_series = replace(COMING, in_series=True)
    assert "cancel_later:7" in data(cards.confirm_cancel(in_series, words("en")).keyboard)


def test_a_group_reads_no_answers_of_the_one_who_asked() -> None:
    answered = replace(COMING, answer="leave")
    assert "请假" in cards.upcoming([answered], True, words("zh-CN")).text
    public = cards.upcoming([answered], False, words("zh-CN"))
    assert "请假" not in public.text
    assert public.keyboard == ()


def test_what_is_still_unanswered_can_be_answered_in_private() -> None:
    message = cards.upcoming([replace(COMING, answer="going"), replace(COMING, id=8)], True, words("en"))
    assert data(message.keyboard) == ["going:8", "leave:8"]


def test_own_leave_offers_reasons_and_the_way_back() -> None:
    message = responses_cards.ask_reason(LEAVE)
    assert data(message.keyboard) == ["leave_reason:7:0", "leave_reason:7:1", "leave_reason:7:2", "withdraw:7"]
    assert "病假" in responses_cards.own_leave(replace(LEAVE, reason="sick"), words("zh-CN")).text


def test_a_leader_decides_and_may_change_it() -> None:
    assert data(responses_cards.request(LEAVE).keyboard) == ["approve:7:3", "decline:7:3"]
    approved = responses_cards.decision(replace(LEAVE, approved=True), words("zh-CN"))
    assert data(approved.keyboard) == ["decline:7:3"]
    declined = responses_cards.decision(replace(LEAVE, approved=False), words("zh-CN"))
    assert data(declined.keyboard) == ["approve:7:3"]


@given(
    st.sampled_from(LANGUAGES),
    st.sampled_from(["going", "leave"]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_an_answer_to_a_tap_is_short_enough_for_an_alert(
    language: str, answer: str, repeated: bool, joined: bool, reachable: bool
) -> None:
    text = responses_cards.answered(Answered(answer, repeated, joined, reachable), words(language))
    assert 0 < len(text) <= 200


# A line for every code a typed line can be refused with.
REFUSED: dict[str, str] = {
    "too_long": "下周三19:00 " + "学" * 300,
    "no_date": "19:00 党课",
    "no_time": "下周三 党课",
    "no_title": "下周三19:00",
    "past": "今天8:00 党课",
    "too_far": "2099年1月1日19:00 党课",
    "not_a_date": "2月31日19:00 党课",
    "not_a_time": "明天25:00 党课",
    "ambiguous": "明天19:00 20:00 党课",
    "bad_duration": "明天19:00 党课 3000分钟",
    "repeat_unsupported": "每月1日19:00 党课",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", sorted(CODES))
def test_every_refusal_of_a_line_has_its_sentence(code: str, language: str) -> None:
    now = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    with pytest.raises(DateError) as caught:
        parse_line(REFUSED[code], now=now, zone=SHANGHAI)
    assert caught.value.code == code
    params: dict[str, Any] = caught.value.params
    params["zone"] = "Asia/Shanghai"
    text = refusal_text(words(language), caught.value, "Asia/Shanghai")
    assert "None" not in text
    assert "{" not in text
