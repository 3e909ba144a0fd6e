"""The radar day by day: who is told what and when, once, in one message; reasons; the monthly digest."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, update
from study_life import Somebody, StudyLife

from bot import holidays
from chat import radar_cards
from chat.fitting import MAX_TEXT, length
from db.queries import radar as queries
from db.tables import (
    attendance,
    audit,
    chat,
    delivery,
    duty_reason,
    duty_told,
    membership,
    person,
    session_group,
    study_group,
)
from domain.errors import Refusal
from domain.radar import Matter
from services import digests, duty_reasons, inputs, radar
from services.duty_reasons import NOTE, REASONS, Where
from services.rules import Rules

RULES = Rules(holidays=holidays.known())
FIRST = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # Monday, 9:00 in Shanghai


class Unit:
    """A unit with an admin, and a group in it that is to study once a month."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.life = StudyLife(connection)
        self.root = self.life.unit("机关党委")
        self.unit = self.life.unit("第一党支部", self.root)
        founded = datetime(2026, 2, 28, 18, tzinfo=UTC)  # the first of March in Shanghai
        self.group = self.life.group(self.unit, created_at=founded, next_radar_at=FIRST)
        self.leader = self.start(self.life.member(self.group, "组长", "leader"))
        self.admin = self.start(self.life.person("管理员"))
        self.life.admin(self.root, self.admin)

    def start(self, somebody: Somebody) -> Somebody:
        chat_id = self.life.row(chat, telegram_id=somebody.actor.telegram_id, kind="private")
        self.connection.execute(update(person).where(person.c.id == somebody.id).values(chat_id=chat_id))
        return somebody

    def look(self, now: datetime) -> None:
        if radar.any_due(self.connection, now):
            radar.look(self.connection, now, RULES)

    def live(self, days: int, since: datetime = FIRST) -> None:
        """Look each morning, and send what was due until the next one."""
        for number in range(days):
            now = since + timedelta(days=number)
            self.look(now)
            self.send(now + timedelta(hours=12))

    def send(self, now: datetime) -> None:
        due = (delivery.c.state == "pending") & (delivery.c.due_at <= now)
        self.connection.execute(update(delivery).where(due).values(state="sent"))

    def messages(self, somebody: Somebody, kind: str = radar.RADAR) -> list[Any]:
        chat_id = select(person.c.chat_id).where(person.c.id == somebody.id).scalar_subquery()
        query = select(delivery).where(delivery.c.kind == kind, delivery.c.destination_id == chat_id)
        return list(self.connection.execute(query.order_by(delivery.c.id)).all())

    def told(self) -> list[tuple[str, date, date]]:
        query = select(duty_told.c.matter, duty_told.c.first_day, duty_told.c.told_on).order_by(duty_told.c.id)
        return [(row.matter, row.first_day, row.told_on) for row in self.connection.execute(query)]

    def hold(self, day: date, state: str = "closed") -> int:
        starts_at = datetime.combine(day, time(7), UTC)
        return self.life.session(self.group, starts_at, self.leader, state=state)


@pytest.fixture
def unit(connection: Connection) -> Unit:
    return Unit(connection)


def refused(code: str) -> Any:
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == code)


def test_a_month_that_nobody_arranges_escalates_step_by_step(unit: Unit) -> None:
    unit.live(45)
    march = date(2026, 3, 1)
    steps = [(matter, day) for matter, first, day in unit.told() if first == march]
    assert steps == [
        (Matter.ARRANGE.value, date(2026, 3, 17)),  # half of March is gone
        (Matter.URGENT.value, date(2026, 3, 26)),  # four fifths
        (Matter.REASON.value, date(2026, 4, 1)),
        (Matter.MISSED.value, date(2026, 4, 8)),
    ]
    assert [row.payload["day"] for row in unit.messages(unit.leader)] == ["2026-03-17", "2026-04-01"]
    assert [row.payload["day"] for row in unit.messages(unit.admin)] == ["2026-03-26", "2026-04-08"]


