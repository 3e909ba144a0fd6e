"""A workbook of 100,000 records, against xlsxwriter alone writing the same cells with constant memory.

Each is made in a process of its own, so that its memory can be told: the peak over what is resident once the data and
the libraries are there.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import xlsxwriter

from domain.attendance import Status
from domain.ledger import HeldSession, Ledger, Record
from exports.ledger import Origin, records_sheet
from exports.making import Order, make
from exports.sheet import Row
from services.point_rules import point_rules
from texts import words

RECORDS = 100_000
PEOPLE = 500
_STATUSES = (Status.PRESENT, Status.LATE, Status.ABSENT, Status.EXCUSED)


def ledger(records: int) -> Ledger:
    """A ledger of so many records of one group."""
    begin = datetime(2026, 1, 5, 11, tzinfo=UTC)
    sessions = tuple(
        HeldSession(
            i,
            "组织",
            "青年理论学习小组",
            "lesson",
            f"党课：第{i}讲",
            "三楼会议室",
            begin + timedelta(days=i),
            begin + timedelta(days=i, hours=1),
            "Asia/Shanghai",
            1,
            closed=True,
        )
        for i in range(max(records // PEOPLE, 1))
    )
    people = {i: f"同学{i}" for i in range(PEOPLE)}
    made = tuple(
        Record(session.id, person, _STATUSES[(session.id + person) % 4], session.starts_at, "button")
        for session in sessions
        for person in people
    )
    groups = dict.fromkeys(people, ("青年理论学习小组",))
    return Ledger(sessions[0].day, sessions[-1].day, sessions, people, groups, made)


def ours(given: Ledger) -> bytes:
    """The whole file, all its tables, as the export makes it."""
    origin = Origin("同学", given.sessions[-1].ends_at, "Asia/Shanghai", ("青年理论学习小组",))
    return make(Order(given, point_rules(), origin, "zh-CN", "xlsx"))


def cells(given: Ledger) -> list[Row]:
    """The rows of its largest table."""
    rows = records_sheet(given, words("zh-CN")).rows
    return [tuple(value if isinstance(value, int | str | None) else str(value) for value in row) for row in rows]


def plain(rows: list[Row]) -> bytes:
    """The same cells, written as xlsxwriter's documentation shows."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as workbook:
        page = workbook.add_worksheet()
        for line, row in enumerate(rows):
            for column, value in enumerate(row):
                page.write(line, column, value)
    return out.getvalue()


def one(which: str, records: int) -> None:
    """Make one file and print its figures."""
    given = ledger(records)
    rows = [] if which == "ours" else cells(given)
    resident, began = _memory("VmRSS"), time.perf_counter()
    content = ours(given) if which == "ours" else plain(rows)
    seconds = time.perf_counter() - began
    assert len(content) > records
    figures = {"contender": f"export_{which}", "seconds": seconds, "peak_mib": _memory("VmHWM") - resident}
    print(json.dumps(figures))


def _memory(field: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field + ":"))


def main(share: float) -> None:
    """Run both, each in a process."""
    results = []
    for which in ("ours", "xlsxwriter"):
        command = [sys.executable, "-m", "benchmarks.cases.export", which, str(int(RECORDS * share))]
        results.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    print(json.dumps(results))


if __name__ == "__main__":
    if sys.argv[1] in ("ours", "xlsxwriter"):
        one(sys.argv[1], int(sys.argv[2]))
    else:
        main(float(sys.argv[2]))
