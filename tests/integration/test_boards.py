"""Boards of longer periods, points with their reasons, and the picture of the weekly board."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection, insert, update
from study_life import Somebody, StudyLife

from chat import leaderboards_cards as cards
from chat import records_cards
from chat.fitting import MAX_CAPTION, MAX_TEXT, length
from chat.outgoing import Message, Photo
from db.tables import chat, delivery, makeup, membership, person, session_group, study_group
from domain.errors import Refusal
from domain.scoring import Deed
from exports.making import MAKER
from jobs import leaderboards as job
from services import boards, leaderboards, points, records, sent_files
from services.boards import HALF, MONTH, QUARTER
from services.leaderboards import PostedBoard
from services.rules import Rules
from texts import words

RULES = Rules()
NOW = datetime(2026, 11, 30, 0, 30, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 3, 7, 0, tzinfo=UTC)


class Town:
    """Two groups of a unit; the first met four times in November, the second three times."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.life = StudyLife(connection)
        self.unit = unit = self.life.unit()
        self.sessions: list[int] = []
        self.first = self.life.group(unit, "第一学习小组")
        self.second = self.life.group(unit, "第二学习小组")
        self.li = self.life.member(self.first, "李明", "leader")
        self.wang = self.life.member(self.first, "王芳")
        self.zhao = self.life.member(self.second, "赵强", "leader")
        for week in range(4):
            at = TUESDAY + timedelta(weeks=week)
            self.sessions.append(self.life.session(self.first, at, self.li))
            self.life.came(self.sessions[-1], at, present=self.li, absent=self.wang)
            if week:
                self.life.came(self.life.session(self.second, at, self.zhao), at, present=self.zhao)

    def board(self, period: int = MONTH, who: Somebody | None = None, rules: Rules = RULES) -> boards.PeriodBoard:
        return boards.own(self.connection, (who or self.li).actor, self.first, period, NOW, rules)

    def posted(self) -> PostedBoard:
        payload = {"group_id": self.first, "week_start": "2026-11-23"}
        facts = leaderboards.posted(self.connection, payload, NOW)
        assert facts is not None
        return facts


@pytest.fixture
def town(connection: Connection) -> Town:
    return Town(connection)


def test_a_month_lists_the_best_and_the_groups_side_by_side(town: Town) -> None:
    board = town.board()
    assert (board.first, board.last, board.running) == (date(2026, 11, 1), date(2026, 11, 30), True)
    assert [(place.rank, place.name, place.points) for place in board.shown] == [(1, "李明", 40)]
    assert board.own is not None
    assert [(one.rank, one.share.name, one.share.rate) for one in board.groups] == [
        (1, "第二学习小组", 1.0),
        (2, "第一学习小组", 0.5),
    ]
    assert board.improved is None  # nothing was held before
    assert town.board(who=town.wang).own is None


@pytest.mark.parametrize("period", [MONTH, QUARTER, HALF])
def test_who_was_expected_less_often_is_on_no_longer_board(town: Town, period: int) -> None:
    assert [place.name for place in town.board(period).shown] == ["李明"]
    assert town.board(period, rules=replace(RULES, board_minimum=5)).shown == ()
    assert town.board(period, rules=replace(RULES, board_minimum=4)).groups[0].share.name == "第一学习小组"


def test_a_group_that_rose_is_the_most_improved(town: Town) -> None:
    october = TUESDAY - timedelta(weeks=2)
    for day in range(3):
        at = october + timedelta(days=day)
        town.life.came(town.life.session(town.first, at, town.li), at, absent=(town.li, town.wang))
        town.life.came(town.life.session(town.second, at, town.zhao), at, present=town.zhao)
    improved = town.board().improved
    assert improved is not None
    assert (improved.share.name, improved.share.change) == ("第一学习小组", 0.5)


def test_of_a_joint_session_each_group_counts_its_own(town: Town) -> None:
    at = TUESDAY + timedelta(days=2)
    held = town.life.session(town.first, at, town.li, joint=True)
    town.connection.execute(insert(session_group).values(session_id=held, group_id=town.second))
    town.life.came(held, at, present=(town.li, town.wang), absent=town.zhao)
    rates = {one.share.name: one.share.rate for one in town.board().groups}
    assert rates == {"第一学习小组": 6 / 10, "第二学习小组": 3 / 4}
    facts = leaderboards.this_week(town.connection, town.zhao.actor, town.second, at)
    assert (facts.tally.came, facts.tally.expected) == (0, 1)


def test_others_see_no_board(town: Town) -> None:
    stranger = town.life.person("路人")
    with pytest.raises(Refusal, match="not_member"):
        town.board(who=stranger)
    with pytest.raises(Refusal, match="unknown_button"):
        town.board(period=9)
    with pytest.raises(Refusal, match="not_registered"):
        boards.in_chat(town.connection, -9, town.first, MONTH, NOW, RULES)


