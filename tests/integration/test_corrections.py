"""Corrections: who may ask for what and until when, who decides, and what is told to whom."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from attendance_life import AFTER, ENDS_AT, RULES, STARTS_AT, Group, refused
from sqlalchemy import Connection, select, update
from study_life import Somebody

from db.tables import attendance, audit, chat, correction, membership, study_session
from domain.attendance import CLAIMABLE, MARKABLE, Status
from services import closing, correcting, corrections, marking, records
from services.corrections import Filed

PRESENT, LATE, EXCUSED = range(3)
NIGHT = ENDS_AT.replace(hour=15)  # 23:30 in Shanghai


@pytest.fixture
def group(connection: Connection) -> Group:
    return Group(connection)


@pytest.fixture
def session_id(group: Group) -> int:
    """A closed session: the leader came, the member is absent."""
    made = group.session()
    group.check_in(made, group.leader)
    closing.close(group.connection, made, group.leader.actor, now=AFTER, rules=RULES)
    return made


def file(group: Group, session_id: int, who: Somebody, wanted: int = PRESENT, now: datetime = AFTER) -> Filed:
    return corrections.file(group.connection, session_id, wanted, who.actor, now=now, rules=RULES)


def decide(group: Group, filed: Filed, number: int, by: Any = None, now: datetime = AFTER) -> correcting.Decision:
    actor = (by or group.leader).actor
    return correcting.decide(group.connection, filed.correction.id, number, actor, now=now, rules=RULES)


def test_one_tap_files_a_request_that_the_leaders_read(group: Group, session_id: int) -> None:
    filed = file(group, session_id, group.member)
    assert (filed.outcome, filed.reachable) == ("filed", True)
    assert file(group, session_id, group.member).outcome == "already_open"
    (request,) = group.deliveries(corrections.REQUEST)
    assert request.destination_id == group.leader_chat
    facts = correcting.request(group.connection, request.payload, AFTER)
    assert facts is not None
    assert (facts.person_name, facts.recorded, facts.wanted) == ("李明", Status.ABSENT, Status.PRESENT)


def test_whose_record_says_so_already_is_told_so(group: Group, session_id: int) -> None:
    result = file(group, session_id, group.leader)
    assert (result.outcome, result.correction.recorded) == ("already_so", Status.PRESENT)
    assert group.connection.execute(select(correction)).all() == []


def test_who_may_not_ask_and_when_not(group: Group, session_id: int) -> None:
    with refused("not_member"):
        file(group, session_id, group.outsider)
    with refused("unknown_button"):
        file(group, session_id, group.member, 3)
    last = ENDS_AT + timedelta(days=14)
    with refused("correction_too_late"):
        file(group, session_id, group.member, now=last + timedelta(seconds=1))
    assert file(group, session_id, group.member, now=last).outcome == "filed"
    coming = group.session()
    with refused("too_early"):
        file(group, coming, group.member, now=STARTS_AT - timedelta(hours=1))
    with refused("checkin_still_open"):
        file(group, coming, group.member, now=STARTS_AT)
    group.connection.execute(update(study_session).values(state="cancelled"))
    with refused("session_gone"):
        file(group, session_id, group.member)


def test_whoever_was_there_and_left_since_can_ask(group: Group, session_id: int) -> None:
    left = update(membership).where(membership.c.person_id == group.member.id).values(left_at=AFTER)
    group.connection.execute(left)
    assert file(group, session_id, group.member).outcome == "filed"


def test_accepting_changes_the_record_with_history_and_tells_the_person(group: Group, session_id: int) -> None:
    own_chat = group.start(group.member, language="en")
    filed = file(group, session_id, group.member)
    result = decide(group, filed, LATE + 1)
    assert (result.before_you, result.correction.state, result.correction.recorded) == (False, "accepted", Status.LATE)
    assert group.history(group.member)[-1] == ("absent", "late", "correction")
    (told,) = group.deliveries(correcting.DECIDED)
    assert told.destination_id == own_chat
    facts = correcting.decided(group.connection, told.payload, AFTER)
    assert facts is not None
    assert (facts.recorded, facts.language) == (Status.LATE, "en")
    assert group.connection.execute(select(audit.c.action)).scalars().all() == ["close", "correct"]
    assert group.deliveries(marking.CHANGED) == []


def test_declining_changes_nothing_and_the_same_is_not_asked_for_again(group: Group, session_id: int) -> None:
    group.start(group.member)
    filed = file(group, session_id, group.member)
    assert decide(group, filed, 0).correction.state == "declined"
    assert group.recorded(session_id, group.member) is Status.ABSENT
    assert file(group, session_id, group.member).outcome == "declined_before"
    assert file(group, session_id, group.member, EXCUSED).outcome == "filed"
    assert len(group.deliveries(correcting.DECIDED)) == 1


def test_of_two_leaders_the_second_reads_what_the_first_decided(group: Group, session_id: int) -> None:
    deputy = group.life.member(group.id, "副组长", role="deputy")
    filed = file(group, session_id, group.member)
    decide(group, filed, PRESENT + 1)
    second = decide(group, filed, 0, by=deputy)
    assert (second.before_you, second.correction.state) == (True, "accepted")
    assert group.recorded(session_id, group.member) is Status.PRESENT


def test_only_leaders_of_the_group_decide(group: Group, session_id: int) -> None:
    filed = file(group, session_id, group.member)
    for nobody in (group.member, group.outsider):
        with refused("not_leader"):
            decide(group, filed, 1, by=nobody)
        with refused("not_leader"):
            correcting.request_of(group.connection, filed.correction.id, nobody.actor)
        with refused("not_leader"):
            correcting.requests(group.connection, group.id, 0, nobody.actor)
    with refused("unknown_button"):
        decide(group, filed, len(CLAIMABLE) + 1)


def test_withdrawn_it_is_gone_for_the_leaders_and_can_be_asked_again(group: Group, session_id: int) -> None:
    filed = file(group, session_id, group.member)
    (request,) = group.deliveries(corrections.REQUEST)
    with refused("correction_gone"):
        corrections.withdraw(group.connection, filed.correction.id, group.leader.actor, now=AFTER)
    for _ in range(2):
        gone = corrections.withdraw(group.connection, filed.correction.id, group.member.actor, now=AFTER)
    assert gone.state == "withdrawn"
    assert correcting.request(group.connection, request.payload, AFTER) is None
    with refused("correction_gone"):
        decide(group, filed, 1)
    again = file(group, session_id, group.member, now=AFTER + timedelta(minutes=1))
    assert again.outcome == "filed"
    assert correcting.request(group.connection, request.payload, AFTER) is None
    decide(group, again, 1)
    with refused("correction_settled"):
        corrections.withdraw(group.connection, filed.correction.id, group.member.actor, now=AFTER)


def test_before_closing_a_decision_is_recorded_at_once_too(group: Group) -> None:
    made = group.session()
    filed = file(group, made, group.member)
    decide(group, filed, PRESENT + 1)
    assert group.history(group.member) == [("unrecorded", "present", "correction")]
    facts = closing.close(group.connection, made, group.leader.actor, now=AFTER, rules=RULES)
    assert (facts.present, facts.absent) == (1, 1)


def test_what_a_leader_records_by_hand_settles_the_request(group: Group, session_id: int) -> None:
    group.start(group.member)
    filed = file(group, session_id, group.member)
    number = MARKABLE.index(Status.PRESENT)
    actor = group.leader.actor
    marking.mark(group.connection, session_id, group.member.id, number, actor, now=AFTER, rules=RULES)
    assert decide(group, filed, 0).before_you
    assert len(group.deliveries(marking.CHANGED)) == 1
    marking.unmark(group.connection, session_id, group.member.id, actor, now=AFTER, rules=RULES)
    assert correcting.requests(group.connection, group.id, 0, actor).count == 1


def test_where_no_leader_can_be_told_it_waits_on_their_list(group: Group, session_id: int) -> None:
    group.connection.execute(update(chat).where(chat.c.id == group.leader_chat).values(state="gone"))
    filed = file(group, session_id, group.member)
    assert not filed.reachable
    waiting = correcting.requests(group.connection, group.id, 7, group.leader.actor)
    assert (waiting.count, waiting.page, waiting.pages) == (1, 0, 1)
    assert waiting.entries[0].id == filed.correction.id


def test_requests_and_decisions_wait_for_the_end_of_quiet_hours(group: Group, session_id: int) -> None:
    group.start(group.member)
    filed = file(group, session_id, group.member, now=NIGHT)
    decide(group, filed, 1, now=NIGHT)
    due = [row.due_at for row in group.deliveries(corrections.REQUEST, correcting.DECIDED)]
    assert due == [ENDS_AT.replace(day=3, hour=0, minute=0)] * 2


def test_ones_own_latest_sessions_that_are_not_present(group: Group, session_id: int) -> None:
    (own,) = corrections.own(group.connection, group.member.actor, AFTER)
    assert (own.session_id, own.recorded, own.asked) == (session_id, Status.ABSENT, False)
    assert records.own(group.connection, group.member.actor, AFTER).correctable
    file(group, session_id, group.member)
    assert corrections.own(group.connection, group.member.actor, AFTER)[0].asked
    assert corrections.own(group.connection, group.leader.actor, AFTER) == []
    assert corrections.own(group.connection, group.outsider.actor, AFTER) == []
    assert corrections.own(group.connection, group.member.actor, ENDS_AT + timedelta(days=15)) == []
    look = corrections.look(group.connection, session_id, group.member.actor, AFTER)
    assert (look.state, look.wanted) == ("open", Status.PRESENT)


def test_a_member_added_by_a_correction_is_a_walk_in(group: Group, session_id: int) -> None:
    late = group.life.member(group.id, "后来加入", joined_at=AFTER)
    decide(group, file(group, session_id, late), 1)
    found = group.connection.execute(select(attendance).where(attendance.c.person_id == late.id)).one()
    assert (found.walk_in, found.method) == (True, "correction")
