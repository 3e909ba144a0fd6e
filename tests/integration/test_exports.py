"""Exports: only for who has the right, at the tap and again when the file is made; only of their groups."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from sqlalchemy import Connection, insert, select, update
from study_life import Somebody, StudyLife

from chat import exports_cards as cards
from db.tables import (
    audit,
    chat,
    delivery,
    membership,
    past_membership,
    person,
    session_group,
    unit_admin,
)
from domain.attendance import Status
from domain.errors import Refusal
from exports.making import make
from jobs.exports import document_of, order_of
from services import exports, inputs
from services.exports import ALL_GROUPS, FORMATS, ExportFacts
from services.rules import Rules
from texts import words

NOW = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)
EVENING = datetime(2026, 11, 18, 11, 0, tzinfo=UTC)
NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))
XLSX, CSV = FORMATS.index("xlsx"), FORMATS.index("csv")


@pytest.fixture
def life(connection: Connection) -> StudyLife:
    return StudyLife(connection)


class Two:
    """Two groups of two units under one, each with a leader, a member and a session."""

    def __init__(self, life: StudyLife) -> None:
        self.root = life.unit("集团")
        self.own_unit, self.other_unit = life.unit("一部", self.root), life.unit("二部", self.root)
        self.own, self.other = life.group(self.own_unit), life.group(self.other_unit, "第二学习小组")
        self.leader = life.member(self.own, "李明", "leader")
        self.member = life.member(self.own, "王芳")
        self.canary = life.member(self.other, "CANARY-NAME", "leader")
        session = life.session(self.own, EVENING, self.leader, title="学习原著")
        life.came(session, EVENING, present=self.leader, absent=self.member)
        foreign = life.session(self.other, EVENING, self.canary, title="CANARY-TITLE", place="CANARY-PLACE")
        life.came(foreign, EVENING, present=self.canary)


@pytest.fixture
def two(life: StudyLife) -> Two:
    return Two(life)


def order(connection: Connection, who: Somebody, group_id: int, **changes: Any) -> None:
    start, end = changes.pop("days", NOVEMBER)
    facts = {"file_format": XLSX, "message_id": 7, "language": "zh-CN", "now": NOW, **changes}
    exports.order(connection, who.actor, group_id, start, end, rules=Rules(), **facts)


def ordered(connection: Connection) -> Any:
    return connection.execute(select(delivery)).one()


def facts_of(connection: Connection) -> ExportFacts:
    facts = exports.facts(connection, ordered(connection).payload, NOW, Rules())
    assert facts is not None
    return facts


def test_an_order_is_a_delivery_to_ones_private_chat_and_an_audit_row(connection: Connection, two: Two) -> None:
    order(connection, two.leader, two.own)
    made = ordered(connection)
    assert (made.kind, made.policy) == ("export", "once")
    home = connection.execute(select(chat).where(chat.c.id == made.destination_id)).one()
    assert (home.telegram_id, home.kind) == (two.leader.actor.telegram_id, "private")
    row = connection.execute(select(audit)).one()
    assert (row.actor_id, row.action, row.group_id) == (two.leader.actor.telegram_id, "export", two.own)
    assert row.subject == "2026-11-01..2026-11-30 xlsx"


def test_a_second_tap_on_the_same_button_makes_no_second_file(connection: Connection, two: Two) -> None:
    order(connection, two.leader, two.own)
    order(connection, two.leader, two.own)
    assert len(connection.execute(select(delivery)).all()) == 1
    assert len(connection.execute(select(audit)).all()) == 1


@pytest.mark.parametrize("who", ["member", "canary", "stranger"])
def test_others_are_refused_and_nothing_is_written(connection: Connection, life: StudyLife, two: Two, who: str) -> None:
    somebody = life.person("路人") if who == "stranger" else getattr(two, who)
    with pytest.raises(Refusal, match="export_not_allowed"):
        order(connection, somebody, two.own)
    assert connection.execute(select(delivery)).all() == []
    assert connection.execute(select(audit)).all() == []


@pytest.mark.parametrize(
    ("days", "file_format"),
    [
        (NOVEMBER, 2),
        (NOVEMBER, -1),
        (NOVEMBER[::-1], 0),
        ((date(2000, 1, 1), date(2100, 1, 1)), 0),
    ],
)
def test_forged_numbers_are_refused(
    connection: Connection, two: Two, days: tuple[date, date], file_format: int
) -> None:
    with pytest.raises(Refusal, match="unknown_button"):
        order(connection, two.leader, two.own, days=days, file_format=file_format)


def test_an_admin_has_the_groups_of_the_unit_and_below(connection: Connection, life: StudyLife, two: Two) -> None:
    above, beside = life.person("上级"), life.person("平级")
    life.admin(two.root, above)
    life.admin(two.other_unit, beside)
    assert {group.id for group in exports.choices(connection, above.actor)} == {two.own, two.other}
    assert {group.id for group in exports.choices(connection, beside.actor)} == {two.other}
    with pytest.raises(Refusal, match="export_not_allowed"):
        exports.choices(connection, beside.actor, two.own)


@pytest.mark.parametrize("file_format", [XLSX, CSV])
@pytest.mark.parametrize("scope", ["own", "all"])
def test_no_foreign_groups_rows_are_in_the_file(connection: Connection, two: Two, file_format: int, scope: str) -> None:
    order(connection, two.leader, two.own if scope == "own" else ALL_GROUPS, file_format=file_format)
    content = make(order_of(facts_of(connection)))
    if file_format == CSV:
        said = content.decode("utf-8-sig")
    else:
        book = openpyxl.load_workbook(io.BytesIO(content))
        said = repr([list(page.iter_rows(values_only=True)) for page in book])
    assert "王芳" in said
    assert "CANARY" not in said
    assert "第二学习小组" not in said


def test_the_file_is_not_made_when_the_right_is_gone(connection: Connection, two: Two) -> None:
    order(connection, two.leader, two.own)
    connection.execute(update(membership).where(membership.c.person_id == two.leader.id).values(role="member"))
    assert exports.facts(connection, ordered(connection).payload, NOW, Rules()) is None


def test_the_file_holds_only_the_groups_that_one_still_has_a_right_to(
    connection: Connection, life: StudyLife, two: Two
) -> None:
    life.admin(two.other_unit, two.leader)
    order(connection, two.leader, ALL_GROUPS)
    assert facts_of(connection).groups == ("第一学习小组", "第二学习小组")
    connection.execute(unit_admin.delete())
    assert facts_of(connection).groups == ("第一学习小组",)
    assert {session.group for session in facts_of(connection).ledger.sessions} == {"第一学习小组"}


def test_the_ledger_holds_what_was_held_in_the_days_asked_for(
    connection: Connection, life: StudyLife, two: Two
) -> None:
    by = two.leader
    first = life.session(two.own, datetime(2026, 10, 31, 16, 0, tzinfo=UTC), by, title="月初")
    for title, starts_at, state in (
        ("上月", datetime(2026, 10, 31, 15, 59, tzinfo=UTC), "closed"),
        ("取消", EVENING, "cancelled"),
        ("未到", NOW + timedelta(minutes=1), "scheduled"),
    ):
        life.session(two.own, starts_at, by, title=title, state=state)
    life.came(first, EVENING, present=by)
    order(connection, by, two.own)
    ledger = facts_of(connection).ledger
    assert [session.title for session in ledger.sessions] == ["月初", "学习原著"]


def test_before_closing_those_expected_are_unrecorded(connection: Connection, life: StudyLife, two: Two) -> None:
    starts_at = NOW - timedelta(hours=2)
    still_open = life.session(two.own, starts_at, two.leader, state="scheduled")
    life.came(still_open, starts_at, late=two.leader)
    life.member(two.own, "后来", joined_at=NOW)
    life.member(two.own, "已走", left_at=starts_at)
    order(connection, two.leader, two.own)
    ledger = facts_of(connection).ledger
    last = [(ledger.people[r.person_id], r.status) for r in ledger.records if r.session_id == still_open]
    assert last == [("李明", Status.LATE), ("王芳", Status.UNRECORDED)]


def test_what_is_sent_has_a_telling_name_and_caption(connection: Connection, two: Two) -> None:
    order(connection, two.leader, two.own, file_format=CSV)
    document = document_of(facts_of(connection))
    assert document.file_name == "考勤_第一学习小组_2026-11-01_2026-11-30.csv"
    assert document.caption.splitlines() == [
        "✅ 已生成：2人×1次",
        "第一学习小组，2026-11-01 至 2026-11-30",
        "导出人：李明，已记入审计日志。",
    ]
    assert isinstance(document.content, bytes)
    lines = list(csv.reader(io.StringIO(document.content.decode("utf-8-sig"))))
    assert [(line[5], line[6]) for line in lines[1:]] == [("李明", "出勤"), ("王芳", "缺勤")]


def test_a_groups_name_cannot_break_the_file_name(connection: Connection, life: StudyLife) -> None:
    group = life.group(life.unit(), '../"一组"\n<b>?')
    leader = life.member(group, "李<明>", "leader")
    order(connection, leader, group)
    facts = facts_of(connection)
    assert cards.file_name(facts, words("zh-CN")) == "考勤_一组b_2026-11-01_2026-11-30.xlsx"
    assert "李&lt;明&gt;" in cards.caption(facts, words("en"))


def test_the_export_of_an_empty_period_is_a_file_all_the_same(connection: Connection, two: Two) -> None:
    order(connection, two.leader, two.own, days=(date(2026, 11, 23), date(2026, 11, 29)))
    facts = facts_of(connection)
    assert facts.ledger.sessions == ()
    assert openpyxl.load_workbook(io.BytesIO(make(order_of(facts)))).sheetnames[0] == "会议台账"


def test_buttons_lead_through_many_groups_and_fit(connection: Connection) -> None:
    groups = [exports.ExportGroup(number, f"第{number}组", "Asia/Shanghai") for number in range(1, 46)]
    pages = [cards.choose_group(groups, page, words("zh-CN")) for page in range(3)]
    data = [button.data for page in pages for row in page.keyboard for button in row]
    assert [item for item in data if item and item.startswith("export_group")][:1] == ["export_group:1"]
    assert {f"export_group:{number}" for number in range(1, 46)} <= set(data)
    assert [len(page.keyboard[-1]) for page in pages] == [1, 2, 1]
    assert cards.choose_group(groups, 99, words("en")) == cards.choose_group(groups, 2, words("en"))


def test_the_requesters_name_at_the_time_of_making_stands_in_the_file(connection: Connection, two: Two) -> None:
    order(connection, two.leader, two.own)
    connection.execute(update(person).where(person.c.id == two.leader.id).values(name="李明远"))
    assert facts_of(connection).made_by == "李明远"


def test_days_come_from_a_calendar_or_are_typed(connection: Connection, two: Two) -> None:
    facts = exports.ask_days(connection, two.leader.actor, two.own, now=NOW, rules=Rules())
    assert facts.today == date(2026, 11, 25)
    waiting = inputs.awaited(connection, two.leader.actor.telegram_id, NOW)
    assert waiting is not None
    assert (waiting.purpose, waiting.numbers) == (exports.DAYS, (two.own,))
    usual = cards.choose_days(facts, words("zh-CN"))
    data = [button.data for row in usual.keyboard for button in row]
    first, last = NOVEMBER[0].toordinal(), NOVEMBER[1].toordinal()
    assert f"export_days:{two.own}:{first}:{last}" in data
    october = 2026 * 12 + 9
    page = cards.calendar(two.own, None, october, words("zh-CN"))
    assert {len(row) for row in page.keyboard[:-2]} == {7}
    labels = [button.label for row in page.keyboard[:-2] for button in row if button.label != "·"]
    assert labels == [str(day) for day in range(1, 32)]
    assert page.keyboard[0][3].label == "1"  # the first of October 2026 is a Thursday
    chosen = cards.calendar(two.own, date(2026, 10, 5), october, words("en"))
    data = [button.data or "" for row in chosen.keyboard for button in row]
    assert f"export_days:{two.own}:{date(2026, 10, 5).toordinal()}:{date(2026, 10, 9).toordinal()}" in data
    assert f"export_cal:{two.own}:{date(2026, 10, 2).toordinal()}:{october}" in data
    exports.days_typed(connection, two.leader.actor, two.own, *NOVEMBER, reply_key="r:1", language="zh-CN", now=NOW)
    reply = connection.execute(select(delivery).where(delivery.c.dedupe_key == "r:1")).one()
    assert reply.payload["buttons"][0][0][1] == f"export_make:{two.own}:{first}:{last}:0"


def test_the_message_that_said_it_was_being_made_says_that_it_is_done(connection: Connection, two: Two) -> None:
    order(connection, two.leader, two.own)
    exports.sent(connection, ordered(connection).payload, 91, NOW)
    row = connection.execute(select(delivery).where(delivery.c.kind == exports.DONE)).one()
    edit = cards.done(exports.done(connection, row.payload, NOW))
    assert edit.message_id == 7
    assert "已生成" in edit.text


def test_who_came_back_is_unrecorded_at_what_was_before_they_left(
    connection: Connection, life: StudyLife, two: Two
) -> None:
    starts_at = NOW - timedelta(hours=2)
    still_open = life.session(two.own, starts_at, two.leader, state="scheduled")
    back = life.member(two.own, "又来", joined_at=NOW)
    life.row(past_membership, group_id=two.own, person_id=back.id, joined_at=EVENING, left_at=NOW - timedelta(hours=1))
    order(connection, two.leader, two.own)
    ledger = facts_of(connection).ledger
    assert (still_open, back.id) in {(record.session_id, record.person_id) for record in ledger.records}


def test_only_the_audience_is_unrecorded_and_a_joint_session_is_listed_once(
    connection: Connection, life: StudyLife, two: Two
) -> None:
    life.admin(two.root, two.leader)
    starts_at = NOW - timedelta(hours=2)
    connection.execute(update(membership).where(membership.c.person_id == two.leader.id).values(committee=True))
    committee = life.session(two.own, starts_at, two.leader, state="scheduled", audience="committee")
    joint = life.session(two.own, starts_at, two.leader, state="scheduled", joint=True)
    connection.execute(insert(session_group).values(session_id=joint, group_id=two.other))
    order(connection, two.leader, ALL_GROUPS)
    ledger = facts_of(connection).ledger
    assert [session.id for session in ledger.sessions].count(joint) == 1
    assert next(session.group for session in ledger.sessions if session.id == joint) == "第一学习小组、第二学习小组"
    by_session = {key: {r.person_id for r in ledger.records if r.session_id == key} for key in (committee, joint)}
    assert by_session[committee] == {two.leader.id}
    assert by_session[joint] == {two.leader.id, two.member.id, two.canary.id}
