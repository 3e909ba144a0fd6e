"""Attendance under any order of acts: a small model says what has to stand in the ledger after each of them."""

from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache

from attendance_life import ENDS_AT, RULES, STARTS_AT, Group, at
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import Engine, create_engine, func, select
from sqlalchemy.pool import StaticPool
from study_life import Somebody

from db.queries import checkins as queries
from db.tables import attendance, attendance_change, metadata
from domain.attendance import CAME, CLAIMABLE, MARKABLE, Status
from domain.errors import Refusal
from services import checkins, closing, correcting, corrections, leaves, marking

OPENS_AT = STARTS_AT - timedelta(minutes=15)
LATE_FROM = STARTS_AT + timedelta(minutes=10)
MEMBERS = 3
Record = tuple[Status, str] | None  # status and method; None: unrecorded

who = st.integers(0, MEMBERS - 1)


@cache
def database() -> Engine:
    """One for all runs, in memory; each of them is rolled back."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(engine)
    return engine


class Attendance(RuleBasedStateMachine):
    """A session with its leader, acted upon; every act goes through the use cases and through the model."""

    @initialize()
    def begin(self) -> None:
        self.connection = database().connect()
        self.transaction = self.connection.begin()
        self.group = Group(self.connection)
        self.session_id = self.group.session()
        names = [self.group.member] + [self.group.life.member(self.group.id, str(n)) for n in range(1, MEMBERS)]
        self.people: list[Somebody] = [*names, self.group.leader]
        self.now = OPENS_AT - timedelta(minutes=5)
        self.closed = False
        self.leave: dict[int, bool | None] = {}  # who is on leave, and what was decided
        self.records: dict[int, Record] = dict.fromkeys(range(MEMBERS + 1))
        self.marked: dict[int, tuple[datetime, Record]] = {}  # the newest change, if it is a mark: when, and before it

    def teardown(self) -> None:
        if hasattr(self, "transaction"):
            self.transaction.rollback()
            self.connection.close()

    def change(self, n: int, to: Record) -> None:
        self.records[n] = to
        self.marked.pop(n, None)

    @rule(seconds=st.sampled_from([20, 61]))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(moment=st.sampled_from([OPENS_AT, STARTS_AT, LATE_FROM, ENDS_AT + timedelta(minutes=1)]))
    def wait_until(self, moment: datetime) -> None:
        self.now = max(self.now, moment)

    @rule(n=who, wanted=st.sampled_from(["going", "leave"]))
    def answer(self, n: int, wanted: str) -> None:
        possible = not self.closed and self.now < STARTS_AT
        done = False
        with suppress(Refusal):
            repeated = self.group.answer(self.session_id, self.people[n], wanted, self.now).repeated
            done = True
            if wanted == "going":
                self.leave.pop(n, None)
            elif not repeated:
                self.leave[n] = None
        assert done == possible

    @rule(n=who)
    def withdraw(self, n: int) -> None:
        actor, now = self.people[n].actor, self.now
        with suppress(Refusal):
            leaves.withdraw(self.connection, self.session_id, actor, at(now), now=now, rules=RULES)
            del self.leave[n]

    @precondition(lambda self: self.leave and not self.closed)
    @rule(data=st.data(), approved=st.booleans())
    def decide_on_leave(self, data: st.DataObject, approved: bool) -> None:
        n = data.draw(st.sampled_from(sorted(self.leave)))
        leaves.decide(
            self.connection,
            self.session_id,
            self.people[n].id,
            self.group.leader.actor,
            approved=approved,
            seen=leaves.SEEN.index(self.leave[n]),
            now=self.now,
            rules=RULES,
        )
        self.leave[n] = approved

    @rule(n=st.integers(0, MEMBERS))
    def check_in(self, n: int) -> None:
        found = self.records[n]
        came = found is not None and found[0] in CAME
        possible = came or (not self.closed and OPENS_AT <= self.now <= ENDS_AT)
        done = False
        with suppress(Refusal):
            result = self.group.check_in(self.session_id, self.people[n], self.now)
            done = True
            assert result.repeated == came
            if not came:
                self.change(n, (Status.LATE if self.now >= LATE_FROM else Status.PRESENT, "button"))
        assert done == possible

    @rule(n=st.integers(0, MEMBERS), status=st.sampled_from(MARKABLE))
    def mark(self, n: int, status: Status) -> None:
        number, actor = MARKABLE.index(status), self.group.leader.actor
        done = False
        with suppress(Refusal):
            marking.mark(self.connection, self.session_id, self.people[n].id, number, actor, now=self.now, rules=RULES)
            done = True
        assert done == (self.now >= OPENS_AT)
        before = self.records[n]
        if done and (before is None or before[0] is not status):
            self.change(n, (status, "leader"))
            self.marked[n] = (self.now, before)

    @rule(n=st.integers(0, MEMBERS))
    def unmark(self, n: int) -> None:
        marked_at, before = self.marked.get(n, (None, None))
        in_time = marked_at is not None and self.now <= marked_at + timedelta(seconds=60)
        possible = in_time and not (self.closed and before is None)
        refused = True
        with suppress(Refusal):
            actor, person_id = self.group.leader.actor, self.people[n].id
            marking.unmark(self.connection, self.session_id, person_id, actor, now=self.now, rules=RULES)
            refused = False
        assert not (possible and refused)
        if possible:
            self.change(n, before)

    @rule(n=st.integers(0, MEMBERS), status=st.sampled_from(MARKABLE))
    def mark_and_unmark(self, n: int, status: Status) -> None:
        self.mark(n, status)
        self.unmark(n)

    @rule()
    def close(self) -> None:
        done = False
        with suppress(Refusal):
            closing.close(self.connection, self.session_id, self.group.leader.actor, now=self.now, rules=RULES)
            done = True
        assert done == (self.now >= STARTS_AT)
        if done and not self.closed:
            self.closed = True
            for n, found in self.records.items():
                if found is None:
                    excused = self.leave.get(n, False) is not False
                    self.change(n, (Status.EXCUSED if excused else Status.ABSENT, "closing"))

    @rule()
    def reopen(self) -> None:
        closing.reopen(self.connection, self.session_id, self.group.leader.actor, now=self.now, rules=RULES)
        if self.closed:
            self.closed = False
            for n, found in self.records.items():
                if found is not None and found[1] == "closing":
                    self.change(n, None)

    @precondition(lambda self: self.closed or self.now > ENDS_AT)
    @rule(n=who, wanted=st.sampled_from(CLAIMABLE), given=st.integers(0, len(CLAIMABLE)))
    def correct(self, n: int, wanted: Status, given: int) -> None:
        number, actor = CLAIMABLE.index(wanted), self.people[n].actor
        filed = corrections.file(self.connection, self.session_id, number, actor, now=self.now, rules=RULES)
        before = self.records[n]
        assert (filed.outcome == "already_so") == (before is not None and before[0] is wanted)
        if filed.outcome != "filed":
            return
        decider = self.group.leader.actor
        correcting.decide(self.connection, filed.correction.id, given, decider, now=self.now, rules=RULES)
        if given and (before is None or before[0] is not CLAIMABLE[given - 1]):
            self.change(n, (CLAIMABLE[given - 1], "correction"))

    @invariant()
    def the_ledger_is_as_the_model_says(self) -> None:
        rows = self.connection.execute(select(attendance)).all()
        assert len({row.person_id for row in rows}) == len(rows)
        stored = {row.person_id: (Status(row.status), row.method) for row in rows}
        assert stored == {self.people[n].id: found for n, found in self.records.items() if found is not None}

    @invariant()
    def the_history_ends_with_what_is_recorded(self) -> None:
        newest = select(func.max(attendance_change.c.id)).group_by(attendance_change.c.person_id)
        rows = self.connection.execute(select(attendance_change).where(attendance_change.c.id.in_(newest)))
        told = {row.person_id: row.after for row in rows}
        for n, found in self.records.items():
            assert told.get(self.people[n].id, "unrecorded") == (found[0].value if found else "unrecorded")

    @invariant()
    def the_summary_counts_what_the_model_counts(self) -> None:
        counts = Counter(found[0].value if found else "unrecorded" for found in self.records.values())
        numbers = queries.summary(self.connection, self.session_id)._asdict()
        assert numbers.pop("expected") == MEMBERS + 1 - counts["sitting_in"]
        assert numbers.pop("uncertain") == 0
        assert {status: number for status, number in numbers.items() if number} == counts
        assert not (self.closed and counts["unrecorded"])
        facts = checkins.live(self.connection, {"session_id": self.session_id}, self.now)
        assert facts is not None
        assert (facts.state == "closed") == self.closed


Attendance.TestCase.settings = settings(
    max_examples=50,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestAttendance = Attendance.TestCase
