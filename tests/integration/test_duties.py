"""The plan of a group: what is due by its form and marks, what units and groups set, and what counts for it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, update
from study_life import Somebody, StudyLife

from db.queries import duties as queries
from db.tables import duty_reason, membership, session_group, study_group, unit
from domain.kinds import STARTER, Kind, override
from domain.plan import PeriodState
from services import duties
from services.duties import GroupPlan, Line, Reason
from services.rules import Rules

NOW = datetime(2026, 5, 20, 4, tzinfo=UTC)


class Unit:
    """A unit below a root, and a branch in it with a committee and two subgroups."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.life = StudyLife(connection)
        self.root = self.life.unit("机关党委")
        self.unit = self.life.unit("第一党支部", self.root)
        self.group = self.life.group(self.unit, form="branch")
        self.leader = self.life.member(self.group, "组长", "leader", committee=True, subgroup="第一党小组")
        self.life.member(self.group, "李明", subgroup="第二党小组")

    def plan(self, rules: Rules | None = None, year: int = 2026) -> GroupPlan:
        return duties.year(self.connection, self.group, year, NOW, rules or Rules())

    def hold(self, starts_at: datetime, **values: Any) -> int:
        return self.life.session(self.group, starts_at, self.leader, **{"state": "closed", **values})


@pytest.fixture
def branch(connection: Connection) -> Unit:
    return Unit(connection)


def line(plan: GroupPlan, kind: Kind, subgroup: str = "") -> Line:
    return next(each for each in plan.lines if (each.kind, each.subgroup) == (kind, subgroup))


def kinds(plan: GroupPlan) -> list[tuple[str, str]]:
    return [(each.kind.value, each.subgroup) for each in plan.lines]


def test_a_study_group_only_studies(connection: Connection) -> None:
    life = StudyLife(connection)
    group = life.group(life.unit())
    plan = duties.year(connection, group, 2026, NOW, Rules())
    assert kinds(plan) == [("study", "")]


def test_a_branch_holds_its_meetings_and_each_subgroup_its_own(branch: Unit) -> None:
    assert kinds(branch.plan()) == [
        ("study", ""),
        ("assembly", ""),
        ("committee", ""),
        ("subgroup", "第一党小组"),
        ("subgroup", "第二党小组"),
        ("lesson", ""),
        ("theme_day", ""),
    ]


def test_without_a_committee_none_is_due_and_seven_members_get_the_hint(branch: Unit) -> None:
    assert not branch.plan().lacks_committee
    branch.connection.execute(update(study_group).values(form="branch"))
    branch.connection.execute(update(membership).values(committee=False))
    plan = branch.plan()
    assert ("committee", "") not in kinds(plan)
    assert not plan.lacks_committee  # two members need none
    people: list[Somebody] = [branch.life.member(branch.group, f"党员{number}") for number in range(5)]
    assert len(people) == 5
    assert branch.plan().lacks_committee


def test_a_unit_sets_kinds_for_all_below_and_a_group_over_it(branch: Unit) -> None:
    set_of = {"study": {"times": 2}, "lesson": {"on": False}}
    branch.connection.execute(update(unit).where(unit.c.id == branch.root).values(kinds=set_of))
    branch.connection.execute(update(unit).where(unit.c.id == branch.unit).values(kinds={"study": {"times": 3}}))
    plan = branch.plan()
    assert line(plan, Kind.STUDY).rule.times == 3
    assert ("lesson", "") not in kinds(plan)
    branch.connection.execute(update(study_group).values(kinds={"lesson": {"on": True}, "centre_group": {"on": True}}))
    assert {("lesson", ""), ("centre_group", "")} <= set(kinds(branch.plan()))
    organisation = Rules(kinds=override(STARTER, {"theme_day": {"on": False}}))
    assert ("theme_day", "") not in kinds(branch.plan(organisation))


def test_what_no_longer_fits_is_left_out(branch: Unit) -> None:
    branch.connection.execute(update(study_group).values(kinds={"study": {"times": "often"}}))
    assert line(branch.plan(), Kind.STUDY).rule.times == 1


