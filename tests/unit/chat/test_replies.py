"""Replies: a payload of plain data becomes a safe message in its language."""

from datetime import UTC, datetime

import pytest

from chat.outgoing import Button, Message
from chat.replies import Reply, render
from jobs.replies import facts
from services.deliveries import moment_value

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def made(text: str, language: str = "zh-CN", **values: object) -> Message:
    return render(Reply(text, language, values, []))


def test_what_the_outbox_holds_is_all_there_is_to_say() -> None:
    payload = {"text": "groups.leader", "values": {"name": "李明"}, "language": "en", "buttons": []}
    assert "李明" in render(facts(None, payload, NOW)).text  # type: ignore[arg-type]


def test_a_name_can_neither_become_markup_nor_turn_the_sentence_around() -> None:
    text = made("groups.leader", name="<b>\u202eevil</b>\n& co").text
    assert text == "组长：\u2068&lt;b&gt;\u202eevil&lt;/b&gt; &amp; co\u2069"


def test_markup_of_the_sentence_itself_stands() -> None:
    assert "<b>\u2068一组\u2069</b>" in made("groups.registered", name="一组").text


def test_a_value_that_ends_in_name_is_isolated_too() -> None:
    assert "\u2068一组\u2069" in made("groups.you_lead", group_name="一组").text


@pytest.mark.parametrize(
    ("form", "zh", "en"),
    [
        ("when", "12月2日 周三 19:00", "Wed 2 Dec 19:00"),
        ("day", "12月2日 周三", "Wed 2 Dec"),
        ("date", "2026年12月2日 周三", "Wed 2 Dec 2026"),
        ("time", "19:00", "19:00"),
    ],
)
def test_moments_are_worded_in_their_own_zone(form: str, zh: str, en: str) -> None:
    at = moment_value(datetime(2026, 12, 2, 11, 0, tzinfo=UTC), "Asia/Shanghai", form)
    values = {"at": at, "name": "x", "action": "y"}
    assert made("organisation.act", "zh-CN", **values).text.startswith(f"{zh} \u2068")
    assert made("organisation.act", "en", **values).text.startswith(f"{en} \u2068")


@pytest.mark.parametrize(("count", "text"), [(1, "1 study group"), (2, "2 study groups")])
def test_a_count_chooses_the_plural(count: int, text: str) -> None:
    assert made("organisation.groups", "en", count=count).text == text


def test_buttons_are_labelled_by_key_or_literally_and_links_open() -> None:
    rows = [[["button.join", "join:1"], ["=一组 {0} <x>", "pick:2"]], [["button.open_private", "https://t.me/b"]]]
    assert render(Reply("groups.leader", "zh-CN", {"name": "x"}, rows)).keyboard == (
        (Button("加入", "join:1"), Button("一组 {0} <x>", "pick:2")),
        (Button("打开私聊", url="https://t.me/b"),),
    )
