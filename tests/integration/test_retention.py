"""Personal details are kept for so many months; attendance, history and sessions stay."""

from datetime import timedelta
from typing import Any

import pytest
from known_leader import LONG_AGO, Known
from sqlalchemy import Connection, Table, select

from db.tables import (
    attendance,
    attendance_change,
    audit,
    correction,
    draft,
    makeup,
    membership,
    response,
    study_session,
)
from services import retention
from services.rules import Rules


@pytest.fixture
def known(connection: Connection) -> Known:
    return Known(connection)


def test_details_go_by_age_and_what_counts_stays(known: Known) -> None:
    connection = known.connection
    long_after = LONG_AGO + timedelta(days=740)

    def of(table: Table) -> list[Any]:
        return [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key)).all()]

    counted = {table: of(table) for table in (attendance, attendance_change, study_session, membership)}
    assert retention.prune(connection, LONG_AGO + timedelta(days=600), Rules()) == 0
    assert retention.prune(connection, long_after, Rules(details_months=0)) == 0
    while retention.prune(connection, long_after, Rules()):
        pass
    assert {table: of(table) for table in counted} == counted
    old = select(response.c.reason).where(response.c.session_id == known.past)
    assert set(connection.execute(old).scalars()) == {""}
    done = select(makeup.c.note, makeup.c.file_id).where(makeup.c.done_at.is_not(None))
    assert {tuple(row) for row in connection.execute(done)} == {("", "")}
    assert "".join(connection.execute(select(correction.c.appeal).where(correction.c.state != "open")).scalars()) == ""
    for table, moment in ((audit, audit.c.at), (draft, draft.c.created_at)):
        assert known.count(table, moment < LONG_AGO + timedelta(days=1)) == 0
