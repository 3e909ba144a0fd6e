"""The attendance ledger of a period: sessions, people and records, and the figures that follow from them.

Rates count closed sessions only: before its closing nobody is absent from a session.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.attendance import CAME, Status, rate
from domain.leaderboards import Score, ranked
from domain.scoring import Fact, PointRules, deeds, total


@dataclass(frozen=True, slots=True)
class HeldSession:
    """A session that has begun; `zone` is the name of its group's time zone."""

    id: int
    unit: str
    group: str
    kind: str
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    speaker_id: int | None
    closed: bool

    @property
    def day(self) -> date:
        """Its day on the group's calendar."""
        return self.starts_at.astimezone(ZoneInfo(self.zone)).date()


class Record(NamedTuple):
    """One person at one session; `at` and `method` are empty where there is no record yet.

    A tuple, because a ledger may hold a hundred thousand.
    """

    session_id: int
    person_id: int
    status: Status
    at: datetime | None = None
    method: str = ""
    walk_in: bool = False
    time_uncertain: bool = False
    reason: str = ""  # of a leave


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything of a period, sessions in order of time; `start` and `end` are its first and last day."""

    start: date
    end: date
    sessions: tuple[HeldSession, ...]
    people: Mapping[int, str]
    groups_of: Mapping[int, tuple[str, ...]]  # of each person, those of the ledger
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """How often each status occurs, in one session, of one person, or altogether."""

    by_status: Mapping[Status, int]

    def __getitem__(self, status: Status) -> int:
        return self.by_status.get(status, 0)

    @property
    def expected(self) -> int:
        """应到: everybody but those who sat in."""
        return sum(self.by_status.values()) - self[Status.SITTING_IN]

    @property
    def came(self) -> int:
        """实到."""
        return sum(self[status] for status in CAME)

    @property
    def rate(self) -> float | None:
        """(present + late + left early) / (expected - excused)."""
        return rate(self.came, self.expected, self[Status.EXCUSED])


def count(statuses: Iterable[Status]) -> Counts:
    """Count statuses."""
    return Counts(Counter(statuses))


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session with its figures, and who was not there: absent or on leave."""

    session: HeldSession
    counts: Counts
    missing: tuple[Record, ...]

    @property
    def rate(self) -> float | None:
        """Its attendance; None before it is closed."""
        return self.counts.rate if self.session.closed else None


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person with their figures; `rate` is over closed sessions, `rank` None without points."""

    person_id: int
    name: str
    groups: tuple[str, ...]
    counts: Counts
    rate: float | None
    led: int
    points: int
    rank: int | None


def session_lines(ledger: Ledger) -> list[SessionLine]:
    """The ledger by session, in its order."""
    by_session: dict[int, list[Record]] = defaultdict(list)
    for record in ledger.records:
        by_session[record.session_id].append(record)
    return [_session_line(session, by_session[session.id]) for session in ledger.sessions]


def _session_line(session: HeldSession, records: list[Record]) -> SessionLine:
    missing = tuple(record for record in records if record.status in (Status.ABSENT, Status.EXCUSED))
    return SessionLine(session, count(record.status for record in records), missing)


def person_lines(ledger: Ledger, rules: PointRules) -> list[PersonLine]:
    """The ledger by person, by name; ranks are by the points of the period."""
    sessions = {session.id: session for session in ledger.sessions}
    by_person: dict[int, list[Record]] = defaultdict(list)
    for record in ledger.records:
        by_person[record.person_id].append(record)
    facts = {person_id: _facts(records, sessions) for person_id, records in by_person.items()}
    points = {person_id: total(facts[person_id], rules) for person_id in facts}
    places = ranked(Score(person_id, ledger.people[person_id], points[person_id]) for person_id in facts)
    ranks = {place.person_id: place.rank for place in places}
    lines = [
        PersonLine(
            person_id=person_id,
            name=ledger.people[person_id],
            groups=ledger.groups_of.get(person_id, ()),
            counts=count(record.status for record in records),
            rate=count(record.status for record in records if sessions[record.session_id].closed).rate,
            led=sum(_led(record, sessions) for record in records),
            points=points[person_id],
            rank=ranks.get(person_id),
        )
        for person_id, records in by_person.items()
    ]
    return sorted(lines, key=lambda line: (line.name, line.person_id))


def overall(ledger: Ledger) -> Counts:
    """All statuses together."""
    return count(record.status for record in ledger.records)


def overall_rate(ledger: Ledger) -> float | None:
    """The attendance over all closed sessions."""
    closed = {session.id for session in ledger.sessions if session.closed}
    return count(record.status for record in ledger.records if record.session_id in closed).rate


def _led(record: Record, sessions: Mapping[int, HeldSession]) -> bool:
    return record.status in CAME and sessions[record.session_id].speaker_id == record.person_id


def _facts(records: Iterable[Record], sessions: Mapping[int, HeldSession]) -> list[Fact]:
    return [
        Fact(deed, sessions[record.session_id].day, session_id=record.session_id)
        for record in records
        for deed in deeds(record.status, sessions[record.session_id].speaker_id == record.person_id)
    ]
