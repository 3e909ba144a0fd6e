"""What comes next by itself is what will be sent, at the moment it will be sent; and how far a newcomer has come."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
from attendance_life import ENDS_AT, NOW, RULES, STARTS_AT, Group
from sqlalchemy import Connection, update

from bot.showing import LEAD, PRESSED, SAID, Showing
from db.tables import study_group, study_session
from domain import schedule
from domain.deliveries import Policy
from handlers.registry import all_features
from services import agenda, closing, deliveries, leaderboards, nudges, reminders, tour
from services.agenda import BOARD, Coming

T = TypeVar("T")
MONDAY = datetime(2026, 12, 7, 0, 30, tzinfo=UTC)  # 08:30 in Shanghai, after the week of the session
REMINDER = STARTS_AT - timedelta(days=1)


@pytest.fixture
def group(connection: Connection) -> Group:
    return Group(connection)


def _kinds(coming: list[Coming]) -> list[tuple[str, datetime]]:
    return [(one.kind, one.at) for one in coming]


def _enqueue(group: Group, kind: str, due_at: datetime, policy: Policy = Policy.RESEND) -> None:
    deliveries.enqueue(
        group.connection,
        key=f"{kind}:{due_at}",
        kind=kind,
        destination_id=group.chat_row,
        payload={},
        due_at=due_at,
        expires_at=due_at + timedelta(days=1),
        policy=policy,
    )


def test_what_a_session_brings_is_foreseen_in_its_order(group: Group) -> None:
    connection = group.connection
    group.start(group.member, private_reminders=True)
    session_id = group.session(title="学习原著", remind_privately_at=NOW, nudge_at=STARTS_AT - timedelta(hours=6))
    connection.execute(update(study_group).values(next_board_at=MONDAY))
    connection.execute(update(study_session).values(published_at=NOW))
    _enqueue(group, schedule.GROUP_REMINDER, REMINDER)
    _enqueue(group, "session_card_live", REMINDER, Policy.REPEAT)  # an edit is no news
    found = agenda.coming(connection, NOW, RULES)
    assert _kinds(found) == [
        (schedule.GROUP_REMINDER, REMINDER),
        (nudges.NUDGE, STARTS_AT - timedelta(hours=6)),
        (reminders.PRIVATE, STARTS_AT - timedelta(hours=1)),
        (closing.PROMPT, group_closes(group)),
        (BOARD, MONDAY),
    ]
    assert {one.group for one in found} == {"第一学习小组"}
    assert [one.title for one in found[1:4]] == ["学习原著"] * 3
    for one in found[1:3]:  # the planners agree: nothing a second before, due at the moment itself
        planner = nudges if one.kind == nudges.NUDGE else reminders
        assert not group.deliveries(one.kind)
        connection.execute(update(study_session).values(remind_privately_at=one.at))
        planner.plan(connection, one.at, RULES)
        assert [row.due_at for row in group.deliveries(one.kind)] == [one.at]
    assert session_id


def group_closes(group: Group) -> datetime:
    """When the session's window closes."""
    closes_at: datetime = group.connection.execute(study_session.select()).one().closes_at
    assert closes_at >= ENDS_AT
    return closes_at


def test_nothing_is_foreseen_that_would_not_be_sent(group: Group) -> None:
    connection = group.connection
    assert agenda.coming(connection, NOW, RULES) == []
    connection.execute(update(study_group).values(next_board_at=MONDAY))
    assert agenda.coming(connection, NOW, RULES) == []  # nobody met in that week
    group.session(remind_privately_at=NOW, nudge_at=STARTS_AT - timedelta(hours=6))
    kinds = {one.kind for one in agenda.coming(connection, NOW, RULES)}
    assert kinds == {closing.PROMPT, BOARD}  # nobody wishes private messages
    connection.execute(update(study_session).values(state="cancelled"))
    assert agenda.coming(connection, NOW, RULES) == []
    _enqueue(group, schedule.GROUP_REMINDER, NOW)
    assert agenda.coming(connection, NOW, RULES) == []  # due already: under way


def test_the_steps_are_done_by_what_the_database_holds(group: Group) -> None:
    connection = group.connection
    at_first = tour.tour(connection, NOW)
    assert (at_first.step, at_first.chat, at_first.leader) == (
        tour.SCHEDULE,
        group.telegram_id,
        group.leader.actor.telegram_id,
    )
    session_id = group.session()
    scheduled = tour.tour(connection, NOW)
    assert scheduled.step == tour.ANSWER
    assert scheduled.opens_at is not None
    assert scheduled.opens_at < STARTS_AT
    group.answer(session_id, group.member, "going")
    assert tour.tour(connection, NOW).step == tour.CHECK_IN
    group.check_in(session_id, group.member)
    assert tour.tour(connection, NOW).step == tour.BOARDS
    _enqueue(group, leaderboards.SHOWN, NOW)
    assert tour.tour(connection, NOW).step == tour.BOARDS  # not before it was sent
    connection.exec_driver_sql("UPDATE delivery SET state = 'sent'")
    assert tour.tour(connection, NOW).step is None


def test_a_group_without_a_leader_is_not_registered_yet(connection: Connection) -> None:
    assert tour.tour(connection, NOW).step == tour.REGISTER
    group = Group(connection)
    connection.exec_driver_sql("UPDATE membership SET role = 'member'")
    waits = tour.tour(connection, NOW)
    assert (waits.step, waits.chat, waits.leader) == (tour.REGISTER, group.telegram_id, None)


class Held:
    """A store of one open connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def read(self, query: Callable[[Connection], T]) -> T:
        return query(self.connection)

    async def write(self, use_case: Callable[[Connection], T], *, lane: int = 0) -> T:
        raise AssertionError("the page is told by reading")


async def test_the_page_is_told_in_both_languages(group: Group) -> None:
    group.session(title="学习原著")
    hints = await Showing(Held(group.connection), lambda: NOW, RULES).read()
    (close,) = hints["coming"]
    assert close["what"]["en"] == "asking the leader to close: 学习原著"
    assert close["at"] == group_closes(group).timestamp()
    guide = hints["guide"]
    assert [step["id"] for step in guide["steps"] if step["done"]] == [tour.REGISTER, tour.SCHEDULE]
    assert guide["steps"][2]["text"]["en"] != guide["steps"][2]["text"]["zh-CN"]
    following = guide["next"]
    assert (following["step"], following["as"], following["press"], following["clock"]) == (
        tour.ANSWER,
        "member",
        "going",
        None,
    )


async def test_whoever_moved_the_clock_past_the_session_is_shown_how_to_make_another(group: Group) -> None:
    session_id = group.session()
    group.answer(session_id, group.member, "going")
    store, after = Held(group.connection), ENDS_AT + timedelta(days=1)
    before = (await Showing(store, lambda: NOW, RULES).read())["guide"]["next"]
    assert (before["step"], before["press"], before["over"]) == (tour.CHECK_IN, "checkin", False)
    assert before["clock"] > NOW.timestamp()
    past = (await Showing(store, lambda: after, RULES).read())["guide"]["next"]
    assert (past["step"], past["press"], past["over"], past["clock"]) == (tour.CHECK_IN, "publish", True, None)
    assert (past["as"], "/new" in past["say"]["en"]) == (group.leader.actor.telegram_id, True)


def test_the_buttons_of_the_steps_exist() -> None:
    verbs = {verb for feature in all_features().values() for verb in feature.taps}
    assert {LEAD, *PRESSED.values()} <= verbs
    assert set(PRESSED) == set(tour.STEPS)
    assert set(SAID) <= set(tour.STEPS)
