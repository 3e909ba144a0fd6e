"""Who has not answered is asked once, in private, and the leaders are told how many."""

from datetime import UTC, datetime, timedelta

import pytest
from attendance_life import RULES, STARTS_AT, Group
from sqlalchemy import Connection, select, update

from chat import nudges_cards
from db.tables import membership, person, study_session
from services import nudges

DUE = STARTS_AT - timedelta(hours=6)  # 08:00 in Shanghai


@pytest.fixture
def group(connection: Connection) -> Group:
    return Group(connection)


@pytest.fixture
def session_id(group: Group) -> int:
    made = group.session()
    group.connection.execute(update(study_session).values(nudge_at=DUE))
    return made


def test_whoever_has_not_answered_and_wishes_it_is_asked_once(group: Group, session_id: int) -> None:
    connection = group.connection
    own_chat = group.start(group.member, private_reminders=True, language="en")
    assert not nudges.any_due(connection, DUE - timedelta(seconds=1))
    assert nudges.any_due(connection, DUE)
    for _ in range(2):
        nudges.plan(connection, DUE, RULES)
    assert not nudges.any_due(connection, DUE)
    (nudge,) = group.deliveries(nudges.NUDGE)
    assert (nudge.destination_id, nudge.due_at, nudge.expires_at) == (own_chat, DUE, STARTS_AT)
    facts = nudges.nudge(connection, nudge.payload, DUE)
    assert facts is not None
    message = nudges_cards.nudge(facts)
    assert "Can you come?" in message.text
    assert [button.data for row in message.keyboard for button in row] == [
        f"going:{session_id}",
        f"leave:{session_id}",
        f"session:{session_id}",
    ]


def test_the_leader_reads_how_many_were_asked_and_how_many_cannot_be(group: Group, session_id: int) -> None:
    group.start(group.member, private_reminders=True)
    group.life.member(group.id, "没开启")
    nudges.plan(group.connection, DUE, RULES)
    (told,) = group.deliveries(nudges.TOLD)
    assert told.destination_id == group.leader_chat
    facts = nudges.told(group.connection, told.payload, DUE)
    assert facts is not None
    # The leader has not answered either, but need not be told of themself.
    assert (facts.asked, facts.unreachable) == (1, 1)
    text = nudges_cards.told(facts).text
    assert "已私信提醒 1 位" in text
    assert "1 人未答复，也未开启私信" in text
    assert group.deliveries(nudges.NUDGE, nudges.TOLD)[0].destination_id != group.chat_row


def test_a_leader_is_not_told_that_they_have_not_answered_themselves(group: Group, session_id: int) -> None:
    group.answer(session_id, group.member, "going")
    nudges.plan(group.connection, DUE, RULES)
    assert group.deliveries(nudges.TOLD) == []


def test_where_everybody_has_answered_nobody_hears_anything(group: Group, session_id: int) -> None:
    for somebody in (group.member, group.leader):
        group.answer(session_id, somebody, "going")
    nudges.plan(group.connection, DUE, RULES)
    assert group.deliveries(nudges.NUDGE, nudges.TOLD) == []


def test_whoever_answers_before_it_is_sent_gets_none(group: Group, session_id: int) -> None:
    group.start(group.member, private_reminders=True)
    nudges.plan(group.connection, DUE, RULES)
    (nudge,) = group.deliveries(nudges.NUDGE)
    group.answer(session_id, group.member, "going")
    assert nudges.nudge(group.connection, nudge.payload, DUE) is None


@pytest.mark.parametrize(
    "since",
    [
        update(study_session).values(state="cancelled"),
        update(study_session).values(revision=2),
        update(membership).where(membership.c.role == "member").values(left_at=DUE),
        update(person).values(private_reminders=False),
    ],
    ids=["cancelled", "moved", "left", "turned off"],
)
def test_what_changed_since_is_looked_at_when_it_is_sent(group: Group, session_id: int, since: object) -> None:
    group.start(group.member, private_reminders=True)
    nudges.plan(group.connection, DUE, RULES)
    (nudge,) = group.deliveries(nudges.NUDGE)
    assert nudges.nudge(group.connection, nudge.payload, STARTS_AT) is None
    group.connection.execute(since)  # type: ignore[call-overload]
    assert nudges.nudge(group.connection, nudge.payload, DUE) is None


def test_a_nudge_waits_for_the_end_of_quiet_hours_but_not_beyond_the_start(group: Group, session_id: int) -> None:
    starts_at = datetime(2026, 12, 2, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
    at_night = starts_at - timedelta(hours=6)
    group.connection.execute(update(study_session).values(starts_at=starts_at, nudge_at=at_night))
    group.start(group.member, private_reminders=True)
    late_riser = group.life.member(group.id, "晚起")
    group.start(late_riser, private_reminders=True, quiet_from=22 * 60, quiet_to=9 * 60)
    nudges.plan(group.connection, at_night, RULES)
    (nudge,) = group.deliveries(nudges.NUDGE)
    assert nudge.due_at == datetime(2026, 12, 2, 0, 0, tzinfo=UTC)
    (told,) = group.deliveries(nudges.TOLD)
    assert (told.payload["asked"], told.payload["unreachable"]) == (1, 1)


def test_after_an_outage_beyond_the_start_nobody_is_asked(group: Group, session_id: int) -> None:
    group.start(group.member, private_reminders=True)
    nudges.plan(group.connection, STARTS_AT, RULES)
    assert group.deliveries(nudges.NUDGE, nudges.TOLD) == []
    assert group.connection.execute(select(study_session.c.nudge_at)).scalar_one() is None
