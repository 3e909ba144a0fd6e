"""Leave in full: its deadline, taking it in private, who decides first, what waits for the leaders, quiet hours."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from attendance_life import NOW, RULES, STARTS_AT, Group, at, refused
from sqlalchemy import Connection, select, update

from db.queries import joint
from db.tables import chat, membership, response, study_session
from domain.errors import Refusal
from services import leaves, responses
from services.leaves import Leave, Offer

UNTIL = STARTS_AT - timedelta(hours=24)
LATE = STARTS_AT - timedelta(hours=23)
NIGHT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)  # 23:00 in Shanghai
MORNING = datetime(2026, 11, 25, 0, 0, tzinfo=UTC)  # 08:00


@pytest.fixture
def group(connection: Connection) -> Group:
    return Group(connection)


@pytest.fixture
def session_id(group: Group) -> int:
    return group.session()


@pytest.fixture
def dated(group: Group, session_id: int) -> int:
    """A session whose leave ends a day before."""
    group.connection.execute(update(study_session).values(leave_until=UNTIL))
    return session_id


def answer(group: Group, session_id: int, wanted: str, now: datetime = NOW) -> responses.Answered:
    return group.answer(session_id, group.member, wanted, now)


def take(group: Group, session_id: int, number: int = 1, now: datetime = NOW) -> Leave:
    return leaves.take(group.connection, session_id, number, group.member.actor, at(now), now=now, rules=RULES)


def decide(group: Group, session_id: int, *, approved: bool, seen: int = 0, now: datetime = NOW) -> leaves.Decision:
    return leaves.decide(
        group.connection,
        session_id,
        group.member.id,
        group.leader.actor,
        approved=approved,
        seen=seen,
        now=now,
        rules=RULES,
    )


def test_after_its_deadline_leave_is_refused_with_when_and_whom_to_ask_but_going_is_not(
    group: Group, dated: int
) -> None:
    with pytest.raises(Refusal) as caught:
        answer(group, dated, "leave", LATE)
    assert caught.value.code == "leave_too_late"
    assert caught.value.params["until"] == UNTIL
    assert caught.value.params["group"] == "第一学习小组"
    with refused("leave_too_late"):
        take(group, dated, now=LATE)
    with refused("leave_too_late"):
        leaves.look(group.connection, dated, group.member.actor, at(LATE))
    assert answer(group, dated, "going", LATE).answer == "going"


def test_our_being_down_costs_nobody_their_leave(group: Group, dated: int) -> None:
    moment = at(LATE, not_before=UNTIL - timedelta(minutes=1))
    leaves.take(group.connection, dated, 0, group.member.actor, moment, now=LATE, rules=RULES)
    assert group.connection.execute(select(response.c.reason)).scalar_one() == "official"


def test_after_the_deadline_a_first_reason_and_withdrawing_are_possible_but_no_other_reason(
    group: Group, dated: int
) -> None:
    answer(group, dated, "leave")
    give = leaves.give_reason
    assert give(group.connection, dated, 1, group.member.actor, at(LATE), now=LATE).reason == "sick"
    with refused("leave_too_late"):
        give(group.connection, dated, 2, group.member.actor, at(LATE), now=LATE)
    leaves.withdraw(group.connection, dated, group.member.actor, at(LATE), now=LATE, rules=RULES)
    assert group.connection.execute(select(response)).all() == []


def test_leave_offers_the_coming_sessions_of_ones_groups(group: Group, session_id: int) -> None:
    (offer,) = leaves.offers(group.connection, group.member.actor, NOW)
    assert (offer.session_id, offer.group_name, offer.on_leave) == (session_id, "第一学习小组", False)
    take(group, session_id)
    assert leaves.offers(group.connection, group.member.actor, NOW)[0].on_leave
    assert leaves.offers(group.connection, group.member.actor, STARTS_AT) == []
    assert leaves.offers(group.connection, group.outsider.actor, NOW) == []


def test_choosing_a_session_records_nothing_until_there_is_a_reason(group: Group, session_id: int) -> None:
    assert isinstance(leaves.look(group.connection, session_id, group.member.actor, at(NOW)), Offer)
    assert group.connection.execute(select(response)).all() == []
    assert take(group, session_id, 2).reason == "personal"
    shown = leaves.look(group.connection, session_id, group.member.actor, at(NOW))
    assert isinstance(shown, Leave)
    assert (shown.reason, shown.approved) == ("personal", None)


def test_leave_with_its_reason_is_requested_at_once_and_once(group: Group, session_id: int) -> None:
    group.start(group.member)
    take(group, session_id, 1)
    take(group, session_id, 2)
    (request,) = group.deliveries(responses.REQUEST)
    assert request.due_at == NOW
    facts = leaves.request(group.connection, request.payload, NOW)
    assert facts is not None
    assert facts.reason == "personal"
    assert group.deliveries(responses.REASON) == []


def test_only_members_take_leave_in_private(group: Group, session_id: int) -> None:
    with refused("not_member"):
        leaves.take(group.connection, session_id, 0, group.outsider.actor, at(NOW), now=NOW, rules=RULES)
    with refused("not_member"):
        leaves.look(group.connection, session_id, group.outsider.actor, at(NOW))
    with refused("unknown_button"):
        take(group, session_id, 3)


def test_a_private_answer_is_not_asked_again_in_a_second_message(group: Group, session_id: int) -> None:
    group.start(group.member)
    actor = group.member.actor
    responses.answer(group.connection, session_id, actor, actor.telegram_id, "leave", at(NOW), now=NOW, rules=RULES)
    assert group.deliveries(responses.REASON) == []


def test_of_two_leaders_the_second_sees_what_the_first_decided(group: Group, session_id: int) -> None:
    take(group, session_id)
    assert not decide(group, session_id, approved=False).before_you
    second = decide(group, session_id, approved=True)
    assert second.before_you
    assert second.leave.approved is False
    changed = decide(group, session_id, approved=True, seen=leaves.SEEN.index(False))
    assert (changed.before_you, changed.leave.approved) == (False, True)
    with refused("unknown_button"):
        decide(group, session_id, approved=True, seen=3)


def test_who_was_turned_down_is_told_so_and_can_still_say_that_they_come(group: Group, session_id: int) -> None:
    group.start(group.member)
    take(group, session_id)
    decide(group, session_id, approved=False)
    (told,) = group.deliveries(responses.DECIDED)
    facts = leaves.decided(group.connection, told.payload, NOW)
    assert facts is not None
    assert facts.approved is False
    assert answer(group, session_id, "leave").declined
    assert answer(group, session_id, "going").answer == "going"
    assert leaves.decided(group.connection, told.payload, NOW) is None


def test_requests_and_decisions_wait_for_the_end_of_quiet_hours(group: Group, session_id: int) -> None:
    group.start(group.member)
    take(group, session_id, now=NIGHT)
    (request,) = group.deliveries(responses.REQUEST)
    assert request.due_at == MORNING
    decide(group, session_id, approved=True, now=NIGHT)
    (told,) = group.deliveries(responses.DECIDED)
    assert told.due_at == MORNING


def test_so_near_the_start_they_do_not_wait(group: Group, session_id: int) -> None:
    starts_at = NIGHT + timedelta(hours=11)
    group.connection.execute(update(study_session).values(starts_at=starts_at))
    take(group, session_id, now=NIGHT)
    assert [row.due_at for row in group.deliveries(responses.REQUEST)] == [NIGHT]


def test_what_no_leader_could_be_told_waits_on_their_list(group: Group, session_id: int) -> None:
    group.connection.execute(update(chat).where(chat.c.id == group.leader_chat).values(state="gone"))
    take(group, session_id)
    assert group.deliveries(responses.REQUEST) == []
    waiting = leaves.requests(group.connection, group.id, 0, group.leader.actor)
    assert (waiting.count, waiting.pages, waiting.group_name) == (1, 1, "第一学习小组")
    (entry,) = waiting.entries
    assert (entry.person_name, entry.reason) == ("李明", "sick")
    assert leaves.request_of(group.connection, session_id, entry.person_id, group.leader.actor) == replace(
        entry, language="zh-CN"
    )
    decide(group, session_id, approved=True)
    assert leaves.requests(group.connection, group.id, 0, group.leader.actor).count == 0


def test_the_list_is_paged_and_for_leaders_only(group: Group, session_id: int) -> None:
    for number in range(leaves.SHOWN + 1):
        somebody = group.life.member(group.id, f"组员{number}")
        leaves.take(group.connection, session_id, 0, somebody.actor, at(NOW), now=NOW, rules=RULES)
    first = leaves.requests(group.connection, group.id, 0, group.leader.actor)
    assert (len(first.entries), first.pages, first.count) == (leaves.SHOWN, 2, leaves.SHOWN + 1)
    last = leaves.requests(group.connection, group.id, 99, group.leader.actor)
    assert (len(last.entries), last.page) == (1, 1)
    with refused("not_leader"):
        leaves.requests(group.connection, group.id, 0, group.member.actor)
    with refused("not_leader"):
        leaves.request_of(group.connection, session_id, somebody.id, group.member.actor)


def test_deputies_decide_too(group: Group, session_id: int) -> None:
    deputy = group.life.member(group.id, "副组长", role="deputy")
    group.start(deputy)
    take(group, session_id)
    assert len(group.deliveries(responses.REQUEST)) == 2
    result = leaves.decide(
        group.connection, session_id, group.member.id, deputy.actor, approved=True, now=NOW, rules=RULES
    )
    assert result.leave.approved is True


class Joint:
    """A session that a second group holds too, with its leader and a member of its own."""

    def __init__(self, group: Group, session_id: int) -> None:
        self.group, self.session_id = group, session_id
        self.id = group.life.group(group.unit_id, "第二学习小组")
        self.leader = group.life.member(self.id, "二组组长", role="leader")
        self.member = group.life.member(self.id, "二组组员")
        self.leader_chat = group.start(self.leader)
        joint.add_groups(group.connection, session_id, [self.id])

    def take(self) -> None:
        connection = self.group.connection
        leaves.take(connection, self.session_id, 1, self.member.actor, at(NOW), now=NOW, rules=RULES)


def test_of_a_joint_session_the_leaders_of_ones_own_group_are_asked_and_decide(group: Group, session_id: int) -> None:
    other = Joint(group, session_id)
    other.take()
    take(group, session_id)
    asked = {(row.payload["person_id"], row.destination_id) for row in group.deliveries(responses.REQUEST)}
    assert asked == {(other.member.id, other.leader_chat), (group.member.id, group.leader_chat)}
    for group_id, leader, name in ((other.id, other.leader, "二组组员"), (group.id, group.leader, "李明")):
        listed = leaves.requests(group.connection, group_id, 0, leader.actor)
        assert ([entry.person_name for entry in listed.entries], listed.count) == ([name], 1)
    found = leaves.request_of(group.connection, session_id, other.member.id, other.leader.actor)
    assert found.group_id == other.id  # the list that its button leads back to
    with refused("not_leader"):
        leaves.request_of(group.connection, session_id, group.member.id, other.leader.actor)
    done = leaves.decide(
        group.connection, session_id, other.member.id, other.leader.actor, approved=True, now=NOW, rules=RULES
    )
    assert done.leave.approved is True
    assert leaves.requests(group.connection, other.id, 0, other.leader.actor).count == 0
    again = leaves.decide(
        group.connection, session_id, other.member.id, group.leader.actor, approved=False, seen=1, now=NOW, rules=RULES
    )
    assert (again.leave.approved, again.leave.group_id) == (False, group.id)


def test_where_ones_own_leaders_cannot_be_written_to_who_scheduled_it_is_asked(group: Group, session_id: int) -> None:
    other = Joint(group, session_id)
    group.connection.execute(update(chat).where(chat.c.id == other.leader_chat).values(state="gone"))
    other.take()
    assert [row.destination_id for row in group.deliveries(responses.REQUEST)] == [group.leader_chat]


def test_who_has_left_the_other_group_is_the_concern_of_who_scheduled_it(group: Group, session_id: int) -> None:
    other = Joint(group, session_id)
    other.take()
    mine = membership.c.person_id == other.member.id
    group.connection.execute(update(membership).where(mine).values(left_at=NOW))
    assert leaves.requests(group.connection, group.id, 0, group.leader.actor).count == 1
    assert leaves.requests(group.connection, other.id, 0, other.leader.actor).count == 0
