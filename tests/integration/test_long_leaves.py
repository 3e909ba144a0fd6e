"""Long leave: asking, deciding, which sessions it covers, also those scheduled later, and coming back early."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from session_life import NOW, RULES, STARTS_AT, TYPED, Group, at
from sqlalchemy import Connection, select, update

from chat import long_leaves_cards
from db.queries import nudges
from db.queries import sessions as session_queries
from db.tables import audit, long_leave, membership, response
from domain.errors import Refusal
from services import inputs, long_leave_asking, long_leave_decisions, long_leaves, moving
from services import responses as answering
from services.long_leave_asking import DAYS, ONESELF
from services.long_leaves import LongLeave
from texts import words

FIRST, LAST = date(2026, 12, 1), date(2026, 12, 20)


class Away:
    """A group with a session in the days of leave, and a member who can be written to."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.group = Group(connection)
        self.group.start(self.group.member)
        self.session = self.group.session()

    def ask(self, first: date = FIRST, last: date = LAST, who: Any = None) -> LongLeave:
        actor = (who or self.group.member).actor
        return long_leave_asking.request(self.connection, self.group.id, first, last, 1, actor, now=NOW, rules=RULES)

    def decide(self, leave: LongLeave, approved: bool = True) -> LongLeave:
        leader = self.group.leader.actor
        return long_leave_decisions.decide(self.connection, leave.id, leader, approved=approved, now=NOW, rules=RULES)

    def answer(self, session_id: int | None = None) -> tuple[str, str, bool | None] | None:
        query = select(response.c.answer, response.c.reason, response.c.approved).where(
            response.c.session_id == (session_id or self.session), response.c.person_id == self.group.member.id
        )
        row = self.connection.execute(query).one_or_none()
        return None if row is None else tuple(row)

    def schedule(self, day: date, key: str) -> int:
        local = TYPED.starts_local.replace(year=day.year, month=day.month, day=day.day)
        starts_at = TYPED.starts_at + (day - TYPED.starts_local.date())
        typed = replace(TYPED, title=f"学习 {day}", starts_local=local, starts_at=starts_at)
        self.group.publish(self.group.draft(typed, key))
        return int(next(row.id for row in self.group.sessions() if row.title == typed.title))


@pytest.fixture
def away(connection: Connection) -> Away:
    return Away(connection)


def refused(code: str) -> Any:
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == code)


def test_approved_it_answers_the_sessions_in_its_days(away: Away) -> None:
    leave = away.ask()
    assert (leave.state, leave.sessions) == ("open", 1)
    assert away.answer() is None
    (asked,) = away.group.deliveries(long_leaves.REQUEST)
    assert asked.destination_id == away.group.leader_chat
    assert long_leaves.requested(away.connection, asked.payload, NOW) is not None
    done = away.decide(leave)
    assert done.state == "approved"
    assert away.answer() == ("leave", "sick", True)
    assert long_leaves.requested(away.connection, asked.payload, NOW) is None
    (told,) = away.group.deliveries(long_leave_decisions.DECIDED)
    facts = long_leave_decisions.decided(away.connection, told.payload, NOW)
    assert facts is not None
    assert "已批准" in long_leaves_cards.decided(facts).text
    assert [row.id for row in nudges.missing(away.connection, away.session)] == [away.group.leader.id]
    acts = away.connection.execute(select(audit.c.action)).scalars().all()
    assert "long_leave_approved" in acts


def test_sessions_that_are_scheduled_later_are_answered_too(away: Away) -> None:
    away.decide(away.ask())
    inside, outside = away.schedule(LAST, "r:2"), away.schedule(LAST + timedelta(days=1), "r:3")
    assert away.answer(inside) == ("leave", "sick", True)
    assert away.answer(outside) is None


def test_a_session_that_moves_into_the_days_is_answered(away: Away) -> None:
    away.decide(away.ask())
    outside = away.schedule(LAST + timedelta(days=3), "r:2")
    row = session_queries.session(away.connection, outside, lock=True)
    assert row is not None
    into = row.starts_at - timedelta(days=5)
    moving.move(away.connection, row, into, row.ends_at - row.starts_at, aloud=True, now=NOW, rules=RULES)
    assert away.answer(outside) == ("leave", "sick", True)


