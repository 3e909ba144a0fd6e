"""What a session's messages say, in both languages, and that every refusal of a typed line has its sentence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from chat import sessions_cards as cards
from chat.outgoing import Keyboard, Message, addressed
from services.cancelling import Notice
from services.reminders import Reminder
from services.sessions import Card, Coming
from texts import words

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
COMING = Coming(7, "党课", "三楼", STARTS_AT, "Asia/Shanghai", "第一学习小组", None, True, False)


def data(keyboard: Keyboard) -> list[str | None]:
    return [button.data for row in keyboard for button in row]


def test_the_card_says_when_where_and_how_many_and_takes_an_answer() -> None:
    message = cards.card(CARD)
    assert message.text == (
        "📚 <b>党课：学习原著</b>\n时间：12月2日 周三 19:00（北京时间）–20:30\n地点：三楼会议室\n"
        "参加 12 · 请假 2 · 未回复 6"
    )
    assert data(message.keyboard) == ["going:7", "leave:7", "details:7"]


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
    reminder = Reminder(7, nasty, nasty, nasty, STARTS_AT, "Asia/Shanghai", "en", None, True, False)
    coming = replace(COMING, title=nasty, place=nasty)
    for text in (
        cards.card(replace(CARD, title=nasty, place=nasty)).text,
        cards.cancelled(Notice(nasty, STARTS_AT, "Asia/Shanghai", "en", 3)).text,
        cards.private_reminder(reminder).text,
        cards.upcoming([coming], True, words("en")).text,
        cards.confirm_cancel(coming, words("en")).text,
    ):
        assert "&lt;b&gt;&amp;title" in text
        assert nasty not in text


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


def test_in_private_every_session_of_the_list_opens_its_page() -> None:
    message = cards.upcoming([replace(COMING, answer="going"), replace(COMING, id=8)], True, words("en"))
    assert data(message.keyboard) == ["session:7", "session:8", "calendar_mine"]


def test_the_card_tells_the_link_the_deadline_the_files_and_that_it_was_moved() -> None:
    full = replace(
        CARD,
        link='https://meeting.example/?a="1"&b=<2>',
        leave_until=STARTS_AT - timedelta(hours=1),
        moved_from=STARTS_AT - timedelta(days=1),
        files=2,
    )
    text = cards.card(full).text
    assert '地点：三楼会议室 · <a href="https://meeting.example/?a=&quot;1&quot;&amp;b=&lt;2&gt;">线上参加</a>' in text
    assert "请假截止 12月2日 周三 18:00\n📎 材料 2\n" in text
    assert "原定 12月1日 周二 19:00" in text
    assert "地点：<a" in cards.card(replace(full, place="")).text
    assert "请假截止" not in cards.card(replace(full, started=True)).text


def test_with_files_or_a_link_the_card_leads_to_the_page() -> None:
    for more in ({"files": 1}, {"link": "https://meeting.example/1"}):
        message = cards.card(replace(CARD, **more))
        assert [button.start for row in message.keyboard for button in row if button.start] == ["s_7"]
        with_address = addressed(message, lambda: "study_bot")
        assert isinstance(with_address, Message)
        assert with_address.keyboard[1][1].url == "https://t.me/study_bot?start=s_7"


def test_an_address_is_asked_for_only_where_a_button_needs_it() -> None:
    message = cards.card(CARD)
    assert addressed(message, lambda: 1 / 0) is message  # type: ignore[arg-type,return-value]


def test_a_card_of_before_the_move_points_to_the_new_one_and_has_no_buttons() -> None:
    edit = cards.moved_card(CARD)
    assert (
        edit.text
        == "🔁 <b>已改期</b>，请看新的卡片。\n📚 <b>党课：学习原著</b>\n时间：12月2日 周三 19:00（北京时间）–20:30"
    )
    assert edit.keyboard == ()


def test_the_private_reminder_of_an_online_session_holds_the_link() -> None:
    reminder = Reminder(7, "党课", "", "第一学习小组", STARTS_AT, "Asia/Shanghai", "zh-CN", "going", True, False)
    text = cards.private_reminder(replace(reminder, link="https://meeting.example/1")).text
    assert '地点：<a href="https://meeting.example/1">线上参加</a>' in text
