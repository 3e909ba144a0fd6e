"""How boards and places read, in both languages."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from chat import leaderboards_cards as cards
from domain.leaderboards import Board, Score, Tally, Week, board
from services.leaderboards import Standing
from texts import LANGUAGES, words

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEK = Week(date(2026, 11, 23), SHANGHAI)
ALL_CAME = Tally(closed_sessions=1, came=23, expected=25)
NOTHING = Tally()


def made(*points: int, tally: Tally = ALL_CAME, before: Tally = NOTHING) -> Board:
    scores = [Score(number, f"第{number}人", worth) for number, worth in enumerate(points)]
    return board(7, WEEK, tally, before, scores, running=False)


def test_the_headline_compares_with_the_week_before() -> None:
    before = Tally(closed_sessions=1, came=22, expected=25)
    assert "全组出勤率 92%（上周 88%）" in cards.weekly(made(10, before=before), words("zh-CN")).text
    assert "Group attendance 92% (was 88%)" in cards.weekly(made(10, before=before), words("en")).text
    assert "上周" not in cards.weekly(made(10), words("zh-CN")).text


def test_equals_share_a_rank_and_those_left_out_are_counted() -> None:
    text = cards.weekly(made(30, *[10] * 12), words("zh-CN")).text
    assert text.count("2. ") == 9
    assert "另有 3 人并列" in text


def test_without_points_the_board_is_kind() -> None:
    assert "还没有人得分" in cards.weekly(made(0, 0), words("zh-CN")).text


def test_sessions_that_wait_for_closing_are_told() -> None:
    tally = Tally(open_sessions=1)
    text = cards.weekly(made(10, tally=tally), words("en")).text
    assert "1 session is not closed" in text
    assert "%" not in text


def test_the_button_names_group_and_week() -> None:
    (button, picture), periods = cards.weekly(made(10), words("zh-CN")).keyboard
    assert picture.data == f"board_pic:7:{WEEK.monday.toordinal()}"
    assert [each.data for each in periods] == ["board_for:7:1", "board_for:7:2", "board_for:7:3"]
    assert (button.label, button.data) == ("我的位置", f"place:7:{WEEK.monday.toordinal()}")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rank", [1, None])
@pytest.mark.parametrize("running", [True, False])
def test_a_place_fits_into_an_alert(language: str, rank: int | None, running: bool) -> None:
    facts = Standing(WEEK, rank, 10_000, 100_000 if rank else 0, running)
    text = cards.standing(facts, words(language))
    assert len(text) <= 200
    assert ("100000" in text) == (rank is not None)
