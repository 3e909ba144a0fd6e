"""Closing: what it makes of people, when it is asked about first, and opening again."""

from datetime import datetime, timedelta

import pytest
from attendance_life import AFTER, NOW, RULES, STARTS_AT, Group, at, refused
from sqlalchemy import Connection, select

from chat import checkins_cards, closing_cards
from db.tables import audit, study_session
from domain.attendance import Status
from services import checkins, closing, leaderboards, leaves, marking, records
from services.checkins import Live
from texts import LANGUAGES, words


@pytest.fixture
def group(connection: Connection) -> Group:
    return Group(connection)


@pytest.fixture
def session_id(group: Group) -> int:
    return group.session()


def close(group: Group, session_id: int, now: datetime = AFTER) -> Live:
    return closing.close(group.connection, session_id, group.leader.actor, now=now, rules=RULES)


def reopen(group: Group, session_id: int, now: datetime = AFTER) -> Live:
    return closing.reopen(group.connection, session_id, group.leader.actor, now=now, rules=RULES)


def test_closing_makes_whoever_is_unrecorded_absent_or_excused(group: Group, session_id: int) -> None:
    leave, declined = (group.life.member(group.id, called) for called in ("请假", "没批"))
    for somebody in (leave, declined):
        leaves.take(group.connection, session_id, 0, somebody.actor, at(NOW), now=NOW, rules=RULES)
    leaves.decide(group.connection, session_id, declined.id, group.leader.actor, approved=False, now=NOW, rules=RULES)
    group.check_in(session_id, group.leader)
    for _ in range(2):
        facts = close(group, session_id)
    assert (facts.state, facts.present, facts.excused, facts.absent) == ("closed", 1, 1, 2)
    assert group.history(declined) == [("unrecorded", "absent", "closing")]
    assert group.connection.execute(select(audit.c.action)).scalars().all() == ["decline", "close"]


def test_where_many_become_absent_it_is_asked_about_first(group: Group, session_id: int) -> None:
    actor = group.leader.actor
    group.life.member(group.id, "三")
    assert not closing.to_close(group.connection, session_id, actor, AFTER).is_mass
    on_leave = group.life.member(group.id, "四")
    leaves.take(group.connection, session_id, 0, on_leave.actor, at(NOW), now=NOW, rules=RULES)
    assert not closing.to_close(group.connection, session_id, actor, AFTER).is_mass
    group.life.member(group.id, "五")
    plan = closing.to_close(group.connection, session_id, actor, AFTER)
    assert plan.is_mass
    assert "将有 4 人记为缺勤" in closing_cards.confirm_close(plan, words("zh-CN")).text
    with refused("not_leader"):
        closing.to_close(group.connection, session_id, group.member.actor, AFTER)
    with refused("not_started"):
        closing.to_close(group.connection, session_id, actor, STARTS_AT - timedelta(seconds=1))
    close(group, session_id)
    assert not closing.to_close(group.connection, session_id, actor, AFTER).is_mass


def test_reopening_takes_back_what_closing_made_and_nothing_else(group: Group, session_id: int) -> None:
    group.check_in(session_id, group.leader)
    close(group, session_id)
    facts = reopen(group, session_id)
    assert (facts.state, facts.present, facts.unrecorded, facts.absent) == ("reopened", 1, 1, 0)
    assert group.history(group.member) == [("unrecorded", "absent", "closing"), ("absent", "unrecorded", "reopen")]
    assert reopen(group, session_id).state == "reopened"
    assert group.connection.execute(select(audit.c.action)).scalars().all() == ["close", "reopen"]
    assert close(group, session_id).absent == 1


def test_what_was_corrected_after_closing_stays_when_it_is_opened_again(group: Group, session_id: int) -> None:
    close(group, session_id)
    marking.mark(group.connection, session_id, group.member.id, 1, group.leader.actor, now=AFTER, rules=RULES)
    reopen(group, session_id)
    assert group.recorded(session_id, group.member) is Status.LATE
    assert group.recorded(session_id, group.leader) is Status.UNRECORDED


def test_the_groups_message_says_so_and_figures_follow(group: Group, session_id: int) -> None:
    close(group, session_id)
    assert records.own(group.connection, group.member.actor, AFTER).counts.expected == 1
    reopen(group, session_id)
    assert records.own(group.connection, group.member.actor, AFTER).counts.expected == 0
    board = leaderboards.this_week(group.connection, group.member.actor, group.id, AFTER)
    assert board.tally.rate is None
    facts = checkins.live(group.connection, {"session_id": session_id}, AFTER)
    assert facts is not None
    shown = checkins_cards.edited(facts)
    assert "已重新打开" in shown.text
    assert shown.keyboard[0][0].data == f"correction:{session_id}"
    assert [row.kind for row in group.deliveries(checkins.LIVE)] == [checkins.LIVE]


def test_a_session_closed_too_early_takes_check_ins_again(group: Group, session_id: int) -> None:
    soon = STARTS_AT + timedelta(minutes=2)
    close(group, session_id, soon)
    with refused("checkin_closed"):
        group.check_in(session_id, group.member, soon)
    assert reopen(group, session_id, soon).state == "open"
    assert group.check_in(session_id, group.member, soon).status is Status.PRESENT


def test_just_after_closing_it_is_undone_at_once_and_later_asked_about(group: Group, session_id: int) -> None:
    close(group, session_id)
    for later, at_once in ((60, True), (61, False)):
        now = AFTER + timedelta(seconds=later)
        plan = closing.to_reopen(group.connection, session_id, group.leader.actor, now)
        assert (plan.at_once, plan.unrecorded) == (at_once, 2)
        shown = closing_cards.closed(plan.live, words("zh-CN"), now, in_private=True)
        assert shown.keyboard[-1][0].label == ("↩️ 撤销" if at_once else "重新打开")


def test_reopening_is_for_leaders_and_for_thirty_days(group: Group, session_id: int) -> None:
    close(group, session_id)
    with refused("not_leader"):
        closing.reopen(group.connection, session_id, group.member.actor, now=AFTER, rules=RULES)
    with refused("reopen_too_late"):
        reopen(group, session_id, AFTER + timedelta(days=30, seconds=1))
    assert reopen(group, session_id, AFTER + timedelta(days=30)).state == "reopened"
    assert group.connection.execute(select(study_session.c.state)).scalar_one() == "scheduled"


def test_where_none_is_open_the_next_check_in_is_told(group: Group, session_id: int) -> None:
    opens_at = STARTS_AT - timedelta(minutes=15)
    soon = opens_at - timedelta(days=1)
    for actor, chat_id in (
        (group.member.actor, group.member.actor.telegram_id),
        (group.member.actor, group.telegram_id),
    ):
        coming = checkins.opens_next(group.connection, actor, chat_id, soon)
        assert coming is not None
        assert coming.opens_at == opens_at
        assert checkins.opens_next(group.connection, actor, chat_id, soon - timedelta(seconds=1)) is None
        assert checkins.opens_next(group.connection, actor, chat_id, opens_at) is None
    assert checkins.opens_next(group.connection, group.outsider.actor, 1, soon) is None
    for language in LANGUAGES:
        assert "学习原著" in checkins_cards.none_open(coming, words(language)).text
