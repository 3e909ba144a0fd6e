"""A published session: its card, and its cancelling."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from session_life import NOW, STARTS_AT, TYPED, Group
from sqlalchemy import Connection, func, select

from db.tables import draft, series, study_group
from domain.cadence import Cadence
from domain.errors import Refusal
from services import cancelling, scheduling, sessions

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEKLY = replace(TYPED, cadence=Cadence.weekly(2).to_rrule())


@pytest.fixture
def group(connection: Connection) -> Group:
    return Group(connection)


def refused(code: str) -> "pytest.RaisesExc[Refusal]":
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == code)


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
        done = cancelling.cancel(group.connection, session_id, group.leader.actor, and_later=False, now=NOW)
        assert [coming.id for coming in done] == [session_id]
    assert {row.state for row in group.deliveries("session_card", "group_reminder", "checkin_open")} == {"cancelled"}
    assert len(group.deliveries(cancelling.CANCELLED)) == 1
    (edit,) = [row for row in group.deliveries("session_card_live") if row.state == "pending"]
    facts = sessions.card_edit(group.connection, edit.payload, NOW)
    assert facts is not None
    assert (facts.state, facts.answerable) == ("cancelled", False)
    assert sessions.card(group.connection, {"session_id": session_id}, NOW) is None


def test_cancelling_one_of_a_series_leaves_the_others(group: Group) -> None:
    group.publish(group.draft(WEEKLY))
    second = group.sessions()[1]
    cancelling.cancel(group.connection, second.id, group.leader.actor, and_later=False, now=NOW)
    assert [row.state for row in group.sessions()] == ["scheduled", "cancelled", "scheduled", "scheduled"]
    assert group.connection.execute(select(series.c.extend_at)).scalar_one() is not None


def test_cancelling_this_and_later_ones_ends_the_series_with_one_notice(group: Group) -> None:
    group.publish(group.draft(WEEKLY))
    second = group.sessions()[1]
    done = cancelling.cancel(group.connection, second.id, group.leader.actor, and_later=True, now=NOW)
    assert len(done) == 3
    assert [row.state for row in group.sessions()] == ["scheduled", *["cancelled"] * 3]
    assert len(group.deliveries(cancelling.CANCELLED)) == 1
    assert not scheduling.any_to_extend(group.connection, NOW + timedelta(weeks=99))


def test_a_session_somebody_came_to_is_not_cancelled(group: Group) -> None:
    session_id = group.session()
    group.life.came(session_id, STARTS_AT, present=group.member)
    with refused("cancel_too_late"):
        cancelling.cancel(group.connection, session_id, group.leader.actor, and_later=False, now=STARTS_AT)


@pytest.mark.parametrize("who", ["member", "outsider"])
def test_only_leaders_cancel(group: Group, who: str) -> None:
    session_id, actor = group.session(), getattr(group, who).actor
    with refused("not_leader"):
        cancelling.cancel(group.connection, session_id, actor, and_later=False, now=NOW)
    with refused("not_leader"):
        cancelling.to_cancel(group.connection, session_id, actor, NOW)
    with refused("not_leader"):
        cancelling.cancellable(group.connection, actor, group.telegram_id, NOW)
    with refused("leads_no_group"):
        cancelling.cancellable(group.connection, actor, actor.telegram_id, NOW)
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
