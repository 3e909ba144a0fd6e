"""Rows 43 to 45, 47 and 48 of the fault matrix: what leaves the bot in files, and what is erased and pruned."""

import csv
import io
import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import openpyxl
import pytest
from forgotten import forget_at_once
from sqlalchemy import Connection, func, insert, select
from study_life import LONG_AGO, Somebody, StudyLife

import services.inbox
from chat import checkins_cards, leaderboards_cards, privacy_cards
from db.tables import attendance, delivery, inbox, membership, metadata, person
from exports.making import make
from jobs.exports import order_of
from services import checkins, deliveries, exports, leaderboards, people, privacy
from services.exports import FORMATS
from services.rules import Rules
from texts import words

NOW = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)
EVENING = datetime(2026, 11, 18, 11, 0, tzinfo=UTC)
NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))
CANARY = "CANARY王芳"


@pytest.fixture
def life(connection: Connection) -> StudyLife:
    return StudyLife(connection)


def exported(connection: Connection, who: Somebody, group_id: int, file_format: str) -> bytes:
    """The file that somebody orders."""
    exports.order(
        connection,
        who.actor,
        group_id,
        *NOVEMBER,
        FORMATS.index(file_format),
        message_id=7,
        language="zh-CN",
        now=NOW,
        rules=Rules(),
    )
    payload = connection.execute(select(delivery.c.payload).order_by(delivery.c.id.desc())).scalars().first()
    assert payload is not None
    facts = exports.facts(connection, payload, NOW, Rules())
    assert facts is not None
    return make(order_of(facts))


