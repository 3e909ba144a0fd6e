"""Make-up study: who gets a task, how it is handed in and decided, and that attendance stays what it was."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from session_life import NOW, RULES, STARTS_AT, Group, at
from sqlalchemy import Connection, insert, select, update

from chat import makeups_cards
from chat.fitting import MAX_TEXT, length
from db.tables import attendance, audit, delivery, makeup, session_group, study_group
from domain.attendance import MARKABLE, Status
from domain.errors import Refusal
from domain.makeup import MakeupState
from services import checkins, closing, inputs, makeups, marking
from services.makeups import DECISIONS, NOTE, Task
from services.rules import Rules
from texts import words

AFTER = STARTS_AT + timedelta(hours=2)
STRICT = Rules(makeup_note_suffices=False)


class Missed:
    """A closed session that the member missed."""

    def __init__(self, connection: Connection) -> None:
        self.group = Group(connection)
        self.connection = connection
        self.member_chat = self.group.start(self.group.member)
        self.session = self.group.session()

    def close(self, rules: Rules = RULES) -> None:
        leader = self.group.leader
        moment = at(STARTS_AT)
        checkins.check_in(
            self.connection,
            self.session,
            leader.actor,
            self.group.telegram_id,
            moment,
            now=STARTS_AT,
            rules=rules,
        )
        closing.close(self.connection, self.session, leader.actor, now=AFTER, rules=rules)

    def task(self) -> Task:
        (found,) = makeups.own(self.connection, self.group.member.actor, AFTER)
        return found

    def hand_in(self, rules: Rules = RULES, now: Any = AFTER, key: str = "r:1", text: str = "三点体会") -> None:
        makeups.hand_in(
            self.connection,
            self.task().id,
            self.group.member.actor,
            text=text,
            form="photo",
            file_id="AgAC",
            file_name="",
            reply_key=key,
            language="zh-CN",
            now=now,
            rules=rules,
        )

    def decide(self, decision: str, now: Any = AFTER) -> Task:
        number = DECISIONS.index(decision)
        leader = self.group.leader.actor
        return makeups.decide(self.connection, self.task().id, number, leader, now=now, rules=STRICT)

    def mark(self, status: Status) -> None:
        leader, member = self.group.leader.actor, self.group.member
        number = MARKABLE.index(status)
        marking.mark(self.connection, self.session, member.id, number, leader, now=AFTER, rules=RULES)

    def status(self) -> str:
        query = select(attendance.c.status).where(attendance.c.person_id == self.group.member.id)
        return str(self.connection.execute(query).scalar_one())


@pytest.fixture
def missed(connection: Connection) -> Missed:
    return Missed(connection)


def refused(code: str) -> Any:
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == code)


def test_who_missed_a_closed_session_gets_a_task_and_is_told_once(missed: Missed) -> None:
    missed.close()
    task = missed.task()
    assert (task.state, task.title) == (MakeupState.PENDING, "党课：学习原著")
    assert makeups.own(missed.connection, missed.group.leader.actor, AFTER) == []
    told = missed.group.deliveries(makeups.TASK)
    assert [row.destination_id for row in told] == [missed.member_chat]
    assert makeups.told(missed.connection, told[0].payload, AFTER) is not None
    missed.close()
    assert len(missed.group.deliveries(makeups.TASK)) == 1
    (reminder,) = missed.group.deliveries(makeups.REMINDER)
    assert reminder.due_at == datetime.combine(task.last_day - timedelta(days=1), time(1), UTC)  # nine in Shanghai
    assert told[0].due_at == AFTER + timedelta(minutes=1)  # not before closing can be undone no more


def test_no_tasks_where_the_group_or_the_organisation_wants_none(missed: Missed) -> None:
    missed.connection.execute(update(study_group).values(makeup_days=0))
    missed.close()
    assert makeups.own(missed.connection, missed.group.member.actor, AFTER) == []


def test_a_note_is_enough_and_attendance_stays(missed: Missed) -> None:
    missed.close()
    makeups.ask_note(missed.connection, missed.task().id, missed.group.member.actor, now=AFTER)
    waiting = inputs.awaited(missed.connection, missed.group.member.actor.telegram_id, AFTER)
    assert waiting is not None
    assert waiting.purpose == NOTE
    missed.hand_in()
    assert (missed.task().state, missed.task().note) == (MakeupState.DONE, "三点体会")
    assert missed.status() == "absent"
    assert missed.group.deliveries(makeups.HANDED) == []
    with refused("makeup_done"):
        missed.hand_in(key="r:2")


def test_a_leader_confirms_where_that_is_asked(missed: Missed) -> None:
    missed.close(STRICT)
    missed.hand_in(STRICT)
    assert missed.task().state is MakeupState.SUBMITTED
    (asked,) = missed.group.deliveries(makeups.HANDED)
    assert asked.destination_id == missed.group.leader_chat
    assert makeups.handed(missed.connection, asked.payload, AFTER) is not None
    missed.decide("back")
    assert missed.task().state is MakeupState.PENDING
    missed.hand_in(STRICT, key="r:2", text="又补充了两点")
    done = missed.decide("confirm")
    assert (done.state, done.undoable) == (MakeupState.DONE, True)
    assert makeups.handed(missed.connection, asked.payload, AFTER) is None
    makeups.undo(missed.connection, done.id, missed.group.leader.actor, now=AFTER + timedelta(seconds=60))
    assert missed.task().state is MakeupState.SUBMITTED
    told = [makeups.decided(missed.connection, row.payload, AFTER) for row in missed.group.deliveries(makeups.DECIDED)]
    assert told == [None, None]  # neither holds any more
    missed.decide("waive")
    with refused("undo_too_late"):
        late = AFTER + timedelta(seconds=61)
        makeups.undo(missed.connection, done.id, missed.group.leader.actor, now=late)
    acts = missed.connection.execute(select(audit.c.action)).scalars().all()
    assert [act for act in acts if act.startswith("makeup")] == [
        "makeup_back",
        "makeup_confirm",
        "makeup_undo",
        "makeup_waive",
    ]


def test_a_leader_may_confirm_without_a_note_but_send_nothing_back(missed: Missed) -> None:
    missed.close()
    with refused("makeup_nothing_submitted"):
        missed.decide("back")
    assert missed.decide("confirm").state is MakeupState.DONE


def test_a_correction_takes_the_task_away_and_brings_it_back(missed: Missed) -> None:
    missed.close()
    missed.mark(Status.PRESENT)
    assert missed.task().state is MakeupState.WAIVED
    missed.mark(Status.EXCUSED)
    assert missed.task().state is MakeupState.PENDING
    marking.unmark(
        missed.connection,
        missed.session,
        missed.group.member.id,
        missed.group.leader.actor,
        now=AFTER + timedelta(seconds=5),
        rules=RULES,
    )
    assert missed.task().state is MakeupState.WAIVED


def test_opening_the_session_again_asks_nothing_until_it_is_closed(missed: Missed) -> None:
    missed.close()
    leader = missed.group.leader.actor
    closing.reopen(missed.connection, missed.session, leader, now=AFTER, rules=RULES)
    assert missed.task().state is MakeupState.WAIVED
    closing.close(missed.connection, missed.session, leader, now=AFTER + timedelta(hours=1), rules=RULES)
    assert missed.task().state is MakeupState.PENDING
    assert len(missed.connection.execute(select(makeup)).all()) == 1


def test_a_task_made_anew_is_told_and_reminded_of_once(missed: Missed) -> None:
    missed.close()
    leader = missed.group.leader.actor
    closing.reopen(missed.connection, missed.session, leader, now=AFTER, rules=RULES)
    closing.close(missed.connection, missed.session, leader, now=AFTER + timedelta(seconds=30), rules=RULES)
    for kind in (makeups.TASK, makeups.REMINDER):
        assert [row.state for row in missed.group.deliveries(kind)] == ["cancelled", "pending"]


def test_nobody_decides_on_their_own(missed: Missed) -> None:
    group = missed.group
    life, leader = group.life, group.leader
    missed.close()
    missed.connection.execute(update(attendance).values(status="absent"))
    task_id = life.row(makeup, session_id=missed.session, person_id=leader.id, created_at=AFTER, due_at=AFTER)
    with refused("makeup_own"):
        makeups.decide(missed.connection, task_id, 0, leader.actor, now=AFTER, rules=STRICT)
    admin = life.person("管理员")
    life.admin(group.unit_id, admin)
    chat_id = group.start(admin)
    makeups.hand_in(
        missed.connection,
        task_id,
        leader.actor,
        text="体会",
        form="text",
        file_id="",
        file_name="",
        reply_key="r:9",
        language="zh-CN",
        now=AFTER,
        rules=STRICT,
    )
    assert [row.destination_id for row in group.deliveries(makeups.HANDED)] == [chat_id]
    makeups.decide(missed.connection, task_id, 0, admin.actor, now=AFTER, rules=STRICT)
    assert makeups.mine(missed.connection, task_id, leader.actor, AFTER).state is MakeupState.DONE


def test_of_a_joint_session_each_group_decides_on_its_own_people(missed: Missed) -> None:
    group, life = missed.group, missed.group.life
    other = life.group(group.unit_id, "第二学习小组")
    theirs = life.member(other, "二组组长", "leader")
    guest = life.member(other, "二组组员")
    chat_id = group.start(theirs)
    missed.close(STRICT)
    missed.connection.execute(insert(session_group).values(session_id=missed.session, group_id=other))
    task_id = life.row(makeup, session_id=missed.session, person_id=guest.id, created_at=AFTER, due_at=AFTER)
    makeups.hand_in(
        missed.connection,
        task_id,
        guest.actor,
        text="体会",
        form="text",
        file_id="",
        file_name="",
        reply_key="r:9",
        language="zh-CN",
        now=AFTER,
        rules=STRICT,
    )
    assert [row.destination_id for row in group.deliveries(makeups.HANDED)] == [chat_id]
    listed = makeups.of_group(missed.connection, other, 0, theirs.actor, AFTER)
    assert [one.id for one in listed.entries] == [task_id]
    own = makeups.of_group(missed.connection, group.id, 0, group.leader.actor, AFTER)
    assert [one.name for one in own.entries] == ["李明"]
    with refused("not_leader"):
        makeups.decide(missed.connection, own.entries[0].id, 2, theirs.actor, now=AFTER, rules=STRICT)
    assert makeups.decide(missed.connection, task_id, 0, theirs.actor, now=AFTER, rules=STRICT).state == "done"


def test_what_is_due_first_is_read_first(missed: Missed) -> None:
    missed.close()
    first = missed.task()
    later = missed.group.life.session(missed.group.id, STARTS_AT + timedelta(days=1), missed.group.leader)
    due = AFTER + timedelta(days=30)
    life, member = missed.group.life, missed.group.member
    second = life.row(makeup, session_id=later, person_id=member.id, created_at=AFTER, due_at=due)
    assert [one.id for one in makeups.own(missed.connection, member.actor, AFTER)] == [first.id, second]


def test_others_see_and_do_nothing(missed: Missed) -> None:
    missed.close()
    task_id, member = missed.task().id, missed.group.member.actor
    outsider = missed.group.outsider.actor
    for actor in (outsider, missed.group.leader.actor):
        with refused("makeup_gone"):
            makeups.mine(missed.connection, task_id, actor, AFTER)
    with refused("not_leader"):
        makeups.decide(missed.connection, task_id, 0, member, now=AFTER, rules=RULES)
    with refused("not_leader"):
        makeups.of_group(missed.connection, missed.group.id, 0, member, AFTER)
    with refused("makeup_gone"):
        makeups.to_decide(missed.connection, 999, missed.group.leader.actor, AFTER)
    with refused("unknown_button"):
        makeups.decide(missed.connection, task_id, 3, missed.group.leader.actor, now=AFTER, rules=RULES)


def test_what_is_late_says_so_and_a_message_that_is_overtaken_is_not_sent(missed: Missed) -> None:
    missed.close()
    (told,) = missed.group.deliveries(makeups.TASK)
    later = AFTER + timedelta(days=9)
    assert makeups.to_decide(missed.connection, missed.task().id, missed.group.leader.actor, later).state == "overdue"
    missed.hand_in(now=later)
    assert makeups.to_decide(missed.connection, missed.task().id, missed.group.leader.actor, later).late
    assert makeups.told(missed.connection, told.payload, later) is None


def test_a_note_that_is_too_long_is_still_waited_for(missed: Missed) -> None:
    missed.close()
    makeups.ask_note(missed.connection, missed.task().id, missed.group.member.actor, now=AFTER)
    with refused("makeup_too_long"):
        missed.hand_in(text="字" * (makeups.LONGEST + 1))
    assert inputs.awaited(missed.connection, missed.group.member.actor.telegram_id, AFTER) is not None


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_message_fits(missed: Missed, language: str) -> None:
    missed.close(STRICT)
    missed.hand_in(STRICT, text="字" * makeups.LONGEST)
    spoken = words(language)
    task = replace(missed.task(), name="名" * 90, title="题" * 200, language=language)
    listed = makeups.of_group(missed.connection, missed.group.id, 5, missed.group.leader.actor, NOW)
    messages = [
        makeups_cards.own([task] * 8, spoken),
        makeups_cards.task(task, spoken),
        makeups_cards.ask_note(task, spoken),
        makeups_cards.told(task),
        makeups_cards.reminder(task),
        makeups_cards.handed(task),
        makeups_cards.tasks(listed, spoken),
        makeups_cards.to_decide(replace(task, state=MakeupState.DONE, undoable=True), spoken),
        *(makeups_cards.decided((task, decision)) for decision in DECISIONS),
    ]
    for message in messages:
        assert 0 < length(message.text) <= MAX_TEXT
    assert missed.connection.execute(select(delivery.c.id)).first() is not None
