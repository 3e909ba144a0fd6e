"""The rota of speakers: whose turn it is, reminders to prepare, changes, leave, and swaps by consent."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from session_life import NOW, RULES, STARTS_AT, TYPED, Group, at
from sqlalchemy import Connection, select, update
from study_life import Somebody

from chat import rota_cards, sessions_cards, swaps_cards
from chat.fitting import MAX_TEXT, length
from db.queries import sessions as session_queries
from db.tables import audit, membership, study_group, study_session, swap
from domain.errors import Refusal
from services import (
    group_settings,
    leaving,
    long_leave_asking,
    long_leave_decisions,
    minutes,
    moving,
    responses,
    rota,
    rota_pages,
    sessions,
    swaps,
)
from services.group_settings import Page
from texts import words


class Turns:
    """A group of three with a rota, all of them with a private chat."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.group = Group(connection)
        self.third = self.group.life.member(self.group.id, "赵强")
        self.people = (self.group.leader, self.group.member, self.third)
        self.chats = {self.group.leader.id: self.group.leader_chat}
        for somebody in (self.group.member, self.third):
            self.chats[somebody.id] = self.group.start(somebody)
        self.switch(on=True)

    def switch(self, *, on: bool) -> None:
        actor = self.group.leader.actor
        group_settings.choose(self.connection, actor, self.group.id, Page.ROTA, int(on), now=NOW, rules=RULES)

    def session(self, days: int, kind: str = "study") -> int:
        """A session so many days after the usual one; its id."""
        moment = timedelta(days=days)
        typed = replace(
            TYPED,
            title=f"学习 {days}",
            kind=kind,
            starts_local=TYPED.starts_local + moment,
            starts_at=STARTS_AT + moment,
        )
        self.group.publish(self.group.draft(typed, f"r:{days}"))
        return int(next(row.id for row in self.group.sessions() if row.title == typed.title))

    def speaker(self, session_id: int) -> int | None:
        query = select(study_session.c.speaker_id).where(study_session.c.id == session_id)
        found: int | None = self.connection.execute(query).scalar_one()
        return found

    def who(self, session_id: int) -> Somebody:
        return next(somebody for somebody in self.people if somebody.id == self.speaker(session_id))

    def other(self, session_id: int) -> Somebody:
        return next(each for each in self.people if each.id not in (self.speaker(session_id), self.group.leader.id))

    def waiting(self, kind: str, chat_id: int | None = None) -> list[Any]:
        return [
            row
            for row in self.group.deliveries(kind)
            if row.state == "pending" and chat_id in (None, row.destination_id)
        ]

    def put(self, session_id: int, somebody: Somebody | None) -> None:
        person_id = somebody.id if somebody else 0
        leader = self.group.leader.actor
        rota_pages.put(self.connection, session_id, person_id, leader, now=NOW, rules=RULES)


@pytest.fixture
def turns(connection: Connection) -> Turns:
    return Turns(connection)


def refused(code: str) -> Any:
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == code)


def test_turns_go_round(turns: Turns) -> None:
    found = [turns.speaker(turns.session(7 * week)) for week in range(6)]
    assert set(Counter(found).values()) == {2}
    assert all(one != following for one, following in pairwise(found))


def test_only_study_and_only_where_it_is_on(turns: Turns) -> None:
    assert turns.speaker(turns.session(1, kind="lesson")) is None
    turns.switch(on=False)
    session = turns.session(2)
    assert turns.speaker(session) is None
    turns.switch(on=True)  # what comes is dealt at once
    assert turns.speaker(session) is not None


def test_who_takes_no_turns_is_left_out(turns: Turns) -> None:
    others = membership.c.person_id != turns.third.id
    turns.connection.execute(update(membership).where(others).values(speaks=False))
    assert {turns.speaker(turns.session(7 * week)) for week in range(3)} == {turns.third.id}


