"""The ledger of the seeded year: every cell against the database, read by others than wrote it, and in LibreOffice."""

import asyncio
import csv
import io
import shutil
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from missing_parts import missing
from python_calamine import CalamineWorkbook
from sqlalchemy import Engine, text

from bot.seeding import cast, year
from bot.settings import Settings
from db import migrate, sqlite
from exports.making import make
from jobs.exports import order_of
from services import exports

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
FIRST, LAST = date(2026, 1, 1), date(2026, 11, 30)
SHANGHAI = ZoneInfo("Asia/Shanghai")
MIDNIGHT = datetime(2000, 1, 1, tzinfo=UTC)
STATUS = {"present": "出勤", "late": "迟到", "excused": "请假", "absent": "缺勤", "sitting_in": "列席"}
CAME = ("present", "late", "left_early")

pytestmark = pytest.mark.slow


class Seeded:
    """The seeded year in a database, and its ledger as a workbook."""

    def __init__(self, engine: Engine) -> None:
        rules = Settings().domain_rules()
        people = cast.read("zh-CN")
        stage = year.Stage(
            {name: 1000 + number for number, name in enumerate(people.people)},
            {group.name: -1000 - number for number, group in enumerate(people.groups)},
            "study_sandbox_bot",
        )
        self.engine = engine
        with engine.begin() as connection:
            year.Year(connection, people, stage, now=NOW, language="zh-CN", rules=rules).play()
            facts = exports.for_operator(connection, (), FIRST, LAST, "xlsx", now=NOW, rules=rules)
        self.content = make(order_of(facts))
        self.book = CalamineWorkbook.from_filelike(io.BytesIO(self.content))

    def lines(self, sheet: str) -> list[dict[str, Any]]:
        heading, *rows = self.book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        return [dict(zip(map(str, heading), row, strict=True)) for row in rows]

    def rows(self, sql: str, **values: Any) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(text(sql), values))


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Seeded:
    path = tmp_path_factory.mktemp("year") / "bot.sqlite3"
    migrate.upgrade(f"sqlite:///{path}")
    return Seeded(sqlite.make_engine(path))


SESSIONS = """
SELECT s.*, g.name AS group_name, u.name AS unit_name FROM study_session s
JOIN study_group g ON g.id = s.group_id JOIN unit u ON u.id = g.unit_id
WHERE s.state != 'cancelled' AND s.starts_at < :before AND s.starts_at >= :since ORDER BY s.starts_at, s.id
"""


def held(seeded: Seeded) -> list[Any]:
    since = datetime(2025, 12, 31, 16)  # noqa: DTZ001 — as SQLite holds it
    return seeded.rows(SESSIONS, since=f"{since}", before=f"{NOW.replace(tzinfo=None)}")


def local(stored: str) -> datetime:
    return datetime.fromisoformat(stored).replace(tzinfo=UTC).astimezone(SHANGHAI).replace(tzinfo=None)


def test_every_session_is_a_line_with_its_own_numbers(seeded: Seeded) -> None:
    *lines, totals = seeded.lines("会议台账")
    rows = held(seeded)
    assert len(lines) == len(rows) > 80
    sums: Counter[str] = Counter()
    for number, (line, row) in enumerate(zip(lines, rows, strict=True), start=1):
        status = Counter(
            dict(
                tuple(each)
                for each in seeded.rows(
                    "SELECT status, count(*) FROM attendance WHERE session_id = :id GROUP BY status", id=row.id
                )
            )
        )
        came = sum(status[each] for each in CAME)
        expected = status.total() - status["sitting_in"]
        starts = local(row.starts_at)
        assert line["序号"] == number
        assert (line["单位"], line["主题"], line["地点"]) == (row.unit_name, row.title, row.place)
        assert line["小组"].split("、")[0] == row.group_name
        assert (line["日期"], line["开始"], line["结束"]) == (starts.date(), starts.time(), local(row.ends_at).time())
        assert (line["应到"], line["实到"]) == (expected, came)
        for heading, key in (("出勤", "present"), ("迟到", "late"), ("请假", "excused"), ("缺勤", "absent")):
            assert line[heading] == status[key]
            sums[heading] += status[key]
        assert line["列席"] == status["sitting_in"]
        assert line["出勤率"] == pytest.approx(came / (expected - status["excused"]))
        tasks = seeded.rows("SELECT done_at FROM makeup WHERE session_id = :id AND waived_at IS NULL", id=row.id)
        assert line["补学应补"] == len(tasks)
        assert line["补学已补"] == sum(task.done_at is not None for task in tasks)
        assert line["缺席人员及原因"].count("、") + bool(line["缺席人员及原因"]) == status["absent"] + status["excused"]
    assert {heading: totals[heading] for heading in sums} == sums


