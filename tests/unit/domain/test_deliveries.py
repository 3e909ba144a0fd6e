"""The three policies: how often a message can go out, whatever happens to each try."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.deliveries import Next, Policy, State, after_refusal, after_unknown, backoff

NOON = datetime(2026, 12, 2, 4, tzinfo=UTC)

# What can become of a try: certainly refused, or perhaps accepted. (A known answer ends it at once.)
tries = st.lists(st.sampled_from(["refused", "unknown"]), max_size=12)


def walk(policy: Policy, outcomes: list[str]) -> tuple[Next, int]:
    """Where a delivery stands after these tries, and how many of them may have been accepted."""
    standing, maybe_accepted = Next(State.PENDING, NOON), 0
    for attempt, outcome in enumerate(outcomes, 1):
        if standing.state is not State.PENDING:
            break
        if outcome == "unknown":
            maybe_accepted += 1
            standing = after_unknown(policy, standing.uncertain, attempt, NOON)
        else:
            standing = after_refusal(standing.uncertain, 3.0, NOON)
    return standing, maybe_accepted


@given(tries)
def test_a_reminder_may_arrive_twice_and_never_more(outcomes: list[str]) -> None:
    standing, maybe_accepted = walk(Policy.RESEND, outcomes)
    unknowns = outcomes.count("unknown")
    assert maybe_accepted == min(unknowns, 2)
    assert standing.state is (State.UNCONFIRMED if unknowns >= 2 else State.PENDING)
    assert standing.uncertain is (unknowns > 0)


@given(tries)
def test_a_board_is_never_sent_again_where_it_may_have_arrived(outcomes: list[str]) -> None:
    standing, maybe_accepted = walk(Policy.ONCE, outcomes)
    assert maybe_accepted == min(outcomes.count("unknown"), 1)
    assert standing.state is (State.UNCONFIRMED if maybe_accepted else State.PENDING)


@given(tries)
def test_an_edit_is_tried_until_it_is_known(outcomes: list[str]) -> None:
    standing, maybe_accepted = walk(Policy.REPEAT, outcomes)
    assert maybe_accepted == outcomes.count("unknown")
    assert standing.state is State.PENDING
    assert standing.next_at is not None


@given(st.sampled_from(Policy), st.booleans(), st.integers(0, 10_000))
def test_what_waits_knows_when_it_goes_on_and_what_ended_does_not(
    policy: Policy, uncertain: bool, attempt: int
) -> None:
    standing = after_unknown(policy, uncertain, attempt, NOON)
    assert (standing.next_at is not None) is (standing.state is State.PENDING)
    assert standing.next_at is None or NOON <= standing.next_at <= NOON + timedelta(minutes=5)


@pytest.mark.parametrize(("seconds", "waits"), [(0.0, 1.0), (0.2, 1.0), (3.0, 3.0), (3600.0, 3600.0)])
@pytest.mark.parametrize("uncertain", [False, True])
def test_a_refusal_waits_at_least_a_second_and_forgets_no_doubt(seconds: float, waits: float, uncertain: bool) -> None:
    expected = Next(State.PENDING, NOON + timedelta(seconds=waits), uncertain)
    assert after_refusal(uncertain, seconds, NOON) == expected


def test_the_pauses_between_tries_double_up_to_five_minutes() -> None:
    seconds = [backoff(attempt).total_seconds() for attempt in range(12)]
    assert seconds == [2, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