def test_who_is_on_leave_is_left_out_and_first_when_back(turns: Turns) -> None:
    first = turns.session(0)
    away = next(each for each in turns.people if each.id != turns.speaker(first) and each is not turns.group.leader)
    days = (date(2026, 12, 8), date(2026, 12, 17))
    asked = long_leave_asking.request(turns.connection, turns.group.id, *days, 0, away.actor, now=NOW, rules=RULES)
    leader = turns.group.leader.actor
    long_leave_decisions.decide(turns.connection, asked.id, leader, approved=True, now=NOW, rules=RULES)
    during = [turns.speaker(turns.session(week * 7)) for week in (1, 2)]
    assert away.id not in during
    assert turns.speaker(turns.session(21)) == away.id


def test_the_speaker_is_told_and_reminded(turns: Turns) -> None:
    session = turns.session(14)
    chat_id = turns.chats[turns.who(session).id]
    (told,) = turns.waiting(rota.TURN)
    assert (told.destination_id, told.due_at) == (chat_id, NOW + timedelta(minutes=1))
    days = [row.due_at.date() for row in turns.waiting(rota.PREPARE, chat_id)]
    assert days == [date(2026, 12, 16 - before) for before in (7, 3, 1)]
    facts = rota.turn(
        turns.connection, turns.waiting(rota.PREPARE)[0].payload, datetime(2026, 12, 9, 1, tzinfo=NOW.tzinfo)
    )
    assert facts is not None
    assert "还有 7 天" in rota_cards.prepare(facts).text


def test_a_change_takes_the_messages_along(turns: Turns) -> None:
    session = turns.session(14)
    before, after = turns.who(session), turns.other(session)
    old = turns.waiting(rota.TURN)[0]
    turns.put(session, after)
    assert turns.speaker(session) == after.id
    assert [row.destination_id for row in turns.waiting(rota.TURN)] == [turns.chats[after.id]]
    assert {row.destination_id for row in turns.waiting(rota.PREPARE)} == {turns.chats[after.id]}
    (relieved,) = turns.waiting(rota.RELIEVED)
    assert relieved.destination_id == turns.chats[before.id]
    facts = rota.relieved(turns.connection, relieved.payload, NOW)
    assert facts is not None
    assert after.actor.name in rota_cards.relieved(facts).text
    assert rota.turn(turns.connection, old.payload, NOW) is None
    turns.put(session, before)  # and back: nobody is told that they need not
    assert rota.relieved(turns.connection, relieved.payload, NOW) is None
    turns.put(session, None)
    assert turns.speaker(session) is None
    assert turns.waiting(rota.PREPARE) == []


def test_minutes_change_it_as_well(turns: Turns) -> None:
    session = turns.session(14)
    after = turns.other(session)
    role = minutes.ROLES.index("speaker")
    leader = turns.group.leader.actor
    minutes.choose(turns.connection, session, role, after.id, leader, now=NOW, rules=RULES)
    assert {row.destination_id for row in turns.waiting(rota.PREPARE)} == {turns.chats[after.id]}


def test_of_a_moved_session_the_new_time_is_told(turns: Turns) -> None:
    session = turns.session(14)
    row = session_queries.session(turns.connection, session, lock=True)
    assert row is not None
    moving.move(
        turns.connection,
        row,
        row.starts_at + timedelta(days=3),
        row.ends_at - row.starts_at,
        aloud=True,
        now=NOW,
        rules=RULES,
    )
    days = [each.due_at.date() for each in turns.waiting(rota.PREPARE)]
    assert days == [date(2026, 12, 19 - before) for before in (7, 3, 1)]


def test_a_speaker_on_leave_is_replaced_by_a_leader_not_silently(turns: Turns) -> None:
    session = turns.session(14)
    turns.put(session, turns.group.member)
    member = turns.group.member
    responses.answer(
        turns.connection, session, member.actor, turns.group.telegram_id, "leave", at(NOW), now=NOW, rules=RULES
    )
    assert turns.speaker(session) == member.id
    (asked,) = turns.waiting(rota.AWAY)
    assert asked.destination_id == turns.group.leader_chat
    facts = rota_pages.absent(turns.connection, asked.payload, NOW)
    assert facts is not None
    assert member.id not in {each.id for each in facts.candidates}
    assert "已请假" in rota_cards.absent(facts).text
    turns.put(session, turns.third)
    assert rota_pages.absent(turns.connection, asked.payload, NOW) is None