def test_sessions_count_for_their_kind_and_a_second_one_and_their_subgroup(branch: Unit) -> None:
    branch.hold(datetime(2026, 4, 10, 7, tzinfo=UTC), kind="theme_day", also_kind="lesson")
    branch.hold(datetime(2026, 4, 11, 7, tzinfo=UTC), kind="subgroup", subgroup="第一党小组")
    branch.hold(datetime(2026, 4, 12, 7, tzinfo=UTC), kind="study", state="cancelled")
    branch.hold(datetime(2026, 6, 12, 7, tzinfo=UTC), kind="study", state="scheduled")
    plan = branch.plan()
    april = date(2026, 4, 1)

    def state(kind: Kind, subgroup: str = "", first: date = april) -> PeriodState:
        return next(each.state for each in line(plan, kind, subgroup).periods if each.first == first)

    assert state(Kind.THEME_DAY) is PeriodState.HELD
    assert state(Kind.LESSON) is PeriodState.HELD
    assert state(Kind.SUBGROUP, "第一党小组") is PeriodState.HELD
    assert state(Kind.SUBGROUP, "第二党小组") is PeriodState.OVERDUE
    assert state(Kind.STUDY) is PeriodState.OVERDUE
    assert state(Kind.STUDY, first=date(2026, 6, 1)) is PeriodState.PLANNED
    assert state(Kind.ASSEMBLY) is PeriodState.DUE


def test_the_day_is_that_of_the_group(branch: Unit) -> None:
    branch.hold(datetime(2026, 4, 30, 17, tzinfo=UTC), kind="study")  # already the first of May in Shanghai
    states = {each.first.month: each.held for each in line(branch.plan(), Kind.STUDY).periods}
    assert (states[4], states[5]) == (0, 1)


def test_a_joint_session_counts_for_each_of_its_groups(branch: Unit) -> None:
    other = branch.life.group(branch.unit, "第二学习小组")
    held = branch.hold(datetime(2026, 4, 10, 7, tzinfo=UTC), kind="study", joint=True)
    branch.connection.execute(insert(session_group).values(session_id=held, group_id=other))
    plan = duties.year(branch.connection, other, 2026, NOW, Rules())
    assert next(each.held for each in line(plan, Kind.STUDY).periods if each.first.month == 4) == 1


def test_nothing_is_due_before_the_group_was_there(branch: Unit) -> None:
    founded = datetime(2026, 3, 30, tzinfo=UTC)
    branch.connection.execute(update(study_group).values(created_at=founded))
    due = [each.due for each in line(branch.plan(), Kind.STUDY).periods]
    assert due == [0, 0, 0] + [1] * 9
    assert all(each.due == 0 for each in branch.plan(year=2025).periods)


def test_reasons_stand_beside_their_periods(branch: Unit) -> None:
    branch.life.row(
        duty_reason,
        group_id=branch.group,
        kind="study",
        first_day=date(2026, 4, 1),
        reason="busy",
        note="年中考核",
        given_by=branch.leader.id,
        given_at=NOW - timedelta(days=1),
    )
    plan = branch.plan()
    study = line(plan, Kind.STUDY)
    assert plan.reason(study, study.periods[3]) == Reason("busy", "年中考核")
    assert plan.reason(study, study.periods[4]) is None


def test_units_are_read_from_the_top(branch: Unit) -> None:
    branch.connection.execute(update(unit).where(unit.c.id == branch.root).values(kinds={"study": {"times": 2}}))
    branch.connection.execute(update(unit).where(unit.c.id == branch.unit).values(kinds={"study": {"times": 3}}))
    assert queries.kinds_set_above(branch.connection, branch.unit) == [{"study": {"times": 2}}, {"study": {"times": 3}}]
    assert [row.name for row in queries.groups_below(branch.connection, [branch.unit])] == ["第一学习小组"]
    with pytest.raises(LookupError):
        duties.year(branch.connection, branch.group + 1, 2026, NOW, Rules())
