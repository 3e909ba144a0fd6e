"""Two who are one: everything of both is kept, nothing points at who went, and all of it can be taken back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from forgotten import forget_at_once
from known_leader import LONG_AGO, Known
from session_life import NOW
from sqlalchemy import Connection, func, select, update
from study_life import Somebody, StudyLife

from chat import merging_cards as cards
from chat import roster_cards
from db.queries import merging as queries
from db.tables import attendance, audit, membership, metadata, person, person_merge
from domain.errors import Refusal
from services import merging, people, roster
from services.merging import Merged
from texts import words


class Doubled:
    """A group in which 李明 is listed twice: from a roster, without an account, and as who joined."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.life = StudyLife(connection)
        self.unit = self.life.unit()
        self.id = self.life.group(self.unit)
        self.leader = self.life.member(self.id, "组长", role="leader")
        self.account = self.life.member(self.id, "Ming", joined_at=NOW - timedelta(days=1))
        self.listed = self.life.member(
            self.id, "李明", subgroup="一小组", standing="probationary", committee=True, joined_at=LONG_AGO
        )
        self.change(self.listed, telegram_id=None, number="7", real_name="李明")

    def change(self, somebody: Somebody, **values: Any) -> None:
        self.connection.execute(update(person).where(person.c.id == somebody.id).values(**values))

    def merge(self, one: Somebody, other: Somebody, by: Somebody | None = None) -> Merged:
        actor = (by or self.leader).actor
        return merging.merge(self.connection, self.id, one.id, other.id, actor, now=NOW)

    def undo(self, merged: Merged, days: int = 0, by: Somebody | None = None) -> Merged:
        actor = (by or self.leader).actor
        return merging.undo(self.connection, merged.id, actor, now=NOW + timedelta(days=days))


@pytest.fixture
def doubled(connection: Connection) -> Doubled:
    return Doubled(connection)


def refusal(use_case: Callable[..., Any], *arguments: Any, **named: Any) -> str:
    with pytest.raises(Refusal) as refused:
        use_case(*arguments, **named)
    return refused.value.code


def everything(connection: Connection) -> dict[str, list[Any]]:
    """All rows of all tables but those that a merge adds to."""
    tables = [table for table in metadata.sorted_tables if table not in (audit, person_merge)]
    return {
        table.name: sorted((tuple(map(repr, row)) for row in connection.execute(select(table))), key=str)
        for table in tables
    }


def test_nothing_points_at_who_went_and_all_of_it_comes_back(connection: Connection) -> None:
    known = Known(connection)
    life, gone, kept = known.group.life, known.who, known.group.member
    admin = life.person("管理员")
    life.admin(known.group.unit_id, admin)
    connection.execute(update(person).where(person.c.id == gone.id).values(telegram_id=None, chat_id=None))
    before = everything(connection)
    done = merging.merge(connection, known.group.id, kept.id, gone.id, admin.actor, now=NOW)
    assert done.person_id == kept.id
    for column in queries.columns():
        count = connection.execute(select(func.count()).where(column == gone.id)).scalar_one()
        assert count == 0, f"{column.table.name}.{column.name} still points at who went"
    merging.undo(connection, done.id, admin.actor, now=NOW)
    assert everything(connection) == before


def test_every_column_that_leads_to_a_person_is_moved() -> None:
    found = {f"{column.table.name}.{column.key}" for column in queries.columns()}
    assert {"attendance.person_id", "membership.person_id", "swap.asked_id", "study_session.host_id"} <= found
    assert not any(name.startswith("person_merge.") for name in found)


@pytest.mark.parametrize("from_the_list", [False, True])
def test_the_account_stays_and_takes_what_the_roster_says(doubled: Doubled, from_the_list: bool) -> None:
    pair = (doubled.listed, doubled.account) if from_the_list else (doubled.account, doubled.listed)
    done = doubled.merge(*pair)
    assert (done.person_id, done.gone_name) == (doubled.account.id, "李明")
    row = doubled.connection.execute(select(person).where(person.c.id == doubled.account.id)).one()
    assert (row.telegram_id, row.number, row.real_name) == (doubled.account.actor.telegram_id, "7", "李明")
    (belongs,) = doubled.connection.execute(
        select(membership).where(membership.c.person_id.in_([doubled.account.id, doubled.listed.id]))
    ).all()
    assert (belongs.subgroup, belongs.standing, belongs.committee) == ("一小组", "probationary", True)
    assert belongs.joined_at == LONG_AGO
    assert roster.page(doubled.connection, doubled.id, 0, doubled.leader.actor).count == 2