def test_who_leaves_gives_the_turns_back(turns: Turns) -> None:
    session = turns.session(14)
    turns.put(session, turns.third)
    leaving.remove(
        turns.connection,
        turns.group.id,
        turns.third.id,
        turns.group.leader.actor,
        now=NOW,
        rules=RULES,
        reply_key="r:x",
    )
    assert turns.speaker(session) in (turns.group.leader.id, turns.group.member.id)
    assert turns.chats[turns.third.id] not in {row.destination_id for row in turns.waiting(rota.PREPARE)}


def ask(turns: Turns, mine: int, whom: Somebody, theirs: int = 0) -> swaps.Asked:
    asker = turns.who(mine).actor
    return swaps.ask(turns.connection, mine, whom.id, theirs, asker, now=NOW, rules=RULES)


def answer(turns: Turns, asked: swaps.Asked, who: Somebody, *, agrees: bool, now: datetime = NOW) -> swaps.Asked:
    return swaps.answer(turns.connection, asked.id, who.actor, agrees=agrees, now=now, rules=RULES)


def two(turns: Turns) -> tuple[int, int]:
    """A session of the member, and one of the third."""
    mine, theirs = turns.session(14), turns.session(21)
    turns.put(mine, turns.group.member)
    turns.put(theirs, turns.third)
    return mine, theirs


def test_a_swap_changes_both_turns_once_both_agree(turns: Turns) -> None:
    mine, theirs = two(turns)
    found = swaps.offers(turns.connection, mine, 0, turns.group.member.actor, NOW)
    assert (turns.third.id, theirs) in {(each.person_id, each.theirs) for each in found.offers}
    asked = ask(turns, mine, turns.third, theirs)
    assert turns.speaker(mine) == turns.group.member.id
    (message,) = turns.waiting(swaps.ASKED)
    facts = swaps.told(turns.connection, message.payload, NOW)
    assert facts is not None
    assert "想和您换领学" in swaps_cards.asked(facts).text
    done = answer(turns, asked, turns.third, agrees=True)
    assert done.state == "accepted"
    assert (turns.speaker(mine), turns.speaker(theirs)) == (turns.third.id, turns.group.member.id)
    (told,) = turns.waiting(swaps.ANSWERED)
    assert told.destination_id == turns.chats[turns.group.member.id]
    (leader,) = turns.waiting(swaps.TOLD)
    assert leader.destination_id == turns.group.leader_chat
    assert swaps.told(turns.connection, message.payload, NOW) is None
    assert answer(turns, asked, turns.third, agrees=True).state == "accepted"  # a second tap
    with refused("swap_decided"):
        answer(turns, asked, turns.third, agrees=False)
    acts = list(turns.connection.execute(select(audit.c.action)).scalars())
    assert acts.count("rota_swap") == 1


def test_somebody_may_take_over_without_return(turns: Turns) -> None:
    mine = turns.session(14)
    turns.put(mine, turns.group.member)
    answer(turns, ask(turns, mine, turns.third), turns.third, agrees=True)
    assert turns.speaker(mine) == turns.third.id


def test_nothing_changes_where_the_other_cannot(turns: Turns) -> None:
    mine, theirs = two(turns)
    asked = ask(turns, mine, turns.third, theirs)
    assert answer(turns, asked, turns.third, agrees=False).state == "declined"
    assert (turns.speaker(mine), turns.speaker(theirs)) == (turns.group.member.id, turns.third.id)
    (told,) = turns.waiting(swaps.ANSWERED)
    facts = swaps.decided(turns.connection, told.payload, NOW)
    assert facts is not None
    assert "不方便" in swaps_cards.told(facts).text
    with refused("swap_decided"):
        swaps.withdraw(turns.connection, asked.id, turns.group.member.actor, now=NOW)


