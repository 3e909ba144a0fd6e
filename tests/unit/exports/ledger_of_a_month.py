"""A small ledger with something of everything: leave, absence, an open session, hostile names."""

from datetime import UTC, date, datetime
from typing import Any

from domain.attendance import Status
from domain.ledger import HeldSession, Ledger, PlanRow, Record
from exports.ledger import Origin

LI, WANG, EVIL, GUEST = 1, 2, 3, 4
EVIL_NAME = '=HYPERLINK("http://evil.example","x")'


def session(number: int, day: int, *, closed: bool, **more: Any) -> HeldSession:
    return HeldSession(
        id=number,
        unit="机关党委",
        group="第一学习小组",
        kind="lesson",
        title="+党课：学习原著",
        place="三楼会议室",
        starts_at=datetime(2026, 11, day, 11, 0, tzinfo=UTC),
        ends_at=datetime(2026, 11, day, 12, 30, tzinfo=UTC),
        zone="Asia/Shanghai",
        closed=closed,
        minutes=90,
        **{"speaker_id": None, **more},
    )


def at(day: int, minute: int) -> datetime:
    return datetime(2026, 11, day, 10, minute, 7, 250_000, tzinfo=UTC)


LEDGER = Ledger(
    start=date(2026, 11, 1),
    end=date(2026, 11, 30),
    sessions=(
        session(
            11,
            4,
            closed=True,
            speaker_id=LI,
            host_id=WANG,
            recorder_id=GUEST,
            reviewer_id=WANG,
            agenda="=1+1",
            decisions="同意",
            evidence=2,
        ),
        session(12, 11, closed=False),
    ),
    people={LI: "李明", WANG: "王芳", EVIL: EVIL_NAME, GUEST: "赵强"},
    groups_of={LI: ("第一学习小组",), WANG: ("第一学习小组", "第二学习小组"), EVIL: ("第一学习小组",)},
    records=(
        Record(11, LI, Status.PRESENT, at(4, 55), "button", vote=True),
        Record(11, WANG, Status.EXCUSED, None, "closing", reason="sick"),
        Record(11, EVIL, Status.ABSENT, None, "closing", vote=True),
        Record(11, GUEST, Status.SITTING_IN, None, "leader", vote=True),
        Record(12, LI, Status.LATE, at(11, 58), "button", walk_in=True, time_uncertain=True, vote=True),
        Record(12, WANG, Status.UNRECORDED),
    ),
    standings={LI: "full", WANG: "probationary", EVIL: "full"},
    makeups={(11, WANG): date(2026, 11, 9), (11, EVIL): None},
    plan=(
        PlanRow(
            unit="机关党委",
            group="第一学习小组",
            kind="subgroup",
            subgroup="第一党小组",
            every="month",
            first=date(2026, 11, 1),
            due=1,
            held=0,
            planned=0,
            missing=1,
            state="overdue",
            reason="busy",
            note="@年中考核",
        ),
        PlanRow(
            unit="机关党委",
            group="第一学习小组",
            kind="assembly",
            subgroup="",
            every="quarter",
            first=date(2026, 10, 1),
            due=1,
            held=2,
            planned=0,
            missing=0,
            state="held",
        ),
    ),
)
ORIGIN = Origin("李明", datetime(2026, 11, 24, 8, 30, tzinfo=UTC), "Asia/Shanghai", ("第一学习小组",))
