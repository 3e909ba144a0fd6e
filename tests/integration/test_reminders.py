"""Private reminders: to those who wish them, when they wish, once; not to who is on leave, nor too late."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from session_life import NOW, RULES, STARTS_AT, Group, before_start
from session_life import at as moment_at
from sqlalchemy import Connection, select, update
from study_life import Somebody

from db.tables import chat, membership, person, response, study_session
from services import reminders, responses, sessions

DUE = STARTS_AT - timedelta(hours=1)


@pytest.fixture
def group(connection: Connection) -> Group:
    return Group(connection)


def change(group: Group, somebody: Somebody, **values: Any) -> None:
    group.connection.execute(update(person).where(person.c.id == somebody.id).values(**values))


def live(group: Group, *, until: datetime = STARTS_AT, since: datetime = NOW) -> None:
    """The planner looks whenever a look is due, from one moment to another."""
    look = select(study_session.c.remind_privately_at)
    while (at := group.connection.execute(look).scalar_one()) is not None and at <= until:
        assert reminders.any_due(group.connection, max(at, since))
        reminders.plan(group.connection, max(at, since), RULES)


def due(group: Group) -> dict[int, datetime]:
    """When each chat is reminded; a chat that is reminded twice fails here."""
    made = group.deliveries(reminders.PRIVATE)
    found = {row.destination_id: row.due_at for row in made}
    assert len(found) == len(made)
    return found


def test_those_who_wish_are_reminded_once_in_their_language(group: Group) -> None:
    session_id = group.session()
    own_chat = group.start(group.member, private_reminders=True, language="en")
    connection = group.connection
    assert not reminders.any_due(connection, STARTS_AT - timedelta(days=1, seconds=1))
    reminders.plan(connection, DUE - timedelta(seconds=1), RULES)
    assert group.deliveries(reminders.PRIVATE) == []
    assert not reminders.any_due(connection, DUE - timedelta(seconds=1))
    assert reminders.any_due(connection, DUE)
    reminders.plan(connection, DUE, RULES)
    assert not reminders.any_due(connection, DUE)
    reminders.plan(connection, DUE, RULES)
    (made,) = group.deliveries(reminders.PRIVATE)  # the leader has not asked for any
    assert made.destination_id == own_chat
    assert made.due_at == DUE
    assert made.expires_at == STARTS_AT + timedelta(minutes=15)
    assert made.dedupe_key == f"session:{session_id}:1:private_reminder:0:{own_chat}"
    facts = reminders.private(connection, made.payload, DUE)
    assert facts is not None
    assert (facts.language, facts.answer, facts.answerable, facts.started) == ("en", None, True, False)


def test_each_is_reminded_as_early_as_they_chose(group: Group) -> None:
    group.session()
    early = group.start(group.member, private_reminders=True, lead_minutes=1440)
    late = group.start(group.outsider, private_reminders=True, lead_minutes=15)
    group.life.join(group.id, group.outsider)
    change(group, group.leader, private_reminders=True)  # as the organisation does
    live(group)
    assert due(group) == {
        early: STARTS_AT - timedelta(days=1),
        group.leader_chat: DUE,
        late: before_start(15),
    }
    assert not reminders.any_due(group.connection, STARTS_AT)


def test_who_joins_or_turns_them_on_later_is_still_reminded(group: Group) -> None:
    group.session()
    live(group, until=before_start(90))
    joined = group.start(group.outsider, private_reminders=True, lead_minutes=30)
    group.life.join(group.id, group.outsider)
    live(group, since=before_start(85), until=before_start(50))
    turned_on = group.start(group.member, private_reminders=True)  # its hour has passed, and it is of use still
    live(group, since=before_start(45))
    assert due(group) == {joined: before_start(30), turned_on: before_start(30)}


def test_a_lead_that_was_changed_counts_and_nobody_is_reminded_twice(group: Group) -> None:
    group.session()
    own_chat = group.start(group.member, private_reminders=True, lead_minutes=15)
    live(group, until=before_start(130))
    change(group, group.member, lead_minutes=120)
    live(group, since=before_start(125), until=before_start(100))
    change(group, group.member, lead_minutes=30)
    live(group, since=before_start(95))
    assert due(group) == {own_chat: before_start(120)}


@pytest.mark.parametrize(
    ("quiet", "lead", "minutes_before"),
    [
        ((17 * 60, 18 * 60 + 30), 60, 30),  # 18:00 is quiet, so at 18:30
        ((17 * 60, 19 * 60), 60, 60),  # quiet until the start: at its own time
        ((22 * 60, 8 * 60), 60, 60),
        ((0, 0), 60, 60),
        ((18 * 60 + 30, 20 * 60), 1440, 23 * 60),  # the evening before, after eight
    ],
)
def test_quiet_hours_put_a_reminder_off_but_not_beyond_the_start(
    group: Group, quiet: tuple[int, int], lead: int, minutes_before: int
) -> None:
    group.session()
    own_chat = group.start(
        group.member, private_reminders=True, lead_minutes=lead, quiet_from=quiet[0], quiet_to=quiet[1]
    )
    live(group)
    assert due(group) == {own_chat: before_start(minutes_before)}


def test_quiet_hours_are_those_of_ones_own_time_zone(group: Group) -> None:
    group.session()
    own_chat = group.start(group.member, private_reminders=True, time_zone="Asia/Kolkata")  # 15:30 there
    change(group, group.member, quiet_from=15 * 60, quiet_to=16 * 60)
    live(group)
    assert due(group) == {own_chat: before_start(30)}


def test_what_is_published_late_is_not_said_twice_at_once(group: Group) -> None:
    """The card has just said it; a shorter lead is still to come."""
    session_id = group.session()
    group.start(group.member, private_reminders=True)
    quarter = group.start(group.outsider, private_reminders=True, lead_minutes=15)
    group.life.join(group.id, group.outsider)
    published = before_start(40)
    group.connection.execute(
        update(study_session)
        .where(study_session.c.id == session_id)
        .values(published_at=published, remind_privately_at=published)
    )
    live(group, since=published)
    assert due(group) == {quarter: before_start(15)}


def test_a_session_that_was_moved_is_reminded_of_anew(group: Group) -> None:
    session_id = group.session()
    own_chat = group.start(group.member, private_reminders=True)
    live(group)
    later = STARTS_AT + timedelta(days=2)
    group.connection.execute(
        update(study_session)
        .where(study_session.c.id == session_id)
        .values(revision=2, starts_at=later, remind_privately_at=later - timedelta(days=1))
    )
    live(group, since=STARTS_AT, until=later)
    assert [row.due_at for row in group.deliveries(reminders.PRIVATE)] == [DUE, later - timedelta(hours=1)]
    assert own_chat == group.deliveries(reminders.PRIVATE)[1].destination_id


def test_a_late_reminder_knows_that_it_has_started(group: Group) -> None:
    session_id = group.session()
    group.start(group.member, private_reminders=True)
    payload = {"session_id": session_id, "person_id": group.member.id, "language": "zh-CN"}
    late = reminders.private(group.connection, payload, STARTS_AT)
    assert late is not None
    assert (late.started, late.answerable) == (True, False)
    card = sessions.reminder(group.connection, payload, STARTS_AT)
    assert card is not None
    assert (card.started, card.is_reminder) == (True, True)


def test_who_is_on_leave_is_left_alone_also_if_they_asked_for_it_since(group: Group) -> None:
    session_id = group.session()
    connection, member = group.connection, group.member
    group.start(member, private_reminders=True)
    group.start(group.outsider, private_reminders=True)
    group.life.join(group.id, group.outsider)
    for who, wanted in ((member, "leave"), (group.outsider, "going")):
        responses.answer(
            connection, session_id, who.actor, group.telegram_id, wanted, moment_at(NOW), now=NOW, rules=RULES
        )
    reminders.plan(connection, DUE, RULES)
    (made,) = group.deliveries(reminders.PRIVATE)
    assert made.payload["person_id"] == group.outsider.id
    responses.answer(
        connection, session_id, group.outsider.actor, group.telegram_id, "leave", moment_at(DUE), now=DUE, rules=RULES
    )
    assert reminders.private(connection, made.payload, DUE) is None


@pytest.mark.parametrize("what", ["turned off", "left"])
def test_who_does_not_want_it_any_more_is_left_alone_when_it_is_sent(group: Group, what: str) -> None:
    session_id = group.session()
    group.start(group.member, private_reminders=True)
    payload = {"session_id": session_id, "person_id": group.member.id, "language": "zh-CN"}
    assert reminders.private(group.connection, payload, DUE) is not None
    if what == "left":
        group.connection.execute(update(membership).values(left_at=NOW))
    else:
        change(group, group.member, private_reminders=False)
    assert reminders.private(group.connection, payload, DUE) is None


def test_a_declined_leave_is_reminded(group: Group) -> None:
    session_id = group.session()
    connection, member = group.connection, group.member
    group.start(member, private_reminders=True)
    responses.answer(
        connection, session_id, member.actor, group.telegram_id, "leave", moment_at(NOW), now=NOW, rules=RULES
    )
    connection.execute(update(response).values(approved=False))
    reminders.plan(connection, DUE, RULES)
    assert len(group.deliveries(reminders.PRIVATE)) == 1


@pytest.mark.parametrize("why", ["left", "gone", "cancelled", "too late"])
def test_who_is_not_reminded(group: Group, why: str) -> None:
    group.session()
    connection = group.connection
    own_chat = group.start(group.member, private_reminders=True)
    now = DUE
    if why == "left":
        connection.execute(update(membership).where(membership.c.person_id == group.member.id).values(left_at=NOW))
    elif why == "gone":
        connection.execute(update(chat).where(chat.c.id == own_chat).values(state="gone"))
    elif why == "cancelled":
        connection.execute(update(study_session).values(state="cancelled"))
    else:
        now = STARTS_AT + timedelta(minutes=16)
    reminders.plan(connection, now, RULES)
    assert group.deliveries(reminders.PRIVATE) == []
