"""From a typed line to a session, its series, its card, and its cancelling."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from session_life import NOW, RULES, STARTS_AT, TYPED, Group
from sqlalchemy import Connection, func, select, update

from db.tables import audit, draft, series, study_group, study_session
from domain.errors import Refusal
from services import drafts, scheduling, sessions

SHANGHAI = ZoneInfo("Asia/Shanghai")
BARE = replace(
    TYPED,
    starts_local=datetime(2026, 12, 2, 7, 0),  # noqa: DTZ001 — wall clock
    starts_at=datetime(2026, 12, 1, 23, 0, tzinfo=UTC),
    bare_hour=True,
)
WEEKLY = replace(TYPED, weeks=1)


@pytest.fixture
def group(connection: Connection) -> Group:
    return Group(connection)


def refused(code: str) -> "pytest.RaisesExc[Refusal]":
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == code)


def test_a_typed_line_is_echoed_and_nothing_is_scheduled_yet(group: Group) -> None:
    draft_id = group.draft()
    echoed = group.deliveries(drafts.ECHO)[0]
    assert echoed.destination_id == group.chat_row
    facts = drafts.echo(group.connection, echoed.payload, NOW)
    assert facts is not None
    assert (facts.draft_id, facts.state, facts.typed) == (draft_id, "open", TYPED)
    assert group.sessions() == []


def test_publishing_schedules_the_session_with_its_window_and_messages(group: Group) -> None:
    group.publish(group.draft())
    (session,) = group.sessions()
    assert (session.title, session.place, session.kind) == ("党课：学习原著", "三楼会议室", "lesson")
    assert (session.starts_at, session.ends_at) == (STARTS_AT, STARTS_AT + timedelta(minutes=90))
    assert session.opens_at == STARTS_AT - timedelta(minutes=15)
    assert session.late_from == STARTS_AT + timedelta(minutes=10)
    assert session.remind_privately_at == STARTS_AT - timedelta(hours=1)
    found = group.deliveries("session_card", "group_reminder", "checkin_open")
    assert [(row.kind, row.due_at) for row in found] == [
        ("session_card", NOW),
        ("group_reminder", STARTS_AT - timedelta(days=1)),
        ("checkin_open", session.opens_at),
    ]
    assert {row.session_id for row in found} == {session.id}
    assert found[1].dedupe_key == f"session:{session.id}:1:group_reminder:1440:{group.chat_row}"


def test_publishing_twice_is_the_same_as_once(group: Group) -> None:
    draft_id = group.draft()
    first = group.publish(draft_id)
    assert group.publish(draft_id) == first
    assert first.state == "published"
    assert len(group.sessions()) == 1
    acts = group.connection.execute(select(audit.c.action)).scalars().all()
    assert acts == ["publish"]


def test_an_admin_of_the_unit_may_publish_what_a_leader_typed(group: Group) -> None:
    admin = group.life.person("管理员")
    group.life.admin(group.unit_id, admin)
    assert group.publish(group.draft(), by=admin).state == "published"


@pytest.mark.parametrize("who", ["member", "outsider"])
def test_nobody_else_may_use_the_buttons_of_a_draft(group: Group, who: str) -> None:
    draft_id, actor = group.draft(), getattr(group, who).actor
    with refused("not_leader"):
        drafts.publish(group.connection, draft_id, actor, rules=RULES, now=NOW)
    with refused("not_leader"):
        drafts.turn_weekly(group.connection, draft_id, actor, now=NOW)
    with refused("not_leader"):
        drafts.drop(group.connection, draft_id, actor, now=NOW)
    assert group.sessions() == []


def test_a_leader_of_another_group_is_refused(group: Group) -> None:
    other = group.life.group(group.unit_id, "第二学习小组")
    foreign = group.life.member(other, "二组组长", role="leader")
    with refused("not_leader"):
        group.publish(group.draft(), by=foreign)


def test_a_dropped_or_unknown_draft_cannot_be_published(group: Group) -> None:
    draft_id = group.draft()
    drafts.drop(group.connection, draft_id, group.leader.actor, now=NOW)
    with refused("draft_gone"):
        group.publish(draft_id)
    with refused("draft_gone"):
        group.publish(draft_id + 1)
    assert drafts.echo(group.connection, {"draft_id": draft_id, "language": "en"}, NOW) is None


def test_a_published_draft_cannot_be_dropped_or_changed(group: Group) -> None:
    draft_id = group.draft()
    group.publish(draft_id)
    with refused("draft_gone"):
        drafts.drop(group.connection, draft_id, group.leader.actor, now=NOW)
    with refused("draft_gone"):
        drafts.turn_weekly(group.connection, draft_id, group.leader.actor, now=NOW)


def test_a_draft_whose_time_has_passed_is_not_published(group: Group) -> None:
    draft_id = group.draft()
    with refused("session_past"):
        group.publish(draft_id, now=STARTS_AT)
    assert group.sessions() == []


def test_an_hour_left_open_can_be_moved_to_the_evening_and_back(group: Group) -> None:
    draft_id = group.draft(BARE)
    moved = drafts.turn_half(group.connection, draft_id, group.leader.actor, now=NOW)
    assert (moved.typed.starts_at, moved.other_at) == (STARTS_AT, BARE.starts_at)
    back = drafts.turn_half(group.connection, draft_id, group.leader.actor, now=NOW)
    assert (back.typed, back.other_at) == (BARE, STARTS_AT)


def test_the_other_half_is_not_offered_once_it_has_passed(group: Group) -> None:
    draft_id = group.draft(BARE)
    evening = drafts.turn_half(group.connection, draft_id, group.leader.actor, now=NOW)
    later = BARE.starts_at + timedelta(hours=1)
    facts = drafts.echo(group.connection, {"draft_id": draft_id, "language": "zh-CN"}, later)
    assert evening.other_at is not None
    assert facts is not None
    assert facts.other_at is None
    with refused("session_past"):
        drafts.turn_half(group.connection, draft_id, group.leader.actor, now=later)


def test_weekly_shows_five_dates_and_can_be_taken_back(group: Group) -> None:
    draft_id = group.draft()
    weekly = drafts.turn_weekly(group.connection, draft_id, group.leader.actor, now=NOW)
    assert weekly.dates == tuple(STARTS_AT + timedelta(weeks=number) for number in range(5))
    assert drafts.turn_weekly(group.connection, draft_id, group.leader.actor, now=NOW).dates == ()


def test_a_series_is_planned_to_its_horizon_and_only_the_first_card_is_due_at_once(group: Group) -> None:
    group.publish(group.draft(WEEKLY))
    starts = [row.starts_at for row in group.sessions()]
    assert starts == [STARTS_AT + timedelta(weeks=number) for number in range(4)]  # five weeks from the 24th
    cards = [row.due_at for row in group.deliveries("session_card")]
    assert cards == [NOW, *(start - timedelta(days=7) for start in starts[1:])]


def test_a_series_goes_on_by_itself_and_repeats_nothing(group: Group) -> None:
    group.publish(group.draft(WEEKLY))
    connection = group.connection
    due = connection.execute(select(series.c.extend_at)).scalar_one()
    assert not scheduling.any_to_extend(connection, due - timedelta(seconds=1))
    assert scheduling.any_to_extend(connection, due)
    scheduling.extend_series(connection, due, RULES)
    scheduling.extend_series(connection, due, RULES)
    starts = [row.starts_at for row in group.sessions()]
    assert starts == [STARTS_AT + timedelta(weeks=number) for number in range(5)]
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
    local = datetime(2027, 3, 24, 19, 0)  # noqa: DTZ001 — wall clock, the clocks change on the 28th
    typed = replace(WEEKLY, starts_local=local, starts_at=datetime(2027, 3, 24, 18, 0, tzinfo=UTC))
    group.publish(group.draft(typed), now=datetime(2027, 3, 20, tzinfo=UTC))
    hours = [(row.starts_at.hour, row.nominal_local.hour) for row in group.sessions()]
    assert hours[:2] == [(18, 19), (17, 19)]


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
    assert line == drafts.Unplaced("明天19:00 读书", NOW, "Europe/Berlin")
    echo = drafts.place_draft(connection, draft_id, second, leader, TYPED, now=NOW)
    assert (echo.group_name, echo.time_zone) == ("第二学习小组", "Europe/Berlin")
    assert drafts.choice(connection, asked.payload, NOW) is None
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


def test_the_card_counts_answers_and_loses_its_buttons_when_check_in_opens(group: Group) -> None:
    session_id = group.session()
    payload = {"session_id": session_id}
    card = sessions.card(group.connection, payload, NOW)
    assert card is not None
    assert (card.going, card.leave, card.no_reply, card.answerable) == (0, 0, 2, True)
    opened = sessions.card(group.connection, payload, STARTS_AT - timedelta(minutes=15))
    assert opened is not None
    assert not opened.answerable
    assert sessions.card_edit(group.connection, payload, NOW) is None  # there is no message yet
    sessions.card_hangs(group.connection, payload, 77, NOW)
    edited = sessions.card_edit(group.connection, payload, NOW)
    assert edited is not None
    assert edited.message_id == 77


def test_the_reminder_becomes_the_living_card_and_the_buttons_before_it_go(group: Group) -> None:
    session_id = group.session()
    payload = {"session_id": session_id}
    sessions.card_hangs(group.connection, payload, 77, NOW)
    sessions.card_hangs(group.connection, payload, 77, NOW)
    assert group.deliveries(sessions.BUTTONS_OFF) == []
    sessions.card_hangs(group.connection, payload, 88, NOW)
    (off,) = group.deliveries(sessions.BUTTONS_OFF)
    assert sessions.buttons_off(group.connection, off.payload, NOW) == 77
    assert group.sessions()[0].card_message_id == 88


def test_cancelling_stops_what_was_due_edits_the_card_and_tells_the_group_once(group: Group) -> None:
    session_id = group.session()
    sessions.card_hangs(group.connection, {"session_id": session_id}, 77, NOW)
    for _ in range(2):
        done = sessions.cancel(group.connection, session_id, group.leader.actor, and_later=False, now=NOW)
        assert [coming.id for coming in done] == [session_id]
    assert {row.state for row in group.deliveries("session_card", "group_reminder", "checkin_open")} == {"cancelled"}
    assert len(group.deliveries(sessions.CANCELLED)) == 1
    (edit,) = [row for row in group.deliveries("session_card_live") if row.state == "pending"]
    facts = sessions.card_edit(group.connection, edit.payload, NOW)
    assert facts is not None
    assert (facts.state, facts.answerable) == ("cancelled", False)
    assert sessions.card(group.connection, {"session_id": session_id}, NOW) is None


def test_cancelling_one_of_a_series_leaves_the_others(group: Group) -> None:
    group.publish(group.draft(WEEKLY))
    second = group.sessions()[1]
    sessions.cancel(group.connection, second.id, group.leader.actor, and_later=False, now=NOW)
    assert [row.state for row in group.sessions()] == ["scheduled", "cancelled", "scheduled", "scheduled"]
    assert group.connection.execute(select(series.c.extend_at)).scalar_one() is not None


def test_cancelling_this_and_later_ones_ends_the_series_with_one_notice(group: Group) -> None:
    group.publish(group.draft(WEEKLY))
    second = group.sessions()[1]
    done = sessions.cancel(group.connection, second.id, group.leader.actor, and_later=True, now=NOW)
    assert len(done) == 3
    assert [row.state for row in group.sessions()] == ["scheduled", *["cancelled"] * 3]
    assert len(group.deliveries(sessions.CANCELLED)) == 1
    assert not scheduling.any_to_extend(group.connection, NOW + timedelta(weeks=99))


def test_a_session_somebody_came_to_is_not_cancelled(group: Group) -> None:
    session_id = group.session()
    group.life.came(session_id, STARTS_AT, present=group.member)
    with refused("cancel_too_late"):
        sessions.cancel(group.connection, session_id, group.leader.actor, and_later=False, now=STARTS_AT)


@pytest.mark.parametrize("who", ["member", "outsider"])
def test_only_leaders_cancel(group: Group, who: str) -> None:
    session_id, actor = group.session(), getattr(group, who).actor
    with refused("not_leader"):
        sessions.cancel(group.connection, session_id, actor, and_later=False, now=NOW)
    with refused("not_leader"):
        sessions.to_cancel(group.connection, session_id, actor, NOW)
    with refused("not_leader"):
        sessions.cancellable(group.connection, actor, group.telegram_id, NOW)
    with refused("leads_no_group"):
        sessions.cancellable(group.connection, actor, actor.telegram_id, NOW)
    assert group.sessions()[0].state == "scheduled"


def test_lists_of_what_comes_are_scoped_to_the_group_and_its_members(group: Group) -> None:
    session_id = group.session()
    connection, member, outsider = group.connection, group.member.actor, group.outsider.actor
    for actor, chat_id in ((member, group.telegram_id), (member, member.telegram_id), (outsider, group.telegram_id)):
        assert [coming.id for coming in sessions.upcoming(connection, actor, chat_id, NOW)] == [session_id]
    assert sessions.upcoming(connection, outsider, outsider.telegram_id, NOW) == []
    assert sessions.upcoming(connection, member, group.telegram_id, STARTS_AT + timedelta(hours=2)) == []
    other = group.life.group(group.unit_id, "第二学习小组")
    chat_id = connection.execute(select(study_group.c.chat_id).where(study_group.c.id == other)).scalar_one()
    assert chat_id != group.chat_row
    assert connection.execute(select(func.count()).select_from(draft)).scalar_one() == 1