def test_whatever_happens_nobody_hears_twice_a_day_and_no_step_comes_twice(unit: Unit) -> None:
    other = unit.life.group(unit.unit, "第二学习小组", time_zone="Europe/London", form="branch", next_radar_at=FIRST)
    unit.life.join(other, unit.leader, "leader", committee=True)
    for number in range(120):
        now = FIRST + timedelta(days=number)
        for hour in (0, 8, 9, 20):  # London's morning, and replicas that look again
            unit.look(now + timedelta(hours=hour))
        unit.send(now + timedelta(hours=13))
        if number % 31 == 20:
            unit.hold((now + timedelta(days=3)).date(), "scheduled")
    for somebody in (unit.leader, unit.admin):
        days = Counter(row.payload["day"] for row in unit.messages(somebody))
        assert max(days.values()) == 1
    rows = unit.connection.execute(select(duty_told)).all()
    steps = Counter((row.group_id, row.kind, row.subgroup, row.first_day, row.matter) for row in rows)
    assert max(steps.values()) == 1
    by_period: dict[tuple[Any, ...], dict[str, date]] = {}
    for row in rows:
        by_period.setdefault((row.group_id, row.kind, row.first_day), {})[row.matter] = row.told_on
    for told in by_period.values():
        if "urgent" in told:
            assert told["arrange"] < told["urgent"]
        if "missed" in told:
            assert (told["missed"] - told["reason"]).days >= RULES.radar.reason_days


def test_what_is_arranged_or_explained_is_left_in_peace(unit: Unit) -> None:
    unit.hold(date(2026, 3, 30), "scheduled")
    unit.live(29)
    assert unit.told() == []
    unit.connection.execute(update(study_group).values(next_radar_at=None))
    entry = duty_reasons.misses(unit.connection, unit.group, unit.leader.actor, FIRST, RULES)
    assert entry.entries == ()


def test_a_message_that_nothing_is_left_of_is_not_sent(unit: Unit) -> None:
    now = FIRST + timedelta(days=15)
    unit.look(now)
    (row,) = unit.messages(unit.leader)
    facts = radar.message(unit.connection, row.payload, now, RULES)
    assert facts is not None
    assert [(one.matter, one.period.missing) for one in facts.lines] == [(Matter.ARRANGE, 1)]
    unit.hold(date(2026, 3, 30), "scheduled")
    assert radar.message(unit.connection, row.payload, now, RULES) is None


def test_what_comes_after_todays_message_is_in_that_of_tomorrow(unit: Unit) -> None:
    now = FIRST + timedelta(days=15)
    unit.look(now)
    unit.send(now + timedelta(hours=1))
    founded = datetime(2026, 2, 28, 18, tzinfo=UTC)
    late = [unit.life.group(unit.unit, f"{n}组", created_at=founded, next_radar_at=now) for n in (2, 3)]
    for group in late:
        unit.life.join(group, unit.leader, "leader")
    unit.look(now + timedelta(hours=2))
    today, tomorrow = unit.messages(unit.leader)
    assert (today.state, tomorrow.state) == ("sent", "pending")
    assert tomorrow.due_at == now + timedelta(days=1)
    assert [step[0] for step in tomorrow.payload["gathered"]] == late
    unit.connection.execute(update(study_group).where(study_group.c.id == unit.group).values(next_radar_at=now))
    unit.connection.execute(delete(duty_told).where(duty_told.c.group_id == unit.group))
    unit.look(now + timedelta(hours=3))  # a step more for the one that waits
    assert [step[0] for step in unit.messages(unit.leader)[1].payload["gathered"]] == [*late, unit.group]
    assert len(unit.messages(unit.leader)) == 2


def test_messages_are_written_in_the_order_of_their_readers(unit: Unit) -> None:
    """Whatever order the groups come in: two replicas never hold what the other one waits for."""
    second = unit.start(unit.life.member(unit.life.group(unit.unit, next_radar_at=FIRST), "组长二", "leader"))
    third = unit.life.group(unit.unit, next_radar_at=FIRST, created_at=datetime(2026, 2, 28, 18, tzinfo=UTC))
    for somebody in (second, unit.leader):
        unit.life.join(third, somebody, "leader")
    unit.look(FIRST + timedelta(days=15))
    query = select(delivery.c.payload).where(delivery.c.kind == radar.RADAR).order_by(delivery.c.id)
    readers = [row.payload["person_id"] for row in unit.connection.execute(query)]
    assert readers == sorted(readers)
    assert len(readers) >= 2


def test_a_new_group_is_looked_at_in_the_morning_first(unit: Unit) -> None:
    unit.connection.execute(update(study_group).values(next_radar_at=None))
    night = FIRST + timedelta(days=15, hours=16)  # one o'clock in Shanghai
    unit.look(night)
    assert unit.told() == []
    unit.look(night + timedelta(hours=8))
    assert [step[2] for step in unit.told()] == [date(2026, 3, 18)]


