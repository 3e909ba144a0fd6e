"""One's own settings: what each choice keeps, what may be typed, and how the pages show it."""

from datetime import datetime
from typing import Any

import pytest
from session_life import NOW, RULES, Group
from sqlalchemy import Connection, select

from chat import settings_cards as cards
from chat.replies import render
from db.tables import delivery, person
from domain.errors import Refusal
from domain.people import Actor
from domain.quiet import QuietHours
from jobs.replies import facts
from services import inputs, people, quiet, settings
from services.settings import DEFAULT, Own, Page
from texts import LANGUAGES, words

LI = Actor(501, "李明")
ZH = words("zh-CN")


def choose(connection: Connection, page: Page, value: int) -> Own:
    return settings.choose(connection, LI, page, value, now=NOW, rules=RULES)


def typed(connection: Connection, page: Page, text: str) -> str:
    """Type something; what is answered."""
    key = f"reply:{page}:{text}"
    settings.typed(connection, LI, page, text, language="zh-CN", now=NOW, reply_key=key)
    payload = connection.execute(select(delivery.c.payload).where(delivery.c.dedupe_key == key)).scalar_one()
    return render(facts(connection, payload, NOW)).text


def row(connection: Connection) -> Any:
    return connection.execute(select(person).where(person.c.telegram_id == LI.telegram_id)).one()


def test_who_has_chosen_nothing_sees_what_the_organisation_does(connection: Connection) -> None:
    text = cards.page(settings.own(connection, LI, RULES), Page.MAIN, ZH).text
    assert "时区：北京时间（同小组）" in text
    assert "私信提醒：关闭" in text
    assert "免打扰：22:00–08:00（默认）" in text
    assert "榜单显示：\u2068李明\u2069" in text
    assert connection.execute(select(person.c.id)).all() == []  # looking makes nobody known


def test_choosing_a_lead_turns_reminders_on_and_turning_them_off_keeps_it(connection: Connection) -> None:
    assert choose(connection, Page.REMINDERS, 120).private_reminders
    assert "开始前 2 小时" in cards.page(settings.own(connection, LI, RULES), Page.MAIN, ZH).text
    assert people.start(connection, LI, NOW).chat_id is not None
    off = choose(connection, Page.REMINDERS, 0)
    assert (off.private_reminders, off.lead_minutes) == (False, 120)
    assert (on := choose(connection, Page.REMINDERS, DEFAULT)).private_reminders
    assert on.lead_minutes is None


def test_quiet_hours_by_button_hold_for_private_messages(connection: Connection) -> None:
    chosen = choose(connection, Page.QUIET, 2)
    assert (chosen.quiet, chosen.quiet_chosen) == (QuietHours(21 * 60, 7 * 60), True)
    chat_id = people.start(connection, LI, NOW).chat_id
    assert chat_id is not None
    night = datetime.fromisoformat("2026-12-02T21:30:00+08:00")
    assert quiet.calm_at(connection, chat_id, RULES, night).isoformat() == "2026-12-02T23:00:00+00:00"
    assert not choose(connection, Page.QUIET, 0).quiet
    assert quiet.calm_at(connection, chat_id, RULES, night) == night
    assert choose(connection, Page.QUIET, DEFAULT).quiet == RULES.quiet


@pytest.mark.parametrize(
    ("page", "text", "column", "value", "answer"),
    [
        (Page.ZONE, "东京", "time_zone", "Asia/Tokyo", "✅ 时区：Asia/Tokyo"),
        (Page.QUIET, "22:30-7:30", "quiet_from", 22 * 60 + 30, "✅ 免打扰：22:30–07:30"),
        (Page.QUIET, "0-0", "quiet_to", 0, "✅ 已关闭免打扰"),
        (Page.BOARD, " 小\u202e明 ", "nickname", "小明", "✅ 榜单上显示：\u2068小明\u2069"),
        (Page.REAL_NAME, "李<大>明", "real_name", "李<大>明", "✅ 真实姓名：\u2068李&lt;大&gt;明\u2069"),
    ],
)
def test_what_is_typed_is_kept_and_told(
    connection: Connection, page: Page, text: str, column: str, value: object, answer: str
) -> None:
    assert typed(connection, page, text) == answer
    assert getattr(row(connection), column) == value