def test_a_decision_can_be_changed(away: Away) -> None:
    leave = away.ask()
    away.decide(leave)
    away.decide(leave, approved=False)
    assert away.answer() is None
    away.decide(leave)
    away.decide(leave)
    assert away.answer() == ("leave", "sick", True)
    assert len(away.group.deliveries(long_leave_decisions.DECIDED)) == 1  # all in one moment


def test_what_was_answered_before_gives_way(away: Away) -> None:
    member = away.group.member.actor
    chat_id = away.group.telegram_id
    answering.answer(away.connection, away.session, member, chat_id, "going", at(NOW), now=NOW, rules=RULES)
    away.decide(away.ask())
    assert away.answer() == ("leave", "sick", True)


def test_coming_back_early_brings_the_rest_back(away: Away) -> None:
    leave = away.decide(away.ask())
    later = away.schedule(date(2026, 12, 15), "r:2")
    back = STARTS_AT + timedelta(days=1)  # the third of December
    ended = long_leave_decisions.withdraw(away.connection, leave.id, away.group.member.actor, now=back, rules=RULES)
    assert (ended.state, ended.last) == ("approved", date(2026, 12, 2))
    assert away.answer() == ("leave", "sick", True)  # that day is over
    assert away.answer(later) is None


def test_before_it_begins_it_is_withdrawn_as_a_whole(away: Away) -> None:
    leave = away.decide(away.ask())
    gone = long_leave_decisions.withdraw(away.connection, leave.id, away.group.leader.actor, now=NOW, rules=RULES)
    assert gone.state == "withdrawn"
    assert away.answer() is None
    with refused("long_leave_gone"):
        away.decide(leave)
    away.ask()  # the days are free again


def test_what_cannot_be(away: Away) -> None:
    leave = away.ask()
    with refused("long_leave_overlaps"):
        away.ask(LAST, LAST + timedelta(days=3))
    with refused("long_leave_past"):
        away.ask(date(2026, 1, 1), date(2026, 1, 9))
    with refused("long_leave_too_long"):
        away.ask(date(2027, 1, 1), date(2028, 6, 1))
    with refused("long_leave_too_long"):
        away.ask(date(2027, 2, 2), date(2027, 2, 1))
    with refused("not_member"):
        away.ask(who=away.group.outsider)
    with refused("not_leader"):
        member = away.group.member.actor
        long_leave_decisions.decide(away.connection, leave.id, member, approved=True, now=NOW, rules=RULES)
    own = away.ask(who=away.group.leader)
    with refused("own_leave"):
        away.decide(own)
    for act in (long_leaves.shown, long_leave_decisions.withdraw):
        with refused("long_leave_gone"):
            outsider = away.group.outsider.actor
            if act is long_leaves.shown:
                long_leaves.shown(away.connection, leave.id, outsider, NOW)
            else:
                long_leave_decisions.withdraw(away.connection, leave.id, outsider, now=NOW, rules=RULES)


def test_typed_days_are_answered_with_the_question_why(away: Away) -> None:
    member = away.group.member.actor
    long_leave_asking.ask_days(away.connection, away.group.id, ONESELF, member, now=NOW)
    waiting = inputs.awaited(away.connection, member.telegram_id, NOW)
    assert waiting is not None
    assert (waiting.purpose, waiting.numbers) == (DAYS, (away.group.id, ONESELF))
    long_leave_asking.days_typed(
        away.connection, away.group.id, ONESELF, FIRST, LAST, member, reply_key="r:7", language="zh-CN", now=NOW
    )
    (reply,) = [row for row in away.group.deliveries("reply") if row.dedupe_key == "r:7"]
    data = [button[1] for button in reply.payload["buttons"][0]]
    assert data[1] == f"long_take:{away.group.id}:{FIRST.toordinal()}:{LAST.toordinal()}:1"
    assert away.connection.execute(select(long_leave.c.id)).first() is None


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_pages_name_what_they_are_about(away: Away, language: str) -> None:
    spoken = words(language)
    leave = away.ask()
    found = long_leave_asking.choice(away.connection, away.group.member.actor, NOW)
    assert [each.id for each in found.leaves] == [leave.id]
    assert f"long_leave:{leave.id}" in [b.data for row in long_leaves_cards.choice(found, spoken).keyboard for b in row]
    listed = long_leave_decisions.of_group(away.connection, away.group.id, 0, away.group.leader.actor, NOW)
    assert len(long_leaves_cards.of_group(listed, spoken).keyboard) == 3
    assert spoken("reason.sick") in long_leaves_cards.to_decide(leave, spoken).text
    assert long_leaves_cards.shown(leave, spoken).keyboard


