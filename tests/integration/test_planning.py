"""Scheduling step by step: each answer fills in a draft, which survives a restart, until it is whole."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from session_life import NOW, RULES, TYPED, Group
from sqlalchemy import Connection, select

from db.tables import draft, person
from domain.cadence import Cadence
from domain.errors import Refusal
from services import draft_changes, drafts, inputs, planning
from services.drafts import Echo, TypedTime
from services.planning import KINDS, Step

# ruff: noqa: DTZ001 — wall clocks are naive

DAY = date(2026, 12, 2)


@pytest.fixture
def group(connection: Connection) -> Group:
    return Group(connection)


def refused(code: str) -> "pytest.RaisesExc[Refusal]":
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == code)


class Wizard:
    """A leader who answers the questions."""

    def __init__(self, group: Group) -> None:
        self.group = group
        self.step: Step | Echo = planning.begin(group.connection, group.id, group.leader.actor, now=NOW)
        self.id = self.step.draft_id

    def tap(self, use_case: Callable[..., Step | Echo], *chosen: Any, who: Any = None) -> "Wizard":
        actor = (who or self.group.leader).actor
        self.step = use_case(self.group.connection, self.id, *chosen, actor, rules=RULES, now=NOW)
        return self

    def type(self, name: str, text: str) -> "Wizard":
        planning.type_text(
            self.group.connection,
            self.id,
            name,
            text,
            "线上",
            self.group.leader.actor,
            reply_key=f"{name}:{text}",
            language="zh-CN",
            rules=RULES,
            now=NOW,
        )
        return self

    def to_place(self) -> "Wizard":
        self.tap(planning.choose_kind, KINDS.index("lesson")).type("title", "党课：学习原著")
        return self.tap(planning.choose_day, DAY).tap(planning.choose_clock, time(19))

    @property
    def waiting(self) -> str | None:
        found = inputs.awaited(self.group.connection, self.group.leader.actor.telegram_id, NOW)
        return found.purpose if found is not None else None


def echoed(group: Group, draft_id: int) -> drafts.Typed:
    found = drafts.echo(group.connection, {"draft_id": draft_id, "language": "zh-CN"}, NOW)
    assert found is not None
    return found.typed


def test_every_answer_leads_to_the_next_question_and_the_last_to_the_echo(group: Group) -> None:
    wizard = Wizard(group)
    assert isinstance(wizard.step, Step)
    assert (wizard.step.step, wizard.waiting) == ("kind", drafts.LINE)
    seen = []
    acts: tuple[Callable[[], Wizard], ...] = (
        lambda: wizard.tap(planning.choose_kind, KINDS.index("lesson")),
        lambda: wizard.tap(planning.choose_title, "党课"),
        lambda: wizard.tap(planning.choose_day, DAY),
        lambda: wizard.tap(planning.choose_clock, time(19)),
    )
    for act in acts:
        act()
        assert isinstance(wizard.step, Step)
        seen.append((wizard.step.step, wizard.waiting))
    assert seen == [
        ("title", "plan_title"),
        ("day", "plan_day"),
        ("clock", "plan_time"),
        ("place", "plan_place"),
    ]
    wizard.tap(planning.choose_place, 0, "线上")
    assert isinstance(wizard.step, Echo)
    assert (wizard.step.typed.title, wizard.step.typed.kind, wizard.step.typed.place) == ("党课", "lesson", "")
    assert (wizard.step.typed.starts_at, wizard.step.typed.minutes) == (TYPED.starts_at, 90)
    assert wizard.waiting is None
    assert group.publish(wizard.id).state == "published"


def test_typed_answers_are_followed_by_a_new_message(group: Group) -> None:
    wizard = Wizard(group).to_place().type("place", "三楼会议室")
    assert echoed(group, wizard.id) == TYPED
    assert [row.payload["draft_id"] for row in group.deliveries(planning.STEP, drafts.ECHO)] == [wizard.id] * 2
    assert planning.step(group.connection, {"draft_id": wizard.id, "language": "en"}, NOW) is None


def test_the_last_places_are_offered_and_stay_what_they_were(group: Group) -> None:
    for number, place in enumerate(("一楼", "二楼", "三楼", "四楼", "二楼")):
        later = timedelta(days=1 + number)
        held = replace(TYPED, place=place, starts_local=TYPED.starts_local + later, starts_at=TYPED.starts_at + later)
        group.publish(group.draft(held, str(number)))
    wizard = Wizard(group).to_place()
    assert isinstance(wizard.step, Step)
    assert wizard.step.places == ("二楼", "四楼", "三楼")
    with refused("unknown_button"):
        wizard.tap(planning.choose_place, 4, "线上")
    wizard.tap(planning.choose_place, 1, "线上")
    assert echoed(group, wizard.id).place == "二楼"


def test_online_asks_for_the_link(group: Group) -> None:
    wizard = Wizard(group).to_place().tap(planning.choose_place, -1, "线上")
    assert isinstance(wizard.step, Step)
    assert (wizard.step.step, wizard.waiting) == ("link", "plan_link")
    with refused("bad_link"):
        wizard.type("link", "meeting 123")
    wizard.type("link", "https://a.example/1")
    assert (echoed(group, wizard.id).place, echoed(group, wizard.id).link) == ("线上", "https://a.example/1")


def test_online_without_a_link_and_a_link_typed_for_the_place(group: Group) -> None:
    without = Wizard(group).to_place().tap(planning.choose_place, -1, "线上").tap(planning.no_link)
    assert (echoed(group, without.id).place, echoed(group, without.id).link) == ("线上", "")
    typed = Wizard(group).to_place().type("place", "https://a.example/1")
    assert (echoed(group, typed.id).place, echoed(group, typed.id).link) == ("线上", "https://a.example/1")


def test_a_typed_day_may_bring_time_length_and_rule(group: Group) -> None:
    wizard = Wizard(group).tap(planning.choose_kind, 0).tap(planning.choose_title, "读书会")
    rule = Cadence.monthly_nth(1, 2).to_rrule()
    when = TypedTime(datetime(2026, 12, 2, 7, 0), datetime(2026, 12, 1, 23, 0, tzinfo=UTC), 45, rule, True, False)
    planning.type_when(
        group.connection,
        wizard.id,
        when,
        group.leader.actor,
        timed=True,
        reply_key="k",
        language="zh-CN",
        rules=RULES,
        now=NOW,
    )
    assert wizard.waiting == "plan_place"
    wizard.tap(planning.choose_place, 0, "线上")
    found = echoed(group, wizard.id)
    assert (found.starts_local, found.minutes, found.cadence, found.bare_hour) == (when.starts_local, 45, rule, True)


def test_what_has_passed_is_not_taken(group: Group) -> None:
    wizard = Wizard(group).tap(planning.choose_kind, 0).tap(planning.choose_title, "读书会")
    with refused("step_done"):
        wizard.tap(planning.choose_clock, time(19))
    with refused("day_past"):
        wizard.tap(planning.choose_day, date(2026, 11, 23))
    wizard.tap(planning.choose_day, date(2026, 11, 24))  # today, 17:00
    with refused("session_past"):
        wizard.tap(planning.choose_clock, time(16))
    assert wizard.waiting == "plan_time"


def test_an_older_question_can_be_answered_again_until_the_draft_is_whole(group: Group) -> None:
    wizard = Wizard(group).to_place().tap(planning.choose_kind, KINDS.index("training"))
    assert isinstance(wizard.step, Step)
    assert (wizard.step.step, wizard.step.known["kind"]) == ("place", "training")
    wizard.tap(planning.choose_place, 0, "线上")
    with refused("step_done"):
        wizard.tap(planning.choose_kind, 0)
    with refused("step_done"):
        wizard.type("title", "别的")


def test_half_a_plan_is_neither_published_nor_changed_and_can_be_dropped(group: Group) -> None:
    wizard = Wizard(group).tap(planning.choose_kind, 0)
    with refused("draft_gone"):
        group.publish(wizard.id)
    with refused("draft_gone"):
        draft_changes.set_minutes(group.connection, wizard.id, 60, group.leader.actor, now=NOW)
    draft_changes.drop(group.connection, wizard.id, group.leader.actor, now=NOW)
    assert wizard.waiting is None
    with refused("draft_gone"):
        wizard.tap(planning.choose_title, "读书会")


@pytest.mark.parametrize("who", ["member", "outsider"])
def test_only_leaders_of_the_group_plan(group: Group, who: str) -> None:
    stranger = getattr(group, who)
    with refused("not_leader"):
        planning.begin(group.connection, group.id, stranger.actor, now=NOW)
    wizard = Wizard(group)
    with refused("not_leader"):
        wizard.tap(planning.choose_kind, 0, who=stranger)
    with refused("not_leader"):
        planning.asked(group.connection, wizard.id, stranger.actor, now=NOW)
    with refused("not_leader"):
        planning.begin(group.connection, 4711, group.leader.actor, now=NOW)
    assert len(group.connection.execute(select(draft.c.id)).all()) == 1


def test_forged_numbers_are_refused(group: Group) -> None:
    for number in (-1, len(KINDS)):
        with refused("unknown_button"):
            Wizard(group).tap(planning.choose_kind, number)
    for number in (-2, 1):  # the group has met nowhere yet
        with refused("unknown_button"):
            Wizard(group).to_place().tap(planning.choose_place, number, "线上")


def test_dropping_the_first_question_ends_the_waiting_for_a_line(group: Group) -> None:
    wizard = Wizard(group)
    draft_changes.drop(group.connection, wizard.id, group.leader.actor, now=NOW)
    assert wizard.waiting is None


def test_the_group_is_remembered_and_an_old_waiting_ends(group: Group) -> None:
    inputs.ask(group.connection, group.leader.actor.telegram_id, "draft_title", 1, now=NOW - timedelta(minutes=1))
    assert Wizard(group).waiting == drafts.LINE
    last = group.connection.execute(select(person.c.last_group_id).where(person.c.id == group.leader.id)).scalar()
    assert last == group.id


def test_the_question_waits_as_a_delivery(group: Group) -> None:
    planning.begin_and_ask(group.connection, group.id, group.leader.actor, reply_key="k", language="en", now=NOW)
    (row,) = group.deliveries(planning.STEP)
    facts = planning.step(group.connection, row.payload, NOW)
    assert facts is not None
    assert (row.destination_id, facts.step, facts.language) == (group.leader_chat, "kind", "en")
