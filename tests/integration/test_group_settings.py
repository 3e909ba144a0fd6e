"""A group's settings: who may change them, what each choice keeps, topics, and what is put on record."""

from datetime import UTC, datetime
from typing import Any

import pytest
from session_life import NOW, RULES, Group
from sqlalchemy import Connection, select
from study_life import Somebody

from chat import group_settings_cards as cards
from chat.replies import render
from db.tables import audit, delivery, group_topic, study_group
from domain.errors import Refusal
from domain.quiet import QuietHours
from jobs.replies import facts
from services import group_settings as settings
from services import inputs
from services.group_settings import Page
from services.settings import DEFAULT
from texts import LANGUAGES, words

ZH = words("zh-CN")


@pytest.fixture
def group(connection: Connection) -> Group:
    return Group(connection)


def choose(group: Group, page: Page, value: int, by: Somebody | None = None) -> settings.Group:
    actor = (by or group.leader).actor
    return settings.choose(group.connection, actor, group.id, page, value, now=NOW, rules=RULES)


def typed(group: Group, page: Page, text: str) -> str:
    """Type something; what is answered."""
    settings.typed(
        group.connection,
        group.leader.actor,
        group.id,
        page,
        text,
        language="zh-CN",
        now=NOW,
        rules=RULES,
        reply_key=text,
    )
    query = select(delivery.c.payload).where(delivery.c.dedupe_key == text)
    return render(facts(group.connection, group.connection.execute(query).scalar_one(), NOW)).text


def row(group: Group) -> Any:
    return group.connection.execute(select(study_group).where(study_group.c.id == group.id)).one()


def topic(group: Group, purpose: int, thread_id: int, chat_id: int | None = None) -> settings.Group:
    here = chat_id or group.telegram_id
    actor = group.leader.actor
    return settings.set_topic(group.connection, actor, group.id, purpose, thread_id, here, now=NOW, rules=RULES)


@pytest.mark.parametrize(
    ("page", "value", "column", "kept"),
    [
        (Page.REMINDER, 2880, "reminder_minutes", 2880),
        (Page.REMINDER, 0, "reminder_minutes", 0),
        (Page.REMINDER, DEFAULT, "reminder_minutes", None),
        (Page.LEAVE, 60, "leave_minutes", 60),
        (Page.LEAVE, 0, "leave_minutes", 0),
        (Page.NUDGE, 1440, "nudge_minutes", 1440),
        (Page.NUDGE, 0, "nudge_minutes", 0),
        (Page.QUIET, 3, "quiet_from", 23 * 60),
        (Page.BOARD, 0, "board_shown", False),
        (Page.ZONE, 3, "time_zone", "Asia/Tokyo"),
    ],
)
def test_each_choice_is_kept_and_put_on_record(group: Group, page: Page, value: int, column: str, kept: object) -> None:
    choose(group, page, value)
    assert getattr(row(group), column) == kept
    acts = group.connection.execute(select(audit.c.action, audit.c.group_id, audit.c.subject)).all()
    assert acts == [("group_settings", group.id, f"group:{group.id}:{page.name.lower()}")]


@pytest.mark.parametrize(
    ("page", "value"),
    [
        (Page.MAIN, 0),
        (Page.LANGUAGE, 0),
        (Page.NAME, 0),
        (Page.ZONE, DEFAULT),
        (Page.REMINDER, 5),
        (Page.LEAVE, 2880),
        (Page.NUDGE, -2),
        (Page.QUIET, 9),
        (Page.BOARD, 4),
    ],
)
def test_a_forged_choice_is_refused(group: Group, page: Page, value: int) -> None:
    with pytest.raises(Refusal, match="unknown_button"):
        choose(group, page, value)


@pytest.mark.parametrize("who", ["member", "deputy", "outsider", "leader elsewhere"])
def test_only_leaders_and_admins_see_and_change_them(group: Group, who: str) -> None:
    elsewhere = group.life.group(group.unit_id, "第二学习小组")
    somebody = {
        "member": group.member,
        "deputy": group.life.member(group.id, "副组长", role="deputy"),
        "outsider": group.outsider,
        "leader elsewhere": group.life.member(elsewhere, "他组组长", role="leader"),
    }[who]
    with pytest.raises(Refusal, match="not_leader"):
        settings.read(group.connection, somebody.actor, group.id, RULES)
    with pytest.raises(Refusal, match="not_leader"):
        choose(group, Page.BOARD, 0, by=somebody)
    with pytest.raises(Refusal, match="not_leader"):
        settings.ask(group.connection, somebody.actor, group.id, Page.NAME, now=NOW)
    assert row(group).board_shown


def test_an_admin_above_may_and_an_unknown_group_is_an_unknown_button(group: Group) -> None:
    admin = group.life.person("管理员")
    group.life.admin(group.unit_id, admin)
    assert choose(group, Page.BOARD, 0, by=admin).board == ""
    assert choose(group, Page.BOARD, 3, by=admin).board == "dark"
    with pytest.raises(Refusal, match="unknown_button"):
        settings.read(group.connection, group.leader.actor, group.id + 999, RULES)


