"""Going and leave: who may answer until when, the talk about a leave, and what the card counts."""

from datetime import timedelta

import pytest
from session_life import NOW, RULES, STARTS_AT, Group, at
from sqlalchemy import Connection, select, update
from study_life import Somebody

from db.tables import audit, membership, response, study_session
from domain.errors import Refusal
from services import leaves, responses, sessions
from services.responses import Answered


@pytest.fixture
def group(connection: Connection) -> Group:
    return Group(connection)


def refused(code: str) -> "pytest.RaisesExc[Refusal]":
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == code)


def answer(group: Group, session_id: int, who: Somebody, wanted: str, **where: int) -> Answered:
    chat_id = where.get("chat_id", group.telegram_id)
    return responses.answer(group.connection, session_id, who.actor, chat_id, wanted, at(NOW), now=NOW, rules=RULES)


def counts(group: Group, session_id: int) -> tuple[int, int, int]:
    card = sessions.card(group.connection, {"session_id": session_id}, NOW)
    assert card is not None
    return card.going, card.leave, card.no_reply


def decide(
    group: Group, session_id: int, who: Somebody, by: Somebody, *, approved: bool, seen: int = 0
) -> leaves.Decision:
    return leaves.decide(
        group.connection, session_id, who.id, by.actor, approved=approved, seen=seen, now=NOW, rules=RULES
    )


def test_an_answer_is_counted_once_and_can_be_changed(group: Group) -> None:
    session_id = group.session()
    assert not answer(group, session_id, group.member, "going").repeated
    assert answer(group, session_id, group.member, "going").repeated
    assert counts(group, session_id) == (1, 0, 1)
    answer(group, session_id, group.member, "leave")
    assert counts(group, session_id) == (0, 1, 1)


def test_many_answers_ask_for_one_edit_of_the_card(group: Group) -> None:
    session_id = group.session()
    answer(group, session_id, group.member, "going")
    answer(group, session_id, group.leader, "going")
    live = [row for row in group.deliveries("session_card_live") if row.due_at == NOW]
    assert [row.dedupe_key for row in live] == [f"session:{session_id}:card"]


def test_whoever_answers_in_the_groups_chat_joins(group: Group) -> None:
    session_id = group.session()
    assert answer(group, session_id, group.outsider, "going").joined
    joined = select(membership.c.role).where(membership.c.person_id == group.outsider.id)
    assert group.connection.execute(joined).scalar_one() == "member"
    assert counts(group, session_id) == (1, 0, 2)


def test_an_outsider_cannot_answer_from_elsewhere(group: Group) -> None:
    session_id = group.session()
    with refused("not_member"):
        answer(group, session_id, group.outsider, "going", chat_id=group.outsider.actor.telegram_id)
    assert group.connection.execute(select(response)).all() == []


def test_a_member_can_answer_in_private(group: Group) -> None:
    session_id = group.session()
    assert not answer(group, session_id, group.member, "going", chat_id=group.member.actor.telegram_id).joined


def test_answers_close_at_the_start_but_our_being_down_costs_nobody_their_leave(group: Group) -> None:
    session_id = group.session()
    connection, actor = group.connection, group.member.actor
    with refused("answers_closed"):
        responses.answer(
            connection, session_id, actor, group.telegram_id, "leave", at(STARTS_AT), now=STARTS_AT, rules=RULES
        )
    moment = at(STARTS_AT + timedelta(minutes=5), not_before=STARTS_AT - timedelta(minutes=5))
    responses.answer(
        connection, session_id, actor, group.telegram_id, "leave", moment, now=moment.received_at, rules=RULES
    )
    assert counts(group, session_id) == (0, 1, 1)


def test_a_cancelled_or_unknown_session_takes_no_answer(group: Group) -> None:
    session_id = group.session()
    group.connection.execute(update(study_session).values(state="cancelled"))
    with refused("session_gone"):
        answer(group, session_id, group.member, "going")
    with refused("session_gone"):
        answer(group, session_id + 1, group.member, "going")


