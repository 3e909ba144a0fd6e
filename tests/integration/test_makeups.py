"""Make-up study: who gets a task, how it is handed in and decided, and that attendance stays what it was."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from session_life import NOW, RULES, STARTS_AT, Group, at
from sqlalchemy import Connection, insert, select, update

from chat import makeups_cards, manage_cards, records_cards
from chat.fitting import MAX_TEXT, length
from db.tables import attendance, audit, delivery, makeup, session_group, study_group
from domain.attendance import MARKABLE, Status
from domain.errors import Refusal
from domain.makeup import MakeupState
from services import checkins, closing, inputs, makeup_reviews, makeups, manage, marking, records
from services.makeup_reviews import DECISIONS
from services.makeups import NOTE, Own, Task
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
        (found,) = makeups.own(self.connection, 0, self.group.member.actor, AFTER).entries
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
        return makeup_reviews.decide(self.connection, self.task().id, number, leader, now=now, rules=STRICT)

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
    assert makeups.own(missed.connection, 0, missed.group.leader.actor, AFTER).entries == ()
    told = missed.group.deliveries(makeups.TASK)
    assert [row.destination_id for row in told] == [missed.member_chat]
    assert makeups.told(missed.connection, told[0].payload, AFTER) is not None
    missed.close()
    assert len(missed.group.deliveries(makeups.TASK)) == 1
    (reminder,) = missed.group.deliveries(makeups.REMINDER)
    assert reminder.due_at == datetime.combine(task.last_day, time(1), UTC)  # nine in Shanghai
    assert told[0].due_at == AFTER + timedelta(minutes=1)  # not before closing can be undone no more


def test_no_tasks_where_the_group_or_the_organisation_wants_none(missed: Missed) -> None:
    missed.connection.execute(update(study_group).values(makeup_days=0))
    missed.close()
    assert makeups.own(missed.connection, 0, missed.group.member.actor, AFTER).entries == ()


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
    assert makeup_reviews.handed(missed.connection, asked.payload, AFTER) is not None
    missed.decide("back")
    assert missed.task().state is MakeupState.PENDING
    missed.hand_in(STRICT, key="r:2", text="又补充了两点")
    done = missed.decide("confirm")
    assert (done.state, done.undoable) == (MakeupState.DONE, True)
    assert makeup_reviews.handed(missed.connection, asked.payload, AFTER) is None
    makeup_reviews.undo(missed.connection, done.id, missed.group.leader.actor, now=AFTER + timedelta(seconds=60))
    assert missed.task().state is MakeupState.SUBMITTED
    told = [
        makeup_reviews.decided(missed.connection, row.payload, AFTER)
        for row in missed.group.deliveries(makeup_reviews.DECIDED)
    ]
    assert told == [None, None]  # neither holds any more
    missed.decide("waive")
    with refused("undo_too_late"):
        late = AFTER + timedelta(seconds=61)
        makeup_reviews.undo(missed.connection, done.id, missed.group.leader.actor, now=late)
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
    admin = life.person("管理员")
    life.admin(group.unit_id, admin)
    chat_id = group.start(admin)
    with refused("makeup_own"):
        makeup_reviews.decide(missed.connection, task_id, 0, leader.actor, now=AFTER, rules=STRICT)
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
    assert makeup_reviews.to_decide(missed.connection, task_id, leader.actor, AFTER).decisions == ()
    makeup_reviews.decide(missed.connection, task_id, 0, admin.actor, now=AFTER, rules=STRICT)
    with refused("makeup_own"):
        makeup_reviews.undo(missed.connection, task_id, leader.actor, now=AFTER)
    assert makeups.mine(missed.connection, task_id, leader.actor, AFTER).state is MakeupState.DONE


def test_who_leads_alone_confirms_their_own_note_and_the_log_says_so(missed: Missed) -> None:
    group, leader = missed.group, missed.group.leader
    missed.close()
    task_id = group.life.row(makeup, session_id=missed.session, person_id=leader.id, created_at=AFTER, due_at=AFTER)
    confirm, waive = DECISIONS.index("confirm"), DECISIONS.index("waive")
    with refused("makeup_nothing_submitted"):
        makeup_reviews.decide(missed.connection, task_id, confirm, leader.actor, now=AFTER, rules=STRICT)
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
    assert group.deliveries(makeups.HANDED) == []
    (reply,) = [row for row in group.deliveries("reply") if row.dedupe_key == "r:9"]
    assert (reply.payload["text"], reply.payload["buttons"][0][0][1]) == (
        "makeups.waits_for_you",
        f"makeup_task:{task_id}",
    )
    assert makeup_reviews.to_decide(missed.connection, task_id, leader.actor, AFTER).decisions == (confirm,)
    with refused("makeup_own"):
        makeup_reviews.decide(missed.connection, task_id, waive, leader.actor, now=AFTER, rules=STRICT)
    done = makeup_reviews.decide(missed.connection, task_id, confirm, leader.actor, now=AFTER, rules=STRICT)
    assert (done.state, done.undoable) == (MakeupState.DONE, True)
    acts = missed.connection.execute(select(audit.c.action)).scalars().all()
    assert "makeup_confirm_own" in acts
    assert "makeup_confirm" not in acts
    assert group.deliveries(makeup_reviews.DECIDED) == []  # they know


def test_undoing_the_closing_calls_off_what_was_due(missed: Missed) -> None:
    missed.close()
    leader = missed.group.leader.actor
    closing.reopen(missed.connection, missed.session, leader, now=AFTER + timedelta(seconds=30), rules=RULES)
    for kind in (makeups.TASK, makeups.REMINDER):
        assert [row.state for row in missed.group.deliveries(kind)] == ["cancelled"]


def test_sending_back_is_undone_with_the_note_as_it_was(missed: Missed) -> None:
    missed.close(STRICT)
    missed.hand_in(STRICT)
    leader = missed.group.leader.actor
    asked = missed.group.deliveries(makeups.HANDED)[0]
    back = missed.decide("back")
    assert (back.state, back.undoable, back.note) == (MakeupState.PENDING, True, "三点体会")
    assert makeup_reviews.handed(missed.connection, asked.payload, AFTER) is None
    (told,) = missed.group.deliveries(makeup_reviews.DECIDED)
    assert makeup_reviews.decided(missed.connection, told.payload, AFTER) is not None
    again = makeup_reviews.undo(missed.connection, back.id, leader, now=AFTER + timedelta(seconds=59))
    assert (again.state, again.undoable) == (MakeupState.SUBMITTED, False)
    assert makeup_reviews.decided(missed.connection, told.payload, AFTER) is None
    assert makeup_reviews.handed(missed.connection, asked.payload, AFTER) is not None
    missed.decide("back", now=AFTER + timedelta(minutes=5))
    missed.hand_in(STRICT, now=AFTER + timedelta(minutes=6), key="r:2")
    with refused("undo_too_late"):
        missed.decide("confirm", now=AFTER + timedelta(minutes=7))
        makeup_reviews.undo(missed.connection, back.id, leader, now=AFTER + timedelta(minutes=9))


def test_ones_own_list_has_pages(missed: Missed) -> None:
    missed.close()
    life, member = missed.group.life, missed.group.member
    for number in range(makeups.SHOWN):
        session = life.session(missed.group.id, STARTS_AT + timedelta(days=number + 1), missed.group.leader)
        due = AFTER + timedelta(days=30 + number)
        life.row(makeup, session_id=session, person_id=member.id, created_at=AFTER, due_at=due)
    first, last = (makeups.own(missed.connection, page, member.actor, AFTER) for page in (0, 7))
    assert (len(first.entries), first.pages, len(last.entries), last.page) == (makeups.SHOWN, 2, 1, 1)
    buttons = [b.data for row in makeups_cards.own(first, words("zh-CN")).keyboard for b in row]
    assert buttons[-1] == "makeups:1"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_what_is_open_and_overdue_is_counted_where_one_looks(missed: Missed, language: str) -> None:
    missed.close(STRICT)
    spoken, leader = words(language), missed.group.leader.actor

    def hub(now: datetime) -> str:
        found = manage.look(missed.connection, 0, leader, now)
        (button,) = [
            b for row in manage_cards.look(found, spoken).keyboard for b in row if "makeups_of" in (b.data or "")
        ]
        return button.label

    later = AFTER + timedelta(days=9)
    label = spoken("button.hub_makeups")
    assert hub(AFTER) == spoken("manage.counted", label=label, number=1)
    assert hub(later) == spoken("manage.counted_overdue", label=label, number=1, overdue=1)
    listed = makeup_reviews.of_group(missed.connection, missed.group.id, 0, leader, later)
    assert spoken.html("makeups.overdue", count=1) in makeups_cards.tasks(listed, spoken).text
    mine = records_cards.record(records.own(missed.connection, missed.group.member.actor, AFTER), spoken)
    (button,) = [b for row in mine.keyboard for b in row if b.data == "makeups"]
    assert button.label == spoken("manage.counted", label=spoken("button.my_makeups"), number=1)
    missed.hand_in(STRICT, now=later)
    assert hub(later) == spoken("manage.counted", label=label, number=1)


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
    listed = makeup_reviews.of_group(missed.connection, other, 0, theirs.actor, AFTER)
    assert [one.id for one in listed.entries] == [task_id]
    own = makeup_reviews.of_group(missed.connection, group.id, 0, group.leader.actor, AFTER)
    assert [one.name for one in own.entries] == ["李明"]
    with refused("not_leader"):
        makeup_reviews.decide(missed.connection, own.entries[0].id, 2, theirs.actor, now=AFTER, rules=STRICT)
    assert makeup_reviews.decide(missed.connection, task_id, 0, theirs.actor, now=AFTER, rules=STRICT).state == "done"


def test_what_is_due_first_is_read_first(missed: Missed) -> None:
    missed.close()
    first = missed.task()
    later = missed.group.life.session(missed.group.id, STARTS_AT + timedelta(days=1), missed.group.leader)
    due = AFTER + timedelta(days=30)
    life, member = missed.group.life, missed.group.member
    second = life.row(makeup, session_id=later, person_id=member.id, created_at=AFTER, due_at=due)
    assert [one.id for one in makeups.own(missed.connection, 0, member.actor, AFTER).entries] == [first.id, second]


def test_others_see_and_do_nothing(missed: Missed) -> None:
    missed.close()
    task_id, member = missed.task().id, missed.group.member.actor
    outsider = missed.group.outsider.actor
    for actor in (outsider, missed.group.leader.actor):
        with refused("makeup_gone"):
            makeups.mine(missed.connection, task_id, actor, AFTER)
    with refused("not_leader"):
        makeup_reviews.decide(missed.connection, task_id, 0, member, now=AFTER, rules=RULES)
    with refused("not_leader"):
        makeup_reviews.of_group(missed.connection, missed.group.id, 0, member, AFTER)
    with refused("makeup_gone"):
        makeup_reviews.to_decide(missed.connection, 999, missed.group.leader.actor, AFTER)
    with refused("unknown_button"):
        makeup_reviews.decide(missed.connection, task_id, 3, missed.group.leader.actor, now=AFTER, rules=RULES)


def test_what_is_late_says_so_and_a_message_that_is_overtaken_is_not_sent(missed: Missed) -> None:
    missed.close()
    (told,) = missed.group.deliveries(makeups.TASK)
    later = AFTER + timedelta(days=9)
    assert (
        makeup_reviews.to_decide(missed.connection, missed.task().id, missed.group.leader.actor, later).state
        == "overdue"
    )
    missed.hand_in(now=later)
    assert makeup_reviews.to_decide(missed.connection, missed.task().id, missed.group.leader.actor, later).late
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
    listed = makeup_reviews.of_group(missed.connection, missed.group.id, 5, missed.group.leader.actor, NOW)
    messages = [
        makeups_cards.own(Own((task,) * 8, 0, 2), spoken),
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
