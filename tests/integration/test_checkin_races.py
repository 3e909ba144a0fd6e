"""Two connections on PostgreSQL at once: a check-in against a close, and one person against themselves."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from open_session import OpenSession, engine_of, open_session
from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import IntegrityError

from db import migrate
from db.tables import attendance, attendance_change
from domain.attendance import Moment
from domain.errors import Refusal
from domain.people import Actor
from services import checkins, closing
from services.rules import Rules

START = datetime(2026, 12, 2, 4, tzinfo=UTC)
NOW = START + timedelta(minutes=5)
GROUP, LEADER, MEMBER = -100_1, 1, 2

pytestmark = pytest.mark.postgres


class Race:
    """Two transactions side by side, each moved on by the test."""

    def __init__(self, engine: Engine, made: OpenSession) -> None:
        self._engine = engine
        self.made = made
        self._pool = ThreadPoolExecutor(1)

    def check_in(self, connection: Connection) -> checkins.CheckIn:
        return checkins.check_in(
            connection,
            self.made.session_id,
            Actor(MEMBER, f"组员{MEMBER}"),
            GROUP,
            Moment(NOW),
            now=NOW,
            rules=Rules(),
        )

    def close(self, connection: Connection) -> checkins.Live:
        return closing.close(connection, self.made.session_id, Actor(LEADER, "组长"), now=NOW, rules=Rules())

    def begin(self) -> Connection:
        connection = self._engine.connect()
        connection.begin()
        return connection

    def start_and_wait_for_a_lock(self, run: Callable[[Connection], object]) -> Future[object]:
        """Run a use case in a transaction of its own, until it stands before the lock of the other."""
        began = threading.Event()

        def work() -> object:
            with self._engine.begin() as connection:
                self.pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
                began.set()
                return run(connection)

        future = self._pool.submit(work)
        assert began.wait(10)
        with self._engine.connect() as watching:
            blocked = text("SELECT cardinality(pg_blocking_pids(:pid)) > 0")
            while not future.done() and not watching.execute(blocked, {"pid": self.pid}).scalar_one():
                watching.rollback()
        return future

    def counts(self) -> tuple[str, int, int]:
        """The member's status, and how many rows and changes there are of them."""
        with self._engine.connect() as connection:
            statuses = list(
                connection.execute(select(attendance.c.status).where(attendance.c.person_id == 2)).scalars()
            )
            changes = connection.execute(select(func.count()).where(attendance_change.c.person_id == 2)).scalar_one()
        return statuses[0], len(statuses), changes

    def end(self) -> None:
        self._pool.shutdown()
        self._engine.dispose()


@pytest.fixture
def race(postgres_url: str) -> Iterator[Race]:
    migrate.upgrade(postgres_url)
    engine = engine_of(postgres_url)
    with engine.begin() as connection:
        made = open_session(connection, GROUP, [MEMBER], LEADER, START)
    running = Race(engine, made)
    yield running
    running.end()


def test_a_close_waits_for_a_check_in_and_sees_it(race: Race) -> None:
    first = race.begin()
    assert race.check_in(first).status == "present"
    closing = race.start_and_wait_for_a_lock(race.close)
    assert not closing.done()
    first.commit()
    first.close()
    facts = closing.result(timeout=10)
    assert isinstance(facts, checkins.Live)
    assert (facts.present, facts.absent, facts.state) == (1, 1, "closed")
    assert race.counts() == ("present", 1, 1)


def test_a_check_in_waits_for_a_close_and_is_refused(race: Race) -> None:
    first = race.begin()
    race.close(first)
    tapping = race.start_and_wait_for_a_lock(race.check_in)
    assert not tapping.done()
    first.commit()
    first.close()
    with pytest.raises(Refusal, match="checkin_closed"):
        tapping.result(timeout=10)
    assert race.counts() == ("absent", 1, 1)


def test_the_same_person_twice_at_once_is_recorded_once(race: Race) -> None:
    first = race.begin()
    race.check_in(first)
    again = race.start_and_wait_for_a_lock(race.check_in)
    assert not again.done()
    first.commit()
    first.close()
    with pytest.raises(IntegrityError):
        again.result(timeout=10)
    with race.begin() as rerun:
        assert race.check_in(rerun).repeated
    assert race.counts() == ("present", 1, 1)
