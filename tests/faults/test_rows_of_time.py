"""Rows 5, 6, 30, 31 and 48 of the fault matrix: what time does to what waits and to what is kept."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from bot_stage import BOT_ID, BotStage, bot_stage
from outbox_room import NOON, Notes, is_in, room
from session_life import NOW, STARTS_AT, Group
from sqlalchemy import Connection, func, insert, select, update

import services.inbox
from chat import sessions_cards
from db.tables import attendance, delivery, inbox
from domain import schedule
from domain.attendance import Moment
from domain.cadence import Cadence, occurrences
from services import deliveries, sessions


@pytest.fixture
async def stage(database_url: str) -> AsyncIterator[BotStage]:
    async with bot_stage(database_url, NOON) as made:
        yield made


def test_row_05_a_reminder_that_is_late_and_of_use_says_that_it_has_begun(connection: Connection) -> None:
    group = Group(connection)
    group.session()
    (row,) = group.deliveries(schedule.GROUP_REMINDER)
    late = STARTS_AT + timedelta(minutes=10)
    assert late <= row.expires_at
    facts = sessions.reminder(connection, row.payload, late)
    assert facts is not None
    assert "已开始" in sessions_cards.card(facts).text
    in_time = sessions.reminder(connection, row.payload, STARTS_AT - timedelta(hours=24))
    assert in_time is not None
    assert "已开始" not in sessions_cards.card(in_time).text
    assert row.expires_at < STARTS_AT + timedelta(minutes=16)


def test_row_06_after_three_days_away_what_expired_is_skipped_without_a_flood(connection: Connection) -> None:
    group = Group(connection)
    for number in range(200):
        deliveries.enqueue(
            connection,
            key=f"old:{number}",
            kind="note",
            destination_id=group.chat_row,
            payload={},
            due_at=NOW,
            expires_at=NOW + timedelta(hours=2),
        )
    back = NOW + timedelta(days=3)
    deliveries.enqueue(
        connection,
        key="new",
        kind="note",
        destination_id=group.chat_row,
        payload={},
        due_at=back,
        expires_at=back + timedelta(hours=2),
    )
    claims = deliveries.claim(connection, "me", back, timedelta(minutes=1), 30, set())
    assert [claim.due_at for claim in claims] == [back]
    skipped = select(func.count()).where(delivery.c.state == "skipped", delivery.c.last_error == "expired")
    assert connection.execute(skipped).scalar_one() == 200


async def test_row_30_a_clock_that_jumps_makes_nothing_early_and_nothing_twice(stage: BotStage) -> None:
    here, notes = await room(stage), Notes()
    await here.enqueue("now", expires_at=NOON + timedelta(hours=9))
    await here.enqueue("in an hour", due_at=NOON + timedelta(hours=1), expires_at=NOON + timedelta(hours=9))
    async with stage.ticking(notes.jobs) as ticker:
        await stage.store.until(is_in("now", "sent"))
        for hours in (-2, 2):  # back, and where it was
            stage.clock.move(hours=hours)
            stage.monotonic += 10
            ticker.wake()
            await here.enqueue(f"after {hours}", due_at=NOON - timedelta(hours=3), expires_at=NOON + timedelta(hours=9))
            ticker.wake()
            await stage.store.until(is_in(f"after {hours}", "sent"))
        assert "in an hour" not in await here.accepted()
        stage.clock.move(hours=2)
        stage.monotonic += 10
        ticker.wake()
        await stage.store.until(is_in("in an hour", "sent"))
        stage.clock.move(hours=-2)
        await here.enqueue("last", due_at=NOON - timedelta(hours=3), expires_at=NOON + timedelta(hours=9))
        stage.monotonic += 10
        ticker.wake()
        await stage.store.until(is_in("last", "sent"))
    accepted = await here.accepted()
    assert len(accepted) == len(set(accepted)) == 5


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("Europe/Berlin", datetime(2026, 3, 22, 2, 30)),  # noqa: DTZ001 — wall clock; the gap is on the 29th
        ("Europe/Berlin", datetime(2026, 10, 18, 2, 30)),  # noqa: DTZ001 — the fold is on the 25th
        ("Africa/Cairo", datetime(2026, 4, 17, 0, 30)),  # noqa: DTZ001 — the gap is on the 24th
        ("Africa/Cairo", datetime(2026, 10, 23, 23, 30)),  # noqa: DTZ001 — the fold is on the 30th
    ],
)
def test_row_31_one_session_for_each_local_date_through_gap_and_fold(zone: str, first: datetime) -> None:
    place = ZoneInfo(zone)
    begin = first.replace(tzinfo=place).astimezone(UTC)
    found = list(
        occurrences(
            Cadence.weekly(first.weekday()),
            first,
            place,
            after=begin - timedelta(days=1),
            until=begin + timedelta(days=36),
        )
    )
    dates = [each.nominal_local.date() for each in found]
    assert dates == [first.date() + timedelta(weeks=week) for week in range(len(dates))]
    assert len(found) >= 5
    starts = [each.starts_at for each in found]
    assert starts == sorted(set(starts))


def test_row_48_what_is_kept_for_a_while_goes_and_what_counts_stays(connection: Connection) -> None:
    group = Group(connection)
    session = group.life.session(group.id, NOW, group.leader)
    group.life.came(session, NOW, present=group.member)
    for number, state in ((1, "done"), (2, "new"), (3, "quarantined")):
        raw = None if state == "done" else b"{}"
        values = {"bot_id": BOT_ID, "update_id": number, "raw": raw, "state": state, "received_at": NOW}
        connection.execute(insert(inbox).values(**values))
    services.inbox.prune(connection, NOW + timedelta(hours=47))
    assert connection.execute(select(func.count()).select_from(inbox)).scalar_one() == 3
    services.inbox.prune(connection, NOW + timedelta(hours=49))
    left = {row.update_id: row.state for row in connection.execute(select(inbox.c.update_id, inbox.c.state))}
    assert 1 not in left
    assert left[2] == "new"  # not handled yet: however old, it is not forgotten
    assert connection.execute(select(func.count()).select_from(attendance)).scalar_one() == 1


def test_row_48_the_text_of_an_update_goes_as_soon_as_it_is_handled(connection: Connection) -> None:
    arrival = services.inbox.Arrival(5, b'{"update_id": 5, "secret": 1}', Moment(NOW))
    services.inbox.accept(connection, BOT_ID, [arrival], NOW)
    services.inbox.finish(connection, BOT_ID, 5)
    assert connection.execute(select(inbox.c.raw)).scalar_one() is None
    assert connection.execute(update(inbox).values(state="done")).rowcount == 1