def cells(content: bytes, file_format: str) -> list[str]:
    """Every text of a file, as a spreadsheet program reads it; a formula would be no text there."""
    if file_format == "csv":
        return [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for cell in row]
    book = openpyxl.load_workbook(io.BytesIO(content))
    found = [cell for page in book for row in page.iter_rows() for cell in row if cell.value is not None]
    assert not [cell.value for cell in found if cell.data_type == "f" or cell.hyperlink]
    return [str(cell.value) for cell in found if cell.data_type == "s"]


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_row_43_what_looks_like_a_formula_is_text(
    connection: Connection, life: StudyLife, file_format: str, sign: str
) -> None:
    hostile = f'{sign}HYPERLINK("https://example.org","点我")'
    group = life.group(life.unit(hostile), hostile)
    leader = life.member(group, hostile, "leader")
    session = life.session(group, EVENING, leader, title=hostile, place=hostile)
    life.came(session, EVENING, present=leader)
    read = cells(exported(connection, leader, group, file_format), file_format)
    shown = [cell for cell in read if "HYPERLINK" in cell]
    assert len(shown) >= 2  # the name, the title
    if file_format == "csv":  # has no types, so a program guesses; in a workbook a text cell is a text
        assert [cell for cell in shown if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


@pytest.fixture
def crowd(connection: Connection, life: StudyLife) -> tuple[int, Somebody, int]:
    """A group of 10,001 people, its leader, and a session at which half of them were."""
    group = life.group(life.unit())
    leader = life.member(group, "李明", "leader")
    session = life.session(group, EVENING, leader)
    numbers = range(100_000, 110_000)
    people = [{"telegram_id": n, "name": f"组员{n}", "created_at": LONG_AGO} for n in numbers]
    connection.execute(insert(person), people)
    ids = connection.execute(select(person.c.id).where(person.c.telegram_id.in_(numbers))).scalars().all()
    belong = [{"group_id": group, "person_id": each, "role": "member", "joined_at": LONG_AGO} for each in ids]
    connection.execute(insert(membership), belong)
    came = {"session_id": session, "status": "present", "method": "button", "at": EVENING}
    connection.execute(insert(attendance), [{**came, "person_id": each} for each in ids[::2]])
    return group, leader, session


@pytest.mark.slow
def test_row_44_a_group_of_ten_thousand_has_a_card_a_board_and_a_file(
    connection: Connection, crowd: tuple[int, Somebody, int]
) -> None:
    group, leader, session = crowd
    live = checkins.live(connection, {"session_id": session}, EVENING)
    assert live is not None
    assert len(checkins_cards.opened(live).text) <= 4096
    board = leaderboards.this_week(connection, leader.actor, group, EVENING + timedelta(days=1))
    assert len(leaderboards_cards.weekly(board, words("zh-CN")).text) <= 4096
    tracemalloc.start()
    try:
        for file_format in FORMATS:
            assert len(exported(connection, leader, group, file_format)) > 100_000
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    print(f"\n{connection.dialect.name}: exports of 10,001 people took {most / 2**20:.0f} MiB at most")
    assert most < 300 * 2**20


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_row_45_no_row_of_another_group_is_in_a_file(connection: Connection, life: StudyLife, file_format: str) -> None:
    unit = life.unit()
    groups = [life.group(unit, f"小组{number}") for number in range(4)]
    leaders = [life.member(group, f"组长{number}号", "leader") for number, group in enumerate(groups)]
    for number, (group, leader) in enumerate(zip(groups, leaders, strict=True)):
        session = life.session(group, EVENING, leader, title=f"CANARY-T{number}", place=f"CANARY-P{number}")
        life.came(session, EVENING, present=leader, absent=life.member(group, f"CANARY-N{number}"))
    for number, (group, leader) in enumerate(zip(groups, leaders, strict=True)):
        read = " ".join(cells(exported(connection, leader, group, file_format), file_format))
        found = {
            sign for sign in ("T", "N") for other in range(4) if f"CANARY-{sign}{other}" in read if other != number
        }
        assert found == set()
        assert f"CANARY-N{number}" in read
        assert f"CANARY-T{number}" in read


def texts_of(connection: Connection) -> Iterator[tuple[str, str]]:
    """Every value of every table as text, with where it stands."""
    for table in metadata.sorted_tables:
        for row in connection.execute(select(table)).mappings():
            for column, value in row.items():
                text = bytes(value).decode(errors="replace") if isinstance(value, bytes | memoryview) else str(value)
                yield f"{table.name}.{column}", text


def test_row_47_who_was_erased_is_nowhere_and_can_be_erased_again(connection: Connection, life: StudyLife) -> None:
    group = life.group(life.unit())
    leader = life.member(group, "李明", "leader")
    canary = life.member(group, CANARY)
    session = life.session(group, EVENING, leader)
    life.came(session, EVENING, present=(leader, canary))
    raw = json.dumps({"message": {"from": {"id": canary.actor.telegram_id, "first_name": CANARY}}}).encode()
    connection.execute(insert(inbox).values(bot_id=1, update_id=1, raw=raw, state="quarantined", received_at=NOW))
    chat_id = people.start(connection, canary.actor, NOW).chat_id
    assert chat_id is not None
    deliveries.reply(
        connection, key="r", chat_id=chat_id, text="makeups.waits", values={"title": CANARY}, language="en", now=NOW
    )
    own = privacy.data(connection, {"person_id": canary.id, "language": "zh-CN"}, NOW)
    assert own is not None
    content = privacy_cards.document(own).content
    assert isinstance(content, bytes)
    assert CANARY in content.decode()
    assert "李明" not in content.decode()  # nobody else's name is handed out
    assert [where for where, text in texts_of(connection) if CANARY in text] != []
    for _ in range(2):
        erase(connection, canary)
        left = [
            where for where, text in texts_of(connection) if CANARY in text or str(canary.actor.telegram_id) == text
        ]
        assert left == []
    count = select(func.count()).where(attendance.c.session_id == session)
    assert connection.execute(count).scalar_one() == 2  # the group's totals stand, without the name


def erase(connection: Connection, who: Somebody) -> None:
    forget_at_once(connection, who.actor, NOW)


def test_row_48_updates_are_forgotten_after_two_days(connection: Connection) -> None:
    for number, hours in enumerate((1, 47, 49, 500)):
        at = NOW - timedelta(hours=hours)
        connection.execute(insert(inbox).values(bot_id=1, update_id=number, state="done", received_at=at))
    services.inbox.prune(connection, NOW)
    assert set(connection.execute(select(inbox.c.update_id)).scalars()) == {0, 1}
