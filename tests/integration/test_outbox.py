"""The outbox on both databases: one owner at a time, nothing sent after its time, and edits coalesced."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, update
from study_life import StudyLife

from db.tables import chat, delivery
from domain.deliveries import Policy, State
from services import deliveries, unsent
from services.deliveries import Claim
from services.rules import Rules

NOON = datetime(2026, 12, 2, 4, tzinfo=UTC)
LEASE = timedelta(seconds=60)
EVERY = timedelta(seconds=6)


class Outbox:
    """The use cases with a short hand: one chat unless another is named, one owner."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.here = self.add_chat(-1)

    def add_chat(self, telegram_id: int) -> int:
        made = self._connection.execute(insert(chat).values(telegram_id=telegram_id, kind="group").returning(chat.c.id))
        return int(made.scalar_one())

    def put(self, key: str, at: datetime = NOON, **values: Any) -> bool:
        facts: dict[str, Any] = {"kind": "note", "destination_id": self.here, "payload": {}, **values}
        facts.setdefault("expires_at", at + timedelta(hours=1))
        return deliveries.enqueue(self._connection, key=key, due_at=at, **facts)

    def claim(
        self,
        at: datetime = NOON,
        owner: str = "me",
        *,
        limit: int = 10,
        busy: Collection[int] = (),
        lease: timedelta = LEASE,
    ) -> list[Claim]:
        unsent.skip_expired(self._connection, at, Rules())
        return deliveries.claim(self._connection, owner, at, lease, limit, busy)

    def one(self, at: datetime = NOON, owner: str = "me", lease: timedelta = LEASE) -> Claim:
        (claimed,) = self.claim(at, owner, lease=lease)
        return claimed

    def fence(self, claimed: Claim, at: datetime = NOON, owner: str = "me") -> bool:
        return deliveries.fence(self._connection, claimed, owner, at, LEASE)

    def sent(self, claimed: Claim, at: datetime = NOON, owner: str = "me") -> bool:
        return deliveries.sent(self._connection, claimed, owner, 77, at)

    def recover(self, at: datetime = NOON, *, all_of_others: bool = False, owner: str = "me") -> int:
        return unsent.recover(self._connection, at, owner=owner, all_of_others=all_of_others)

    def refresh(self, at: datetime, expires_at: datetime = NOON + timedelta(days=1)) -> None:
        deliveries.refresh(
            self._connection,
            key="live",
            kind="live",
            destination_id=self.here,
            payload={"at": at.isoformat()},
            now=at,
            every=EVERY,
            expires_at=expires_at,
        )

    def row(self, key: str) -> Any:
        return self._connection.execute(select(delivery).where(delivery.c.dedupe_key == key)).one()

    def state(self, key: str) -> str:
        return str(self.row(key).state)


@pytest.fixture
def outbox(connection: Connection) -> Outbox:
    return Outbox(connection)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_the_same_key_is_due_once(outbox: Outbox) -> None:
    assert outbox.put("a", payload={"n": 1})
    assert not outbox.put("a", payload={"n": 2})
    assert outbox.one().payload == {"n": 1}


def test_nothing_is_claimed_before_its_time_twice_or_by_two(outbox: Outbox) -> None:
    outbox.put("a", after(5))
    assert outbox.claim(after(4)) == []
    assert outbox.one(after(5)).attempt == 1
    assert outbox.claim(after(6)) == []
    assert outbox.claim(after(6), "other") == []


def test_one_a_chat_the_most_urgent_first_and_none_for_a_busy_one(outbox: Outbox) -> None:
    there = outbox.add_chat(-2)
    outbox.put("counter", priority=deliveries.LIVE)
    outbox.put("reminder")
    outbox.put("answer", after(1), priority=deliveries.REPLY)
    outbox.put("elsewhere", destination_id=there)
    assert [claimed.telegram_id for claimed in outbox.claim(after(2), busy=[-1])] == [-2]
    assert [claimed.kind for claimed in outbox.claim(after(2), limit=1)] == ["note"]
    assert outbox.state("answer") == "claimed"
    assert outbox.state("reminder") == outbox.state("counter") == "pending"


