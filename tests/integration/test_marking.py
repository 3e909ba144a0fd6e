"""Marking by hand: what is kept, what is taken back, who is added, and who is told."""

from datetime import timedelta
from typing import Any

import pytest
from attendance_life import AFTER, ENDS_AT, NOW, RULES, STARTS_AT, Group, refused
from sqlalchemy import Connection, select, update
from study_life import Somebody

from db.tables import attendance, audit, membership, person, study_session
from domain.attendance import MARKABLE, Status
from services import closing, marking
from services.marking import Sheet

MINUTE = timedelta(minutes=1)


@pytest.fixture
def group(connection: Connection) -> Group:
    return Group(connection)


@pytest.fixture
def session_id(group: Group) -> int:
    return group.session()


def mark(group: Group, session_id: int, who: Somebody, status: Status, now: Any = AFTER, by: Any = None) -> Sheet:
    actor = (by or group.leader).actor
    number = MARKABLE.index(status)
    return marking.mark(group.connection, session_id, who.id, number, actor, now=now, rules=RULES)


def unmark(group: Group, session_id: int, who: Somebody, now: Any, by: Any = None) -> Sheet:
    actor = (by or group.leader).actor
    return marking.unmark(group.connection, session_id, who.id, actor, now=now, rules=RULES)


def close(group: Group, session_id: int) -> None:
    closing.close(group.connection, session_id, group.leader.actor, now=AFTER, rules=RULES)


def record(group: Group, who: Somebody) -> Any:
    return group.connection.execute(select(attendance).where(attendance.c.person_id == who.id)).one()


def test_marking_the_same_twice_is_one_change(group: Group, session_id: int) -> None:
    for _ in range(2):
        mark(group, session_id, group.member, Status.PRESENT)
    assert group.history(group.member) == [("unrecorded", "present", "leader")]
    acts = group.connection.execute(select(audit.c.action)).scalars().all()
    assert acts == ["mark"]


def test_a_mark_can_be_taken_back_for_a_minute(group: Group, session_id: int) -> None:
    mark(group, session_id, group.member, Status.ABSENT)
    for _ in range(2):  # a double tap
        sheet = unmark(group, session_id, group.member, AFTER + MINUTE)
    assert {entry.status for entry in sheet.entries} == {Status.UNRECORDED}
    assert group.connection.execute(select(attendance)).all() == []
    assert group.history(group.member) == [("unrecorded", "absent", "leader"), ("absent", "unrecorded", "undo")]


def test_after_a_minute_it_stays(group: Group, session_id: int) -> None:
    mark(group, session_id, group.member, Status.ABSENT)
    with refused("undo_too_late"):
        unmark(group, session_id, group.member, AFTER + MINUTE + timedelta(seconds=1))
    with refused("undo_too_late"):
        unmark(group, session_id, group.leader, AFTER)


def test_taking_back_restores_a_check_in_with_its_time_and_method(group: Group, session_id: int) -> None:
    came_at = STARTS_AT + timedelta(minutes=3)
    group.check_in(session_id, group.member, came_at)
    mark(group, session_id, group.member, Status.ABSENT)
    unmark(group, session_id, group.member, AFTER)
    found = record(group, group.member)
    assert (found.status, found.method, found.at) == ("present", "button", came_at)
    # Marked and taken back once more, it is still their own check-in.
    mark(group, session_id, group.member, Status.LATE)
    unmark(group, session_id, group.member, AFTER)
    assert record(group, group.member).method == "button"


def test_only_ones_own_newest_mark_is_taken_back(group: Group, session_id: int) -> None:
    deputy = group.life.member(group.id, "副组长", role="deputy")
    mark(group, session_id, group.member, Status.ABSENT)
    mark(group, session_id, group.member, Status.PRESENT, by=deputy)
    with refused("undo_overtaken"):
        unmark(group, session_id, group.member, AFTER)
    with refused("not_leader"):
        unmark(group, session_id, group.member, AFTER, by=group.member)


def test_closing_leaves_nobody_to_be_made_unrecorded(group: Group, session_id: int) -> None:
    mark(group, session_id, group.member, Status.ABSENT)
    close(group, session_id)
    with refused("undo_overtaken"):
        unmark(group, session_id, group.member, AFTER)


def test_a_correction_after_closing_is_told_to_its_person(group: Group, session_id: int) -> None:
    own_chat = group.start(group.member, language="en")
    close(group, session_id)
    mark(group, session_id, group.member, Status.PRESENT)
    (told,) = group.deliveries(marking.CHANGED)
    assert (told.destination_id, told.due_at) == (own_chat, AFTER + MINUTE)
    facts = marking.changed(group.connection, told.payload, told.due_at)
    assert facts is not None
    assert (facts.before, facts.after, facts.language) == (Status.ABSENT, Status.PRESENT, "en")