def test_whoever_does_not_lead_any_more_is_told_nothing(unit: Unit) -> None:
    now = FIRST + timedelta(days=15)
    unit.look(now)
    (row,) = unit.messages(unit.leader)
    unit.connection.execute(update(membership).values(role="member"))
    assert radar.message(unit.connection, row.payload, now, RULES) is None


def test_where_no_leader_can_be_reached_the_admin_is_told(unit: Unit) -> None:
    unit.connection.execute(update(person).where(person.c.id == unit.leader.id).values(chat_id=None))
    now = FIRST + timedelta(days=15)
    unit.look(now)
    (row,) = unit.messages(unit.admin)
    facts = radar.message(unit.connection, row.payload, now, RULES)
    assert facts is not None
    assert [(one.matter, one.pass_on) for one in facts.lines] == [(Matter.ARRANGE, True)]
    assert "组长没有开通私聊" in radar_cards.message(facts).text


def test_a_long_outage_is_one_look(unit: Unit) -> None:
    unit.look(FIRST)
    unit.look(FIRST + timedelta(days=60))
    assert len(unit.messages(unit.leader)) <= 1
    assert not radar.any_due(unit.connection, FIRST + timedelta(days=60, minutes=1))


def test_it_is_quiet_at_night(unit: Unit) -> None:
    unit.connection.execute(
        update(person).where(person.c.id == unit.leader.id).values(quiet_from=8 * 60, quiet_to=12 * 60)
    )
    unit.look(FIRST + timedelta(days=15))
    (row,) = unit.messages(unit.leader)
    assert row.due_at == datetime(2026, 3, 17, 4, tzinfo=UTC)  # noon


def where_of(unit: Unit, now: datetime) -> Where:
    found = duty_reasons.misses(unit.connection, unit.group, unit.leader.actor, now, RULES)
    return found.entries[0].where


def test_a_reason_is_given_changed_and_withdrawn(unit: Unit) -> None:
    now = datetime(2026, 4, 2, 1, tzinfo=UTC)
    where = where_of(unit, now)
    actor = unit.leader.actor

    def give(reason: int) -> duty_reasons.Missed:
        return duty_reasons.give(unit.connection, unit.group, where, reason, actor, now=now, rules=RULES)

    assert give(0).reason == (REASONS[0], "")
    duty_reasons.ask_note(unit.connection, unit.group, where, actor, now=now, rules=RULES)
    waiting = inputs.awaited(unit.connection, actor.telegram_id, now)
    assert waiting is not None
    assert (waiting.purpose, waiting.numbers) == (NOTE, (unit.group, *where))
    with refused("reason_too_long"):
        write(unit, where, "字" * 201, now)
    write(unit, where, "  年中考核 ", now)
    assert give(2).reason == (REASONS[2], "年中考核")
    give(2)  # the same again is no act
    unit.live(10, since=datetime(2026, 4, 2, 1, tzinfo=UTC))
    assert not [step for step in unit.told() if step[1] == date(2026, 3, 1)]
    found = duty_reasons.withdraw(unit.connection, unit.group, where, actor, now=now, rules=RULES)
    assert found.reason is None
    assert unit.connection.execute(select(duty_reason)).all() == []
    acts = Counter(unit.connection.execute(select(audit.c.action)).scalars())
    assert acts == {"give_reason": 3, "withdraw_reason": 1}


def test_a_miss_of_december_is_explained_in_january(unit: Unit) -> None:
    unit.connection.execute(update(study_group).values(created_at=datetime(2026, 12, 1, tzinfo=UTC)))
    now = datetime(2027, 1, 5, 1, tzinfo=UTC)
    actor = unit.leader.actor
    found = duty_reasons.misses(unit.connection, unit.group, actor, now, RULES)
    assert [(one.period.first, found.year) for one in found.entries] == [(date(2026, 12, 1), 2027)]
    duty_reasons.give(unit.connection, unit.group, found.entries[0].where, 0, actor, now=now, rules=RULES)
    assert duty_reasons.misses(unit.connection, unit.group, actor, now, RULES).entries == ()


def test_the_digest_of_december_opens_the_new_plan(unit: Unit) -> None:
    facts = digests.Digest(date(2026, 12, 1), "zh-CN", ())
    assert radar_cards.digest(facts).keyboard[0][0].data == "plans:2027:0"


