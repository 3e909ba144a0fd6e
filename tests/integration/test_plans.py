"""The plan as people see it, dates proposed for what it lacks, and what units and groups set of the kinds."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select
from study_life import Somebody, StudyLife

from bot import holidays
from chat import kind_settings_cards, plans_cards, proposals_cards
from chat.fitting import MAX_TEXT, length
from db.tables import audit, delivery, study_group, study_session, unit
from domain.errors import Refusal
from domain.holidays import Day, Holidays
from domain.kinds import Kind
from domain.radar import Light
from services import kind_settings, plans, proposals
from services.kind_settings import FIELDS, GROUP, KINDS, UNIT, Settings
from services.plans import Groups, Year
from services.proposals import Item, Preview
from services.rules import Rules
from texts import words

NOW = datetime(2026, 5, 20, 4, tzinfo=UTC)
RULES = Rules(holidays=holidays.known())


class Branch:
    """A branch with its leader, an admin of the unit above, a member and somebody from elsewhere."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.life = StudyLife(connection)
        self.root = self.life.unit("机关党委")
        self.unit = self.life.unit("第一党支部", self.root)
        self.group = self.life.group(self.unit, form="branch")
        self.leader = self.life.member(self.group, "组长", "leader", committee=True, subgroup="第一党小组")
        self.member = self.life.member(self.group, "李明", subgroup="第二党小组")
        self.admin = self.life.person("管理员")
        self.life.admin(self.root, self.admin)
        self.stranger = self.life.person("外人")

    def hold(self, day: date, kind: str = "study", at: time = time(15), **values: Any) -> int:
        starts_at = datetime.combine(day, at, UTC) - timedelta(hours=8)
        return self.life.session(self.group, starts_at, self.leader, kind=kind, **{"state": "closed", **values})

    def year(self, somebody: Somebody, year: int = 2026) -> Year:
        return plans.year(self.connection, self.group, year, somebody.actor, NOW, RULES)

    def begin(self, quarter: int = 0, year: int = 2026, rules: Rules = RULES) -> Preview:
        return proposals.begin(self.connection, self.group, year, quarter, self.leader.actor, now=NOW, rules=rules)

    def publish(self, preview: Preview, now: datetime = NOW) -> Preview:
        return proposals.publish(
            self.connection, preview.id, preview.revision, self.leader.actor, title, now=now, rules=RULES
        )

    def sessions(self) -> list[Any]:
        query = select(study_session).where(study_session.c.state == "scheduled").order_by(study_session.c.starts_at)
        return list(self.connection.execute(query).all())


def title(item: Item) -> str:
    return proposals_cards.title(item, "zh-CN")


@pytest.fixture
def branch(connection: Connection) -> Branch:
    return Branch(connection)


def refused(code: str) -> Any:
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == code)


def test_who_sees_which_plan(branch: Branch) -> None:
    assert branch.year(branch.leader).may_plan
    assert branch.year(branch.admin).may_plan
    assert not branch.year(branch.member).may_plan
    with refused("not_member"):
        branch.year(branch.stranger)
    with refused("no_group"):
        plans.look(branch.connection, branch.stranger.actor, NOW, RULES)
    assert isinstance(plans.look(branch.connection, branch.leader.actor, NOW, RULES), Year)
    branch.life.group(branch.unit, "第二学习小组")
    listed = plans.look(branch.connection, branch.admin.actor, NOW, RULES)
    assert isinstance(listed, Groups)
    assert [row.name for row in listed.groups] == ["第一学习小组", "第二学习小组"]
    assert listed.totals.due == sum(row.totals.due for row in listed.groups)
    for year in (1999, 2200):
        with refused("unknown_button"):
            branch.year(branch.leader, year)


def test_lights_and_sums_agree_with_the_periods(branch: Branch) -> None:
    for month in (1, 2, 3, 4):
        branch.hold(date(2026, month, 14))
    found = branch.year(branch.leader)
    study = next(row for row in found.rows if row.line.kind is Kind.STUDY)
    assert (study.totals.held, study.totals.overdue, study.totals.missing) == (4, 0, 8)
    assert study.light is Light.AMBER  # the twentieth of May, and nothing arranged
    assert next(row for row in found.rows if row.line.kind is Kind.COMMITTEE).light is Light.RED
    assert found.totals.overdue == sum(row.totals.overdue for row in found.rows)


def test_a_quarter_names_its_sessions(branch: Branch) -> None:
    held = branch.hold(date(2026, 4, 14), title="学习原著")
    branch.hold(date(2026, 3, 31))
    found = plans.quarter(branch.connection, branch.group, 2026, 2, branch.member.actor, NOW, RULES)
    assert {each.period.first.month for each in found.periods} == {4, 5, 6}
    april = next(each for each in found.periods if each.line.kind is Kind.STUDY)
    assert [(each.id, each.title, each.closed) for each in april.sessions] == [(held, "学习原著", True)]
    with refused("unknown_button"):
        plans.quarter(branch.connection, branch.group, 2026, 5, branch.leader.actor, NOW, RULES)


