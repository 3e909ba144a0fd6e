"""What a leader reads while scheduling, in both languages: the echo, its pages, and the questions step by step."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.errors import refusal_text
from chat import drafts_cards as cards
from chat import planning_cards
from chat.cadence_words import cadence_words
from chat.dates import CODES, DateError, parse_line
from chat.outgoing import Button, Delete, Keyboard, Message
from domain.cadence import LAST, Cadence
from services.draft_changes import LINK, PLACE, TIME, TITLE
from services.drafts import Choice, Clash, Echo, Place, Typed
from services.planning import KINDS, STEPS, Step
from texts import LANGUAGES, words

# ruff: noqa: DTZ001 — wall clocks are naive

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # Tuesday, 17:00 in Shanghai
STARTS_AT = datetime(2026, 12, 2, 11, 0, tzinfo=UTC)
TYPED = Typed(
    title="党课：学习原著",
    kind="lesson",
    place="三楼会议室",
    starts_local=datetime(2026, 12, 2, 19, 0),
    starts_at=STARTS_AT,
    minutes=90,
    cadence=None,
    bare_hour=False,
    in_gap=False,
)
ECHO = Echo(12, "open", "第一学习小组", TYPED, "Asia/Shanghai", (), None, "zh-CN")
STEP = Step(12, "kind", "第一学习小组", "zh-CN", "Asia/Shanghai", {}, (), date(2026, 11, 24), NOW, "zh-CN")
ZH, EN = words("zh-CN"), words("en")


def data(keyboard: Keyboard) -> list[str | None]:
    return [button.data for row in keyboard for button in row]


def buttons(message: Message) -> dict[str, Button]:
    return {button.label: button for row in message.keyboard for button in row}


def test_the_echo_asks_before_anything_is_published() -> None:
    message = cards.echo(replace(ECHO, revision=3))
    assert message.text == (
        "请确认：<b>2026年12月2日 周三 19:00</b>（北京时间），90分钟\n"
        "主题：党课：学习原著\n地点：三楼会议室\n小组：第一学习小组"
    )
    assert data(message.keyboard) == ["publish:12:3", "retime:12", "repeat:12", "more:12", "drop:12"]
    assert list(buttons(message)) == ["✅ 发布", "🕐 改时间", "🔁 重复", "✏️ 更多", "取消"]


def test_the_echo_in_english_with_a_link() -> None:
    message = cards.echo(replace(ECHO, typed=replace(TYPED, link="https://a.example/?a=1&b=2")), "en")
    assert message.text.startswith("Please confirm: <b>Wed 2 Dec 2026 19:00</b> (Beijing time), 90 minutes\n")
    assert "Link: https://a.example/?a=1&amp;b=2" in message.text


def test_the_echo_makes_no_sound_in_a_group() -> None:
    assert cards.echo(replace(ECHO, in_group=True)).silent
    assert cards.echo(replace(ECHO, in_group=True, passed=datetime(2026, 11, 18, 19, 0))).silent
    assert not cards.echo(ECHO).silent


def test_the_echo_offers_the_other_half_of_the_day() -> None:
    message = cards.echo(replace(ECHO, other_at=STARTS_AT - timedelta(hours=12)))
    assert "没有写上午还是下午，按 19:00 理解。" in message.text
    assert buttons(message)["改为 07:00"].data == "half:12"
    page = cards.times(replace(ECHO, other_at=STARTS_AT - timedelta(hours=12)), ZH, 0, NOW, in_private=True)
    assert buttons(page)["改为 07:00"].data == "half:12"


def test_a_series_shows_its_rule_and_its_dates() -> None:
    dates = tuple(STARTS_AT + timedelta(weeks=number) for number in range(5))
    weekly = replace(ECHO, typed=replace(TYPED, cadence=Cadence.weekly(2).to_rrule()), dates=dates)
    assert "🔁 每周三，接下来：12月2日 周三 · 12月9日 周三" in cards.echo(weekly).text
    assert "🔁 Every Wednesday. Next: Wed 2 Dec · Wed 9 Dec" in cards.echo(weekly, "en").text


def test_a_clash_is_named_and_publishing_says_so() -> None:
    message = cards.echo(replace(ECHO, clash=Clash("读书会", STARTS_AT)))
    assert "与 12月2日 周三 19:00“读书会”时间重叠" in message.text
    assert buttons(message)["✅ 仍要发布"].data == "publish:12:0"


def test_a_far_year_is_asked_about() -> None:
    assert "这是 2026 年" in cards.echo(replace(ECHO, far=True)).text


def test_a_time_that_has_passed_is_answered_with_one_next_step() -> None:
    message = cards.echo(replace(ECHO, passed=datetime(2026, 11, 18, 19, 0)))
    assert message.text == "11月18日 周三 19:00 已过。改为 <b>12月2日 周三 19:00</b>？\n主题：党课：学习原著"
    assert {label: button.data for label, button in buttons(message).items()} == {
        "是": "proposed:12",
        "重选": "retime:12",
    }


def test_what_is_published_can_be_undone_while_it_can() -> None:
    published = replace(ECHO, state="published", other_at=STARTS_AT)
    assert cards.echo(published).text.startswith("✅ 已发布")
    assert cards.echo(published).keyboard == ()
    assert data(cards.echo(replace(published, undoable=True)).keyboard) == ["undo_publish:12"]
    assert cards.taken_back(77) == Delete(77)


def test_the_time_page_has_seven_days_and_the_usual_times() -> None:
    message = cards.times(ECHO, ZH, 0, NOW, in_private=True)
    shown = buttons(message)
    assert message.text.startswith("请确认")
    assert [button.data for button in shown.values()][:7] == [f"day:12:202611{day}" for day in range(24, 31)]
    assert [label for label in shown if ":" in label] == [
        "09:00",
        "14:00",
        "15:00",
        "16:00",
        "✓ 19:00",
        "19:30",
        "20:00",
    ]
    assert shown["19:30"].data == "clock:12:1930"
    assert shown["后一周 ›"].data == "retime:12:1"
    assert shown["⌨️ 输入时间"].data == "type_time:12"
    assert shown["‹ 返回"].data == "draft:12"


def test_the_time_page_leaves_out_what_has_passed_and_typing_in_a_group() -> None:
    evening = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)  # 20:00: today's 19:00 has passed
    today = replace(TYPED, starts_local=datetime(2026, 11, 24, 19, 0), starts_at=evening - timedelta(hours=1))
    shown = data(cards.times(replace(ECHO, typed=today), ZH, 0, evening, in_private=False).keyboard)
    assert shown[0] == "day:12:20261125"
    assert not any(str(each).startswith(("clock:", "type_time:")) for each in shown)
    second = cards.times(ECHO, ZH, 1, NOW, in_private=True)
    assert buttons(second)["✓ 12月2日 周三"].data == "day:12:20261202"
    assert buttons(second)["‹ 前一周"].data == "retime:12:0"


def test_the_repeats_are_worded_for_the_day() -> None:
    shown = buttons(cards.repeats(ECHO, ZH))
    assert {label: button.data for label, button in shown.items()} == {
        "✓ 不重复": "cadence:12:0",
        "每周三": "cadence:12:1",
        "隔周周三": "cadence:12:2",
        "每月第1个周三": "cadence:12:3",
        "每月2日": "cadence:12:5",
        "‹ 返回": "draft:12",
    }
    last = replace(TYPED, starts_local=datetime(2026, 12, 30, 19, 0), cadence=Cadence.monthly_nth(LAST, 2).to_rrule())
    labels = list(buttons(cards.repeats(replace(ECHO, typed=last), EN)))
    assert labels == [
        "Only once",
        "Every Wednesday",
        "Every other Wednesday",
        "✓ Last Wednesday of the month",
        "Day 30 of every month",
        "‹ Back",
    ]


@pytest.mark.parametrize(
    ("cadence", "zh", "en"),
    [
        (Cadence.weekly(0, 2), "每周一、周三", "Every Monday, Wednesday"),
        (Cadence.weekly(4, interval=3), "每 3 周的周五", "Every 3 weeks on Friday"),
        (Cadence.monthly_nth(4, 6), "每月第4个周日", "Fourth Sunday of the month"),
        (Cadence.monthly_day(31), "每月最后一天", "Last day of every month"),
        (Cadence.monthly_day(15, 2), "每月15日（每 2 个月）", "Day 15 of every month, every 2 months"),
    ],
)
def test_every_rule_has_its_words(cadence: Cadence, zh: str, en: str) -> None:
    assert (cadence_words(cadence, ZH), cadence_words(cadence, EN)) == (zh, en)


def test_more_is_typed_in_private_and_leads_there_from_a_group() -> None:
    private = cards.more(ECHO, ZH, bot_username="study_bot", in_private=True)
    assert data(private.keyboard)[:6] == [f"length:12:{minutes}" for minutes in (30, 45, 60, 90, 120, 180)]
    assert data(private.keyboard)[6:] == ["retitle:12", "replace:12", "relink:12", "draft:12"]
    group = buttons(cards.more(ECHO, ZH, bot_username="study_bot", in_private=False))
    assert [button.url for button in group.values() if button.url] == ["https://t.me/study_bot?start=draft_12"]
    assert "retitle:12" not in {button.data for button in group.values()}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("purpose", [TITLE, PLACE, LINK, TIME])
def test_what_is_typed_is_asked_for_with_a_way_back(purpose: str, language: str) -> None:
    message = cards.ask(12, purpose, words(language))
    assert message.text
    without = {PLACE: ["no_place:12"], LINK: ["no_link:12"]}
    assert data(message.keyboard) == ["draft:12", *without.get(purpose, [])]


def test_what_a_leader_typed_is_escaped() -> None:
    nasty = "<b>&title"
    typed = replace(TYPED, title=nasty, place=nasty)
    facts = replace(ECHO, typed=typed, group_name=nasty, clash=Clash(nasty, STARTS_AT))
    known = {"kind": "lesson", "title": nasty, "day": "2026-12-02", "clock": "19:00", "place": nasty}
    for text in (
        cards.echo(facts).text,
        cards.echo(replace(facts, passed=TYPED.starts_local)).text,
        cards.repeats(facts, EN).text,
        planning_cards.question(replace(STEP, step="link", known=known, group_name=nasty)).text,
    ):
        assert "&lt;b&gt;&amp;title" in text
        assert nasty not in text


def test_the_group_is_chosen_by_a_button_each() -> None:
    places = (Place(1, "一组", "Asia/Shanghai"), Place(2, "二组", "Asia/Shanghai"))
    assert data(cards.choose_group(Choice(12, places, "en")).keyboard) == ["new_in:12:1", "new_in:12:2"]
    assert data(cards.choose_group_to_plan(places, EN).keyboard) == ["plan_new:1", "plan_new:2"]


def test_the_how_to_leads_from_the_group_to_the_steps() -> None:
    message = cards.how_to(7, "study_bot", ZH)
    assert message.silent
    assert message.keyboard[0][0].url == "https://t.me/study_bot?start=new_7"
    # What it shows as an example can be read.
    for spoken in (ZH, EN):
        text = cards.how_to(7, "study_bot", spoken).text
        examples = [part.split("</code>")[0] for part in text.split("<code>/new ")[1:]]
        assert len(examples) == 2
        for example in examples:
            assert parse_line(example, now=NOW, zone=SHANGHAI).title


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_step_asks_shows_what_is_known_and_has_a_way_out(language: str) -> None:
    known: dict[str, Any] = {}
    answers = {"kind": "lesson", "title": "读书会", "day": "2026-12-02", "clock": "19:00", "place": "线上"}
    for name in STEPS:
        facts = replace(STEP, step=name, known=dict(known), places=("一楼", "二楼"))
        message = planning_cards.question(facts, language)
        assert data(message.keyboard)[-1] == "drop:12"
        assert len(message.text.splitlines()) >= 2
        if name in answers:
            known[name] = answers[name]
    assert "读书会" in message.text
    assert "19:00" in message.text


def test_the_steps_offer_what_can_be_tapped() -> None:
    assert data(planning_cards.question(STEP).keyboard)[:-1] == [f"plan_kind:12:{n}" for n in range(len(KINDS))]
    title = planning_cards.question(replace(STEP, step="title", known={"kind": "lesson"}), "en")
    assert next(iter(buttons(title))) == "Call it “党课”"  # the group's language, because the group reads it
    days = data(planning_cards.question(replace(STEP, step="day"), page=1).keyboard)
    assert days == [
        *(f"plan_day:12:2026120{day}" for day in range(1, 8)),
        "plan_days:12:0",
        "plan_days:12:2",
        "drop:12",
    ]
    today = planning_cards.question(replace(STEP, step="clock", known={"day": "2026-11-24"}))
    assert data(today.keyboard) == ["plan_time:12:1900", "plan_time:12:1930", "plan_time:12:2000", "drop:12"]
    place = planning_cards.question(replace(STEP, step="place", places=("一楼", "二楼")))
    assert data(place.keyboard) == [
        "plan_place:12:1",
        "plan_place:12:2",
        "plan_place:12:-1",
        "plan_place:12:0",
        "drop:12",
    ]


def test_the_labels_fit_a_phone() -> None:
    typed = replace(TYPED, starts_local=datetime(2026, 12, 30, 19, 0))
    for spoken in (ZH, EN):
        for message in (
            cards.echo(ECHO, spoken.language),
            cards.times(ECHO, spoken, 0, NOW, in_private=True),
            cards.repeats(replace(ECHO, typed=typed), spoken),
            cards.more(ECHO, spoken, bot_username="study_bot", in_private=True),
            *(planning_cards.question(replace(STEP, step=s, known={"kind": "study"}), spoken.language) for s in STEPS),
        ):
            assert all(len(label) <= 32 for label in buttons(message))


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
    "bad_link": "明天19:00 党课 ftp://example.org",
    "repeat_unsupported": "每天19:00 党课",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", sorted(CODES))
def test_every_refusal_of_a_line_has_its_sentence(code: str, language: str) -> None:
    with pytest.raises(DateError) as caught:
        parse_line(REFUSED[code], now=NOW, zone=SHANGHAI)
    assert caught.value.code == code
    params: dict[str, Any] = caught.value.params
    params["zone"] = "Asia/Shanghai"
    text = refusal_text(words(language), caught.value, "Asia/Shanghai")
    assert "None" not in text
    assert "{" not in text
    assert len(text) <= 200