def test_a_joint_session_counts_a_groups_own_people(unit: Unit) -> None:
    other = unit.life.group(unit.unit, "第二学习小组")
    joint = unit.hold(date(2026, 3, 10))
    unit.connection.execute(insert(session_group).values(session_id=joint, group_id=other))
    for group, statuses in ((unit.group, ("present", "late")), (other, ("absent", "absent", "present"))):
        for number, status in enumerate(statuses):
            somebody = unit.life.member(group, f"{group}-{number}")
            values = {"session_id": joint, "person_id": somebody.id, "status": status, "method": "button", "at": FIRST}
            unit.connection.execute(insert(attendance).values(values))
    march = (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
    assert tuple(queries.attendance_of(unit.connection, unit.group, *march)) == (1, 2, 2)
    assert tuple(queries.attendance_of(unit.connection, other, *march)) == (1, 1, 3)


def test_the_digest_goes_to_every_admin_above(unit: Unit) -> None:
    near = unit.start(unit.life.person("支部管理员"))
    unit.life.admin(unit.unit, near)
    unit.live(1)
    for somebody in (near, unit.admin):
        assert len(unit.messages(somebody, digests.DIGEST)) == 1
    unit.live(40)
    assert len(unit.messages(near)) == 2  # what is urgent, or was missed, goes to who is nearest
    assert unit.messages(unit.admin) == []


def write(unit: Unit, where: Where, text: str, now: datetime) -> None:
    duty_reasons.note_typed(
        unit.connection,
        unit.group,
        where,
        text,
        unit.leader.actor,
        reply_key="r:1",
        language="zh-CN",
        now=now,
        rules=RULES,
    )


def test_reasons_are_for_those_who_lead_and_for_what_was_missed(unit: Unit) -> None:
    now = datetime(2026, 4, 2, 1, tzinfo=UTC)
    where = where_of(unit, now)
    member = unit.life.member(unit.group, "李明")
    with refused("not_leader"):
        duty_reasons.missed(unit.connection, unit.group, where, member.actor, now, RULES)
    duty_reasons.missed(unit.connection, unit.group, where, unit.admin.actor, now, RULES)
    for forged in (where._replace(line=9), where._replace(kind=3), where._replace(first=where.first + 1)):
        with refused("reason_gone"):
            duty_reasons.missed(unit.connection, unit.group, forged, unit.leader.actor, now, RULES)
    with refused("unknown_button"):
        duty_reasons.missed(unit.connection, unit.group, where._replace(first=-5), unit.leader.actor, now, RULES)
    unit.hold(date(2026, 3, 10))
    with refused("reason_gone"):
        duty_reasons.give(unit.connection, unit.group, where, 0, unit.leader.actor, now=now, rules=RULES)


def test_the_digest_comes_on_the_first_working_day_once(unit: Unit) -> None:
    unit.hold(date(2026, 3, 10))
    unit.live(31 + 30)
    found = unit.messages(unit.leader, digests.DIGEST)
    assert [row.payload["day"] for row in found] == ["2026-03-02", "2026-04-01"]
    facts = digests.digest(unit.connection, found[1].payload, datetime(2026, 4, 1, 2, tzinfo=UTC), RULES)
    assert facts is not None
    (group,) = facts.groups
    assert (facts.month, group.sessions, group.before.due, group.before.held) == (date(2026, 3, 1), 1, 1, 1)
    assert (group.this.due, group.this.missing, group.rate) == (1, 1, None)
    assert len(unit.messages(unit.admin, digests.DIGEST)) == 2
    assert digests.first_workday(date(2026, 10, 20), RULES.holidays) == date(2026, 10, 8)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_messages_fit_however_much_there_is_to_say(unit: Unit, language: str) -> None:
    for number in range(40):
        name = f"{number}号小组" + "长" * 50
        group = unit.life.group(unit.unit, name, form="branch", next_radar_at=FIRST)
        unit.life.join(group, unit.leader, "leader", committee=True, subgroup="小组" + "名" * 30)
    unit.connection.execute(update(person).values(language=language))
    now = datetime(2026, 7, 1, 1, tzinfo=UTC)
    for _ in range(3):
        unit.look(now)
    (row,) = unit.messages(unit.leader)
    facts = radar.message(unit.connection, row.payload, now, RULES)
    assert facts is not None
    assert len(facts.lines) > 100
    sent = radar_cards.message(facts)
    assert length(sent.text) <= MAX_TEXT
    (row,) = unit.messages(unit.leader, digests.DIGEST)
    digest = digests.digest(unit.connection, row.payload, now, RULES)
    assert digest is not None
    assert length(radar_cards.digest(digest).text) <= MAX_TEXT
    assert radar_cards.message(replace(facts, lines=facts.lines[:1])).keyboard
