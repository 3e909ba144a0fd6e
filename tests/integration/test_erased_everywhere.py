"""Erasing somebody who is also named in other people's rows, or whose rows were merged."""

import pytest
from known_leader import Known
from session_life import NOW, RULES
from sqlalchemy import Connection, insert, select, update

from db.tables import delivery, inbox, person, roster_import
from services import forgetting

ON_A_ROSTER = "名册姓名"


@pytest.fixture
def known(connection: Connection) -> Known:
    return Known(connection)


def merged(known: Known) -> int:
    """A row of a roster, without an account, that was found to be the leader."""
    statement = insert(person).values(name=ON_A_ROSTER, created_at=NOW, merged_into=known.who.id)
    return int(known.connection.execute(statement.returning(person.c.id)).scalar_one())


@pytest.mark.parametrize("first", ["kept", "gone"])
def test_after_a_restore_merged_rows_are_erased_again_in_any_order(known: Known, first: str) -> None:
    both = [known.who.id, merged(known)]
    rows = known.connection.execute(select(person).where(person.c.id.in_(both)).order_by(person.c.id)).all()
    gone = [forgetting.Erased(row.id, row.created_at, NOW) for row in rows]
    forgetting.erase_again(known.connection, gone if first == "kept" else reversed(gone), RULES)
    names = known.connection.execute(select(person.c.name).where(person.c.id.in_(both))).scalars()
    assert list(names) == ["", ""]


def test_after_a_restore_who_had_no_account_yet_is_erased_again(known: Known) -> None:
    alone = merged(known)
    known.connection.execute(update(person).where(person.c.id == alone).values(merged_into=None))
    assert forgetting.erase_again(known.connection, [forgetting.Erased(alone, NOW, NOW)], RULES) == 1
    assert known.connection.execute(select(person.c.name).where(person.c.id == alone)).scalar_one() == ""


def test_the_name_of_a_merged_row_goes_from_what_is_to_be_sent(known: Known) -> None:
    merged(known)
    known.say("groups.leader", {"name": ON_A_ROSTER}, known.group.chat_row)
    known.forget()
    payloads = known.connection.execute(select(delivery.c.payload)).scalars().all()
    assert ON_A_ROSTER not in str(payloads)
    assert {"name": ""} in [payload.get("values") for payload in payloads]


def test_updates_of_others_that_hold_the_name_lose_their_text(known: Known) -> None:
    kept = {1: '{"text": "王芳迟到"}'.encode()}
    named = {2: '{"text": "李大明迟到"}'.encode(), 3: b'{"text": "\\u674e\\u5927\\u660e"}'}
    for number, raw in (kept | named).items():
        statement = insert(inbox).values(bot_id=2, update_id=number, raw=raw, state="quarantined", received_at=NOW)
        known.connection.execute(statement)
    known.forget()
    query = select(inbox.c.raw).where(inbox.c.bot_id == 2).order_by(inbox.c.update_id)
    assert list(known.connection.execute(query).scalars()) == [kept[1], None, None]


def test_a_preview_of_a_roster_with_the_name_goes(known: Known) -> None:
    for name in ("李大明", "王芳"):
        statement = insert(roster_import).values(
            group_id=known.group.id, person_id=known.group.member.id, rows=[{"name": name}], created_at=NOW
        )
        known.connection.execute(statement)
    known.forget()
    assert list(known.connection.execute(select(roster_import.c.rows)).scalars()) == [[{"name": "王芳"}]]
