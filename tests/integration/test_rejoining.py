"""Leaving and coming back: a membership that ended keeps its dates beside the new one."""

from datetime import UTC, datetime, timedelta

import pytest
from group_life import LI, NOW, WANG, appoint, id_of, join, part, refused, register, role
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select
from study_life import Somebody, StudyLife

from chat import groups_cards as cards
from db.queries import checkins
from db.queries import groups as queries
from db.tables import membership, past_membership
from domain.attendance import expected
from services import access, leaving
from services.rules import Rules
from texts import words

DAY = timedelta(days=1)
START = datetime(2026, 3, 2, 12, tzinfo=UTC)


def at_session(connection: Connection, session_id: int) -> set[int]:
    return {row.person_id for row in checkins.roster(connection, session_id)}


def test_coming_back_keeps_the_old_dates_and_begins_anew(connection: Connection) -> None:
    group_id = register(connection)
    join(connection, group_id, WANG, now=NOW)
    part(connection, WANG, now=NOW + DAY)
    join(connection, group_id, WANG, now=NOW + 2 * DAY)
    past = connection.execute(select(past_membership.c.joined_at, past_membership.c.left_at)).all()
    assert [tuple(row) for row in past] == [(NOW, NOW + DAY)]
    now = connection.execute(
        select(membership.c.joined_at, membership.c.left_at).where(membership.c.person_id == id_of(connection, WANG))
    ).one()
    assert tuple(now) == (NOW + 2 * DAY, None)


def test_joining_where_one_is_a_member_keeps_since_when(connection: Connection) -> None:
    group_id = register(connection)
    join(connection, group_id, WANG, now=NOW)
    queries.join(connection, group_id, id_of(connection, WANG), NOW + DAY)
    since = select(membership.c.joined_at).where(membership.c.person_id == id_of(connection, WANG))
    assert connection.execute(since).scalar_one() == NOW
    assert connection.execute(select(past_membership)).first() is None


def test_a_check_in_of_somebody_who_left_joins_them_anew(connection: Connection) -> None:
    group_id = register(connection)
    join(connection, group_id, WANG, now=NOW)
    part(connection, WANG, now=NOW + DAY)
    checkins.join(connection, group_id, id_of(connection, WANG), NOW + 2 * DAY)
    assert connection.execute(select(past_membership.c.left_at)).scalar_one() == NOW + DAY


def test_a_leader_who_left_comes_back_as_a_member(connection: Connection) -> None:
    group_id = register(connection)
    appoint(connection, WANG, LI, is_chat_admin=True)
    part(connection, WANG)
    assert role(connection, WANG) is None
    join(connection, group_id, WANG, now=NOW + DAY)
    assert role(connection, WANG) == "member"
    assert not access.is_leader(connection, id_of(connection, WANG), group_id)


def test_nobody_is_expected_at_what_was_held_while_they_were_out(connection: Connection) -> None:
    life = StudyLife(connection)
    group_id = life.group(life.unit())
    leader = life.member(group_id, "组长", role="leader", joined_at=START - DAY)
    wang = life.member(group_id, "王芳", joined_at=START)
    before, out, after = (life.session(group_id, START + days * DAY, leader, state="scheduled") for days in (1, 10, 20))
    queries.leave(connection, group_id, wang.id, START + 5 * DAY)
    queries.join(connection, group_id, wang.id, START + 15 * DAY)
    assert wang.id in at_session(connection, before)
    assert wang.id not in at_session(connection, out)
    assert wang.id in at_session(connection, after)
    assert checkins.summary(connection, before).expected == 2
    assert checkins.summary(connection, out).expected == 1


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moves=st.lists(st.integers(0, 60), min_size=1, max_size=8, unique=True),
    sessions=st.lists(st.integers(0, 60), min_size=1, max_size=5, unique=True),
)
def test_the_list_of_a_session_follows_every_time_of_membership(
    connection: Connection, moves: list[int], sessions: list[int]
) -> None:
    """Whoever comes and goes any number of times is expected exactly at what lies in one of those times."""
    with connection.begin_nested() as attempt:
        life = StudyLife(connection)
        group_id = life.group(life.unit())
        wang: Somebody = life.person("王芳")
        held = {day: life.session(group_id, START + day * DAY, wang, state="scheduled") for day in sessions}
        times = [START + day * DAY for day in sorted(moves)]
        for number, moment in enumerate(times):
            if number % 2 == 0:
                queries.join(connection, group_id, wang.id, moment)
            else:
                queries.leave(connection, group_id, wang.id, moment)
        periods = list(zip(times[::2], [*times[1::2], None], strict=False))
        for day, session_id in held.items():
            starts = START + day * DAY
            ends = starts + timedelta(minutes=90)
            wanted = any(expected(joined, left, starts, ends) for joined, left in periods)
            assert (wang.id in at_session(connection, session_id)) == wanted
        attempt.rollback()


def quit_group(connection: Connection, group_id: int) -> str:
    return leaving.quit_group(connection, group_id, WANG, now=NOW, rules=Rules(), reply_key="q")


def test_a_member_leaves_by_themselves_and_only_once(connection: Connection) -> None:
    group_id = register(connection)
    join(connection, group_id, WANG)
    assert quit_group(connection, group_id) == "第一学习小组"
    assert role(connection, WANG) is None
    assert refused(lambda: quit_group(connection, group_id)) == "not_member"


def test_ones_groups_are_told_with_ones_role(connection: Connection) -> None:
    group_id = register(connection)
    assert leaving.my_groups(connection, 0, WANG).count == 0
    appoint(connection, WANG, LI, is_chat_admin=True)
    mine = leaving.my_groups(connection, 5, WANG)
    assert [(one.group_id, one.role) for one in mine.groups] == [(group_id, "leader")]
    assert (mine.leads, leaving.my_groups(connection, 0, LI).leads) == (True, False)


@pytest.mark.parametrize("count", [8, 9])
def test_many_groups_are_paged(connection: Connection, count: int) -> None:
    for number in range(count):
        register(connection, chat_id=-1000 - number)
    assert leaving.my_groups(connection, 0, LI).pages == (2 if count > leaving.SHOWN else 1)
    assert len(leaving.my_groups(connection, 1, LI).groups) == (count - 8 or 8)


def test_the_only_leader_who_wants_to_leave_reads_what_it_means(connection: Connection) -> None:
    group_id = register(connection)
    appoint(connection, WANG, LI, is_chat_admin=True)
    spoken = words("zh-CN")
    assert "唯一的组长" in cards.ask_quit(leaving.membership(connection, group_id, WANG), spoken).text
    assert "唯一的组长" not in cards.ask_quit(leaving.membership(connection, group_id, LI), spoken).text
