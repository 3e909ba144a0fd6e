"""A group's board over a million check-ins, against hand-written statements that bring the same counts."""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks import seed
from db import sqlite
from domain.leaderboards import Week, week_of
from domain.people import Actor
from services import leaderboards

TIMES = 30
ZONE = ZoneInfo("Asia/Shanghai")
SESSIONS = 100  # of each group, one every second day
BIG = (1, 2000)  # groups, members
SMALL = (400, 20)

# Its last column is what people lead; points, ranks and rates are arithmetic outside, which the use case does as well.
_DEEDS = """
SELECT a.person_id, p.name, a.status, count(*), sum(s.speaker_id IS a.person_id)
FROM study_session s
JOIN attendance a ON a.session_id = s.id
JOIN membership m ON m.group_id = s.group_id AND m.person_id = a.person_id AND m.left_at IS NULL
JOIN person p ON p.id = a.person_id
WHERE s.group_id = ? AND s.starts_at >= ? AND s.starts_at < ? AND s.state <> 'cancelled'
GROUP BY a.person_id, a.status
"""
_STATUSES = """
SELECT a.status, count(*) FROM study_session s JOIN attendance a ON a.session_id = s.id
WHERE s.group_id = ? AND s.starts_at >= ? AND s.starts_at < ? AND s.state = 'closed' GROUP BY a.status
"""


def fill(connection: sqlite3.Connection, first: int, size: tuple[int, int], sessions: int, now: datetime) -> None:
    """So many groups of so many members, who were all judged at every one of their sessions; ids from `first`."""
    groups, members = size
    stamp = f"'{_stored(now)}'"

    def insert(count: int, table: str, **columns: str) -> None:
        numbers = f"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {count - 1})"
        values = ", ".join(columns.values())
        connection.execute(f"INSERT INTO {table} ({', '.join(columns)}) {numbers} SELECT {values} FROM n")

    ids, words = f"i + {first}", {"language": "'zh-CN'", "time_zone": "'Asia/Shanghai'"}
    insert(
        groups * members,
        "person",
        id=ids,
        telegram_id=f"i + 9000000000 + {first}",
        name="'同学' || i",
        created_at=stamp,
    )
    insert(groups, "chat", id=ids, telegram_id=f"-i - 2000000000 - {first}", kind="'group'")
    insert(groups, "study_group", id=ids, unit_id="1", chat_id=ids, name="'组' || i", created_at=stamp, **words)
    member = {"group_id": f"i / {members} + {first}", "person_id": ids, "role": "'member'", "joined_at": stamp}
    insert(groups * members, "membership", **member)
    ago = f"strftime('%Y-%m-%d %H:%M:%S', {stamp}, '-' || (i / {groups} * 2 + 1) || ' days') || '.000000'"
    moments = dict.fromkeys(("nominal_local", "opens_at", "starts_at", "late_from", "ends_at", "closes_at"), ago)
    held = {"group_id": f"i % {groups} + {first}", "kind": "'lesson'", "title": "'学习'", "state": "'closed'"}
    insert(groups * sessions, "study_session", id=ids, created_by="1", **held, **moments)
    insert(
        groups * sessions * members,
        "attendance",
        session_id=f"i / {members} + {first}",
        person_id=f"(i / {members}) % {groups} * {members} + i % {members} + {first}",
        status="CASE i % 7 WHEN 0 THEN 'late' WHEN 1 THEN 'absent' ELSE 'present' END",
        method="'button'",
        at=stamp,
    )


def _stored(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def timed(work: Callable[[], Any]) -> float:
    """The median of many runs, in seconds."""
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return median(taken)


def by_hand(connection: sqlite3.Connection, group_id: int, week: Week) -> None:
    """What a board is made of, with no layer between."""
    this = (group_id, _stored(week.starts_at), _stored(week.ends_at))
    before = (group_id, _stored(week.before.starts_at), _stored(week.before.ends_at))
    assert connection.execute(_DEEDS, this).fetchall()
    connection.execute(_STATUSES, this).fetchall()
    connection.execute(_STATUSES, before).fetchall()


def main(folder: Path, share: float) -> None:
    """Fill, measure, print."""
    path, now = folder / "board.db", datetime.now(UTC)
    seed.prepare(f"sqlite:///{path}", [1], -1)
    sessions = max(int(SESSIONS * share), 10)
    with sqlite3.connect(path) as plain:
        fill(plain, 100_000, BIG, sessions, now)
        fill(plain, 200_000, SMALL, sessions, now)
        plain.execute("ANALYZE")
    results = []
    # The last whole week, in which every group has its sessions.
    week = week_of(now, ZONE).before
    engine = sqlite.make_engine(path)
    with engine.connect() as connection:
        for name, group_id in (("board", 100_000), ("small_board", 200_000)):
            member, at = Actor(9_000_000_000 + group_id, "同学"), week.starts_at + timedelta(days=6)
            ours = timed(partial(leaderboards.this_week, connection, member, group_id, at))
            raw = timed(partial(by_hand, plain, group_id, week))
            results += [{"contender": f"{name}_ours", "seconds": ours}, {"contender": f"{name}_sql", "seconds": raw}]
    engine.dispose()
    plain.close()
    print(json.dumps(results))


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
