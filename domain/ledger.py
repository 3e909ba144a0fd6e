"""The attendance ledger of a period: sessions, people and records, and the figures that follow from them.

Rates count closed sessions only: before its closing nobody is absent from a session.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.attendance import CAME, Status, rate
from domain.leaderboards import Score, ranked
from domain.scoring import Deed, Fact, PointRules, deeds, total


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
    host_id: int | None = None
    recorder_id: int | None = None
    reviewer_id: int | None = None
    agenda: str = ""
    decisions: str = ""
    evidence: int = 0  # files of its minutes
    minutes: int = 0  # of study that it counts as

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
    vote: bool = False  # a full member, who has a vote where a meeting decides


class PlanRow(NamedTuple):
    """A period of a group's plan, in sessions; `every` is month or quarter, `state` and `reason` are codes."""

    unit: str
    group: str
    kind: str
    subgroup: str
    every: str
    first: date
    due: int
    held: int
    planned: int
    missing: int
    state: str
    reason: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything of a period, sessions in order of time; `start` and `end` are its first and last day."""

    start: date
    end: date
    sessions: tuple[HeldSession, ...]
    people: Mapping[int, str]
    groups_of: Mapping[int, tuple[str, ...]]  # of each person, those of the ledger
    records: tuple[Record, ...]
    standings: Mapping[int, str] = field(default_factory=dict)  # of each person: domain.people.Standing
    makeups: Mapping[tuple[int, int], date | None] = field(default_factory=dict)  # session, person → when made up
    plan: tuple[PlanRow, ...] = ()


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
    voters: int = 0  # of those expected
    voters_there: int = 0
    to_make_up: int = 0
    made_up: int = 0

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
    standing: str = ""
    minutes: int = 0  # of study attended
    made_up: int = 0


def session_lines(ledger: Ledger) -> list[SessionLine]:
    """The ledger by session, in its order."""
    by_session: dict[int, list[Record]] = defaultdict(list)
    for record in ledger.records:
        by_session[record.session_id].append(record)
    tasks: dict[int, list[date | None]] = defaultdict(list)
    for (session_id, _person_id), done_on in ledger.makeups.items():
        tasks[session_id].append(done_on)
    return [_session_line(session, by_session[session.id], tasks[session.id]) for session in ledger.sessions]


def _session_line(session: HeldSession, records: list[Record], tasks: list[date | None]) -> SessionLine:
    voters = [record for record in records if record.vote and record.status is not Status.SITTING_IN]
    return SessionLine(
        session,
        count(record.status for record in records),
        tuple(record for record in records if record.status in (Status.ABSENT, Status.EXCUSED)),
        voters=len(voters),
        voters_there=sum(record.status in CAME for record in voters),
        to_make_up=len(tasks),
        made_up=sum(done_on is not None for done_on in tasks),
    )


def person_lines(ledger: Ledger, rules: PointRules) -> list[PersonLine]:
    """The ledger by person, by name; ranks are by the points of the period."""
    sessions = {session.id: session for session in ledger.sessions}
    by_person: dict[int, list[Record]] = defaultdict(list)
    for record in ledger.records:
        by_person[record.person_id].append(record)
    made_up: dict[int, list[Fact]] = defaultdict(list)
    for (session_id, person_id), done_on in ledger.makeups.items():
        if done_on is not None:
            made_up[person_id].append(Fact(Deed.MADE_UP, done_on, session_id=session_id))
    facts = {person_id: _facts(records, sessions) + made_up[person_id] for person_id, records in by_person.items()}
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
            standing=ledger.standings.get(person_id, ""),
            minutes=sum(sessions[record.session_id].minutes for record in records if record.status in CAME),
            made_up=len(made_up[person_id]),
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
