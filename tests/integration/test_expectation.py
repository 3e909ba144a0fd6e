"""Who is expected at a session: audiences, named people, joint groups; who else comes sits in; quorum on the card."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from session_life import NOW, RULES, STARTS_AT, TYPED, Group, at
from sqlalchemy import Connection, select, update
from study_life import Somebody

from db.queries import checkins as queries
from db.queries import joint as joint_queries
from db.queries import nudges
from db.tables import attendance, chat, delivery, draft, membership, session_group, study_group, study_session
from domain.attendance import Status
from domain.errors import Refusal
from domain.kinds import STARTER, override
from services import checkins, closing, publishing, quorums, responses, sessions
from services.rules import Rules

OPEN = STARTS_AT + timedelta(minutes=1)
AFTER = STARTS_AT + timedelta(hours=2)


@pytest.fixture
def group(connection: Connection) -> Group:
    return Group(connection)


def mark(group: Group, somebody: Somebody, **marks: Any) -> None:
    who = (membership.c.group_id == group.id) & (membership.c.person_id == somebody.id)
    group.connection.execute(update(membership).where(who).values(**marks))


def session_of(group: Group, **changes: Any) -> Any:
    session_id = group.session(replace(TYPED, **changes))
    return group.connection.execute(select(study_session).where(study_session.c.id == session_id)).one()


def on_list(group: Group, session_id: int) -> set[int]:
    return {row.person_id for row in queries.roster(group.connection, session_id)}


def come(group: Group, session_id: int, who: Somebody, chat_telegram_id: int | None = None) -> checkins.CheckIn:
    chat_id = who.actor.telegram_id if chat_telegram_id is None else chat_telegram_id
    return checkins.check_in(group.connection, session_id, who.actor, chat_id, at(OPEN), now=OPEN, rules=RULES)


def test_a_lesson_is_for_party_members_and_others_sit_in(group: Group) -> None:
    mark(group, group.member, standing="outside")
    session = session_of(group, kind="lesson")
    assert session.audience == "members"
    assert on_list(group, session.id) == {group.leader.id}
    result = come(group, session.id, group.member)
    assert (result.status, result.repeated) == (Status.SITTING_IN, False)
    assert come(group, session.id, group.member).repeated
    numbers = queries.summary(group.connection, session.id)
    assert (numbers.expected, numbers.sitting_in, numbers.unrecorded) == (1, 1, 1)


def test_a_committee_meets_without_the_others_once_somebody_is_marked(group: Group) -> None:
    before = session_of(group, kind="committee", title="支委会")
    assert before.audience == "group"  # nobody is marked: a meeting of nobody helps no one
    mark(group, group.leader, committee=True)
    later = TYPED.starts_at + timedelta(days=1)
    group.publish(group.draft(replace(TYPED, kind="committee", title="支委会", starts_at=later), "reply:1:2"))
    after = group.sessions()[-1]
    assert after.audience == "committee"
    assert on_list(group, after.id) == {group.leader.id}
    assert [row.id for row in nudges.missing(group.connection, after.id)] == [group.leader.id]


def test_a_subgroup_is_the_one_in_the_title_else_that_of_its_leader(group: Group) -> None:
    mark(group, group.leader, subgroup="第一党小组")
    mark(group, group.member, subgroup="第二党小组")
    named = session_of(group, kind="subgroup", title="第二党小组会")
    assert (named.audience, named.subgroup) == ("subgroup", "第二党小组")
    assert on_list(group, named.id) == {group.member.id}
    group.publish(group.draft(replace(TYPED, kind="subgroup", title="党小组会"), "reply:1:2"))
    own = next(row for row in group.sessions() if row.title == "党小组会")
    assert own.subgroup == "第一党小组"
    assert on_list(group, own.id) == {group.leader.id}


def test_named_people_come_from_anywhere(group: Group) -> None:
    session = session_of(group, kind="training", title="培训", invited=(group.outsider.id, group.member.id))
    assert session.audience == "named"
    assert on_list(group, session.id) == {group.outsider.id, group.member.id}
    assert come(group, session.id, group.outsider).status is Status.PRESENT
    assert come(group, session.id, group.leader).status is Status.SITTING_IN
    stranger = group.life.person("路人")
    with pytest.raises(Refusal, match="not_member"):
        come(group, session.id, stranger)
    assert checkins.open_now(group.connection, group.outsider.actor, group.outsider.actor.telegram_id, OPEN)


def test_closing_makes_nobody_absent_who_was_not_in_the_audience(group: Group) -> None:
    mark(group, group.member, standing="outside")
    session = session_of(group, kind="lesson")
    closing.close(group.connection, session.id, group.leader.actor, now=AFTER, rules=RULES)
    rows = group.connection.execute(select(attendance.c.person_id, attendance.c.status)).all()
    assert {(row.person_id, row.status) for row in rows} == {(group.leader.id, "absent")}


class Two:
    """Two groups, of which the first holds a joint session with the second."""

    def __init__(self, group: Group) -> None:
        self.group = group
        self.other_id = group.life.group(group.unit_id, "第二学习小组")
        row = group.connection.execute(select(study_group).where(study_group.c.id == self.other_id)).one()
        self.other_row = row.chat_id
        self.other_chat = _telegram_id(group.connection, row.chat_id)
        self.theirs = group.life.member(self.other_id, "赵云")
        group.life.join(self.other_id, group.member)  # in both groups
        self.session = session_of(group, kind="joint", title="联席会议", groups=(self.other_id,))

    def sent(self, kind: str) -> list[Any]:
        query = select(delivery).where(delivery.c.kind == kind).order_by(delivery.c.destination_id)
        return list(self.group.connection.execute(query).all())


def _telegram_id(connection: Connection, chat_id: int) -> int:
    return int(connection.execute(select(chat.c.telegram_id).where(chat.c.id == chat_id)).scalar_one())


@pytest.fixture
def two(group: Group) -> Two:
    return Two(group)


def test_a_joint_session_counts_a_person_once(two: Two) -> None:
    group = two.group
    assert on_list(group, two.session.id) == {group.leader.id, group.member.id, two.theirs.id}
    assert come(group, two.session.id, two.theirs).status is Status.PRESENT
    assert come(group, two.session.id, group.member).status is Status.PRESENT
    numbers = queries.summary(group.connection, two.session.id)
    assert (numbers.expected, numbers.present, numbers.unrecorded) == (3, 2, 1)


def test_who_taps_in_the_other_chat_joins_that_group(two: Two) -> None:
    newcomer = two.group.life.person("钱七")
    result = come(two.group, two.session.id, newcomer, two.other_chat)
    assert (result.status, result.walk_in) == (Status.PRESENT, True)
    joined = select(membership.c.group_id).where(membership.c.person_id == newcomer.id)
    assert two.group.connection.execute(joined).scalars().all() == [two.other_id]
    asked = two.group.life.person("孙八")
    moment = at(NOW)
    answered = responses.answer(
        two.group.connection, two.session.id, asked.actor, two.other_chat, "going", moment, now=NOW, rules=RULES
    )
    assert answered.joined
    assert two.group.connection.execute(
        select(membership.c.group_id).where(membership.c.person_id == asked.id)
    ).scalars().all() == [two.other_id]


def test_each_group_has_its_own_card_and_counter(two: Two) -> None:
    connection = two.group.connection
    cards = two.sent("session_card")
    assert [row.destination_id for row in cards] == [two.group.chat_row, two.other_row]
    for number, row in enumerate(cards, start=71):
        sessions.card_hangs(connection, row.payload, number, NOW)
    own = connection.execute(select(study_session.c.card_message_id)).scalar_one()
    other = connection.execute(select(session_group.c.card_message_id)).scalar_one()
    assert (own, other) == (71, 72)
    responses.answer(
        connection, two.session.id, two.theirs.actor, two.other_chat, "going", at(NOW), now=NOW, rules=RULES
    )
    edits = [sessions.card_edit(connection, row.payload, NOW) for row in two.sent("session_card_live")]
    assert {(edit.message_id, edit.going) for edit in edits if edit} == {(71, 1), (72, 1)}
    for row in two.sent("checkin_open"):
        checkins.checkin_opened(connection, row.payload, 80 + row.destination_id, OPEN)
    come(two.group, two.session.id, two.theirs)
    counters = [checkins.live_edit(connection, row.payload, OPEN) for row in two.sent("checkin_live")]
    assert {counter.message_id for counter in counters if counter} == {
        80 + two.group.chat_row,
        80 + two.other_row,
    }


def test_a_joint_session_that_is_taken_back_disappears_from_both_chats(two: Two) -> None:
    connection = two.group.connection
    for number, row in enumerate(two.sent("session_card"), start=71):
        values = {"state": "sent", "message_id": number}
        connection.execute(update(delivery).where(delivery.c.id == row.id).values(**values))
    draft_id = connection.execute(select(draft.c.id)).scalar_one()
    publishing.undo(connection, draft_id, two.group.leader.actor, now=NOW)
    back = two.sent(publishing.TAKEN_BACK)
    assert {(row.destination_id, row.payload["message_id"]) for row in back} == {
        (two.group.chat_row, 71),
        (two.other_row, 72),
    }


def test_the_other_groups_sessions_are_among_what_comes(two: Two) -> None:
    connection = two.group.connection
    coming = sessions.upcoming(connection, two.theirs.actor, two.theirs.actor.telegram_id, NOW)
    assert [each.title for each in coming] == ["联席会议"]
    in_group = sessions.upcoming(connection, two.theirs.actor, two.other_chat, NOW)
    assert [each.title for each in in_group] == ["联席会议"]
    assert joint_queries.other_groups(connection, two.session.id) == [two.other_id]


def test_an_assembly_says_how_many_are_short_of_its_quorum(group: Group) -> None:
    for name in ("甲", "乙", "丙"):
        group.life.member(group.id, name)
    mark(group, group.member, standing="probationary")
    session = session_of(group, kind="assembly", title="支部党员大会")

    def standing() -> tuple[int, int, int]:
        facts = checkins.live(group.connection, {"session_id": session.id}, OPEN)
        assert facts is not None
        assert facts.quorum is not None
        return facts.quorum.voters, facts.quorum.voters_there, facts.quorum.short

    assert standing() == (4, 0, 3)
    come(group, session.id, group.member)  # no vote
    assert standing() == (4, 0, 3)
    come(group, session.id, group.leader)
    assert standing() == (4, 1, 2)


def test_the_quorum_of_the_organisation_goes_with_the_message(group: Group) -> None:
    session = session_of(group, kind="lesson")
    lenient = Rules(kinds=override(STARTER, {"lesson": {"quorum": ">= 1/2"}}))
    assert quorums.standing(group.connection, session, {}) is None
    found = quorums.standing(group.connection, session, quorums.payload_of(lenient))
    assert found is not None
    assert found.needed == 1
    group.connection.execute(update(study_group).values(kinds={"lesson": {"quorum": "none"}}))
    assert quorums.standing(group.connection, session, quorums.payload_of(lenient)) is None