def test_every_record_is_a_line(seeded: Seeded) -> None:
    lines = seeded.lines("签到明细")
    rows = seeded.rows(
        "SELECT a.status, p.name, s.title, s.starts_at FROM attendance a JOIN person p ON p.id = a.person_id "
        "JOIN study_session s ON s.id = a.session_id WHERE s.state != 'cancelled' AND s.starts_at >= '2025-12-31 16'"
    )
    expected = Counter((local(row.starts_at).date(), row.title, row.name, STATUS[row.status]) for row in rows)
    assert Counter((line["日期"], line["主题"], line["姓名"], line["出勤情况"]) for line in lines) == expected
    assert sum(expected.values()) > 800


def test_every_person_is_a_line_and_the_sums_are_the_sums(seeded: Seeded) -> None:
    *lines, totals = seeded.lines("人员")
    by_name = {line["姓名"]: line for line in lines}
    rows = seeded.rows(
        "SELECT p.name, a.status, count(*) AS times FROM attendance a JOIN person p ON p.id = a.person_id "
        "JOIN study_session s ON s.id = a.session_id WHERE s.state != 'cancelled' AND s.starts_at >= '2025-12-31 16' "
        "GROUP BY p.name, a.status"
    )
    for row in rows:
        heading = {"present": "出勤", "late": "迟到", "excused": "请假", "absent": "缺勤", "sitting_in": "列席"}[
            row.status
        ]
        assert by_name[row.name][heading] == row.times
    for heading in ("应参加", "出勤", "迟到", "请假", "缺勤", "积分", "补学", "领学次数"):
        assert totals[heading] == sum(line[heading] for line in lines), heading
    assert totals["学时"] == pytest.approx(sum(line["学时"] for line in lines))


def test_the_plan_sheet_sums_what_the_plan_asks(seeded: Seeded) -> None:
    *lines, totals = seeded.lines("计划完成情况")
    assert totals["应开"] == sum(line["应开"] for line in lines) > 60
    assert {line["状态"] for line in lines} >= {"已开", "逾期"}
    for line in lines:
        assert line["应开"] <= line["已开"] + line["已排"] + line["待开/逾期"]


@pytest.mark.timeout(180)
async def test_libreoffice_opens_it_without_a_warning_and_reads_the_same(seeded: Seeded, tmp_path: Path) -> None:
    if shutil.which("soffice") is None:
        missing("LibreOffice is not here: apt-get install libreoffice-calc-nogui")
    (tmp_path / "ledger.xlsx").write_bytes(seeded.content)
    # 44 comma, 34 quote, 76 UTF-8, from line 1, no column formats, …, -1: every sheet to a file of its own.
    csv_filter = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    process = await asyncio.create_subprocess_exec(
        "soffice",
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--headless",
        "--convert-to",
        csv_filter,
        "--outdir",
        str(tmp_path),
        str(tmp_path / "ledger.xlsx"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    said = [line for line in (out + errors).decode().splitlines() if "javaldx" not in line]  # Java is not needed
    assert not any("warn" in line.lower() or "error" in line.lower() for line in said), said
    for name in seeded.book.sheet_names:
        page = seeded.book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        with (tmp_path / f"ledger-{name}.csv").open(encoding="utf-8", newline="") as file:
            shown = list(csv.reader(file))
        assert len(shown) == len(page), name
        assert shown[0] == [str(cell) for cell in page[0]]
        for cells, texts in zip(page, shown, strict=True):
            for cell, text_of in zip(cells, texts, strict=True):
                assert _same(cell, text_of), (name, cell, text_of)


def _same(cell: Any, said: str) -> bool:
    """Whether LibreOffice reads the value that is in the file; it writes times as its own locale does."""
    if isinstance(cell, str):
        return said == cell
    if isinstance(cell, timedelta):
        cell = (MIDNIGHT + cell).time()
    if isinstance(cell, datetime):
        return said == f"{cell:%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, date):
        return said == cell.isoformat()
    if isinstance(cell, time):
        return said == f"{cell:%I:%M:%S %p}"
    if said.endswith("%"):
        return abs(float(said[:-1]) / 100 - float(cell)) < 0.0006
    return abs(float(said) - float(cell)) < 0.06
