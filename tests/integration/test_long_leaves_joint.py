"""Long leave from two groups that hold a session together: while either lasts, its person stays away."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from session_life import NOW, RULES, TYPED, Group
from sqlalchemy import Connection, select

from db.tables import response
from domain.people import Actor
from services import long_leave_asking, long_leave_decisions
from services.long_leaves import LongLeave

FIRST, LAST = date(2026, 12, 1), date(2026, 12, 20)


class Both:
    """A member of two groups, away from both of them, and their joint session."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.group = Group(connection)
        other = self.group.life.group(self.group.unit_id, "第二学习小组")
        other_leader = self.group.life.member(other, "赵云", role="leader")
        self.group.life.join(other, self.group.member)
        self.session_id = self.group.session(replace(TYPED, kind="joint", title="联席会议", groups=(other,)))
        leaders = {self.group.id: self.group.leader, other: other_leader}
        self.leaves = [self.away(group_id, leader.actor) for group_id, leader in leaders.items()]

    def away(self, group_id: int, leader: Actor) -> LongLeave:
        actor = self.group.member.actor
        leave = long_leave_asking.request(self.connection, group_id, FIRST, LAST, 1, actor, now=NOW, rules=RULES)
        return long_leave_decisions.decide(self.connection, leave.id, leader, approved=True, now=NOW, rules=RULES)

    def is_on_leave(self) -> bool:
        query = select(response.c.answer).where(
            response.c.session_id == self.session_id, response.c.person_id == self.group.member.id
        )
        return self.connection.execute(query).scalar() == "leave"


def end(both: Both, leave: LongLeave) -> None:
    long_leave_decisions.withdraw(both.connection, leave.id, both.group.member.actor, now=NOW, rules=RULES)


def shorten(both: Both, leave: LongLeave) -> None:
    actor = both.group.member.actor
    long_leave_decisions.shorten(both.connection, leave.id, FIRST, actor, now=NOW, rules=RULES)


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("how", [end, shorten])
def test_one_that_ends_leaves_the_other(
    connection: Connection, how: Callable[[Both, LongLeave], None], first: int
) -> None:
    both = Both(connection)
    assert both.is_on_leave()
    how(both, both.leaves[first])
    assert both.is_on_leave()
    how(both, both.leaves[1 - first])
    assert not both.is_on_leave()
