"""What is kept of somebody is shown whole, and erased for good, with the past left to nobody."""

import json
from datetime import timedelta
from typing import Any

import pytest
from forgotten import forget_at_once
from known_leader import LONG_AGO, Known
from session_life import NOW, RULES
from sqlalchemy import Connection, Text, cast, select, update
from study_life import Somebody

from chat import privacy_cards as cards
from chat import replies
from db.queries import exports as export_queries
from db.tables import (
    attendance,
    audit,
    awaited,
    chat,
    code_try,
    correction,
    delivery,
    draft,
    duty_reason,
    inbox,
    invitation,
    long_leave,
    makeup,
    membership,
    metadata,
    person,
    person_merge,
    proposal,
    response,
    roster_import,
    study_session,
    swap,
    unit_admin,
)
from domain.errors import Refusal
from domain.people import Actor
from services import forgetting, inputs, leaderboards, menus, people, privacy
from texts import LANGUAGES, words

ZH = words("zh-CN")

# Every column that leads to a person; a new one must be shown, and thought of when somebody is erased.
LEADS_TO_PEOPLE = {
    "attendance.person_id",
    "attendance_change.actor_id",
    "attendance_change.person_id",
    "correction.decided_by",
    "correction.person_id",
    "code_try.person_id",
    "draft.person_id",
    "duty_reason.given_by",
    "invitation.person_id",
    "long_leave.decided_by",
    "long_leave.person_id",
    "makeup.decided_by",
    "makeup.person_id",
    "material.added_by",
    "membership.person_id",
    "past_membership.person_id",
    "person_merge.gone_id",
    "person_merge.kept_id",
    "person_merge.merged_by",
    "proposal.person_id",
    "response.person_id",
    "roster_import.person_id",
    "series.created_by",
    "session_change.actor_id",
    "study_group.created_by",
    "study_session.closed_by",
    "study_session.created_by",
    "study_session.host_id",
    "study_session.recorder_id",
    "study_session.reviewed_by",
    "study_session.speaker_id",
    "swap.asked_id",
    "swap.asker_id",
    "unit_admin.person_id",
}


@pytest.fixture
def known(connection: Connection) -> Known:
    return Known(connection)


def read(known: Known, language: str = "zh-CN") -> dict[str, Any]:
    """The file as somebody opens it."""
    payload = {"person_id": known.who.id, "language": language}
    facts = privacy.data(known.connection, payload, NOW)
    assert facts is not None
    document = cards.document(facts)
    assert isinstance(document.content, bytes)
    content: dict[str, Any] = json.loads(document.content)
    return content


def test_every_column_that_leads_to_a_person_is_known_here() -> None:
    found = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.c
        for key in column.foreign_keys
        if key.column.table.name == "person"
    }
    assert found == LEADS_TO_PEOPLE


def test_the_file_holds_everything_in_words(known: Known) -> None:
    content = read(known)
    assert all(content.values()), [section for section, rows in content.items() if not rows]
    assert content["个人"]["真实姓名"] == "李大明"
    assert content["个人"]["免打扰开始"] == "22:00"
    assert content["个人"]["榜单显示"] == "昵称"
    assert {row["身份"] for row in content["小组成员身份"] if "身份" in row} == {"组长"}
    assert {row["原因"] for row in content["对学习的答复"]} == {"病假", "公假"}
    assert content["考勤"] == [
        {
            "小组": "第一学习小组",
            "学习": "旧课",
            "开始时间": LONG_AGO.isoformat(timespec="seconds"),
            "状态": ZH("status.present"),
            "方式": "签到按钮",
            "时间": LONG_AGO.isoformat(timespec="seconds"),
            "临时参加": "否",
            "时间不确定": "否",
        }
    ]
    assert content["考勤的变更"][0]["本人所为"] == "是"
    assert len(content["为他人登记的考勤"]) == 1
    assert "李明" not in json.dumps(content, ensure_ascii=False)  # the member whom they marked


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_has_no_key_twice(known: Known, language: str) -> None:
    payload = {"person_id": known.who.id, "language": language}
    facts = privacy.data(known.connection, payload, NOW)
    assert facts is not None
    content = read(known, language)
    assert len(content) == len(facts.sections)
    for told, section in zip(content.values(), facts.sections.values(), strict=True):
        for one, kept in zip(*(rows if isinstance(rows, list) else [rows] for rows in (told, section)), strict=True):
            assert len(one) == len(kept)