def test_declining_an_open_one_leaves_ones_own_leave_alone(away: Away) -> None:
    member, chat_id = away.group.member.actor, away.group.telegram_id
    answering.answer(away.connection, away.session, member, chat_id, "leave", at(NOW), now=NOW, rules=RULES)
    away.decide(away.ask(), approved=False)
    assert away.answer() == ("leave", "", None)


def test_ones_own_leave_outlives_a_long_one(away: Away) -> None:
    member, chat_id = away.group.member.actor, away.group.telegram_id
    answering.answer(away.connection, away.session, member, chat_id, "leave", at(NOW), now=NOW, rules=RULES)
    leave = away.decide(away.ask())
    long_leave_decisions.withdraw(away.connection, leave.id, member, now=NOW, rules=RULES)
    assert away.answer() == ("leave", "", None)


def test_only_who_is_expected_is_put_on_leave(away: Away) -> None:
    away.decide(away.ask())
    group = away.group
    away.connection.execute(update(membership).where(membership.c.person_id == group.member.id).values(left_at=NOW))
    assert away.answer(away.schedule(LAST, "r:2")) is None


def test_a_leader_ends_it_and_its_person_is_told(away: Away) -> None:
    leave = away.decide(away.ask())
    leader = away.group.leader.actor
    listed = long_leave_decisions.of_group(away.connection, away.group.id, 9, leader, NOW)
    assert ([one.id for one in listed.leaves], listed.pages) == ([leave.id], 1)
    long_leave_decisions.withdraw(away.connection, leave.id, leader, now=NOW, rules=RULES)
    (told,) = away.group.deliveries(long_leave_decisions.ENDED)
    facts = long_leave_decisions.ended(away.connection, told.payload, NOW)
    assert facts is not None
    assert "已取消" in long_leaves_cards.ended(facts).text
    assert long_leave_decisions.of_group(away.connection, away.group.id, 0, leader, NOW).leaves == ()


def test_nobody_is_told_of_what_they_ended_themselves(away: Away) -> None:
    leave = away.decide(away.ask())
    long_leave_decisions.withdraw(away.connection, leave.id, away.group.member.actor, now=NOW, rules=RULES)
    assert away.group.deliveries(long_leave_decisions.ENDED) == []


def test_shortened_it_frees_what_comes_after_and_its_person_is_told_by_a_leader_only(away: Away) -> None:
    leave = away.decide(away.ask())
    inside, after = away.schedule(date(2026, 12, 9), "r:2"), away.schedule(date(2026, 12, 16), "r:3")
    member, leader = away.group.member.actor, away.group.leader.actor
    cut = date(2026, 12, 15)
    shorter = long_leave_decisions.shorten(away.connection, leave.id, cut, member, now=NOW, rules=RULES)
    assert (shorter.last, shorter.state, shorter.is_own, shorter.sessions) == (cut, "approved", True, 2)
    assert away.answer(inside) == ("leave", "sick", True)
    assert away.answer(after) is None
    assert away.group.deliveries(long_leave_decisions.ENDED) == []
    long_leave_decisions.shorten(away.connection, leave.id, cut, member, now=NOW, rules=RULES)  # a second tap
    day = date(2026, 12, 8)
    long_leave_decisions.shorten(away.connection, leave.id, day, leader, now=NOW, rules=RULES)
    assert away.answer(inside) is None
    assert away.answer() == ("leave", "sick", True)
    (told,) = away.group.deliveries(long_leave_decisions.ENDED)
    facts = long_leave_decisions.ended(away.connection, told.payload, NOW)
    assert facts is not None
    assert "12月8日" in long_leaves_cards.ended(facts).text
    acts = away.connection.execute(select(audit.c.action)).scalars().all()
    assert acts.count("long_leave_shorten") == 2