def test_dates_are_proposed_and_nothing_is_scheduled(branch: Branch) -> None:
    for month in (1, 2, 3, 4):
        branch.hold(date(2026, month, 14), at=time(16, 30))
    preview = branch.begin()
    assert branch.sessions() == []
    wanted = sum(row.totals.missing for row in branch.year(branch.leader).rows)
    assert len(preview.items) + sum(one.count for one in preview.lacking) == wanted
    study = [item for item in preview.items if item.kind == "study"]
    assert {item.at.time() for item in study} == {time(16, 30)}
    assert all(not RULES.holidays.is_free(item.day) for item in preview.items)
    assert all(item.day > date(2026, 5, 20) for item in preview.items)
    assert all(item.first <= item.day <= item.last for item in preview.items)
    days = [item.day for item in preview.items]
    assert len(days) == len(set(days))  # no habit of meeting twice on a day
    assert {item.subgroup for item in preview.items if item.kind == "subgroup"} == {"第一党小组", "第二党小组"}


def test_only_the_quarter_that_was_asked_for(branch: Branch) -> None:
    preview = branch.begin(quarter=3)
    assert {item.day.month for item in preview.items} <= {7, 8, 9}
    with refused("nothing_missing"):
        branch.begin(quarter=1)
    with refused("not_leader"):
        proposals.begin(branch.connection, branch.group, 2026, 0, branch.member.actor, now=NOW, rules=RULES)


def test_years_that_are_not_published_are_said(branch: Branch) -> None:
    assert branch.begin().unknown_years == ()
    assert branch.begin(year=2029).unknown_years == (2029,) or 2029 in branch.begin(year=2029).unknown_years


def test_publishing_schedules_all_of_it_once(branch: Branch) -> None:
    preview = branch.begin()
    done = branch.publish(preview)
    assert (done.state, done.undoable) == ("published", True)
    made = branch.sessions()
    assert [row.starts_at for row in made] == [
        item.at.replace(tzinfo=UTC) - timedelta(hours=8) for item in preview.items
    ]
    assert {row.audience for row in made if row.kind == "committee"} == {"committee"}
    assert {row.subgroup for row in made if row.kind == "subgroup"} == {"第一党小组", "第二党小组"}
    assert len({row.title for row in made if row.kind == "study"}) > 5
    branch.publish(preview)
    assert len(branch.sessions()) == len(made)
    plan = branch.year(branch.leader)
    assert plan.schedulable == sum(one.count for one in preview.lacking)


def test_the_group_reads_one_message_and_no_flood(branch: Branch) -> None:
    branch.publish(branch.begin())
    at_once = select(delivery).where(delivery.c.kind == "session_card", delivery.c.due_at <= NOW)
    soon = [row for row in branch.sessions() if row.starts_at <= NOW + proposals.SOON]
    assert len(branch.connection.execute(at_once).all()) == len(soon) < 3
    told = branch.connection.execute(select(delivery).where(delivery.c.kind == proposals.TOLD)).one()
    assert told.due_at == NOW + timedelta(seconds=60)
    facts = proposals.told(branch.connection, told.payload, NOW)
    assert facts is not None
    assert length(proposals_cards.told(facts).text) <= MAX_TEXT


def test_publishing_is_taken_back_as_a_whole(branch: Branch) -> None:
    preview = branch.begin()
    branch.publish(preview)
    told = branch.connection.execute(select(delivery.c.payload).where(delivery.c.kind == proposals.TOLD)).scalar_one()
    again = proposals.undo(branch.connection, preview.id, branch.leader.actor, now=NOW + timedelta(seconds=59))
    assert (again.state, again.revision) == ("open", preview.revision + 1)
    assert branch.sessions() == []
    assert proposals.told(branch.connection, told, NOW) is None
    branch.publish(again)
    with refused("undo_too_late"):
        late = NOW + timedelta(seconds=61)
        proposals.undo(branch.connection, preview.id, branch.leader.actor, now=late)


def test_a_date_is_changed_or_left_out(branch: Branch) -> None:
    preview = branch.begin(quarter=4)
    first = preview.items[0]
    day = first.last
    changed = proposals.set_day(branch.connection, preview.id, 0, preview.revision, day, branch.leader.actor, now=NOW)
    assert day in [item.day for item in changed.items]
    with refused("proposal_changed"):  # what was seen is no longer what stands there
        proposals.leave_out(branch.connection, preview.id, 0, preview.revision, branch.leader.actor, now=NOW)
    with refused("proposal_changed"):
        branch.publish(preview)
    number = [item.kind for item in changed.items].index("study")
    clock = proposals.set_clock(
        branch.connection, preview.id, number, changed.revision, time(9), branch.leader.actor, now=NOW
    )
    assert time(9) in [item.at.time() for item in clock.items]
    fewer = proposals.leave_out(branch.connection, preview.id, 0, clock.revision, branch.leader.actor, now=NOW)
    assert len(fewer.items) == len(preview.items) - 1
    with refused("day_outside"):
        outside = fewer.items[0].last + timedelta(days=1)
        proposals.set_day(branch.connection, preview.id, 0, fewer.revision, outside, branch.leader.actor, now=NOW)
    with refused("not_leader"):
        proposals.leave_out(branch.connection, preview.id, 0, fewer.revision, branch.member.actor, now=NOW)
    dropped = proposals.drop(branch.connection, preview.id, branch.leader.actor, now=NOW)
    with refused("proposal_gone"):
        branch.publish(dropped)


