"""What a member is beside their role: set by who leads, written down once, shown on their page."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, select
from study_life import StudyLife

from chat import marks_cards, roster_cards
from db.tables import audit, membership
from domain.errors import Refusal
from domain.people import Standing
from services import inputs, marks, roster
from texts import words

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


class Group:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.life = StudyLife(connection)
        self.id = self.life.group(self.life.unit())
        self.leader = self.life.member(self.id, "组长", role="leader")
        self.wang = self.life.member(self.id, "王芳")

    def set(self, use_case: Callable[..., Any], value: object, by: Any = None, of: int = 0) -> None:
        use_case(self.connection, self.id, of or self.wang.id, value, (by or self.leader).actor, now=NOW)

    def row(self) -> Any:
        query = select(membership).where(membership.c.person_id == self.wang.id)
        return self.connection.execute(query).one()

    def logged(self) -> int:
        return len(self.connection.execute(select(audit).where(audit.c.action == "mark_member")).all())


@pytest.fixture
def group(connection: Connection) -> Group:
    return Group(connection)


def test_each_mark_is_kept_and_written_down_once(group: Group) -> None:
    for _ in range(2):
        group.set(marks.set_standing, marks.STANDINGS.index(Standing.PROBATIONARY))
        group.set(marks.set_committee, 1)
        group.set(marks.set_speaks, 0)
        group.set(marks.set_subgroup, "  第一  党小组 ")
    row = group.row()
    assert (row.standing, row.committee, row.speaks, row.subgroup) == ("probationary", True, False, "第一 党小组")
    assert group.logged() == 4


def test_only_who_leads_marks_and_only_members(group: Group) -> None:
    other = group.life.member(group.life.group(group.life.unit("别处"), "二组"), "外人")
    for use_case, value in (
        (marks.set_standing, 0),
        (marks.set_committee, 1),
        (marks.set_speaks, 1),
        (marks.set_subgroup, "x"),
    ):
        with pytest.raises(Refusal, match="not_leader"):
            group.set(use_case, value, by=group.wang)
        with pytest.raises(Refusal, match="person_left"):
            group.set(use_case, value, of=other.id)
    with pytest.raises(Refusal, match="unknown_button"):
        group.set(marks.set_standing, 9)
    with pytest.raises(Refusal, match="subgroup_too_long"):
        group.set(marks.set_subgroup, "字" * 33)


def test_the_question_names_the_subgroups_there_are(group: Group) -> None:
    other = group.life.member(group.id, "李明", subgroup="第二党小组")
    assert other.id
    asked = marks.ask_subgroup(group.connection, group.id, group.wang.id, group.leader.actor, now=NOW)
    assert (asked.name, asked.known) == ("王芳", ("第二党小组",))
    assert "第二党小组" in marks_cards.ask(asked, words("zh-CN")).text
    waiting = inputs.awaited(group.connection, group.leader.actor.telegram_id, NOW)
    assert waiting == inputs.Awaited("subgroup_of", (group.id, group.wang.id))
    group.set(marks.set_subgroup, "第二党小组")
    assert inputs.awaited(group.connection, group.leader.actor.telegram_id, NOW) is None


@pytest.mark.parametrize(("language", "said"), [("zh-CN", "身份：正式"), ("en", "Standing: full")])
def test_the_page_says_each_mark_and_a_tap_makes_it_the_next(group: Group, language: str, said: str) -> None:
    facts = roster.person(group.connection, group.id, group.wang.id, group.leader.actor)
    buttons = [button for row in roster_cards.person(facts, words(language)).keyboard for button in row]
    (standing,) = [button for button in buttons if (button.data or "").startswith("standing:")]
    assert standing.label.startswith(said)
    assert standing.data == f"standing:{group.id}:{group.wang.id}:1"
