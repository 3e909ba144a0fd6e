"""Rows 22, 23, 45 and 46 of the fault matrix: old and forged buttons, rows of others, rights that are gone."""

import pytest
from session_life import NOW, RULES, STARTS_AT, Group, at
from sqlalchemy import Connection, delete, func, select, update

from db.tables import attendance, membership, study_session
from domain.errors import Refusal
from services import cancelling, checkins, exports, leaves, ledgers, marking, responses
from services.exports import ALL_GROUPS

ANY_REFUSAL = pytest.raises(Refusal)


def none_came(connection: Connection) -> bool:
    """Whether nothing was recorded at all."""
    return connection.execute(select(func.count()).select_from(attendance)).scalar_one() == 0


def test_row_22_a_button_of_a_session_that_is_cancelled_or_gone_writes_nothing(connection: Connection) -> None:
    group = Group(connection)
    session = group.session()
    leader, member = group.leader.actor, group.member.actor
    cancelling.cancel(connection, session, leader, and_later=False, now=NOW)
    for number in (session, 999_999):
        with ANY_REFUSAL:
            checkins.check_in(connection, number, member, group.telegram_id, at(STARTS_AT), now=STARTS_AT, rules=RULES)
        with ANY_REFUSAL:
            responses.answer(connection, number, member, group.telegram_id, "going", at(NOW), now=NOW, rules=RULES)
        with ANY_REFUSAL:
            marking.mark(connection, number, group.member.id, 0, leader, now=STARTS_AT, rules=RULES)
    assert none_came(connection)


def test_row_23_a_forged_button_of_another_group_does_nothing(connection: Connection) -> None:
    group = Group(connection)
    session = group.session()
    life = group.life
    elsewhere = life.group(group.unit_id, "别组")
    stranger = life.member(elsewhere, "别组组长", "leader").actor
    with ANY_REFUSAL:  # from a chat in which the session is not
        checkins.check_in(
            connection, session, stranger, stranger.telegram_id, at(STARTS_AT), now=STARTS_AT, rules=RULES
        )
    with ANY_REFUSAL:
        marking.mark(connection, session, group.member.id, 0, stranger, now=STARTS_AT, rules=RULES)
    with ANY_REFUSAL:
        cancelling.cancel(connection, session, stranger, and_later=False, now=NOW)
    with ANY_REFUSAL:
        leaves.decide(connection, session, group.member.id, stranger, approved=True, now=NOW, rules=RULES)
    with ANY_REFUSAL:
        exports.choices(connection, stranger, group.id)
    assert none_came(connection)
    assert connection.execute(select(study_session.c.state)).scalars().all() == ["scheduled"]


def test_row_45_an_export_has_no_row_of_another_group(connection: Connection) -> None:
    group = Group(connection)
    life = group.life
    own = life.session(group.id, NOW, group.leader, title="自己的")
    life.came(own, NOW, present=group.member)
    elsewhere = life.group(group.unit_id, "CANARY-GROUP")
    foreign = life.member(elsewhere, "CANARY-NAME", "leader")
    there = life.session(elsewhere, NOW, foreign, title="CANARY-TITLE", place="CANARY-PLACE")
    life.came(there, NOW, present=foreign)
    found = exports.choices(connection, group.leader.actor, ALL_GROUPS)
    assert [each.id for each in found] == [group.id]
    day = NOW.date()
    later = NOW.replace(hour=23)
    ledger = ledgers.read(connection, found, day, day, "Asia/Shanghai", later, RULES)
    assert "CANARY" not in repr(ledger)
    assert "自己的" in repr(ledger)


@pytest.mark.parametrize("how", ["demoted", "gone"])
def test_row_46_who_lost_the_right_between_asking_and_sending_gets_nothing(connection: Connection, how: str) -> None:
    group = Group(connection)
    life = group.life
    session = life.session(group.id, NOW, group.leader)
    life.came(session, NOW, present=group.member)
    day = NOW.date()
    exports.order(
        connection,
        group.leader.actor,
        group.id,
        day,
        day,
        0,
        message_id=5,
        language="zh-CN",
        now=NOW,
        rules=RULES,
    )
    (ordered,) = group.deliveries("export")
    assert exports.facts(connection, ordered.payload, NOW, RULES) is not None
    theirs = membership.c.person_id == group.leader.id
    if how == "demoted":
        connection.execute(update(membership).where(theirs).values(role="member"))
    else:
        connection.execute(delete(membership).where(theirs))
    assert exports.facts(connection, ordered.payload, NOW, RULES) is None
