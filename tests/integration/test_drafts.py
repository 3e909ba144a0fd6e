"""From a typed line to a published session or series: drafts, their changes, publishing, and taking it back."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from session_life import NOW, RULES, STARTS_AT, TYPED, Group
from sqlalchemy import Connection, insert, select, update

from db.tables import attendance, audit, delivery, draft, person, series, study_group, study_session
from domain.cadence import LAST, Cadence, Form
from domain.errors import Refusal
from services import cancelling, draft_changes, drafts, inputs, publishing, scheduling, sessions
from services.drafts import Clash, TypedTime
from services.publishing import AGAIN, CHANGED, PASSED, PUBLISHED
from services.rules import Rules

# ruff: noqa: DTZ001 — wall clocks are naive

BARE = replace(
    TYPED, starts_local=datetime(2026, 12, 2, 7, 0), starts_at=datetime(2026, 12, 1, 23, 0, tzinfo=UTC), bare_hour=True
)
WEEKLY = replace(TYPED, cadence=Cadence.weekly(2).to_rrule())


@pytest.fixture
def group(connection: Connection) -> Group:
    return Group(connection)


def refused(code: str) -> "pytest.RaisesExc[Refusal]":
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == code)


def echo(group: Group, draft_id: int, now: datetime = NOW) -> drafts.Echo:
    found = drafts.echo(group.connection, {"draft_id": draft_id, "language": "zh-CN"}, now)
    assert found is not None
    return found


def lessons(group: Group, *states: str) -> list[Any]:
    return [row for row in group.sessions() if row.state in (states or ("scheduled",))]


# The draft and who may touch it.


def test_a_typed_line_is_echoed_and_nothing_is_scheduled_yet(group: Group) -> None:
    draft_id = group.draft()
    echoed = group.deliveries(drafts.ECHO)[0]
    assert echoed.destination_id == group.chat_row
    facts = drafts.echo(group.connection, echoed.payload, NOW)
    assert facts is not None
    assert (facts.draft_id, facts.state, facts.typed) == (draft_id, "open", TYPED)
    assert facts.in_group  # where it makes no sound
    assert group.sessions() == []


def test_a_draft_of_the_first_release_still_opens(group: Group) -> None:
    draft_id = group.draft(WEEKLY)
    facts = drafts.facts_of(TYPED)
    for new in ("cadence", "link", "revision"):
        del facts[new]
    group.connection.execute(update(draft).values(facts={**facts, "weeks": 2}))
    assert echo(group, draft_id).typed.rule == Cadence.weekly(2, interval=2)
    group.connection.execute(update(draft).values(facts={**facts, "weeks": None}))
    assert echo(group, draft_id).typed == TYPED


def test_an_admin_of_the_unit_may_publish_what_a_leader_typed(group: Group) -> None:
    admin = group.life.person("管理员")
    group.life.admin(group.unit_id, admin)
    assert group.publish(group.draft(), by=admin).state == "published"


@pytest.mark.parametrize("who", ["member", "outsider"])
def test_nobody_else_may_use_the_buttons_of_a_draft(group: Group, who: str) -> None:
    draft_id, actor, connection = group.draft(), getattr(group, who).actor, group.connection
    for act in (
        lambda: publishing.publish(connection, draft_id, actor, rules=RULES, now=NOW),
        lambda: publishing.undo(connection, draft_id, actor, now=NOW),
        lambda: drafts.shown(connection, draft_id, actor, now=NOW),
        lambda: drafts.show_again(connection, draft_id, actor, reply_key="k", language="en", now=NOW),
        lambda: draft_changes.set_form(connection, draft_id, Form.WEEKLY, actor, now=NOW),
        lambda: draft_changes.set_day(connection, draft_id, date(2026, 12, 3), actor, now=NOW),
        lambda: draft_changes.set_clock(connection, draft_id, time(20), actor, now=NOW),
        lambda: draft_changes.set_minutes(connection, draft_id, 60, actor, now=NOW),
        lambda: draft_changes.turn_half(connection, draft_id, actor, now=NOW),
        lambda: draft_changes.accept(connection, draft_id, actor, now=NOW),
        lambda: draft_changes.ask(connection, draft_id, draft_changes.TITLE, actor, now=NOW),
        lambda: draft_changes.look(connection, draft_id, actor, now=NOW),
        lambda: draft_changes.drop(connection, draft_id, actor, now=NOW),
    ):
        with refused("not_leader"):
            act()
    assert group.sessions() == []
    assert echo(group, draft_id).typed == TYPED


def test_a_leader_of_another_group_is_refused(group: Group) -> None:
    other = group.life.group(group.unit_id, "第二学习小组")
    foreign = group.life.member(other, "二组组长", role="leader")
    with refused("not_leader"):
        group.publish(group.draft(), by=foreign)


def test_a_dropped_or_unknown_draft_cannot_be_published(group: Group) -> None:
    draft_id = group.draft()
    draft_changes.drop(group.connection, draft_id, group.leader.actor, now=NOW)
    with refused("draft_gone"):
        group.publish(draft_id)
    with refused("draft_gone"):
        group.publish(draft_id + 1)
    assert drafts.echo(group.connection, {"draft_id": draft_id, "language": "en"}, NOW) is None


def test_where_one_may_schedule(group: Group) -> None:
    connection, leader = group.connection, group.leader.actor
    assert [place.group_id for place in drafts.places(connection, leader, group.telegram_id)] == [group.id]
    assert [place.group_id for place in drafts.places(connection, leader, leader.telegram_id)] == [group.id]
    with refused("not_leader"):
        drafts.places(connection, group.member.actor, group.telegram_id)
    with refused("leads_no_group"):
        drafts.places(connection, group.member.actor, group.member.actor.telegram_id)
    with refused("not_registered"):
        drafts.places(connection, leader, -42)


def test_a_leader_of_two_groups_chooses_and_the_line_is_read_as_of_when_it_was_typed(group: Group) -> None:
    connection, leader = group.connection, group.leader.actor
    second = group.life.group(group.unit_id, "第二学习小组", time_zone="Europe/Berlin")
    group.life.join(second, group.leader, role="leader")
    draft_id = drafts.add_unplaced(connection, leader, "明天19:00 读书", reply_key="r", language="en", now=NOW)
    asked = group.deliveries(drafts.CHOOSE)[0]
    assert asked.destination_id == group.leader_chat
    choice = drafts.choice(connection, asked.payload, NOW)
    assert choice is not None
    assert {place.group_id for place in choice.places} == {group.id, second}
    with refused("draft_gone"):
        group.publish(draft_id)
    line = drafts.unplaced(connection, draft_id, second, leader)
    assert (line.text, line.typed_at, line.place.time_zone) == ("明天19:00 读书", NOW, "Europe/Berlin")
    placed = drafts.place_draft(connection, draft_id, second, leader, TYPED, now=NOW)
    assert (placed.group_name, placed.time_zone) == ("第二学习小组", "Europe/Berlin")
    assert drafts.choice(connection, asked.payload, NOW) is None
    last = connection.execute(select(person.c.last_group_id).where(person.c.id == group.leader.id)).scalar_one()
    assert last == second  # and is offered first from now on
    group.publish(draft_id)
    assert connection.execute(select(study_session.c.group_id)).scalar_one() == second


def test_a_forged_choice_of_group_is_refused(group: Group) -> None:
    foreign = group.life.group(group.unit_id, "第二学习小组")
    connection, leader = group.connection, group.leader.actor
    draft_id = drafts.add_unplaced(connection, leader, "明天19:00 读书", reply_key="r", language="en", now=NOW)
    with refused("not_leader"):
        drafts.unplaced(connection, draft_id, foreign, leader)
    other = group.life.member(group.id, "副组长", role="leader")
    with refused("draft_gone"):
        drafts.unplaced(connection, draft_id, group.id, other.actor)


# What the buttons change.


def test_an_hour_left_open_can_be_moved_to_the_evening_and_back(group: Group) -> None:
    draft_id = group.draft(BARE)
    moved = draft_changes.turn_half(group.connection, draft_id, group.leader.actor, now=NOW)
    assert (moved.typed.starts_at, moved.other_at) == (STARTS_AT, BARE.starts_at)
    back = draft_changes.turn_half(group.connection, draft_id, group.leader.actor, now=NOW)
    assert (back.typed, back.other_at) == (BARE, STARTS_AT)


def test_the_other_half_is_not_offered_once_it_has_passed(group: Group) -> None:
    draft_id = group.draft(BARE)
    evening = draft_changes.turn_half(group.connection, draft_id, group.leader.actor, now=NOW)
    later = BARE.starts_at + timedelta(hours=1)
    assert evening.other_at is not None
    assert echo(group, draft_id, later).other_at is None
    with refused("session_past"):
        draft_changes.turn_half(group.connection, draft_id, group.leader.actor, now=later)


@pytest.mark.parametrize(
    ("form", "rule"),
    [
        (Form.WEEKLY, Cadence.weekly(2)),
        (Form.FORTNIGHTLY, Cadence.weekly(2, interval=2)),
        (Form.NTH, Cadence.monthly_nth(1, 2)),
        (Form.DAY, Cadence.monthly_day(2)),
    ],
)
def test_every_way_of_recurring_shows_the_next_five_dates(group: Group, form: Form, rule: Cadence) -> None:
    draft_id = group.draft()
    found = draft_changes.set_form(group.connection, draft_id, form, group.leader.actor, now=NOW)
    assert found.typed.rule == rule
    assert (found.dates[0], len(found.dates)) == (STARTS_AT, 5)
    assert draft_changes.set_form(group.connection, draft_id, 0, group.leader.actor, now=NOW).dates == ()


@pytest.mark.parametrize("form", [Form.LAST, 6, -1])  # 2 December is no last Wednesday
def test_a_way_of_recurring_that_does_not_fit_the_day_is_refused(group: Group, form: int) -> None:
    draft_id = group.draft()
    with refused("unknown_button"):
        draft_changes.set_form(group.connection, draft_id, form, group.leader.actor, now=NOW)


def test_another_day_takes_the_rule_along(group: Group) -> None:
    draft_id = group.draft(replace(TYPED, cadence=Cadence.monthly_nth(1, 2).to_rrule()))
    moved = draft_changes.set_day(group.connection, draft_id, date(2026, 12, 31), group.leader.actor, now=NOW)
    assert moved.typed.starts_local == datetime(2026, 12, 31, 19, 0)
    assert moved.typed.rule == Cadence.monthly_nth(LAST, 3)  # there is a fifth Thursday in few months only
    with refused("session_past"):
        draft_changes.set_day(group.connection, draft_id, date(2026, 11, 23), group.leader.actor, now=NOW)


def test_another_time_of_the_day_settles_which_half_was_meant(group: Group) -> None:
    draft_id = group.draft(BARE)
    moved = draft_changes.set_clock(group.connection, draft_id, time(19, 30), group.leader.actor, now=NOW)
    assert (moved.typed.starts_at, moved.other_at) == (STARTS_AT + timedelta(minutes=30), None)


def test_the_length_has_bounds(group: Group) -> None:
    draft_id, actor = group.draft(), group.leader.actor
    assert draft_changes.set_minutes(group.connection, draft_id, 45, actor, now=NOW).typed.minutes == 45
    for minutes in (0, -5, 24 * 60 + 1):
        with refused("bad_duration"):
            draft_changes.set_minutes(group.connection, draft_id, minutes, actor, now=NOW)


def typed(group: Group, draft_id: int, purpose: str, text: str) -> drafts.Typed:
    draft_changes.ask(group.connection, draft_id, purpose, group.leader.actor, now=NOW)
    waiting = inputs.awaited(group.connection, group.leader.actor.telegram_id, NOW)
    assert waiting == inputs.Awaited(purpose, (draft_id,))
    draft_changes.set_text(
        group.connection, draft_id, purpose, text, group.leader.actor, reply_key=text, language="en", now=NOW
    )
    return echo(group, draft_id).typed


def test_title_place_and_link_can_be_typed(group: Group) -> None:
    draft_id = group.draft()
    assert typed(group, draft_id, draft_changes.TITLE, " 读书\n会 ").title == "读书 会"
    assert typed(group, draft_id, draft_changes.PLACE, "四楼").place == "四楼"
    assert typed(group, draft_id, draft_changes.LINK, "https://a.example/1").link == "https://a.example/1"
    with_link = typed(group, draft_id, draft_changes.PLACE, "https://b.example/2")
    assert (with_link.place, with_link.link) == ("四楼", "https://b.example/2")
    for purpose, text, code in (
        (draft_changes.TITLE, "  ", "no_title"),
        (draft_changes.TITLE, "题" * 201, "too_long"),
        (draft_changes.PLACE, "楼" * 101, "too_long"),
        (draft_changes.LINK, "ftp://a.example", "bad_link"),
        (draft_changes.LINK, "see https://a.example", "bad_link"),
    ):
        with refused(code):
            typed(group, draft_id, purpose, text)


def test_place_and_link_can_be_left_out_again(group: Group) -> None:
    draft_id, actor = group.draft(replace(TYPED, link="https://a.example/1")), group.leader.actor
    draft_changes.ask(group.connection, draft_id, draft_changes.PLACE, actor, now=NOW)
    found = draft_changes.leave_out(group.connection, draft_id, draft_changes.PLACE, actor, now=NOW).typed
    assert (found.place, found.link) == ("", "https://a.example/1")
    assert inputs.awaited(group.connection, actor.telegram_id, NOW) is None
    assert draft_changes.leave_out(group.connection, draft_id, draft_changes.LINK, actor, now=NOW).typed.link == ""


def test_a_line_that_is_read_ends_the_waiting_for_a_better_one_in_private_only(group: Group) -> None:
    connection, actor = group.connection, group.leader.actor
    drafts.wait_for_line(connection, actor, now=NOW)
    group.draft()
    assert inputs.awaited(connection, actor.telegram_id, NOW) == inputs.Awaited(drafts.LINE, ())
    drafts.add(connection, group.id, actor, actor.telegram_id, TYPED, reply_key="k", language="zh-CN", now=NOW)
    assert inputs.awaited(connection, actor.telegram_id, NOW) is None


def test_going_back_ends_only_the_waiting_for_this_draft(group: Group) -> None:
    connection, actor, draft_id = group.connection, group.leader.actor, group.draft()
    draft_changes.ask(connection, draft_id, draft_changes.TITLE, actor, now=NOW)
    draft_changes.look(connection, draft_id, actor, now=NOW)
    assert inputs.awaited(connection, actor.telegram_id, NOW) is None
    inputs.ask(connection, actor.telegram_id, "something_else", draft_id, now=NOW)
    draft_changes.look(connection, draft_id, actor, now=NOW)
    assert inputs.awaited(connection, actor.telegram_id, NOW) is not None


def test_a_typed_time_changes_what_it_says_and_nothing_else(group: Group) -> None:
    draft_id = group.draft(WEEKLY)
    when = TypedTime(datetime(2026, 12, 4, 15, 0), datetime(2026, 12, 4, 7, 0, tzinfo=UTC), None, None, False, False)
    draft_changes.set_when(group.connection, draft_id, when, group.leader.actor, reply_key="k", language="en", now=NOW)
    found = echo(group, draft_id).typed
    assert (found.starts_at, found.minutes, found.rule) == (when.starts_at, 90, Cadence.weekly(4))


# Times that have passed, lie far ahead or clash.


def test_a_line_whose_time_has_passed_keeps_a_draft_with_the_next_one_like_it(group: Group) -> None:
    passed = datetime(2026, 11, 18, 19, 0)
    draft_id = drafts.add(
        group.connection,
        group.id,
        group.leader.actor,
        group.telegram_id,
        TYPED,
        reply_key="k",
        language="zh-CN",
        now=NOW,
        passed=passed,
    )
    assert (echo(group, draft_id).passed, echo(group, draft_id).typed) == (passed, TYPED)
    accepted = draft_changes.accept(group.connection, draft_id, group.leader.actor, now=NOW)
    assert (accepted.passed, accepted.typed) == (None, TYPED)


def test_what_was_proposed_may_have_passed_too_by_the_time_it_is_accepted(group: Group) -> None:
    draft_id = group.draft()
    late = STARTS_AT + timedelta(days=8)
    accepted = draft_changes.accept(group.connection, draft_id, group.leader.actor, now=late)
    assert accepted.typed.starts_at == STARTS_AT + timedelta(weeks=2)


def test_a_draft_whose_time_has_passed_is_not_published_but_given_another(group: Group) -> None:
    draft_id = group.draft()
    result = publishing.publish(group.connection, draft_id, group.leader.actor, rules=RULES, now=STARTS_AT)
    assert (result.outcome, result.echo.passed) == (PASSED, TYPED.starts_local)
    assert result.echo.typed.starts_at == STARTS_AT + timedelta(weeks=1)
    assert group.sessions() == []


def test_a_rule_proposes_its_own_next_date(group: Group) -> None:
    draft_id = group.draft(replace(TYPED, cadence=Cadence.monthly_nth(1, 2).to_rrule()))
    result = publishing.publish(group.connection, draft_id, group.leader.actor, rules=RULES, now=STARTS_AT)
    assert result.echo.typed.starts_local == datetime(2027, 1, 6, 19, 0)


def test_a_start_more_than_a_year_and_a_half_ahead_asks_about_the_year(group: Group) -> None:
    assert not echo(group, group.draft(), NOW).far
    assert echo(group, group.draft(key="2"), STARTS_AT - timedelta(days=549)).far


def test_a_clash_is_named_and_does_not_keep_anybody_from_publishing(group: Group) -> None:
    group.session(replace(TYPED, title="读书会"))
    during = replace(TYPED, starts_at=STARTS_AT + timedelta(minutes=89))
    after = replace(TYPED, starts_at=STARTS_AT + timedelta(minutes=90))
    assert echo(group, group.draft(during, "2")).clash == Clash("读书会", STARTS_AT)
    assert echo(group, group.draft(after, "3")).clash is None
    assert group.publish(group.draft(during, "4")).state == "published"
    assert len(group.sessions()) == 2


def test_a_series_clashes_on_each_of_its_shown_dates_and_only_in_its_own_group(group: Group) -> None:
    fourth = replace(
        TYPED, title="读书会", starts_at=STARTS_AT + timedelta(weeks=3), starts_local=datetime(2026, 12, 23, 19, 0)
    )
    group.session(fourth)
    found = echo(group, group.draft(WEEKLY, "2")).clash
    assert found == Clash("读书会", fourth.starts_at)
    other = group.life.group(group.unit_id, "第二学习小组")
    group.connection.execute(update(study_session).values(group_id=other))
    assert echo(group, group.draft(WEEKLY, "3")).clash is None


def test_what_is_cancelled_clashes_with_nothing(group: Group) -> None:
    session_id = group.session()
    cancelling.cancel(group.connection, session_id, group.leader.actor, and_later=False, now=NOW)
    assert echo(group, group.draft(key="2")).clash is None


# Publishing.


def test_publishing_schedules_the_session_with_its_window_and_messages(group: Group) -> None:
    group.publish(group.draft(replace(TYPED, link="https://a.example/1")))
    (session,) = group.sessions()
    assert (session.title, session.place, session.kind) == ("党课：学习原著", "三楼会议室", "lesson")
    assert (session.link, session.published_at) == ("https://a.example/1", NOW)
    assert (session.starts_at, session.ends_at) == (STARTS_AT, STARTS_AT + timedelta(minutes=90))
    assert session.opens_at == STARTS_AT - timedelta(minutes=15)
    assert session.late_from == STARTS_AT + timedelta(minutes=10)
    assert session.remind_privately_at == STARTS_AT - timedelta(days=1)
    assert (session.leave_until, session.nudge_at) == (None, STARTS_AT - timedelta(hours=6))
    found = group.deliveries("session_card", "group_reminder", "checkin_open")
    assert [(row.kind, row.due_at) for row in found] == [
        ("session_card", NOW),
        ("group_reminder", STARTS_AT - timedelta(days=1)),
        ("checkin_open", session.opens_at),
    ]
    assert {row.session_id for row in found} == {session.id}
    assert found[1].dedupe_key == f"session:{session.id}:1:group_reminder:1440:{group.chat_row}"


def test_a_group_has_its_own_lead_times(group: Group) -> None:
    group.connection.execute(update(study_group).values(reminder_minutes=120, leave_minutes=600, nudge_minutes=720))
    group.publish(group.draft(WEEKLY))
    for session in group.sessions():
        assert session.leave_until == session.starts_at - timedelta(hours=10)
        assert session.nudge_at == session.starts_at - timedelta(hours=12)
    first = group.deliveries("group_reminder")[0]
    assert first.due_at == STARTS_AT - timedelta(hours=2)


def test_a_group_may_want_neither_reminder_nor_nudge(group: Group) -> None:
    group.connection.execute(update(study_group).values(reminder_minutes=0, leave_minutes=0, nudge_minutes=0))
    group.publish(group.draft())
    (session,) = group.sessions()
    assert (session.leave_until, session.nudge_at) == (None, None)
    assert group.deliveries("group_reminder") == []


def test_nobody_is_nudged_after_leave_has_ended(group: Group) -> None:
    rules = Rules(leave_before=timedelta(hours=8))
    publishing.publish(group.connection, group.draft(), group.leader.actor, rules=rules, now=NOW)
    (session,) = group.sessions()
    assert (session.leave_until, session.nudge_at) == (STARTS_AT - timedelta(hours=8), None)


def test_publishing_twice_is_the_same_as_once(group: Group) -> None:
    draft_id = group.draft()
    results = [
        publishing.publish(group.connection, draft_id, who.actor, rules=RULES, now=NOW)
        for who in (group.leader, group.leader, group.life.member(group.id, "副组长", role="deputy"))
    ]
    assert [result.outcome for result in results] == [PUBLISHED, AGAIN, AGAIN]
    assert {result.echo.state for result in results} == {"published"}
    assert len(group.sessions()) == 1
    assert group.connection.execute(select(audit.c.action)).scalars().all() == ["publish"]


def test_the_same_typed_twice_is_published_once(group: Group) -> None:
    group.publish(group.draft())
    twin = group.draft(replace(TYPED, title=" 党课：学习原著 ", minutes=30), "2")
    with refused("session_doubled") as caught:
        group.publish(twin)
    assert caught.value.params["title"] == TYPED.title
    assert len(group.sessions()) == 1


def test_a_draft_that_somebody_changed_meanwhile_is_shown_before_it_is_published(group: Group) -> None:
    draft_id, second = group.draft(), group.life.member(group.id, "副组长", role="deputy")
    seen = echo(group, draft_id).revision
    draft_changes.set_clock(group.connection, draft_id, time(20), second.actor, now=NOW)

    def publish(revision: int) -> publishing.Published:
        return publishing.publish(
            group.connection, draft_id, group.leader.actor, revision=revision, rules=RULES, now=NOW
        )

    result = publish(seen)
    assert (result.outcome, result.echo.typed.starts_local.hour) == (CHANGED, 20)
    assert group.sessions() == []
    assert publish(result.echo.revision).outcome == PUBLISHED


def test_a_published_draft_cannot_be_dropped_or_changed(group: Group) -> None:
    draft_id, connection, actor = group.draft(), group.connection, group.leader.actor
    group.publish(draft_id)
    for act in (
        lambda: draft_changes.drop(connection, draft_id, actor, now=NOW),
        lambda: draft_changes.set_form(connection, draft_id, Form.WEEKLY, actor, now=NOW),
        lambda: draft_changes.ask(connection, draft_id, draft_changes.TITLE, actor, now=NOW),
        lambda: drafts.shown(connection, draft_id, actor, now=NOW),
    ):
        with refused("draft_published"):
            act()


# Series.


def test_a_series_is_planned_to_its_horizon_and_only_the_first_card_is_due_at_once_and_heard(group: Group) -> None:
    group.publish(group.draft(replace(WEEKLY, link="https://a.example/1")))
    starts = [row.starts_at for row in group.sessions()]
    assert starts == [STARTS_AT + timedelta(weeks=number) for number in range(4)]  # five weeks from the 24th
    cards = group.deliveries("session_card")
    assert [row.due_at for row in cards] == [NOW, *(start - timedelta(days=7) for start in starts[1:])]
    assert [row.payload.get("silent", False) for row in cards] == [False, True, True, True]
    assert {row.link for row in group.sessions()} == {"https://a.example/1"}


def test_a_monthly_series_falls_on_its_weekday(group: Group) -> None:
    group.publish(group.draft(replace(TYPED, cadence=Cadence.monthly_nth(1, 2).to_rrule())))
    due = group.connection.execute(select(series.c.extend_at)).scalar_one()
    scheduling.extend_series(group.connection, due, Rules(horizon=timedelta(days=100)))
    days = [row.nominal_local.date() for row in group.sessions()]
    assert days == [date(2026, 12, 2), date(2027, 1, 6), date(2027, 2, 3), date(2027, 3, 3)][: len(days)]
    assert len(days) >= 3


def test_a_series_goes_on_by_itself_and_repeats_nothing(group: Group) -> None:
    group.publish(group.draft(replace(WEEKLY, link="https://a.example/1")))
    connection = group.connection
    connection.execute(update(study_group).values(nudge_minutes=60))
    due = connection.execute(select(series.c.extend_at)).scalar_one()
    assert not scheduling.any_to_extend(connection, due - timedelta(seconds=1))
    assert scheduling.any_to_extend(connection, due)
    scheduling.extend_series(connection, due, RULES)
    scheduling.extend_series(connection, due, RULES)
    rows = group.sessions()
    assert [row.starts_at for row in rows] == [STARTS_AT + timedelta(weeks=number) for number in range(5)]
    assert rows[-1].link == "https://a.example/1"
    assert rows[-1].nudge_at == rows[-1].starts_at - timedelta(hours=1)
    connection.execute(update(series).values(extend_at=due, planned_until=NOW))
    scheduling.extend_series(connection, due, RULES)
    assert len(group.sessions()) == 5


def test_a_series_that_was_down_longer_than_its_horizon_does_not_plan_the_past(group: Group) -> None:
    group.publish(group.draft(WEEKLY))
    late = NOW + timedelta(weeks=20)
    scheduling.extend_series(group.connection, late, RULES)
    new = [row.starts_at for row in group.sessions()][4:]
    assert len(new) == 5
    assert min(new) > late


def test_a_series_keeps_its_wall_clock_where_the_clocks_change(connection: Connection) -> None:
    group = Group(connection)
    connection.execute(update(study_group).values(time_zone="Europe/Berlin"))
    local = datetime(2027, 3, 24, 19, 0)  # the clocks change on the 28th
    over = replace(WEEKLY, starts_local=local, starts_at=datetime(2027, 3, 24, 18, 0, tzinfo=UTC))
    group.publish(group.draft(over), now=datetime(2027, 3, 20, tzinfo=UTC))
    hours = [(row.starts_at.hour, row.nominal_local.hour) for row in group.sessions()]
    assert hours[:2] == [(18, 19), (17, 19)]


# Taking it back.


def card_sent(group: Group, message_id: int = 77) -> None:
    """The first card has reached the group."""
    card = group.deliveries("session_card")[0]
    group.connection.execute(
        update(delivery).where(delivery.c.id == card.id).values(state="sent", message_id=message_id)
    )
    sessions.card_hangs(group.connection, card.payload, message_id, NOW)


def test_undo_deletes_the_card_stops_what_was_due_and_opens_the_draft_again(group: Group) -> None:
    draft_id, actor = group.draft(WEEKLY), group.leader.actor
    assert group.publish(draft_id).undoable
    card_sent(group)
    undone = publishing.undo(group.connection, draft_id, actor, now=NOW + timedelta(seconds=60))
    assert (undone.state, undone.typed, undone.passed, undone.clash) == ("open", WEEKLY, None, None)
    assert {row.state for row in group.sessions()} == {"cancelled"}
    pending = group.deliveries("session_card", "group_reminder", "checkin_open", "session_card_live")
    assert {row.state for row in pending} == {"sent", "cancelled"}
    (deleted,) = group.deliveries(publishing.TAKEN_BACK)
    assert publishing.taken_back(group.connection, deleted.payload, NOW) == 77
    assert deleted.destination_id == group.chat_row
    assert group.deliveries(cancelling.CANCELLED) == []  # nobody is told of what nobody is to have seen
    assert not scheduling.any_to_extend(group.connection, NOW + timedelta(weeks=99))
    acts = group.connection.execute(select(audit.c.action).order_by(audit.c.id)).scalars().all()
    assert acts == ["publish", "unpublish"]


def test_what_is_undone_can_be_mended_and_published_anew(group: Group) -> None:
    draft_id, actor, connection = group.draft(), group.leader.actor, group.connection
    group.publish(draft_id)
    publishing.undo(connection, draft_id, actor, now=NOW)
    assert publishing.undo(connection, draft_id, actor, now=NOW).state == "open"  # a second tap changes nothing
    assert group.deliveries(publishing.TAKEN_BACK) == []  # nothing had been sent
    draft_changes.set_minutes(connection, draft_id, 60, actor, now=NOW)
    assert group.publish(draft_id).state == "published"
    (session,) = lessons(group)
    assert session.ends_at == STARTS_AT + timedelta(minutes=60)


def test_undo_is_refused_after_a_minute_and_to_who_may_not(group: Group) -> None:
    draft_id, connection = group.draft(), group.connection
    with refused("not_leader"):
        publishing.undo(connection, draft_id, group.member.actor, now=NOW)
    group.publish(draft_id)
    late = NOW + timedelta(seconds=61)
    assert not echo(group, draft_id, late).undoable
    with refused("publish_undo_too_late"):
        publishing.undo(connection, draft_id, group.leader.actor, now=late)
    assert len(lessons(group)) == 1


def test_undo_is_refused_once_somebody_has_checked_in(group: Group) -> None:
    draft_id = group.draft()
    group.publish(draft_id)
    (session,) = group.sessions()
    group.life.came(session.id, NOW, present=group.member)
    assert group.connection.execute(select(attendance.c.person_id)).scalars().all() == [group.member.id]
    with refused("cancel_too_late"):
        publishing.undo(group.connection, draft_id, group.leader.actor, now=NOW)
    assert len(lessons(group)) == 1


def test_the_undo_of_one_session_leaves_the_others_of_its_group(group: Group) -> None:
    other = group.session(replace(TYPED, title="读书会"))
    draft_id = group.draft(key="2")
    group.publish(draft_id)
    publishing.undo(group.connection, draft_id, group.leader.actor, now=NOW)
    assert [row.id for row in lessons(group)] == [other]


def test_private_messages_of_a_session_are_not_deleted_in_the_group(group: Group) -> None:
    draft_id = group.draft()
    group.publish(draft_id)
    card_sent(group)
    row = dict(group.deliveries("session_card")[0]._mapping)
    row |= {"id": 10_000, "dedupe_key": "private", "destination_id": group.leader_chat, "message_id": 5}
    group.connection.execute(insert(delivery).values(**row))
    publishing.undo(group.connection, draft_id, group.leader.actor, now=NOW)
    assert [row.payload["message_id"] for row in group.deliveries(publishing.TAKEN_BACK)] == [77]
