"""When the messages of a session are due, whatever the distance to its start."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain import schedule
from domain.deliveries import Policy
from domain.schedule import CARD, CARD_LIVE, CHECKIN_OPEN, GROUP_REMINDER, REMINDER_GRACE, Due

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)

distances = st.timedeltas(min_value=timedelta(minutes=1), max_value=timedelta(days=400))
lengths = st.timedeltas(min_value=timedelta(minutes=1), max_value=DAY)
reminders = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=14))


def due(ahead: timedelta, *, announce_now: bool = True, reminder: timedelta = DAY) -> dict[str, Due]:
    starts_at = NOW + ahead
    messages = schedule.due_messages(
        starts_at,
        starts_at - QUARTER,
        starts_at + timedelta(minutes=90),
        reminder=reminder,
        announce_now=announce_now,
        now=NOW,
    )
    return {message.kind: message for message in messages}


def test_a_session_next_week_is_announced_reminded_opened_and_loses_its_buttons() -> None:
    found = due(timedelta(days=8))
    starts_at = NOW + timedelta(days=8)
    assert found[CARD] == Due(CARD, 0, NOW, starts_at)
    assert found[GROUP_REMINDER] == Due(GROUP_REMINDER, 1440, starts_at - DAY, starts_at + REMINDER_GRACE)
    opens_at, ends_at = starts_at - QUARTER, starts_at + timedelta(minutes=90)
    assert found[CHECKIN_OPEN] == Due(CHECKIN_OPEN, 15, opens_at, ends_at)
    assert found[CARD_LIVE] == Due(CARD_LIVE, 15, opens_at, ends_at, Policy.REPEAT)


def test_a_later_one_of_a_series_is_announced_a_week_before() -> None:
    assert due(timedelta(days=20), announce_now=False)[CARD].due_at == NOW + timedelta(days=13)
    assert due(timedelta(days=3), announce_now=False)[CARD].due_at == NOW


def test_a_session_tomorrow_morning_needs_no_reminder_beside_its_card() -> None:
    assert GROUP_REMINDER not in due(timedelta(hours=20))
    assert GROUP_REMINDER not in due(DAY)
    assert GROUP_REMINDER in due(DAY + timedelta(minutes=1))


def test_a_session_in_ten_minutes_opens_at_once() -> None:
    assert due(timedelta(minutes=10))[CHECKIN_OPEN].due_at == NOW


@given(distances, lengths, reminders, st.booleans())
def test_no_message_is_due_in_the_past_or_after_it_expires(
    ahead: timedelta, length: timedelta, reminder: timedelta, announce_now: bool
) -> None:
    starts_at = NOW + ahead
    messages = schedule.due_messages(
        starts_at, starts_at - QUARTER, starts_at + length, reminder=reminder, announce_now=announce_now, now=NOW
    )
    assert all(NOW <= message.due_at <= message.expires_at for message in messages)
    by_kind = {message.kind: message for message in messages}
    assert by_kind[CHECKIN_OPEN].due_at <= by_kind[CHECKIN_OPEN].expires_at == starts_at + length
    if GROUP_REMINDER in by_kind:
        assert by_kind[CARD].due_at < by_kind[GROUP_REMINDER].due_at


@given(st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2030, 1, 1)))  # noqa: DTZ001 — wall clock
def test_the_other_half_is_on_the_same_day_and_leads_back(local: datetime) -> None:
    other = schedule.other_half(local)
    assert other.date() == local.date()
    assert abs(other - local) == timedelta(hours=12)
    assert schedule.other_half(other) == local


@given(distances, st.timedeltas(min_value=timedelta(days=1), max_value=timedelta(days=400)))
def test_a_series_is_planned_further_before_it_runs_out_and_never_in_the_past(
    ahead: timedelta, horizon: timedelta
) -> None:
    until = schedule.planned_until(NOW + ahead, horizon, NOW)
    extend_at = schedule.extend_at(until, horizon)
    assert until >= NOW + ahead
    assert NOW < extend_at < until


def test_private_reminders_are_looked_at_a_day_before_or_at_once() -> None:
    hour, day = timedelta(hours=1), timedelta(days=1)
    assert schedule.private_reminder_at(NOW + 3 * day, hour, NOW) == NOW + 2 * day
    assert schedule.private_reminder_at(NOW + hour, hour, NOW) == NOW
    assert schedule.private_reminder_at(NOW, hour, NOW) is None


def test_no_reminder_is_due_of_no_time_before_the_start() -> None:
    assert GROUP_REMINDER not in due(timedelta(days=8), reminder=timedelta())


def test_leave_ends_before_the_start_where_there_is_a_deadline_ahead() -> None:
    starts_at = NOW + DAY
    assert schedule.leave_until(starts_at, timedelta(hours=2), NOW) == starts_at - timedelta(hours=2)
    assert schedule.leave_until(starts_at, timedelta(), NOW) is None
    assert schedule.leave_until(starts_at, DAY, NOW) is None  # nobody could have kept that deadline


def test_who_has_not_answered_is_asked_while_leave_can_still_be_taken() -> None:
    starts_at, hour = NOW + DAY, timedelta(hours=1)
    assert schedule.nudge_at(starts_at, 6 * hour, None, NOW) == starts_at - 6 * hour
    assert schedule.nudge_at(starts_at, 6 * hour, starts_at - 6 * hour, NOW) == starts_at - 6 * hour
    assert schedule.nudge_at(starts_at, 6 * hour, starts_at - 7 * hour, NOW) is None
    assert schedule.nudge_at(starts_at, DAY, None, NOW) is None
    assert schedule.nudge_at(starts_at, timedelta(), None, NOW) is None


@given(distances, reminders, reminders)
def test_a_nudge_lies_ahead_and_before_the_deadline(ahead: timedelta, leave: timedelta, nudge: timedelta) -> None:
    starts_at = NOW + ahead
    until = schedule.leave_until(starts_at, leave, NOW)
    assert until is None or NOW < until < starts_at
    at = schedule.nudge_at(starts_at, nudge, until, NOW)
    assert at is None or NOW < at <= (until or starts_at)