def test_the_limit_leaves_the_less_urgent(outbox: Outbox) -> None:
    for number in range(5):
        outbox.put(f"{number}", after(number), destination_id=outbox.add_chat(-10 - number))
    assert [claimed.telegram_id for claimed in outbox.claim(after(60), limit=2)] == [-10, -11]


def test_a_chat_that_is_gone_gets_nothing(outbox: Outbox, connection: Connection) -> None:
    outbox.put("first")
    outbox.put("second")
    claimed = outbox.one()
    assert outbox.fence(claimed)
    deliveries.rejected(connection, claimed, "me", "blocked", True)
    assert (outbox.state("first"), outbox.state("second")) == ("rejected", "pending")
    assert outbox.claim() == []


def test_what_expired_is_skipped_not_sent(outbox: Outbox) -> None:
    outbox.put("a", expires_at=after(10))
    assert outbox.claim(after(11)) == []
    assert outbox.state("a") == "skipped"


def test_the_fence_lets_a_claim_through_once(outbox: Outbox) -> None:
    outbox.put("a")
    claimed = outbox.one()
    assert outbox.fence(claimed)
    assert not outbox.fence(claimed)


def test_the_fence_stops_another_owner(outbox: Outbox) -> None:
    outbox.put("a")
    assert not outbox.fence(outbox.one(), owner="other")


def test_the_fence_stops_what_expired_after_the_claim(outbox: Outbox) -> None:
    outbox.put("a", expires_at=after(10))
    assert not outbox.fence(outbox.one(), after(11))


def test_the_fence_stops_whoever_slept_past_the_lease(outbox: Outbox) -> None:
    outbox.put("a")
    assert not outbox.fence(outbox.one(lease=timedelta(seconds=-1)))


def test_moving_the_clock_ends_no_lease(outbox: Outbox) -> None:
    """Leases run by the database's own clock, due times by the one the sandbox moves."""
    outbox.put("a", expires_at=NOON + timedelta(days=400))
    claimed = outbox.one()
    assert outbox.recover(NOON + timedelta(days=365)) == 0
    assert outbox.fence(claimed, NOON + timedelta(days=365))


def test_the_fence_stops_what_was_cancelled_after_the_claim(outbox: Outbox, connection: Connection) -> None:
    life = StudyLife(connection)
    group = life.group(life.unit())
    session = life.session(group, NOON, life.member(group, "王芳"))
    outbox.put("a", session_id=session)
    outbox.put("other", destination_id=outbox.add_chat(-2))
    claimed = next(c for c in outbox.claim() if c.telegram_id == -1)
    deliveries.cancel_for_session(connection, session)
    assert not outbox.fence(claimed)
    assert (outbox.state("a"), outbox.state("other")) == ("cancelled", "claimed")


def test_an_outcome_of_an_earlier_attempt_changes_nothing(outbox: Outbox) -> None:
    """The paused worker comes back after its lease has ended and another has taken over."""
    outbox.put("a")
    slept = outbox.one(lease=timedelta(seconds=-1))
    assert outbox.recover() == 1
    taken_over = outbox.one(owner="other")
    assert outbox.fence(taken_over, owner="other")
    assert not outbox.fence(slept)
    assert not outbox.sent(slept)
    assert outbox.sent(taken_over, owner="other")
    row = outbox.row("a")
    assert (row.state, row.message_id, row.owner, row.lease_until) == ("sent", 77, None, None)


def test_an_ended_claim_is_certainly_unsent_and_simply_due_again(outbox: Outbox) -> None:
    outbox.put("a", policy=Policy.ONCE)
    outbox.one(lease=timedelta(seconds=-1))
    assert outbox.recover() == 1
    row = outbox.row("a")
    assert (row.state, row.uncertain, row.owner) == ("pending", False, None)
    assert outbox.one(owner="other").attempt == 2


@pytest.mark.parametrize(
    ("policy", "state", "uncertain"),
    [
        (Policy.RESEND, State.PENDING, True),
        (Policy.ONCE, State.UNCONFIRMED, True),
        (Policy.REPEAT, State.PENDING, False),
    ],
)
def test_what_was_being_sent_may_have_arrived(
    outbox: Outbox, connection: Connection, policy: Policy, state: State, uncertain: bool
) -> None:
    outbox.put("a", policy=policy)
    assert outbox.fence(outbox.one())
    connection.execute(update(delivery).values(lease_until=datetime(2000, 1, 1, tzinfo=UTC)))
    assert outbox.recover() == 1
    row = outbox.row("a")
    assert (row.state, row.uncertain) == (state.value, uncertain)


