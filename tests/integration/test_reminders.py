"""Private reminders: to those who wish them, once, and not to who is on leave or when it is too late."""

from datetime import timedelta

import pytest
from session_life import NOW, RULES, STARTS_AT, Group, at
from sqlalchemy import Connection, update

from db.tables import chat, membership, study_session
from services import reminders, responses, sessions

DUE = STARTS_AT - timedelta(hours=1)


@pytest.fixture
def group(connection: Connection) -> Group:
    return Group(connection)


def test_those_who_wish_are_reminded_once_in_their_language(group: Group) -> None:
    session_id = group.session()
    own_chat = group.start(group.member, private_reminders=True, language="en")
    connection = group.connection
    assert not reminders.any_due(connection, DUE - timedelta(seconds=1))
    assert reminders.any_due(connection, DUE)
    reminders.plan(connection, DUE, RULES)
    assert not reminders.any_due(connection, DUE)
    reminders.plan(connection, DUE, RULES)
    (made,) = group.deliveries(reminders.PRIVATE)  # the leader has not asked for any
    assert made.destination_id == own_chat
    assert made.expires_at == STARTS_AT + timedelta(minutes=15)
    assert made.dedupe_key == f"session:{session_id}:1:private_reminder:60:{own_chat}"
    facts = reminders.private(connection, made.payload, DUE)
    assert facts is not None
    assert (facts.language, facts.answer, facts.answerable, facts.started) == ("en", None, True, False)


def test_a_late_reminder_knows_that_it_has_started(group: Group) -> None:
    session_id = group.session()
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
        responses.answer(connection, session_id, who.actor, group.telegram_id, wanted, at(NOW), now=NOW, rules=RULES)
    reminders.plan(connection, DUE, RULES)
    (made,) = group.deliveries(reminders.PRIVATE)
    assert made.payload["person_id"] == group.outsider.id
    responses.answer(
        connection, session_id, group.outsider.actor, group.telegram_id, "leave", at(DUE), now=DUE, rules=RULES
    )
    assert reminders.private(connection, made.payload, DUE) is None


def test_a_declined_leave_is_reminded(group: Group) -> None:
    session_id = group.session()
    connection, member = group.connection, group.member
    group.start(member, private_reminders=True)
    responses.answer(connection, session_id, member.actor, group.telegram_id, "leave", at(NOW), now=NOW, rules=RULES)
    responses.decide(connection, session_id, member.id, group.leader.actor, approved=False, now=NOW, rules=RULES)
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
