"""The radar day by day: who is told what and when, once, in one message; reasons; the monthly digest."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, func, select, update
from study_life import Somebody, StudyLife

from bot import holidays
from chat import radar_cards
from chat.fitting import MAX_TEXT, length
from db.tables import audit, chat, delivery, duty_reason, duty_told, person, study_group
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
        self.group = self.life.group(self.unit, created_at=founded)
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
    other = unit.life.group(unit.unit, "第二学习小组", time_zone="Europe/London", form="branch")
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


def test_what_would_come_after_todays_message_waits_for_tomorrow(unit: Unit) -> None:
    now = FIRST + timedelta(days=15)
    unit.look(now)
    unit.send(now + timedelta(hours=1))
    late = unit.life.group(unit.unit, "第二学习小组", created_at=datetime(2026, 2, 28, 18, tzinfo=UTC))
    unit.life.join(late, unit.leader, "leader")
    unit.look(now + timedelta(hours=2))
    query = select(func.count()).where(duty_told.c.group_id == late)
    assert unit.connection.execute(query).scalar_one() == 0
    unit.look(now + timedelta(days=1))
    assert unit.connection.execute(query).scalar_one() == 1


def test_where_no_leader_can_be_reached_the_admin_is_told(unit: Unit) -> None:
    unit.connection.execute(update(person).where(person.c.id == unit.leader.id).values(chat_id=None))
    now = FIRST + timedelta(days=15)
    unit.look(now)
    (row,) = unit.messages(unit.admin)
    facts = radar.message(unit.connection, row.payload, now, RULES)
    assert facts is not None
    assert [one.matter for one in facts.lines] == [Matter.ARRANGE]


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
        return duty_reasons.give(unit.connection, unit.group, where, reason, actor, now=now, rules=RULES)[1]

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
    _, found = duty_reasons.withdraw(unit.connection, unit.group, where, actor, now=now, rules=RULES)
    assert found.reason is None
    assert unit.connection.execute(select(duty_reason)).all() == []
    acts = Counter(unit.connection.execute(select(audit.c.action)).scalars())
    assert acts == {"give_reason": 3, "withdraw_reason": 1}


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
        group = unit.life.group(unit.unit, f"{number}号小组" + "长" * 50, form="branch")
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
