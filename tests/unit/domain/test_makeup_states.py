"""Make-up study: a stateful test of every order of events, deadlines in local days, and corrections."""

# ruff: noqa: DTZ001 — drawn without a zone, then given one

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from domain.attendance import Status
from domain.makeup import (
    Makeup,
    MakeupState,
    Objection,
    after_correction,
    confirm,
    decided_at,
    due_at,
    last_day,
    owes,
    send_back,
    submit,
    undecided,
    waive,
)

ZONES = [ZoneInfo(name) for name in ("Asia/Shanghai", "Europe/Berlin", "Africa/Cairo", "Pacific/Apia")]
START = datetime(2026, 11, 2, 12, tzinfo=UTC)
WEEK = timedelta(days=7)


class MakeupModel(RuleBasedStateMachine):
    """A task against the plainest model of it: a word, and whether something lies with the leader."""

    @initialize()
    def begin(self) -> None:
        self.now = START
        self.task = Makeup(due_at=START + WEEK)
        self.end: str | None = None
        self.with_leader = False

    def step(self, outcome: Makeup | Objection) -> bool:
        ended = {"done": Objection.DONE, "waived": Objection.WAIVED}.get(self.end or "")
        if ended is not None:
            assert outcome is ended
        if isinstance(outcome, Makeup):
            self.task = outcome
        return isinstance(outcome, Makeup)

    @rule(hours=st.integers(1, 100))
    def time_goes_by(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(note_suffices=st.booleans())
    def hand_in(self, note_suffices: bool) -> None:
        if self.step(submit(self.task, self.now, note_suffices=note_suffices)):
            self.with_leader, self.end = True, "done" if note_suffices else None

    @rule()
    def leader_confirms(self) -> None:
        before = self.task
        if self.step(confirm(self.task, self.now)):
            self.end = "done"
            assert decided_at(self.task) == self.now
            assert undecided(self.task) == before

    @rule()
    def leader_sends_back(self) -> None:
        before = self.task
        outcome = send_back(self.task, self.now)
        if self.end is None and not self.with_leader:
            assert outcome is Objection.NOTHING_SUBMITTED
        elif self.step(outcome):
            self.with_leader = False
            assert undecided(self.task) == before

    @rule()
    def leader_waives(self) -> None:
        before = self.task
        if self.step(waive(self.task, self.now)):
            self.end = "waived"
            assert undecided(self.task) == before

    @invariant()
    def its_state_is_the_models(self) -> None:
        if self.end is not None:
            expected = self.end
        elif self.with_leader:
            expected = "submitted"
        else:
            expected = "overdue" if self.now >= START + WEEK else "pending"
        assert self.task.state(self.now) == expected
        assert self.task.due_at == START + WEEK


TestMakeupModel = MakeupModel.TestCase
TestMakeupModel.settings = settings(stateful_step_count=20, deadline=None)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)), st.sampled_from(ZONES), st.integers(1, 60))
def test_it_is_due_at_the_end_of_a_local_day(made: datetime, zone: ZoneInfo, days: int) -> None:
    made_at = made.replace(tzinfo=UTC)
    ends = due_at(made_at, zone, days)
    expected = made_at.astimezone(zone).date() + timedelta(days=days)
    task = Makeup(ends)
    # Apia skipped a day in 2011 only; Cairo skips some midnights: the day before is the last one all the same.
    assert last_day(task, zone) == expected
    assert (ends - timedelta.resolution).astimezone(zone).date() == expected
    assert ends.astimezone(zone).date() == expected + timedelta(days=1)
    assert task.state(ends - timedelta.resolution) is MakeupState.PENDING
    assert task.state(ends) is MakeupState.OVERDUE


def test_a_week_is_seven_whole_days() -> None:
    made_at = datetime(2026, 11, 2, 20, 30, tzinfo=UTC)  # 3 November 04:30 in Shanghai
    ends = due_at(made_at, ZONES[0])
    assert ends == datetime.combine(date(2026, 11, 11), time(), ZONES[0])
    assert last_day(Makeup(ends), ZONES[0]) == date(2026, 11, 10)


def test_no_time_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="0 days"):
        due_at(START, ZONES[0], 0)


def test_late_is_still_made_up() -> None:
    late = submit(Makeup(START), START + WEEK, note_suffices=False)
    assert isinstance(late, Makeup)
    assert late.is_late
    assert late.state(START + 2 * WEEK) is MakeupState.SUBMITTED
    done = confirm(late, START + 2 * WEEK)
    assert isinstance(done, Makeup)
    assert done.state(START + 2 * WEEK) is MakeupState.DONE
    # The leader's own delay makes nobody late.
    in_time = confirm(Makeup(START + WEEK, submitted_at=START), START + 2 * WEEK)
    assert isinstance(in_time, Makeup)
    assert not in_time.is_late
    assert not Makeup(START).is_late


def test_who_owes_and_who_does_not() -> None:
    assert {status for status in Status if owes(status)} == {Status.ABSENT, Status.EXCUSED}


tasks = st.none() | st.builds(
    Makeup,
    st.just(START + WEEK),
    st.none() | st.just(START),
    st.none() | st.just(START),
    st.none() | st.just(START),
    st.none() | st.just(START),
).filter(lambda task: task.done_at is None or task.waived_at is None)


@given(tasks, st.sampled_from(Status), st.sampled_from(Status))
def test_a_correction_changes_what_is_owed_and_never_what_was_done(
    task: Makeup | None, before: Status, after: Status
) -> None:
    fresh = Makeup(START + 3 * WEEK)
    found = after_correction(task, before, after, START, fresh)
    if owes(before) == owes(after) or (task is not None and task.done_at is not None):
        assert found is task
    elif owes(after):
        assert found is fresh
    else:
        assert (found is None) == (task is None)
        assert found is None or found.state(START) is MakeupState.WAIVED