def test_what_is_out_of_date_changes_nothing(turns: Turns) -> None:
    mine, theirs = two(turns)
    asked = ask(turns, mine, turns.third, theirs)
    with refused("swap_not_asked"):
        answer(turns, asked, turns.group.leader, agrees=True)
    with refused("swap_outdated"):
        swaps.withdraw(turns.connection, asked.id, turns.third.actor, now=NOW)
    again = ask(turns, mine, turns.third)  # asking anew takes the first question back
    with refused("swap_outdated"):
        answer(turns, asked, turns.third, agrees=True)
    turns.put(mine, turns.group.leader)  # so does a leader's change
    with refused("swap_outdated"):
        answer(turns, again, turns.third, agrees=True)
    turns.put(mine, turns.group.member)
    late = ask(turns, mine, turns.third)
    with refused("swap_too_late"):
        answer(turns, late, turns.third, agrees=True, now=STARTS_AT + timedelta(days=14))
    assert swaps.withdraw(turns.connection, late.id, turns.group.member.actor, now=NOW).state == "withdrawn"
    with refused("swap_not_yours"):
        swaps.offers(turns.connection, mine, 0, turns.third.actor, NOW)
    with refused("swap_outdated"):  # somebody who cannot be asked
        swaps.ask(turns.connection, mine, 999, 0, turns.group.member.actor, now=NOW, rules=RULES)
    assert turns.speaker(mine) == turns.group.member.id


def test_changing_is_for_those_who_lead(turns: Turns) -> None:
    session = turns.session(14)
    with refused("not_leader"):
        rota_pages.choice(turns.connection, session, 0, turns.group.member.actor, NOW)
    with refused("not_on_list"):
        turns.put(session, turns.group.outsider)
    with refused("session_gone"):
        rota_pages.choice(turns.connection, 999, 0, turns.group.leader.actor, NOW)
    with refused("answers_closed"):
        leader = turns.group.leader.actor
        rota_pages.choice(turns.connection, session, 0, leader, STARTS_AT + timedelta(days=15))


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_pages_in_both_languages(turns: Turns, language: str) -> None:
    spoken = words(language)
    mine, theirs = two(turns)
    member = turns.group.member.actor
    own = rota_pages.listed(turns.connection, member, member.telegram_id, NOW)
    assert [entry.mine for entry in own.entries] == [True, False]
    page = rota_cards.listed(own, in_private=True, spoken=spoken)
    assert [row[0].data for row in page.keyboard] == [f"swap:{mine}:0"]
    in_group = rota_pages.listed(turns.connection, member, turns.group.telegram_id, NOW)
    assert not any(entry.mine or entry.led for entry in in_group.entries)
    assert rota_cards.listed(in_group, in_private=False, spoken=spoken).keyboard == ()
    facts = rota_pages.choice(turns.connection, mine, 0, turns.group.leader.actor, NOW)
    assert "李明" in rota_cards.choice(facts, spoken).text
    asked = ask(turns, mine, turns.third, theirs)
    assert "赵强" in swaps_cards.asking(asked, spoken).text
    row = session_queries.session(turns.connection, mine)
    assert "李明" in sessions_cards.card(sessions.card_of(turns.connection, row, NOW)).text
    for text in (page.text, swaps_cards.asked(replace(asked, language=language)).text):
        assert 0 < length(text) <= MAX_TEXT
    turns.connection.execute(update(study_group).values(rota=False))
    off = rota_pages.listed(turns.connection, member, member.telegram_id, NOW)
    assert rota_cards.listed(off, in_private=True, spoken=spoken).text == spoken.html("rota.off")
    assert turns.connection.execute(select(swap.c.state)).scalars().all() == ["open"]
