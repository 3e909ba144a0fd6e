"""The rules of attendance: windows, judging a check-in, leave's deadline, what closing makes of people."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.attendance import (
    MARKABLE,
    Moment,
    Status,
    WindowRule,
    at_closing,
    expected,
    judge,
    leave_ends,
    rate,
    window_of,
)
from domain.errors import Refusal

STARTS_AT = datetime(2026, 12, 2, 11, 0, tzinfo=UTC)
ENDS_AT = STARTS_AT + timedelta(minutes=90)
WINDOW = window_of(STARTS_AT, ENDS_AT, WindowRule())
SECOND = timedelta(seconds=1)

seconds = st.integers(-3 * 3600, 3 * 3600).map(lambda number: STARTS_AT + timedelta(seconds=number))


def test_the_window_lies_around_the_session() -> None:
    assert STARTS_AT - timedelta(minutes=15) == WINDOW.opens_at
    assert STARTS_AT + timedelta(minutes=10) == WINDOW.late_from
    assert WINDOW.closes_at == ENDS_AT
    short = window_of(STARTS_AT, STARTS_AT + timedelta(minutes=5), WindowRule())
    assert short.late_from == short.closes_at


@given(seconds)
def test_a_check_in_that_we_saw_is_judged_by_its_own_time(at: datetime) -> None:
    if at < WINDOW.opens_at or at > WINDOW.closes_at:
        with pytest.raises(Refusal) as caught:
            judge(WINDOW, Moment(at))
        assert caught.value.code == ("too_early" if at < WINDOW.opens_at else "checkin_closed")
        return
    found = judge(WINDOW, Moment(at))
    assert (found.at, found.time_uncertain) == (at, False)
    assert found.status is (Status.LATE if at >= WINDOW.late_from else Status.PRESENT)


@given(seconds, st.integers(0, 3 * 3600))
def test_our_being_down_never_makes_a_check_in_worse(received_at: datetime, down: int) -> None:
    moment = Moment(received_at, received_at - timedelta(seconds=down))
    try:
        seen = judge(WINDOW, Moment(received_at))
    except Refusal:
        seen = None
    try:
        guessed = judge(WINDOW, moment)
    except Refusal:
        assert seen is None
        return
    assert moment.not_before is not None
    assert moment.not_before <= guessed.at <= received_at
    assert WINDOW.opens_at <= guessed.at <= WINDOW.closes_at
    if seen is not None and seen.status is Status.PRESENT:
        assert guessed.status is Status.PRESENT


def test_leave_ends_at_its_deadline_and_never_after_the_start() -> None:
    assert leave_ends(None, STARTS_AT) == STARTS_AT
    assert leave_ends(STARTS_AT - SECOND, STARTS_AT) == STARTS_AT - SECOND
    assert leave_ends(STARTS_AT + SECOND, STARTS_AT) == STARTS_AT


def test_nobody_is_expected_before_they_joined_or_after_they_left() -> None:
    assert expected(ENDS_AT, None, STARTS_AT, ENDS_AT)
    assert not expected(ENDS_AT + SECOND, None, STARTS_AT, ENDS_AT)
    assert expected(STARTS_AT - SECOND, STARTS_AT + SECOND, STARTS_AT, ENDS_AT)
    assert not expected(STARTS_AT - SECOND, STARTS_AT, STARTS_AT, ENDS_AT)


@pytest.mark.parametrize(
    ("answer", "approved", "status"),
    [
        ("leave", None, Status.EXCUSED),
        ("leave", True, Status.EXCUSED),
        ("leave", False, Status.ABSENT),
        ("going", None, Status.ABSENT),
        (None, None, Status.ABSENT),
    ],
)
def test_closing_excuses_a_leave_that_nobody_declined(
    answer: str | None, approved: bool | None, status: Status
) -> None:
    assert at_closing(answer, approved) is status


def test_leave_leaves_the_denominator_and_without_anybody_there_is_no_rate() -> None:
    assert rate(8, 10, 2) == 1
    assert rate(0, 2, 2) is None
    assert Status.UNRECORDED not in MARKABLE
