"""A roster taken over: whom each row means, nothing before a yes, everything or nothing, and rights."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from session_life import RULES
from sqlalchemy import Connection, select, update
from study_life import Somebody, StudyLife

from chat import roster_files_cards as cards
from db.tables import audit, membership, person, roster_import
from domain.errors import Refusal
from domain.people import Standing
from domain.rosters import Roster, Row, Wrong
from services import roster_files
from services.roster_files import Preview
from texts import words

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


class Group:
    """A group with a leader, 王芳 and 李明, of whom 李明 has the number 7."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.life = StudyLife(connection)
        self.unit = self.life.unit()
        self.id = self.life.group(self.unit)
        self.leader = self.life.member(self.id, "组长", role="leader")
        self.wang = self.life.member(self.id, "王芳")
        self.li = self.life.member(self.id, "李明")
        self.number(self.li, "7")

    def number(self, somebody: Somebody, number: str) -> None:
        self.connection.execute(update(person).where(person.c.id == somebody.id).values(number=number))

    def take(self, *rows: Row, wrong: tuple[Wrong, ...] = (), who: Somebody | None = None) -> Preview:
        actor = (who or self.leader).actor
        return roster_files.take(self.connection, self.id, Roster(rows, wrong), actor, now=NOW)

    def apply(self, preview: Preview, who: Somebody | None = None) -> tuple[Preview, bool]:
        actor = (who or self.leader).actor
        return roster_files.apply(self.connection, preview.id, actor, now=NOW, rules=RULES)

    def members(self) -> dict[str, Any]:
        rows = self.connection.execute(
            select(person, membership.c.role, membership.c.subgroup, membership.c.standing, membership.c.committee)
            .join(membership, membership.c.person_id == person.c.id)
            .where(membership.c.group_id == self.id)
        ).all()
        return {row.real_name or row.name: row for row in rows}


@pytest.fixture
def group(connection: Connection) -> Group:
    return Group(connection)


def refusal(use_case: Callable[..., Any], *arguments: Any, **named: Any) -> str:
    with pytest.raises(Refusal) as refused:
        use_case(*arguments, **named)
    return refused.value.code


def test_nothing_is_written_before_the_yes_and_everything_after(group: Group) -> None:
    preview = group.take(
        Row(2, "张三", "12", "", "一小组", Standing.FULL, committee=True),
        Row(3, "王芳", "8", "deputy", "二小组"),
        Row(4, "李明", "7"),
        wrong=(Wrong(5, "name_missing"),),
    )
    assert [change.row.name for change in preview.added] == ["张三"]
    assert [(change.row.name, change.columns) for change in preview.changed] == [
        ("王芳", ("number", "role", "subgroup"))
    ]
    assert (preview.same, preview.others) == (1, 1)
    assert set(group.members()) == {"组长", "王芳", "李明"}
    assert group.members()["王芳"].number is None
    _, is_done = group.apply(preview)
    assert is_done
    members = group.members()
    zhang, wang = members["张三"], members["王芳"]
    assert (zhang.telegram_id, zhang.number, zhang.subgroup, zhang.standing, zhang.committee) == (
        None,
        "12",
        "一小组",
        "full",
        True,
    )
    assert (wang.number, wang.role, wang.subgroup) == ("8", "deputy", "二小组")
    (entry,) = group.connection.execute(select(audit.c.action, audit.c.subject)).all()
    assert tuple(entry) == ("import_roster", "+1 ~1")
    row = group.connection.execute(select(roster_import)).one()
    assert (row.state, row.rows) == ("done", {})
    assert refusal(group.apply, preview) == "roster_gone"


def test_the_same_file_again_changes_nothing(group: Group) -> None:
    rows = (Row(2, "张三", "12", "", "一小组", Standing.FULL, committee=True), Row(3, "王芳", "8", "deputy"))
    group.apply(group.take(*rows))
    again = group.take(*rows)
    assert (again.changes, again.same) == ((), 2)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (Row(2, "王芳", "", "leader"), "leader_by_hand"),
        (Row(2, "组长", "", "member"), "leader_by_hand"),
        (Row(2, "新人", "", "leader"), "leader_by_hand"),
        (Row(2, "别人", "77"), "number_of_other"),
        (Row(2, "赵强"), "name_ambiguous"),
    ],
)
def test_a_row_that_may_not_or_cannot_be_meant_is_wrong_and_left_out(group: Group, row: Row, code: str) -> None:
    other = group.life.group(group.unit, "二组")
    group.number(group.life.member(other, "外人"), "77")
    for _ in range(2):
        group.life.member(group.id, "赵强")
    preview = group.take(row, Row(3, "李明", "7", "", "一小组"))
    assert [(wrong.line, wrong.code) for wrong in preview.wrong] == [(2, code)]
    group.apply(preview)
    assert group.members()["李明"].subgroup == "一小组"