def test_a_person_is_told_whole_whatever_is_added_to_the_table(known: Known) -> None:
    payload = {"person_id": known.who.id, "language": "en"}
    facts = privacy.data(known.connection, payload, NOW)
    assert facts is not None
    internal = {"id", "chat_id", "last_group_id", "forgotten_at", "merged_into"}
    assert set(facts.sections["person"]) == {column.name for column in person.c} - internal


def test_two_taps_in_a_minute_make_one_file(known: Known) -> None:
    for _ in range(2):
        privacy.order(known.connection, known.who.actor, language="en", now=NOW)
    assert len(known.group.deliveries(privacy.DATA)) == 1
    privacy.order(known.connection, known.who.actor, language="en", now=NOW + timedelta(minutes=1))
    assert len(known.group.deliveries(privacy.DATA)) == 2


@pytest.mark.parametrize("word", ["", "删", "删除!", "yes", "DELETE ME"])
def test_nothing_is_erased_without_the_word(known: Known, word: str) -> None:
    with pytest.raises(Refusal, match="forget_not_typed"):
        known.forget(word)
    assert known.row().name == "组长"


@pytest.mark.parametrize("word", ["删除", " 删除 ", "DELETE", "delete"])
def test_the_word_may_be_typed_in_either_language(known: Known, word: str) -> None:
    known.forget(word)
    assert known.row().forgotten_at == NOW


def test_nothing_leads_to_somebody_who_was_forgotten(known: Known) -> None:
    number = known.who.actor.telegram_id
    known.forget()
    row = known.row()._asdict()
    kept = {key: row[key] for key in ("name", "forgotten_at", "board_name", "private_reminders", "id", "created_at")}
    assert {key for key, value in row.items() if value is not None} == set(kept)
    assert (row["name"], row["board_name"], row["private_reminders"]) == ("", "name", False)
    assert people.find(known.connection, number) is None
    assert known.count(chat, chat.c.id == known.chat_id) == 0
    assert known.count(delivery, delivery.c.destination_id == known.chat_id) == 0
    assert known.count(awaited) == 0
    assert known.count(audit, audit.c.actor_id == number) == 0
    assert known.count(audit, audit.c.actor_id == 0) == 1
    raw = known.connection.execute(select(inbox.c.raw).order_by(inbox.c.update_id)).scalars().all()
    assert raw == [None, b'{"from":{"id":%d7}}' % number]  # the other one is somebody else's


def test_the_future_is_given_up_and_the_past_stays(known: Known) -> None:
    known.forget()
    mine = known.who.id
    assert known.count(membership, membership.c.person_id == mine, membership.c.left_at.is_(None)) == 0
    assert known.count(membership, membership.c.person_id == mine, membership.c.role != "member") == 0
    assert known.count(unit_admin, unit_admin.c.person_id == mine) == 0
    assert known.count(draft, draft.c.person_id == mine) == 0
    assert list(known.connection.execute(select(response.c.session_id)).scalars()) == [known.past]
    assert list(known.connection.execute(select(correction.c.state)).scalars()) == ["accepted"]
    assert known.count(attendance, attendance.c.person_id == mine) == 1
    assert known.count(study_session, study_session.c.created_by == mine) == 3


def test_their_own_words_and_what_they_planned_go(known: Known) -> None:
    known.forget()
    connection = known.connection
    (task,) = connection.execute(select(makeup)).all()
    assert (task.session_id, task.done_at, task.note, task.file_id) == (known.past, LONG_AGO, "", "")
    assert list(connection.execute(select(correction.c.appeal)).scalars()) == [""]
    (away,) = connection.execute(select(long_leave.c.last_day)).scalars()
    assert away < NOW.date()
    assert list(connection.execute(select(invitation.c.session_id)).scalars()) == [known.past]
    for table in (code_try, swap, proposal, roster_import, person_merge):
        assert known.count(table) == 0, table.name
    assert known.count(duty_reason) == 1  # the group's


def test_who_was_forgotten_is_on_no_board_and_gets_no_menu(known: Known) -> None:
    known.forget()
    board = leaderboards.in_chat(known.connection, known.group.telegram_id, NOW)
    assert board.shown == ()
    assert menus.reader(known.connection, {"person_id": known.who.id}, frozenset()) is None
    payload = {"person_id": known.who.id, "language": "en"}
    assert privacy.data(known.connection, payload, NOW) is None
    assert forgetting.farewell(known.connection, payload, NOW) is None