def test_a_preview_whose_time_has_come_is_not_published(branch: Branch) -> None:
    preview = branch.begin()
    with refused("proposal_changed"):
        branch.publish(preview, now=preview.items[0].at.replace(tzinfo=UTC))


def settings(branch: Branch, somebody: Somebody, scope: int = GROUP) -> Settings:
    return kind_settings.page(branch.connection, branch.group, scope, somebody.actor, RULES)


def choose(branch: Branch, somebody: Somebody, kind: Kind, field: str, value: Any, scope: int = GROUP) -> Settings:
    return kind_settings.choose(
        branch.connection,
        branch.group,
        scope,
        KINDS.index(kind),
        list(FIELDS).index(field),
        FIELDS[field].index(value),
        somebody.actor,
        now=NOW,
        rules=RULES,
    )


def test_admins_set_the_kinds_of_a_unit_and_of_a_group(branch: Branch) -> None:
    choose(branch, branch.admin, Kind.STUDY, "times", 2, UNIT)
    assert settings(branch, branch.leader).table[Kind.STUDY].times == 2
    found = choose(branch, branch.admin, Kind.STUDY, "times", 3)
    assert (found.table[Kind.STUDY].times, set(found.set_here)) == (3, {"study"})
    assert settings(branch, branch.admin, UNIT).table[Kind.STUDY].times == 2
    kind_settings.restore(
        branch.connection, branch.group, GROUP, KINDS.index(Kind.STUDY), branch.admin.actor, now=NOW, rules=RULES
    )
    assert settings(branch, branch.leader).table[Kind.STUDY].times == 2
    assert branch.connection.execute(select(study_group.c.kinds)).scalar_one() is None
    acts = branch.connection.execute(select(audit.c.action, audit.c.unit_id, audit.c.group_id)).all()
    assert {tuple(row) for row in acts} == {("set_kinds", branch.unit, None), ("set_kinds", None, branch.group)}


def test_every_choice_is_one_the_rules_know(branch: Branch) -> None:
    for kind in Kind:
        for field, values in FIELDS.items():
            for value in values:
                choose(branch, branch.admin, kind, field, value)
    assert branch.connection.execute(select(unit.c.kinds).where(unit.c.id == branch.unit)).scalar_one() is None


def test_leaders_read_the_kinds_and_set_the_form(branch: Branch) -> None:
    found = settings(branch, branch.leader)
    assert (found.may_change, found.may_form) == (False, True)
    with refused("not_admin"):
        choose(branch, branch.leader, Kind.STUDY, "times", 2)
    with refused("not_admin"):
        settings(branch, branch.leader, UNIT)
    changed = kind_settings.set_form(
        branch.connection, branch.group, "group", branch.leader.actor, now=NOW, rules=RULES
    )
    assert changed.form == "group"
    assert [row.line.kind for row in branch.year(branch.leader).rows] == [Kind.STUDY]
    with refused("not_leader"):
        kind_settings.set_form(branch.connection, branch.group, "branch", branch.member.actor, now=NOW, rules=RULES)
    with refused("not_member"):
        settings(branch, branch.stranger)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_page_fits_and_flags_holidays(branch: Branch, language: str) -> None:
    spoken = words(language)
    preview = branch.begin()
    day = preview.items[0].day
    special = Holidays({day: Day(True, "national_day")}, frozenset({2026}))
    shown = proposals_cards.preview(preview, spoken, special)
    assert spoken("plans.holiday", name=spoken("holiday.national_day")) in shown.text
    pages = [
        shown,
        proposals_cards.preview(preview, spoken, special, page=99),
        proposals_cards.item(preview, 0, spoken, special),
        proposals_cards.days(preview, 0, 99, spoken, special),
        proposals_cards.clocks(preview, 0, spoken, special),
        plans_cards.year(branch.year(branch.leader), spoken),
        kind_settings_cards.page(settings(branch, branch.admin), spoken),
        kind_settings_cards.kind(settings(branch, branch.admin, UNIT), 1, spoken),
    ]
    for number in range(1, 5):
        quarter = plans.quarter(branch.connection, branch.group, 2026, number, branch.leader.actor, NOW, RULES)
        pages.append(plans_cards.quarter(quarter, spoken))
    for message in pages:
        assert 0 < length(message.text) <= MAX_TEXT
        data = [button.data for row in message.keyboard for button in row]
        assert all(one and len(one.encode()) <= 64 for one in data)
