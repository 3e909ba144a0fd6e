"""Boards: due once a week by the group's clock, counted by its week, and nobody else's business."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, delete, event, select, update
from study_life import StudyLife

from chat import leaderboards_cards as cards
from chat import records_cards
from db import sqlite
from db.queries import leaderboards as queries
from db.tables import chat, delivery, membership, metadata, person, study_group
from domain.errors import Refusal
from domain.leaderboards import Week
from services import leaderboards, records
from services.leaderboards import PostedBoard
from services.rules import Rules
from texts import words

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEK_48 = date(2026, 11, 23)
WEDNESDAY = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)
MONDAY_MORNING = datetime(2026, 11, 30, 0, 30, tzinfo=UTC)  # 08:30 in Shanghai


@pytest.fixture
def life(connection: Connection) -> StudyLife:
    return StudyLife(connection)


def board_of(connection: Connection, group_id: int, monday: date = WEEK_48) -> PostedBoard:
    payload = {"group_id": group_id, "week_start": monday.isoformat()}
    facts = leaderboards.posted(connection, payload, MONDAY_MORNING)
    assert facts is not None
    return facts


def test_a_board_is_made_due_once_and_the_next_a_week_later(connection: Connection, life: StudyLife) -> None:
    group = life.group(life.unit(), next_board_at=MONDAY_MORNING)
    assert not leaderboards.any_due(connection, MONDAY_MORNING - timedelta(seconds=1))
    assert leaderboards.any_due(connection, MONDAY_MORNING)
    leaderboards.plan(connection, MONDAY_MORNING, Rules())
    assert not leaderboards.any_due(connection, MONDAY_MORNING)
    made = connection.execute(select(delivery)).one()
    assert made.payload == {"group_id": group, "week_start": "2026-11-23"}
    assert (made.kind, made.policy) == ("leaderboard", "once")
    assert made.expires_at == MONDAY_MORNING + timedelta(hours=24)
    next_at = connection.execute(select(study_group.c.next_board_at)).scalar_one()
    assert next_at == MONDAY_MORNING + timedelta(weeks=1)


def test_planning_again_for_the_same_week_makes_no_second_board(connection: Connection, life: StudyLife) -> None:
    life.group(life.unit(), next_board_at=MONDAY_MORNING)
    leaderboards.plan(connection, MONDAY_MORNING, Rules())
    connection.execute(update(study_group).values(next_board_at=MONDAY_MORNING))
    leaderboards.plan(connection, MONDAY_MORNING + timedelta(minutes=1), Rules())
    assert len(connection.execute(select(delivery)).all()) == 1


def test_after_a_long_stop_only_the_last_week_gets_a_board(connection: Connection, life: StudyLife) -> None:
    life.group(life.unit(), next_board_at=MONDAY_MORNING)
    leaderboards.plan(connection, MONDAY_MORNING + timedelta(weeks=3, days=1), Rules())
    weeks = [row.payload["week_start"] for row in connection.execute(select(delivery))]
    assert weeks == ["2026-12-14"]


def test_the_board_counts_the_groups_own_week_and_nobody_elses(connection: Connection, life: StudyLife) -> None:
    unit = life.unit()
    group, other = life.group(unit), life.group(unit, "第二学习小组")
    li, wang, zhao = (life.member(group, name, "leader") for name in ("李明", "王芳", "赵强"))
    foreign = life.member(other, "外组")
    study = life.session(group, WEDNESDAY, li, speaker_id=wang.id)
    life.came(study, WEDNESDAY, present=(li, wang), excused=zhao)
    elsewhere = life.session(other, WEDNESDAY, foreign)
    life.came(elsewhere, WEDNESDAY, present=(foreign, li))
    last_week = life.session(group, WEDNESDAY - timedelta(weeks=1), li)
    life.came(last_week, WEDNESDAY, late=li, absent=(wang, zhao))
    cancelled = life.session(group, WEDNESDAY, li, state="cancelled")
    life.came(cancelled, WEDNESDAY, present=zhao)

    board = board_of(connection, group).board
    assert [(place.rank, place.name, place.points) for place in board.shown] == [(1, "王芳", 25), (2, "李明", 10)]
    assert board.tally.rate == 1.0
    assert board.rate_before == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("starts_at", "inside"),
    [
        (datetime(2026, 11, 22, 16, 0, tzinfo=UTC), True),  # Monday 00:00 in Shanghai
        (datetime(2026, 11, 22, 15, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 29, 15, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 29, 16, 0, tzinfo=UTC), False),
    ],
)
def test_the_edges_of_the_week(connection: Connection, life: StudyLife, starts_at: datetime, inside: bool) -> None:
    group = life.group(life.unit())
    li = life.member(group, "李明")
    life.came(life.session(group, starts_at, li), starts_at, present=li)
    payload = {"group_id": group, "week_start": WEEK_48.isoformat()}
    assert (leaderboards.posted(connection, payload, MONDAY_MORNING) is not None) == inside


def test_a_session_that_is_not_closed_gives_points_and_no_rate(connection: Connection, life: StudyLife) -> None:
    group = life.group(life.unit())
    li = life.member(group, "李明")
    life.came(life.session(group, WEDNESDAY, li, state="scheduled"), WEDNESDAY, present=li)
    board = board_of(connection, group).board
    assert (board.tally.rate, board.tally.open_sessions) == (None, 1)
    assert [place.points for place in board.shown] == [10]


def test_who_has_left_the_group_is_not_on_its_board(connection: Connection, life: StudyLife) -> None:
    group = life.group(life.unit())
    li = life.member(group, "李明")
    gone = life.member(group, "离开", left_at=WEDNESDAY + timedelta(days=1))
    life.came(life.session(group, WEDNESDAY, li), WEDNESDAY, present=(li, gone))
    assert [place.name for place in board_of(connection, group).board.shown] == ["李明"]


def test_the_message_names_the_group_first_and_then_the_best(connection: Connection, life: StudyLife) -> None:
    group = life.group(life.unit())
    li, wang = life.member(group, "李<明>"), life.member(group, "王芳")
    life.came(life.session(group, WEDNESDAY, li), WEDNESDAY, present=li, absent=wang)
    text = cards.weekly(board_of(connection, group).board, words("zh-CN")).text
    assert text.splitlines()[:2] == ["📊 <b>第48周 学习榜</b>", "全组出勤率 50%"]
    assert "李&lt;明&gt;" in text
    assert "王芳" not in text


def test_one_sees_ones_own_place_and_only_in_ones_own_group(connection: Connection, life: StudyLife) -> None:
    group = life.group(life.unit())
    li, wang, zhao = (life.member(group, name) for name in ("李明", "王芳", "赵强"))
    study = life.session(group, WEDNESDAY, li)
    life.came(study, WEDNESDAY, present=li, late=wang, absent=zhao)
    standing = leaderboards.standing(connection, wang.actor, group, WEEK_48, MONDAY_MORNING)
    assert cards.standing(standing, words("zh-CN")) == "第48周：您排第 2 名，共 2 人上榜，6 分。"
    nothing = leaderboards.standing(connection, zhao.actor, group, WEEK_48, MONDAY_MORNING)
    assert nothing.rank is None
    for language in ("zh-CN", "en"):
        assert len(cards.standing(nothing, words(language))) <= 200
    stranger = life.person("路人")
    with pytest.raises(Refusal, match="not_member"):
        leaderboards.standing(connection, stranger.actor, group, WEEK_48, MONDAY_MORNING)
    connection.execute(delete(membership).where(membership.c.person_id == wang.id))
    with pytest.raises(Refusal, match="not_member"):
        leaderboards.this_week(connection, wang.actor, group, MONDAY_MORNING)


def test_the_week_so_far_is_marked_as_running(connection: Connection, life: StudyLife) -> None:
    group = life.group(life.unit())
    li = life.member(group, "李明")
    life.came(life.session(group, WEDNESDAY, li), WEDNESDAY, present=li)
    board = leaderboards.this_week(connection, li.actor, group, WEDNESDAY + timedelta(hours=3))
    assert board.running
    assert "进行中" in cards.weekly(board, words("zh-CN")).text


def test_a_groups_chat_shows_its_own_board_and_another_chat_none(connection: Connection, life: StudyLife) -> None:
    group = life.group(life.unit())
    li = life.member(group, "李明")
    life.came(life.session(group, WEDNESDAY, li), WEDNESDAY, present=li)
    here = connection.execute(select(chat.c.telegram_id)).scalar_one()
    assert [p.name for p in leaderboards.in_chat(connection, here, WEDNESDAY).shown] == ["李明"]
    with pytest.raises(Refusal, match="not_registered"):
        leaderboards.in_chat(connection, here - 1, WEDNESDAY)


def test_ones_own_record(connection: Connection, life: StudyLife) -> None:
    group = life.group(life.unit())
    li = life.member(group, "李明")
    for weeks, status in enumerate(("present", "late", "absent", "excused", "present", "present")):
        starts_at = WEDNESDAY - timedelta(weeks=weeks)
        life.came(life.session(group, starts_at, li, title=f"第{weeks}次"), starts_at, **{status: li})
    still_open = life.session(group, WEDNESDAY + timedelta(hours=3), li, state="scheduled", speaker_id=li.id)
    life.came(still_open, WEDNESDAY, present=li)
    record = records.own(connection, li.actor, WEDNESDAY + timedelta(hours=4))
    assert (record.counts.expected, record.counts.came) == (6, 4)
    assert record.counts.rate == pytest.approx(4 / 5)
    assert (record.points_this_week, record.points) == (10 + 25, 10 + 25 + 6 + 10 + 10)
    assert [session.title for session in record.latest] == ["学习原著", "第0次", "第1次", "第2次", "第3次"]
    assert "出勤率 80%" in records_cards.record(record, words("zh-CN")).text
    assert "attendance 80%" in records_cards.record(record, words("en")).text


def test_the_record_of_somebody_unknown_is_empty_and_kind(connection: Connection, life: StudyLife) -> None:
    record = records.own(connection, life.person("新人").actor, WEDNESDAY)
    assert "第一次签到后" in records_cards.record(record, words("zh-CN")).text


def test_a_board_never_reads_a_whole_table(tmp_path: Path) -> None:
    """Over a million check-ins, sessions and attendance are searched by their indexes, never scanned."""
    engine = sqlite.make_engine(tmp_path / "plans.sqlite3")
    metadata.create_all(engine)
    asked: list[tuple[str, Any]] = []

    def listen(_c: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, values))

    week = Week(WEEK_48, SHANGHAI)
    with engine.connect() as connection:
        event.listen(engine, "before_cursor_execute", listen)
        queries.deeds(connection, 1, week.starts_at, week.ends_at)
        queries.statuses(connection, 1, week.starts_at, week.ends_at)
        queries.sessions(connection, 1, week.starts_at, week.ends_at, MONDAY_MORNING)
        queries.record(connection, 1)
        event.remove(engine, "before_cursor_execute", listen)
        assert len(asked) == 4
        for statement, values in asked:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            steps = [row.detail for row in plan]
            assert any(step.startswith("SEARCH") for step in steps)
            assert not any(step.startswith(("SCAN study_session", "SCAN attendance")) for step in steps)
    engine.dispose()


def test_the_names_on_the_board_are_those_people_wish_for(connection: Connection, life: StudyLife) -> None:
    group = life.group(life.unit())
    li, wang, zhao, chen = (life.member(group, name) for name in ("李明", "王芳", "赵强", "陈静"))
    life.came(life.session(group, WEDNESDAY, li), WEDNESDAY, present=(li, wang, zhao), late=chen)
    for somebody, values in (
        (li, {"real_name": "李大明"}),
        (wang, {"board_name": "nickname", "nickname": "芳华"}),
        (zhao, {"board_name": "hidden"}),
    ):
        connection.execute(update(person).where(person.c.id == somebody.id).values(**values))
    board = board_of(connection, group).board
    assert [(place.rank, place.name) for place in board.shown] == [(1, "李大明"), (1, "芳华"), (3, "陈静")]
    assert board.tally.came == 4  # who hides counts for the group
    hidden = leaderboards.standing(connection, zhao.actor, group, WEEK_48, MONDAY_MORNING)
    assert (hidden.rank, hidden.people) == (1, 4)
    seen = leaderboards.standing(connection, chen.actor, group, WEEK_48, MONDAY_MORNING)
    assert (seen.rank, seen.people) == (3, 3)  # as the board says


def test_a_group_that_wants_no_board_gets_none_and_keeps_its_day(connection: Connection, life: StudyLife) -> None:
    group = life.group(life.unit(), next_board_at=MONDAY_MORNING, board_shown=False)
    leaderboards.plan(connection, MONDAY_MORNING, Rules())
    assert connection.execute(select(delivery)).all() == []
    assert not leaderboards.any_due(connection, MONDAY_MORNING)
    li = life.member(group, "李明")
    life.came(life.session(group, WEDNESDAY, li), WEDNESDAY, present=li)
    payload = {"group_id": group, "week_start": WEEK_48.isoformat()}
    assert leaderboards.posted(connection, payload, MONDAY_MORNING) is None