def test_old_replies_that_say_the_name_go_and_what_is_still_to_be_sent_goes_without_it(known: Known) -> None:
    here = known.group.chat_row
    known.say("groups.leader", {"name": "组长"}, here, "sent")
    known.say("groups.leads_already", {"name": "组长长"}, here, "sent")
    known.say("groups.you_lead", {"group_name": "组长"}, here)  # a group that is called so
    known.say(
        "groups.leader_again", {"name": "李大明", "list": [{"leader_name": "组长"}]}, here
    )  # in the ledger's name
    known.forget()
    rows = known.connection.execute(
        select(delivery.c.payload).where(delivery.c.destination_id == here, cast(delivery.c.payload, Text) != "")
    ).scalars()
    values = [payload["values"] for payload in rows]
    assert {"name": "组长"} not in values
    assert {"name": "组长长"} in values
    assert {"group_name": "组长"} in values
    assert {"name": "", "list": [{"leader_name": ""}]} in values
    reply = replies.render(replies.Reply("long_leaves.why_theirs", "zh-CN", {"name": "", "first": "", "last": ""}, ()))
    assert "已注销成员" in reply.text


def test_the_counts_of_a_card_follow(known: Known) -> None:
    known.connection.execute(update(study_session).where(study_session.c.id == known.coming).values(card_message_id=9))
    known.forget()
    assert [row.session_id for row in known.group.deliveries("session_card_live")] == [known.coming]


def test_who_leads_or_administers_alone_is_told_before_and_the_group_after(known: Known) -> None:
    facts = forgetting.ask(known.connection, known.who.actor, language="zh-CN", now=NOW)
    assert (facts.led_alone, facts.administers_alone) == (("第一学习小组",), True)
    assert "唯一的组长" in cards.farewell(facts).text
    assert "唯一的管理员" in cards.farewell(facts).text
    known.forget()
    told = [row for row in known.group.deliveries("reply") if row.destination_id == known.group.chat_row]
    assert [row.payload["text"] for row in told] == ["privacy.group_without_leader"]
    assert told[0].payload["values"] == {}


def test_with_another_leader_and_admin_nobody_is_alarmed(known: Known) -> None:
    second = known.group.life.member(known.group.id, "副手", role="leader")
    known.group.life.admin(known.group.unit_id, second)
    facts = forgetting.ask(known.connection, known.who.actor, language="en", now=NOW)
    assert facts == forgetting.Farewell((), False, "en")
    assert "⚠️" not in cards.farewell(facts).text
    known.forget()
    assert [row for row in known.group.deliveries("reply") if row.destination_id == known.group.chat_row] == []


def test_writing_again_makes_a_new_person(known: Known) -> None:
    known.forget()
    again = people.start(known.connection, known.who.actor, NOW)
    assert again.id != known.who.id
    assert again.language is None
    known.forget()  # and that one can go too
    assert people.find(known.connection, known.who.actor.telegram_id) is None


def test_somebody_we_never_met_is_forgotten_without_a_trace(connection: Connection) -> None:
    forget_at_once(connection, Actor(77, "路人"), NOW)
    assert connection.execute(select(person.c.id)).all() == []


def test_keeping_ends_the_waiting_for_the_word_alone(known: Known) -> None:
    connection, actor = known.connection, known.who.actor
    forgetting.keep(connection, actor, now=NOW)
    assert inputs.awaited(connection, actor.telegram_id, NOW) == inputs.Awaited("title", ())
    forgetting.ask_by_command(connection, actor, language="en", now=NOW, reply_key="k", rules=RULES)
    assert inputs.awaited(connection, actor.telegram_id, NOW) == inputs.Awaited("forget", ())
    assert len(known.group.deliveries(forgetting.FAREWELL)) == 1
    forgetting.keep(connection, actor, now=NOW)
    assert inputs.awaited(connection, actor.telegram_id, NOW) is None


def test_somebody_elses_records_stay(known: Known) -> None:
    member: Somebody = known.group.member
    known.forget()
    assert known.count(attendance, attendance.c.person_id == member.id) == 1
    assert people.find(known.connection, member.actor.telegram_id) is not None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_fit_and_offer_the_ways_on(language: str) -> None:
    page = cards.privacy(24, words(language))
    assert len(page.text) < 4096
    assert [button.data for row in page.keyboard for button in row] == ["my_data", "forget"]
    question = cards.farewell(forgetting.Farewell(("一组",), True, language))
    assert [button.data for row in question.keyboard for button in row] == ["my_data", "forget_no"]


def test_a_real_name_stands_in_the_ledger_and_leaves_it(known: Known) -> None:
    since, before = LONG_AGO - timedelta(days=1), NOW
    said = {row.name for row in export_queries.records(known.connection, [known.group.id], since, before)}
    assert said == {"李大明", "李明"}
    known.forget()
    said = {row.name for row in export_queries.records(known.connection, [known.group.id], since, before)}
    assert said == {"", "李明"}
