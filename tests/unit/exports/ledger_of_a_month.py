"""A small ledger with something of everything: leave, absence, an open session, hostile names."""

from datetime import UTC, date, datetime

from domain.attendance import Status
from domain.ledger import HeldSession, Ledger, Record
from exports.ledger import Origin

LI, WANG, EVIL, GUEST = 1, 2, 3, 4
EVIL_NAME = '=HYPERLINK("http://evil.example","x")'


def session(number: int, day: int, *, closed: bool, speaker_id: int | None = None) -> HeldSession:
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
        speaker_id=speaker_id,
        closed=closed,
    )


def at(day: int, minute: int) -> datetime:
    return datetime(2026, 11, day, 10, minute, 7, 250_000, tzinfo=UTC)


LEDGER = Ledger(
    start=date(2026, 11, 1),
    end=date(2026, 11, 30),
    sessions=(session(11, 4, closed=True, speaker_id=LI), session(12, 11, closed=False)),
    people={LI: "李明", WANG: "王芳", EVIL: EVIL_NAME, GUEST: "赵强"},
    groups_of={LI: ("第一学习小组",), WANG: ("第一学习小组", "第二学习小组"), EVIL: ("第一学习小组",)},
    records=(
        Record(11, LI, Status.PRESENT, at(4, 55), "button"),
        Record(11, WANG, Status.EXCUSED, None, "closing", reason="sick"),
        Record(11, EVIL, Status.ABSENT, None, "closing"),
        Record(11, GUEST, Status.SITTING_IN, None, "leader"),
        Record(12, LI, Status.LATE, at(11, 58), "button", walk_in=True, time_uncertain=True),
        Record(12, WANG, Status.UNRECORDED),
    ),
)
ORIGIN = Origin("李明", datetime(2026, 11, 24, 8, 30, tzinfo=UTC), "Asia/Shanghai", ("第一学习小组",))