@pytest.mark.parametrize(
    ("page", "text", "code"),
    [
        (Page.ZONE, "火星", "unknown_zone"),
        (Page.QUIET, "晚上", "unclear_hours"),
        (Page.BOARD, "\u200b", "name_unreadable"),
        (Page.REAL_NAME, "长" * 41, "name_too_long"),
        (Page.REMINDERS, "15", "unknown_button"),
        (Page.MAIN, "x", "unknown_button"),
    ],
)
def test_what_cannot_be_read_changes_nothing(connection: Connection, page: Page, text: str, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        typed(connection, page, text)
    assert connection.execute(select(delivery.c.id)).all() == []


@pytest.mark.parametrize(
    ("page", "value"),
    [
        (Page.MAIN, 0),
        (Page.LANGUAGE, 0),
        (Page.ZONE, 999),
        (Page.ZONE, -2),
        (Page.REMINDERS, 7),
        (Page.QUIET, 4),
        (Page.BOARD, -1),
        (Page.REAL_NAME, 1),
    ],
)
def test_a_forged_choice_is_refused(connection: Connection, page: Page, value: int) -> None:
    with pytest.raises(Refusal, match="unknown_button"):
        choose(connection, page, value)


def test_a_nickname_is_kept_while_another_name_is_shown(connection: Connection) -> None:
    typed(connection, Page.BOARD, "小明")
    assert choose(connection, Page.BOARD, 2).board_name == "hidden"
    assert "榜单显示：不上榜" in cards.page(settings.own(connection, LI, RULES), Page.MAIN, ZH).text
    shown = choose(connection, Page.BOARD, 1)
    assert (shown.board_name, shown.nickname) == ("nickname", "小明")
    labels = [button.label for rows in cards.page(shown, Page.BOARD, ZH).keyboard for button in rows]
    assert labels[:3] == ["姓名", "✓ 昵称：\u2068小明\u2069", "不上榜"]


def test_a_real_name_can_be_removed(connection: Connection) -> None:
    typed(connection, Page.REAL_NAME, "李大明")
    page = cards.page(settings.own(connection, LI, RULES), Page.REAL_NAME, ZH)
    assert page.keyboard[0][0].data == f"set_to:{Page.REAL_NAME}:0"
    assert choose(connection, Page.REAL_NAME, 0).real_name is None


def test_another_button_ends_the_waiting_and_another_questions_waiting_stays(connection: Connection) -> None:
    settings.ask(connection, LI, Page.ZONE, now=NOW)
    assert inputs.awaited(connection, LI.telegram_id, NOW) == inputs.Awaited("settings", (Page.ZONE,))
    choose(connection, Page.ZONE, 0)
    assert inputs.awaited(connection, LI.telegram_id, NOW) is None
    inputs.ask(connection, LI.telegram_id, "title", 4, now=NOW)
    settings.stop(connection, LI, now=NOW)
    assert inputs.awaited(connection, LI.telegram_id, NOW) is not None
    with pytest.raises(Refusal, match="unknown_button"):
        settings.ask(connection, LI, Page.LANGUAGE, now=NOW)


def test_leaders_are_led_to_their_groups_and_members_and_deputies_are_not(connection: Connection) -> None:
    group = Group(connection)
    deputy = group.life.member(group.id, "副组长", role="deputy")
    admin = group.life.person("管理员")
    group.life.admin(group.unit_id, admin)
    found = {
        who.actor.name: settings.own(connection, who.actor, RULES).groups
        for who in (group.leader, group.member, deputy, admin)
    }
    mine = ((group.id, "第一学习小组"),)
    assert found == {"组长": mine, "李明": (), "副组长": (), "管理员": mine}
    page = cards.page(settings.own(connection, group.leader.actor, RULES), Page.MAIN, ZH)
    assert page.keyboard[-1][0].data == f"group_settings:{group.id}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_has_its_words_and_one_chosen_button_where_something_is_chosen(
    connection: Connection, language: str
) -> None:
    choose(connection, Page.REMINDERS, DEFAULT)
    own, spoken = settings.own(connection, LI, RULES), words(language)
    for page in Page:
        message = cards.page(own, page, spoken)
        labels = [button.label for rows in message.keyboard for button in rows]
        assert all(len(label) <= 32 for label in labels)
        assert len(message.text) < 500
        if page not in (Page.MAIN, Page.REAL_NAME):
            assert [label.startswith("✓") for label in labels].count(True) == 1, page
        if page in settings.TYPED:
            assert cards.asked(page, spoken).keyboard[0][0].data == f"set_stop:{page}"