def test_leave_asks_the_person_at_once_and_the_leaders_a_minute_later(group: Group) -> None:
    session_id = group.session()
    own_chat = group.start(group.member, language="en")
    assert answer(group, session_id, group.member, "leave").reachable
    (asked,) = group.deliveries(responses.REASON)
    assert (asked.destination_id, asked.due_at, asked.payload["language"]) == (own_chat, NOW, "en")
    (request,) = group.deliveries(responses.REQUEST)
    assert (request.destination_id, request.due_at) == (group.leader_chat, NOW + timedelta(minutes=1))
    leaves.give_reason(group.connection, session_id, 1, group.member.actor, at(NOW), now=NOW)
    facts = leaves.request(group.connection, request.payload, NOW)
    assert facts is not None
    assert (facts.person_name, facts.reason, facts.language) == ("李明", "sick", "zh-CN")


def test_leave_of_somebody_we_cannot_write_to_goes_to_the_leaders_at_once(group: Group) -> None:
    session_id = group.session()
    assert not answer(group, session_id, group.member, "leave").reachable
    assert group.deliveries(responses.REASON) == []
    assert [row.due_at for row in group.deliveries(responses.REQUEST)] == [NOW]


def test_whoever_pressed_start_since_is_asked_for_the_reason_at_the_next_tap_and_once(group: Group) -> None:
    session_id = group.session()
    answer(group, session_id, group.member, "leave")
    group.start(group.member)
    for _ in range(2):
        assert answer(group, session_id, group.member, "leave").repeated
    assert len(group.deliveries(responses.REASON)) == 1
    assert len(group.deliveries(responses.REQUEST)) == 1


def test_a_withdrawn_leave_is_forgotten_and_no_leader_is_asked(group: Group) -> None:
    session_id = group.session()
    group.start(group.member)
    answer(group, session_id, group.member, "leave")
    (request,) = group.deliveries(responses.REQUEST)
    leaves.withdraw(group.connection, session_id, group.member.actor, at(NOW), now=NOW, rules=RULES)
    assert counts(group, session_id) == (0, 0, 2)
    assert leaves.request(group.connection, request.payload, NOW) is None
    with refused("no_leave"):
        leaves.withdraw(group.connection, session_id, group.member.actor, at(NOW), now=NOW, rules=RULES)


def test_approval_is_told_once_and_noted(group: Group) -> None:
    session_id = group.session()
    own_chat = group.start(group.member)
    answer(group, session_id, group.member, "leave")
    for _ in range(2):
        assert decide(group, session_id, group.member, group.leader, approved=True).leave.approved is True
    (told,) = group.deliveries(responses.DECIDED)
    assert told.destination_id == own_chat
    facts = leaves.decided(group.connection, told.payload, NOW)
    assert facts is not None
    assert facts.approved is True
    acts = group.connection.execute(select(audit.c.action)).scalars().all()
    assert acts == ["publish", "approve"]


def test_a_declined_leave_is_no_leave_on_the_card(group: Group) -> None:
    session_id = group.session()
    answer(group, session_id, group.member, "leave")
    decide(group, session_id, group.member, group.leader, approved=False)
    assert counts(group, session_id) == (0, 0, 1)


def test_who_may_not_decide(group: Group) -> None:
    session_id = group.session()
    answer(group, session_id, group.member, "leave")
    answer(group, session_id, group.leader, "leave")
    with refused("not_leader"):
        decide(group, session_id, group.member, group.member, approved=True)
    with refused("not_leader"):
        decide(group, session_id, group.member, group.outsider, approved=True)
    with refused("own_leave"):
        decide(group, session_id, group.leader, group.leader, approved=True)
    with refused("no_leave"):
        decide(group, session_id, group.outsider, group.leader, approved=True)


def test_after_closing_nothing_is_decided_any_more(group: Group) -> None:
    session_id = group.session()
    answer(group, session_id, group.member, "leave")
    group.connection.execute(update(study_session).values(state="closed"))
    with refused("leave_settled"):
        decide(group, session_id, group.member, group.leader, approved=True)


def test_a_reason_needs_a_leave_and_a_number_that_exists(group: Group) -> None:
    session_id = group.session()
    with refused("no_leave"):
        leaves.give_reason(group.connection, session_id, 0, group.member.actor, at(NOW), now=NOW)
    answer(group, session_id, group.member, "leave")
    for number in (-1, 3):
        with refused("unknown_button"):
            leaves.give_reason(group.connection, session_id, number, group.member.actor, at(NOW), now=NOW)