def test_having_come_beats_an_absence_and_both_are_given_back(doubled: Doubled) -> None:
    life, connection = doubled.life, doubled.connection
    first = life.session(doubled.id, LONG_AGO + timedelta(days=1), doubled.leader)
    second = life.session(doubled.id, LONG_AGO + timedelta(days=2), doubled.leader)
    third = life.session(doubled.id, LONG_AGO + timedelta(days=3), doubled.leader)
    life.came(first, LONG_AGO, absent=doubled.account, present=doubled.listed)
    life.came(second, LONG_AGO, late=doubled.account, present=doubled.listed)
    life.came(third, LONG_AGO, present=doubled.listed)
    query = select(attendance.c.session_id, attendance.c.person_id, attendance.c.status).order_by(
        attendance.c.session_id, attendance.c.person_id
    )
    before = connection.execute(query).all()
    done = doubled.merge(doubled.account, doubled.listed)
    kept = doubled.account.id
    assert [tuple(row) for row in connection.execute(query)] == [
        (first, kept, "present"),
        (second, kept, "late"),
        (third, kept, "present"),
    ]
    doubled.undo(done)
    assert connection.execute(query).all() == before


def test_two_accounts_are_never_merged(doubled: Doubled) -> None:
    other = doubled.life.member(doubled.id, "李明")
    assert refusal(doubled.merge, doubled.account, other) == "both_have_accounts"


def test_who_may(doubled: Doubled) -> None:
    deputy = doubled.life.member(doubled.id, "副组长", role="deputy")
    for somebody in (deputy, doubled.account):
        assert refusal(doubled.merge, doubled.account, doubled.listed, somebody) == "may_not_appoint"
    other = doubled.life.group(doubled.unit, "二组")
    doubled.life.join(other, doubled.listed)
    assert refusal(doubled.merge, doubled.account, doubled.listed) == "merge_elsewhere"
    admin = doubled.life.person("管理员")
    doubled.life.admin(doubled.unit, admin)
    done = doubled.merge(doubled.account, doubled.listed, admin)
    assert refusal(doubled.undo, done, by=deputy) == "may_not_appoint"
    assert refusal(doubled.merge, doubled.account, doubled.account, admin) == "person_left"
    assert refusal(doubled.merge, doubled.account, doubled.listed, admin) == "person_left"


def test_it_is_taken_back_once_within_a_week_and_the_later_first(doubled: Doubled) -> None:
    third = doubled.life.member(doubled.id, "李明明")
    doubled.change(third, telegram_id=None)
    first = doubled.merge(doubled.account, doubled.listed)
    second = doubled.merge(doubled.account, third)
    assert refusal(doubled.undo, first) == "merged_again"
    assert refusal(doubled.undo, second, 8) == "merge_too_old"
    doubled.undo(second, 7)
    doubled.undo(first)
    assert refusal(doubled.undo, first) == "merge_gone"
    assert roster.page(doubled.connection, doubled.id, 0, doubled.leader.actor).count == 4
    actions = doubled.connection.execute(select(audit.c.action).order_by(audit.c.id)).scalars().all()
    assert actions == ["merge_people", "merge_people", "unmerge_people", "unmerge_people"]


def test_who_is_forgotten_takes_the_rows_that_were_merged_with_them(doubled: Doubled) -> None:
    doubled.merge(doubled.account, doubled.listed)
    forget_at_once(doubled.connection, doubled.account.actor, NOW)
    rows = doubled.connection.execute(select(person).where(person.c.id != doubled.leader.id)).all()
    assert {(row.name, row.real_name, row.number) for row in rows} == {("", None, None)}
    assert people.find(doubled.connection, doubled.account.actor.telegram_id) is None


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_who_is_called_alike_is_named_first(doubled: Doubled, language: str) -> None:
    doubled.change(doubled.account, name="李明")
    for number in range(12):
        doubled.life.member(doubled.id, f"<b>{number}")
    spoken = words(language)
    first = merging.choice(doubled.connection, doubled.id, doubled.listed.id, 0, doubled.leader.actor)
    assert (first.twins[0].id, first.twins[0].same_name, first.pages) == (doubled.account.id, True, 2)
    assert "同名" in cards.choice(first, spoken).keyboard[0][0].label or language == "en"
    facts = merging.preview(doubled.connection, doubled.id, doubled.listed.id, doubled.account.id, doubled.leader.actor)
    assert "<b>\u2068李明" in cards.preview(facts, spoken).text
    page = roster.person(doubled.connection, doubled.id, doubled.listed.id, doubled.leader.actor)
    shown = roster_cards.person(page, spoken)
    assert any((button.data or "").startswith("merge:") for row in shown.keyboard for button in row)
