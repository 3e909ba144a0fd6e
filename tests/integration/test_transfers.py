"""Moving a member to another group: who may, what goes along, who is told, and whose ledger counts which days."""

from datetime import timedelta
from typing import Any

import pytest
from session_life import NOW, RULES, STARTS_AT, Group
from sqlalchemy import Connection, select, update

from chat import transfers_cards
from db.queries import checkins as checkin_queries
from db.tables import audit, membership
from domain.errors import Refusal
from services import role_notices, transfers
from services.transfers import Transfer
from texts import words


class Two:
    """Two groups of one unit, an admin over both, and a member of the first."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.group = Group(connection)
        life = self.group.life
        self.target = life.group(self.group.unit_id, "第二学习小组")
        self.theirs = life.member(self.target, "二组组长", "leader")
        self.their_chat = self.group.start(self.theirs)
        self.member = self.group.member
        self.member_chat = self.group.start(self.member)
        self.admin = life.person("管理员")
        life.admin(self.group.unit_id, self.admin)

    def move(self, who: Any = None, person_id: int = 0, target: int = 0) -> Transfer:
        return transfers.move(
            self.connection,
            self.group.id,
            person_id or self.member.id,
            target or self.target,
            (who or self.admin).actor,
            now=NOW,
            rules=RULES,
            reply_key="r:1",
        )

    def belonging(self, group_id: int) -> Any:
        query = select(membership).where(membership.c.group_id == group_id, membership.c.person_id == self.member.id)
        return self.connection.execute(query).one_or_none()


@pytest.fixture
def two(connection: Connection) -> Two:
    return Two(connection)


def refused(code: str) -> Any:
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == code)


def test_they_leave_the_one_and_join_the_other_at_one_moment(two: Two) -> None:
    here = (membership.c.person_id == two.member.id) & (membership.c.group_id == two.group.id)
    marks = {"standing": "probationary", "committee": True, "subgroup": "第一党小组"}
    two.connection.execute(update(membership).where(here).values(**marks))
    done = two.move()
    assert (done.group_name, done.target_name) == ("第一学习小组", "第二学习小组")
    old, new = two.belonging(two.group.id), two.belonging(two.target)
    assert (old.left_at, new.left_at) == (new.joined_at, None)
    assert (new.role, new.standing, new.committee, new.subgroup) == ("member", "probationary", False, "")
    told = {row.destination_id: row.payload["text"] for row in two.group.deliveries(role_notices.NOTICE)}
    assert told == {two.member_chat: "transfers.told_you", two.their_chat: "transfers.told_leader"}
    acts = two.connection.execute(select(audit.c.group_id).where(audit.c.action == "transfer")).scalars()
    assert sorted(acts) == sorted([two.group.id, two.target])


def test_each_group_expects_them_for_its_own_days(two: Two) -> None:
    life = two.group.life
    before = life.session(two.group.id, NOW - timedelta(days=7), two.group.leader)
    after = life.session(two.group.id, STARTS_AT, two.group.leader)
    there = life.session(two.target, STARTS_AT, two.theirs)
    there_before = life.session(two.target, NOW - timedelta(days=7), two.theirs)
    two.move()
    expected = {
        session: two.member.id in {row.person_id for row in checkin_queries.roster(two.connection, session)}
        for session in (before, after, there, there_before)
    }
    assert expected == {before: True, after: False, there: True, there_before: False}


def test_coming_back_keeps_both_times(two: Two) -> None:
    two.move()
    back = transfers.move(
        two.connection,
        two.target,
        two.member.id,
        two.group.id,
        two.admin.actor,
        now=NOW + timedelta(days=30),
        rules=RULES,
        reply_key="r:2",
    )
    assert back.target_id == two.group.id
    assert two.belonging(two.group.id).joined_at == NOW + timedelta(days=30)
    assert two.belonging(two.target).left_at == NOW + timedelta(days=30)


def test_only_who_leads_both_and_only_a_member(two: Two) -> None:
    for who in (two.group.leader, two.theirs, two.member):
        with refused("may_not_appoint"):
            two.move(who)
    with refused("transfer_leads"):
        two.move(person_id=two.group.leader.id)
    with refused("person_left"):
        two.move(person_id=two.theirs.id)
    with refused("transfer_there"):
        two.move(target=two.group.id)
    two.group.life.join(two.target, two.member)
    with refused("transfer_there"):
        two.move()
    assert two.belonging(two.group.id).left_at is None


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_pages_say_where_from_and_where_to(two: Two, language: str) -> None:
    spoken = words(language)
    ids = (two.group.id, two.member.id)
    found = transfers.choice(two.connection, *ids, 0, two.admin.actor)
    assert found.targets == ((two.target, "第二学习小组"),)
    assert transfers_cards.choice(found, spoken).keyboard[0][0].data == f"transfer_to:{ids[0]}:{ids[1]}:{two.target}"
    alone = transfers.choice(two.connection, *ids, 0, two.group.leader.actor)
    assert alone.targets == ()
    assert len(transfers_cards.choice(alone, spoken).keyboard) == 1
    facts = transfers.preview(two.connection, *ids, two.target, two.admin.actor)
    for sent in (transfers_cards.preview(facts, spoken), transfers_cards.moved(facts, spoken)):
        assert "第二学习小组" in sent.text
        assert "第一学习小组" in sent.text