def test_another_zone_moves_the_next_board_and_no_session(group: Group) -> None:
    session_id = group.session()
    before = group.sessions()[0].starts_at
    assert "已安排的学习时刻不变" in typed(group, Page.ZONE, "纽约")
    assert row(group).time_zone == "America/New_York"
    assert row(group).next_board_at == datetime(2026, 11, 30, 13, 30, tzinfo=UTC)  # Monday 8:30 there
    assert [(made.id, made.starts_at) for made in group.sessions()] == [(session_id, before)]


def test_a_name_and_quiet_hours_are_typed(group: Group) -> None:
    assert typed(group, Page.NAME, " 青年\n小组 ") == "✅ 小组名称：\u2068青年 小组\u2069"
    assert typed(group, Page.QUIET, "21-6") == "✅ 免打扰：21:00–06:00"
    now = settings.read(group.connection, group.leader.actor, group.id, RULES)
    assert (now.name, now.quiet) == ("青年 小组", QuietHours(21 * 60, 6 * 60))


@pytest.mark.parametrize(
    ("page", "text", "code"),
    [
        (Page.NAME, "长" * 65, "name_too_long"),
        (Page.NAME, "\u202e", "name_unreadable"),
        (Page.ZONE, "火星", "unknown_zone"),
        (Page.QUIET, "", "unclear_hours"),
        (Page.LEAVE, "60", "unknown_button"),
    ],
)
def test_what_cannot_be_read_changes_nothing(group: Group, page: Page, text: str, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        typed(group, page, text)
    assert group.connection.execute(select(audit.c.id)).all() == []


def test_another_button_ends_the_waiting(group: Group) -> None:
    connection, actor = group.connection, group.leader.actor
    settings.ask(connection, actor, group.id, Page.NAME, now=NOW)
    waiting = inputs.awaited(connection, actor.telegram_id, NOW)
    assert waiting == inputs.Awaited("group_settings", (group.id, Page.NAME))
    choose(group, Page.BOARD, 1)
    assert inputs.awaited(connection, actor.telegram_id, NOW) is None


def test_topics_are_chosen_in_the_groups_own_chat_and_can_be_given_up(group: Group) -> None:
    topic(group, 0, 77)
    assert topic(group, 1, 78).topics == ("board", "sessions")
    assert topic(group, 1, 79).topics == ("board", "sessions")
    kept = group.connection.execute(select(group_topic.c.purpose, group_topic.c.thread_id)).all()
    assert sorted(kept) == [("board", 79), ("sessions", 77)]
    for purpose, chat_id in ((2, group.telegram_id), (-1, group.telegram_id), (0, -12345)):
        with pytest.raises(Refusal, match="unknown_button"):
            topic(group, purpose, 80, chat_id)
    assert choose(group, Page.TOPICS, 0).topics == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_has_its_words_and_marks_what_holds(group: Group, language: str) -> None:
    topic(group, 0, 77)
    now, spoken = settings.read(group.connection, group.leader.actor, group.id, RULES), words(language)
    for page in Page:
        message = cards.page(now, page, spoken)
        labels = [button.label for rows in message.keyboard for button in rows]
        assert all(len(label) <= 32 for label in labels)
        if page not in (Page.MAIN, Page.TOPICS, Page.NAME):
            assert [label.startswith("✓") for label in labels].count(True) == 1, page
        if page in settings.TYPED:
            assert cards.asked(group.id, page, spoken).keyboard[0][0].data == f"gset_stop:{group.id}:{page}"


def test_the_first_page_says_what_holds(group: Group) -> None:
    choose(group, Page.LEAVE, 0)
    choose(group, Page.NUDGE, 0)
    text = cards.page(settings.read(group.connection, group.leader.actor, group.id, RULES), Page.MAIN, ZH).text
    assert text.splitlines()[1:] == [
        "语言：中文",
        "时区：北京时间",
        "群提醒：开始前 1 天（默认）",
        "请假截止：开始为止",
        "催未回复的人：从不",
        "免打扰：22:00–08:00（默认）",
        "每周榜单：发浅色图片",
        "话题：学习通知和榜单都发到“常规”话题",
        "领学轮值：关闭",
    ]


def test_in_a_topic_the_leader_may_choose_it_and_elsewhere_only_give_up(group: Group) -> None:
    now = settings.in_chat(group.connection, group.leader.actor, group.telegram_id, RULES)
    plain = cards.in_group(now, None, "study_bot", ZH)
    assert [b.url for rows in plain.keyboard for b in rows] == [f"https://t.me/study_bot?start=gs_{group.id}"]
    there = cards.in_group(now, 77, "study_bot", ZH)
    assert [b.data for rows in there.keyboard[1:] for b in rows] == [
        f"gtopic:{group.id}:0:77",
        f"gtopic:{group.id}:1:77",
    ]
    given_up = cards.in_group(topic(group, 0, 77), None, "study_bot", ZH)
    assert [b.data for rows in given_up.keyboard[1:] for b in rows] == [f"gtopic_off:{group.id}"]