def test_two_rows_never_mean_one_person(group: Group) -> None:
    preview = group.take(Row(2, "李大明", "7"), Row(3, "李明"))
    assert [wrong.code for wrong in preview.wrong] == ["same_person"]


def test_a_number_finds_its_person_under_another_name_and_in_another_group(group: Group) -> None:
    other = group.life.group(group.unit, "二组")
    outsider = group.life.member(other, "孙丽")
    group.number(outsider, "77")
    group.apply(group.take(Row(2, "李大明", "7"), Row(3, "孙丽", "77")))
    members = group.members()
    assert members["李大明"].id == group.li.id
    assert members["孙丽"].id == outsider.id


def test_two_people_of_one_name_stay_two_by_their_numbers(group: Group) -> None:
    group.apply(group.take(Row(2, "李明", "7"), Row(3, "李明", "9")))
    query = select(person.c.number).join(membership, membership.c.person_id == person.c.id)
    numbers = group.connection.execute(query.where(person.c.name == "李明").order_by(person.c.number)).scalars()
    assert list(numbers) == ["7", "9"]


def test_what_changed_since_is_shown_again_and_not_written(group: Group) -> None:
    preview = group.take(Row(2, "张三"))
    late = group.life.member(group.id, "张三")
    shown, is_done = group.apply(preview)
    assert not is_done
    assert (shown.changes, shown.same) == ((), 1)
    assert [row.id for row in group.members().values() if row.name == "张三"] == [late.id]
    _, is_done = group.apply(preview)
    assert is_done


def test_only_who_appoints_imports_and_only_their_own_file(group: Group) -> None:
    deputy = group.life.member(group.id, "副组长", role="deputy")
    for somebody in (deputy, group.wang):
        assert refusal(group.take, Row(2, "张三"), who=somebody) == "may_not_appoint"
    admin = group.life.person("管理员")
    group.life.admin(group.unit, admin)
    preview = group.take(Row(2, "张三"), who=admin)
    assert refusal(group.apply, preview) == "roster_gone"
    assert refusal(group.apply, preview, deputy) == "may_not_appoint"
    assert roster_files.drop(group.connection, preview.id, admin.actor) == group.id
    assert refusal(group.apply, preview, admin) == "roster_gone"
    assert refusal(group.take) == "roster_empty"


def test_a_newer_file_takes_the_place_of_one_that_waits(group: Group) -> None:
    first = group.take(Row(2, "张三"))
    second = group.take(Row(2, "李四"))
    assert first.id != second.id
    assert refusal(group.apply, first) == "roster_gone"
    open_ones = select(roster_import.c.id).where(roster_import.c.state == "open")
    assert group.connection.execute(open_ones).scalars().all() == [second.id]


def test_the_roster_goes_out_as_it_is(group: Group) -> None:
    payload = {"group_id": group.id, "person_id": group.leader.id, "format": "csv", "language": "en"}
    found = roster_files.file(group.connection, payload, NOW)
    assert found is not None
    assert next((each.name, each.number, each.role) for each in found.entries) == ("组长", "", "leader")
    assert {each.name for each in found.entries} == {"组长", "王芳", "李明"}
    assert roster_files.file(group.connection, {**payload, "person_id": group.wang.id}, NOW) is None
    ordered = refusal(roster_files.order, group.connection, group.id, 0, group.wang.actor, language="en", now=NOW)
    assert ordered == "not_leader"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_preview_names_and_escapes_and_stays_short(group: Group, language: str) -> None:
    many = [Row(line, f"<b>{line}</b>", str(line)) for line in range(100, 400)]
    wrong = tuple(Wrong(line, "role_unknown", "<i>") for line in range(400, 500))
    message = cards.preview(group.take(*many, wrong=wrong), words(language))
    assert len(message.text) < 4096
    assert "<b>100" not in message.text
    assert [button.data.split(":")[0] for row in message.keyboard for button in row if button.data] == [
        "roster_apply",
        "roster_drop",
    ]