def test_points_tell_their_reasons_and_agree_with_the_board(town: Town) -> None:
    held = town.life.session(town.first, TUESDAY + timedelta(days=9), town.li, speaker_id=town.wang.id)
    town.life.came(held, TUESDAY, late=town.wang)
    done = {"created_at": TUESDAY, "due_at": NOW, "done_at": NOW - timedelta(days=1)}
    town.connection.execute(insert(makeup).values(session_id=town.sessions[0], person_id=town.wang.id, **done))
    why = points.why(town.connection, town.wang.actor, points.PERIODS.index("month"), 0, NOW, RULES)
    assert [(each.deed, each.points, each.version) for each in why.entries] == [
        (Deed.MADE_UP, 6, 1),
        (Deed.LED_STUDY, 15, 1),
        (Deed.LATE, 6, 1),
    ]
    own = town.board(who=town.wang).own
    assert own is not None
    assert why.total == own.points == 27
    assert records.own(town.connection, town.wang.actor, NOW).points == 27
    this_week = points.why(town.connection, town.wang.actor, 0, 0, NOW - timedelta(days=1), RULES)
    assert this_week.total == 6
    shown = records_cards.why(why, words("zh-CN")).text
    assert "+15 领学" in shown
    assert "规则 v1" in shown


def test_somebody_we_never_met_has_no_points(town: Town) -> None:
    stranger = town.life.person("路人")
    why = points.why(town.connection, stranger.actor, 99, 99, NOW, RULES)
    assert (why.total, why.entries, why.page) == (0, (), 0)


def test_a_long_list_of_points_is_paged(town: Town) -> None:
    for day in range(30):
        at = TUESDAY - timedelta(days=40 + day)
        town.life.came(town.life.session(town.first, at, town.li), at, present=town.li)
    period = points.PERIODS.index("all")
    pages = [points.why(town.connection, town.li.actor, period, page, NOW, RULES) for page in range(4)]
    assert sum(len(page.entries) for page in pages) == pages[0].count == 34
    assert {page.total for page in pages} == {340}


async def test_the_weekly_board_comes_as_a_picture_with_the_numbers_in_words(town: Town) -> None:
    facts = town.posted()
    assert facts.picture is not None
    assert [(one.name, one.rate, one.own) for one in facts.picture.groups] == [
        ("第一学习小组", 0.5, True),
        ("第二学习小组", 1.0, False),
    ]
    sent = await job.render(facts, RULES)
    assert isinstance(sent, Photo)
    assert isinstance(sent.content, bytes)
    assert sent.content.startswith(b"\x89PNG")
    assert len(sent.content) < 500_000
    assert "全组出勤率 50%" in sent.caption
    assert "李明" in sent.caption
    assert length(sent.caption) <= MAX_CAPTION
    assert sent.instead == cards.weekly(facts.board, words("zh-CN"))


async def test_a_picture_that_telegram_has_is_not_drawn_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = town.posted()
    sent_files.keep(town.connection, facts.remembered_as, "AgACAgUAAx", NOW)
    again = town.posted()
    assert again.file_id == "AgACAgUAAx"

    async def never(*_given: object) -> bytes:
        raise AssertionError("it was drawn")

    monkeypatch.setattr(MAKER, "run", never)
    sent = await job.render(again, RULES)
    assert isinstance(sent, Photo)
    assert sent.content == "AgACAgUAAx"
    town.life.member(town.first, "新人")
    assert town.posted().remembered_as == facts.remembered_as  # nothing that is shown has changed
    town.connection.execute(update(study_group).where(study_group.c.id == town.first).values(picture_theme="dark"))
    assert town.posted().file_id == ""


async def test_where_it_cannot_be_drawn_the_text_goes_out(town: Town) -> None:
    sent = await job.render(town.posted(), replace(RULES, full_font="/nowhere/font.ttf"))
    assert isinstance(sent, Message)
    town.connection.execute(update(study_group).values(picture_theme="none"))
    assert isinstance(await job.render(town.posted(), RULES), Message)


def test_a_streak_is_full_weeks_in_a_row(town: Town) -> None:
    assert town.posted().picture is not None
    payload = {"group_id": town.second, "week_start": "2026-11-23"}
    facts = leaderboards.posted(town.connection, payload, NOW)
    assert facts is not None
    assert facts.picture is not None
    assert facts.picture.streak == 3
    first = town.posted().picture
    assert first is not None
    assert first.streak == 0


def test_a_picture_is_asked_for_where_one_belongs(town: Town) -> None:
    monday = date(2026, 11, 23)
    row = town.life.row(chat, telegram_id=town.li.actor.telegram_id, kind="private")
    town.connection.execute(update(person).where(person.c.id == town.li.id).values(chat_id=row))
    for _ in range(2):
        telegram_id = town.li.actor.telegram_id
        leaderboards.ask_picture(town.connection, town.li.actor, telegram_id, town.first, monday, NOW)
    made = town.connection.execute(delivery.select().where(delivery.c.kind == leaderboards.SHOWN)).all()
    assert [each.destination_id for each in made] == [row]
    assert leaderboards.shown(town.connection, made[0].payload, NOW) is not None
    with pytest.raises(Refusal, match="not_member"):
        leaderboards.ask_picture(town.connection, town.li.actor, town.li.actor.telegram_id, town.second, monday, NOW)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_boards_fit_with_many_groups_and_long_names(town: Town, language: str) -> None:
    for number in range(40):
        group = town.life.group(town.unit, f"{number}号" + "长" * 80)
        leader = town.life.member(group, "甲")
        for week in range(3):
            at = TUESDAY + timedelta(weeks=week)
            town.life.came(town.life.session(group, at, leader), at, present=leader)
    for period in (MONTH, QUARTER, HALF):
        board = town.board(period)
        message = cards.period(board, words(language))
        assert length(message.text) <= MAX_TEXT
        assert len(board.groups) == 42
    town.connection.execute(membership.update().values(left_at=NOW))