def test_it_is_not_shortened_to_a_day_that_has_passed_or_made_longer(away: Away) -> None:
    leave = away.ask()
    member = away.group.member.actor
    fourth = STARTS_AT + timedelta(days=2)
    for day in (date(2026, 12, 3), LAST + timedelta(days=1)):
        with refused("long_leave_not_then"):
            long_leave_decisions.shorten(away.connection, leave.id, day, member, now=fourth, rules=RULES)
    with refused("long_leave_no_shorter"):
        last = STARTS_AT + timedelta(days=18)
        long_leave_decisions.shorten(away.connection, leave.id, FIRST, member, now=last, rules=RULES)
    with refused("long_leave_gone"):
        outsider = away.group.outsider.actor
        long_leave_decisions.shorten(away.connection, leave.id, FIRST, outsider, now=NOW, rules=RULES)
    leader = away.group.leader.actor
    with refused("long_leave_undecided"):
        long_leave_decisions.shorten(away.connection, leave.id, FIRST, leader, now=NOW, rules=RULES)
    with refused("long_leave_undecided"):
        long_leave_decisions.withdraw(away.connection, leave.id, leader, now=NOW, rules=RULES)
    open_yet = long_leave_decisions.shorten(away.connection, leave.id, FIRST, member, now=NOW, rules=RULES)
    assert (open_yet.state, open_yet.last, away.answer()) == ("open", FIRST, None)


def test_what_is_over_stays_as_it_is(away: Away) -> None:
    leave = away.decide(away.ask())
    later = STARTS_AT + timedelta(days=60)
    member, leader = away.group.member.actor, away.group.leader.actor
    kept = long_leave_decisions.withdraw(away.connection, leave.id, member, now=later, rules=RULES)
    assert (kept.state, kept.last) == ("approved", LAST)
    with refused("long_leave_over"):
        long_leave_decisions.decide(away.connection, leave.id, leader, approved=False, now=later, rules=RULES)
    seen = long_leaves.shown(away.connection, leave.id, leader, later)
    buttons = [b.data for row in long_leaves_cards.shown(seen, words("zh-CN")).keyboard for b in row]
    assert buttons == [f"long_wait:{away.group.id}:0"]


def enter(away: Away, first: date = FIRST, last: date = LAST, **changes: Any) -> LongLeave:
    person_id = changes.get("person_id", away.group.member.id)
    actor = changes.get("actor", away.group.leader.actor)
    return long_leave_decisions.enter(
        away.connection, away.group.id, person_id, first, last, changes.get("reason", 0), actor, now=NOW, rules=RULES
    )


def test_a_leader_enters_it_for_a_member_who_is_told(away: Away) -> None:
    entered = enter(away)
    assert (entered.state, entered.sessions, entered.is_own) == ("approved", 1, False)
    assert away.answer() == ("leave", "official", True)
    assert enter(away).id == entered.id  # a second tap
    (told,) = away.group.deliveries(long_leave_decisions.ENTERED)
    facts = long_leave_decisions.entered(away.connection, told.payload, NOW)
    assert facts is not None
    (button,) = [b for row in long_leaves_cards.entered(facts).keyboard for b in row]
    assert button.data == f"long_leave:{entered.id}"
    assert away.group.deliveries(long_leaves.REQUEST) == []
    acts = away.connection.execute(select(audit.c.action)).scalars().all()
    assert acts.count("long_leave_entered") == 1