def test_at_a_start_alone_everything_of_others_is_taken_back_and_nothing_of_ours(outbox: Outbox) -> None:
    outbox.put("ours")
    outbox.put("theirs", destination_id=outbox.add_chat(-2))
    outbox.claim(busy=[-2])
    outbox.claim(owner="dead")
    assert outbox.recover(all_of_others=False) == 0
    assert outbox.recover(all_of_others=True) == 1
    assert (outbox.state("ours"), outbox.state("theirs")) == ("claimed", "pending")


def test_many_refreshes_are_one_edit_with_the_newest_facts(outbox: Outbox) -> None:
    for second in range(3):
        outbox.refresh(after(second))
    claimed = outbox.one(after(3))
    assert outbox.fence(claimed)
    assert outbox.sent(claimed, after(3))
    assert outbox.state("live") == "sent"
    assert outbox.claim(after(60)) == []


def test_a_refresh_soon_after_an_edit_waits_its_time(outbox: Outbox) -> None:
    outbox.refresh(NOON)
    claimed = outbox.one()
    assert outbox.fence(claimed)
    assert outbox.sent(claimed)
    outbox.refresh(after(1))
    outbox.refresh(after(2))
    assert outbox.claim(after(5)) == []
    assert outbox.one(after(7)).attempt == 1


def test_a_refresh_long_after_an_edit_is_due_at_once(outbox: Outbox) -> None:
    outbox.refresh(NOON)
    claimed = outbox.one()
    assert outbox.fence(claimed)
    assert outbox.sent(claimed)
    outbox.refresh(after(30))
    outbox.one(after(30))


@pytest.mark.parametrize("fenced", [False, True])
def test_a_refresh_while_the_edit_is_under_way_leads_to_another(outbox: Outbox, fenced: bool) -> None:
    outbox.refresh(NOON)
    claimed = outbox.one()
    if fenced:
        assert outbox.fence(claimed)
    outbox.refresh(after(1))
    assert outbox.claim(after(2)) == []
    assert fenced or outbox.fence(claimed)
    assert outbox.sent(claimed, after(2))
    assert outbox.state("live") == "pending"
    again = outbox.one(after(8))
    assert outbox.fence(again, after(8))
    assert outbox.sent(again, after(8))
    assert outbox.state("live") == "sent"


def test_a_refresh_brings_back_an_edit_that_was_given_up(outbox: Outbox, connection: Connection) -> None:
    outbox.refresh(NOON, expires_at=after(10))
    assert outbox.claim(after(20)) == []
    assert outbox.state("live") == "skipped"
    outbox.refresh(after(20))
    outbox.one(after(20))


def test_a_refresh_lengthens_the_life_of_one_that_waits(outbox: Outbox) -> None:
    outbox.refresh(NOON, expires_at=after(10))
    outbox.refresh(after(1), expires_at=after(60))
    outbox.one(after(30))


def test_a_group_with_a_new_number_takes_its_messages_along(outbox: Outbox, connection: Connection) -> None:
    outbox.put("a")
    claimed = outbox.one()
    assert outbox.fence(claimed)
    deliveries.moved(connection, claimed, "me", -100_1, NOON)
    outbox.put("b", after(1))
    assert {c.telegram_id for c in outbox.claim(after(1))} == {-100_1}
    deliveries.rekey_chat(connection, -1, -5)
    numbers = list(connection.execute(select(chat.c.telegram_id)).scalars())
    assert numbers == [-100_1]


def test_a_number_that_another_chat_has_is_left_to_it(outbox: Outbox, connection: Connection) -> None:
    outbox.add_chat(-2)
    deliveries.rekey_chat(connection, -1, -2)
    assert sorted(connection.execute(select(chat.c.telegram_id)).scalars()) == [-2, -1]


def test_the_next_due_time_is_that_of_what_waits(outbox: Outbox, connection: Connection) -> None:
    assert deliveries.next_due(connection) is None
    outbox.put("a", after(5))
    outbox.put("b", after(3))
    assert deliveries.next_due(connection) == after(3)