def test_what_is_changed_again_within_a_minute_is_told_once_with_its_last_value(group: Group, session_id: int) -> None:
    group.start(group.member)
    close(group, session_id)
    for status in (Status.PRESENT, Status.LATE, Status.EXCUSED):
        mark(group, session_id, group.member, status)
    (told,) = group.deliveries(marking.CHANGED)
    facts = marking.changed(group.connection, told.payload, told.due_at)
    assert facts is not None
    assert (facts.before, facts.after) == (Status.ABSENT, Status.EXCUSED)
    mark(group, session_id, group.member, Status.ABSENT)
    assert marking.changed(group.connection, told.payload, told.due_at) is None


def test_a_mark_that_contradicts_ones_own_check_in_is_told_and_one_that_does_not_is_not(
    group: Group, session_id: int
) -> None:
    group.start(group.member)
    mark(group, session_id, group.member, Status.LATE)
    mark(group, session_id, group.member, Status.ABSENT)
    assert group.deliveries(marking.CHANGED) == []
    came = group.life.member(group.id, "签到了")
    group.start(came)
    group.check_in(session_id, came)
    mark(group, session_id, came, Status.ABSENT)
    (told,) = group.deliveries(marking.CHANGED)
    assert told.payload["before"] == "present"


def test_it_waits_for_the_end_of_quiet_hours(group: Group, session_id: int) -> None:
    group.start(group.member)
    close(group, session_id)
    night = NOW.replace(day=2, month=12, hour=15)  # 23:00 in Shanghai
    mark(group, session_id, group.member, Status.PRESENT, night)
    (told,) = group.deliveries(marking.CHANGED)
    assert told.due_at == night + timedelta(hours=9)


def test_whoever_joined_since_can_be_added_as_a_walk_in_but_no_stranger(group: Group, session_id: int) -> None:
    late = group.life.member(group.id, "后来加入", joined_at=ENDS_AT + timedelta(minutes=1))
    assert marking.sheet(group.connection, session_id, group.leader.actor).addable == 1
    page = marking.addable(group.connection, session_id, 5, group.leader.actor)
    assert (page.people, page.page, page.pages) == (((late.id, "后来加入"),), 0, 1)
    facts = marking.to_mark(group.connection, session_id, late.id, group.leader.actor)
    assert (facts.name, facts.status) == ("后来加入", Status.UNRECORDED)
    sheet = mark(group, session_id, late, Status.PRESENT)
    assert late.id in {entry.person_id for entry in sheet.entries}
    assert sheet.addable == 0
    assert record(group, late).walk_in
    with refused("not_on_list"):
        mark(group, session_id, group.outsider, Status.PRESENT)
    with refused("not_on_list"):
        marking.to_mark(group.connection, session_id, group.outsider.id, group.leader.actor)
    group.connection.execute(update(membership).where(membership.c.person_id == late.id).values(left_at=AFTER))
    assert mark(group, session_id, late, Status.LATE).entries


def test_a_walk_in_stays_one_when_marked(group: Group, session_id: int) -> None:
    group.check_in(session_id, group.outsider)
    mark(group, session_id, group.outsider, Status.LATE)
    assert record(group, group.outsider).walk_in


def test_a_list_shows_the_names_given_for_the_ledger(group: Group, session_id: int) -> None:
    named = update(person).where(person.c.id == group.member.id).values(real_name="李小明")
    group.connection.execute(named)
    listed = marking.sheet(group.connection, session_id, group.leader.actor).entries
    assert {entry.name for entry in listed} == {"组长", "李小明"}
    assert marking.to_mark(group.connection, session_id, group.member.id, group.leader.actor).name == "李小明"


def test_who_may_not_mark_and_when_not(group: Group, session_id: int) -> None:
    with refused("not_leader"):
        mark(group, session_id, group.member, Status.PRESENT, by=group.member)
    with refused("too_early"):
        mark(group, session_id, group.member, Status.PRESENT, STARTS_AT - timedelta(hours=1))
    with refused("not_on_list"):
        marking.mark(group.connection, session_id, group.member.id, 6, group.leader.actor, now=AFTER, rules=RULES)
    group.connection.execute(update(study_session).values(state="cancelled"))
    with refused("session_gone"):
        mark(group, session_id, group.member, Status.PRESENT)