def test_who_may_enter_it_and_for_whom(away: Away) -> None:
    group = away.group
    with refused("own_leave"):
        enter(away, person_id=group.leader.id)
    with refused("person_left"):
        enter(away, person_id=group.outsider.id)
    with refused("not_leader"):
        enter(away, person_id=group.leader.id, actor=group.member.actor)
    with refused("long_leave_past"):
        enter(away, date(2026, 1, 1), date(2026, 1, 2))
    with refused("unknown_button"):
        enter(away, reason=3)
    enter(away)
    with refused("long_leave_overlaps"):
        enter(away, LAST, LAST + timedelta(days=1))


def test_a_request_that_is_tapped_twice_is_one(away: Away) -> None:
    assert away.ask().id == away.ask().id
    assert len(away.group.deliveries(long_leaves.REQUEST)) == 1


def test_the_request_of_who_leads_alone_goes_to_the_nearest_admin(away: Away) -> None:
    group = away.group
    admin = group.life.person("管理员")
    group.life.admin(group.unit_id, admin)
    chat_id = group.start(admin)
    asked = away.ask(who=group.leader)
    assert [row.destination_id for row in group.deliveries(long_leaves.REQUEST)] == [chat_id]
    done = long_leave_decisions.decide(away.connection, asked.id, admin.actor, approved=True, now=NOW, rules=RULES)
    assert done.state == "approved"


def test_one_that_was_declined_does_not_come_back_over_another(away: Away) -> None:
    leave = away.ask()
    away.decide(leave, approved=False)
    away.ask(FIRST, FIRST + timedelta(days=3))
    with refused("long_leave_taken"):
        away.decide(leave)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_calendar_offers_days_that_can_be(away: Away, language: str) -> None:
    spoken, group = words(language), away.group
    facts = long_leave_asking.asking(away.connection, group.id, group.member.id, group.leader.actor, NOW)
    november = 2026 * 12 + 10
    ids = f"{group.id}:{group.member.id}"
    today, friday = facts.today, date(2026, 11, 27)
    page = long_leaves_cards.ask_days(facts, None, november, spoken)
    days = {b.label: b.data for row in page.keyboard[:-2] for b in row if b.label != "·"}
    assert list(days) == [str(day) for day in range(today.day, 31)]
    assert days["27"] == f"long_cal:{ids}:{friday.toordinal()}:{november}"
    assert "李明" in page.text
    page = long_leaves_cards.ask_days(facts, friday, november, spoken)
    days = {b.label: b.data for row in page.keyboard[:-2] for b in row if b.label != "·"}
    assert days["[27]"] == f"long_days:{ids}:{friday.toordinal()}:{friday.toordinal()}"
    assert days["30"] == f"long_days:{ids}:{friday.toordinal()}:{friday.toordinal() + 3}"
    assert days["26"] == f"long_cal:{ids}:{friday.toordinal() - 1}:{november}"
    why = long_leaves_cards.why(facts, friday, friday, spoken)
    assert why.keyboard[0][1].data == f"long_put:{ids}:{friday.toordinal()}:{friday.toordinal()}:1"
    own = replace(facts, person_id=ONESELF, name="")
    assert long_leaves_cards.why(own, friday, friday, spoken).keyboard[0][1].data == (
        f"long_take:{group.id}:{friday.toordinal()}:{friday.toordinal()}:1"
    )


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_calendar_for_shortening_offers_the_days_between(away: Away, language: str) -> None:
    spoken = words(language)
    leave = away.decide(away.ask())
    seen = long_leaves.shown(away.connection, leave.id, away.group.member.actor, NOW)
    page = long_leaves_cards.choose_end(seen, None, spoken)
    days = {b.label: b.data for row in page.keyboard[:-2] for b in row if b.label != "·"}
    assert list(days) == [str(day) for day in range(1, 20)]
    assert days["8"] == f"long_cut:{leave.id}:{date(2026, 12, 8).toordinal()}"
    one_day = replace(seen, first=LAST)
    assert len(long_leaves_cards.choose_end(one_day, None, spoken).keyboard) == 1
    data = [b.data for row in long_leaves_cards.shown(one_day, spoken).keyboard for b in row]
    assert f"long_short:{leave.id}" not in data
