"""Two replicas on PostgreSQL at once: the very first groups, two leaders, a join against an undo."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

import pytest
from group_life import HERE, LI, NOW, WANG, ZHAO, appoint, id_of, join, led_group, register
from postgres_server import sync_url
from sqlalchemy import Connection, Engine, create_engine, func, select, text
from sqlalchemy.exc import IntegrityError

from db.tables import membership, metadata, past_membership, study_group, unit
from domain.errors import Refusal
from services import handover, people, registration
from services.rules import Rules

pytestmark = pytest.mark.postgres


class Race:
    """Two transactions side by side: the second is started while the first is open, and waits for its lock."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._pool = ThreadPoolExecutor(1)

    def run(self, first: Callable[[Connection], object], second: Callable[[Connection], object]) -> Future[object]:
        with self.engine.connect() as connection, connection.begin():
            first(connection)
            return self._start(second)

    def _start(self, second: Callable[[Connection], object]) -> Future[object]:
        began = threading.Event()

        def work() -> object:
            with self.engine.begin() as connection:
                self._pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
                began.set()
                return second(connection)

        future = self._pool.submit(work)
        assert began.wait(10)
        blocked = text("SELECT cardinality(pg_blocking_pids(:pid)) > 0")
        with self.engine.connect() as watching:
            while not future.done() and not watching.execute(blocked, {"pid": self._pid}).scalar_one():
                watching.rollback()
        assert not future.done(), "the second did not wait for the first"
        return future

    def count(self, table: object) -> int:
        with self.engine.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]

    def end(self) -> None:
        self._pool.shutdown()
        self.engine.dispose()


@pytest.fixture
def race(postgres_url: str) -> Iterator[Race]:
    engine = create_engine(sync_url(postgres_url))
    metadata.create_all(engine)
    running = Race(engine)
    yield running
    running.end()


def test_the_very_first_groups_in_the_same_instant_share_one_root(race: Race) -> None:
    waiting = race.run(
        lambda connection: register(connection, LI),
        lambda connection: register(connection, WANG, chat_id=HERE - 1),
    )
    waiting.result(timeout=10)
    assert (race.count(unit), race.count(study_group)) == (1, 2)


def test_two_chat_admins_who_volunteer_at_once_become_one_leader(race: Race) -> None:
    with race.engine.begin() as connection:
        register(connection)
    waiting = race.run(
        lambda connection: appoint(connection, WANG, WANG, is_chat_admin=True),
        lambda connection: appoint(connection, ZHAO, ZHAO, is_chat_admin=True, key="b"),
    )
    with pytest.raises(Refusal, match="has_leader"):
        waiting.result(timeout=10)


def test_a_join_that_meets_an_undo_of_the_registration_leaves_nothing_behind(race: Race) -> None:
    with race.engine.begin() as connection:
        group_id = register(connection)
    waiting = race.run(
        lambda connection: registration.unregister(
            connection, group_id, LI, HERE, is_chat_admin=True, now=NOW + timedelta(seconds=5)
        ),
        lambda connection: join(connection, group_id, WANG),
    )
    with pytest.raises(IntegrityError):
        waiting.result(timeout=10)  # and is tried again, when the group is not registered any more
    assert race.count(membership) == 0


def test_somebody_who_comes_back_twice_at_once_has_one_past(race: Race) -> None:
    with race.engine.begin() as connection:
        group_id = register(connection)
        join(connection, group_id, WANG)
        connection.execute(membership.update().values(left_at=NOW))
    later = NOW + timedelta(days=1)
    waiting = race.run(
        lambda connection: join(connection, group_id, WANG, now=later),
        lambda connection: join(connection, group_id, WANG, now=later),
    )
    waiting.result(timeout=10)
    assert race.count(past_membership) == 1


def test_an_invitation_that_is_accepted_twice_at_once_counts_once(race: Race) -> None:
    with race.engine.begin() as connection:
        group_id = led_group(connection, WANG)
        people.start(connection, WANG, NOW)
        li, wang = id_of(connection, LI), id_of(connection, WANG)
        handover.offer(connection, group_id, wang, LI, now=NOW, rules=Rules(), reply_key="o")

    def accept(key: str) -> Callable[[Connection], object]:
        return lambda connection: handover.accept(
            connection, group_id, li, WANG, bot_username="study_bot", now=NOW, rules=Rules(), reply_key=key
        )

    with pytest.raises(Refusal, match="handover_over"):
        race.run(accept("x"), accept("y")).result(timeout=10)
