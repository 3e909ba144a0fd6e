"""Rosters: columns by their headings, what a row says, and what is wrong with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import rosters
from domain.people import Standing
from domain.rosters import Row

HEADINGS = ["姓名", "编号", "职务", "党小组", "党员身份", "表决权", "支委"]


def read(*rows: list[str]) -> rosters.Roster:
    return rosters.read([HEADINGS, *rows])


def wrong(*rows: list[str]) -> list[tuple[int, str]]:
    return [(each.line, each.code) for each in read(*rows).wrong]


def test_a_row_is_read_by_its_headings() -> None:
    found = read(["李明", "007", "副组长", "一小组", "正式党员", "是", "√"])
    assert found.rows == (Row(2, "李明", "007", "deputy", "一小组", Standing.FULL, True),)


def test_headings_stand_in_any_order_language_and_row() -> None:
    table = [["青年理论组名册"], [], ["No.", " Full Name ", "subgroup"], ["7", "Li Ming", "A"]]
    assert rosters.read(table).rows == (Row(4, "Li Ming", "7", "", "A", None, None),)


def test_a_column_that_is_missing_says_nothing_and_an_empty_cell_clears_a_subgroup() -> None:
    assert rosters.read([["姓名"], ["李明"]]).rows[0].subgroup is None
    assert rosters.read([["姓名", "党小组"], ["李明", ""]]).rows[0].subgroup == ""


@pytest.mark.parametrize(
    ("standing", "vote", "expected"),
    [
        ("", "", None),
        ("", "是", Standing.FULL),
        ("", "否", Standing.PROBATIONARY),
        ("预备党员", "", Standing.PROBATIONARY),
        ("群众", "否", Standing.OUTSIDE),
        ("正式", "有", Standing.FULL),
    ],
)
def test_the_vote_and_the_standing_say_one_thing(standing: str, vote: str, expected: Standing | None) -> None:
    assert read(["李明", "", "", "", standing, vote, ""]).rows[0].standing is expected


def test_what_is_wrong_is_said_by_row_and_the_others_are_read() -> None:
    rows = [
        ["", "1", "", "", "", "", ""],
        ["字" * 41, "", "", "", "", "", ""],
        ["李明", "9" * 33, "", "", "", "", ""],
        ["李明", "", "书记", "", "", "", ""],
        ["李明", "", "", "字" * 33, "", "", ""],
        ["李明", "", "", "", "党外", "", ""],
        ["李明", "", "", "", "", "也许", ""],
        ["李明", "", "", "", "预备", "是", ""],
        [],
        ["王芳", "5", "", "", "", "", ""],
        ["赵强", "5", "", "", "", "", ""],
        ["王芳", "", "", "", "", "", ""],
        ["王芳", "6", "", "", "", "", ""],
    ]
    assert wrong(*rows) == [
        (2, "name_missing"),
        (3, "name_too_long"),
        (4, "number_too_long"),
        (5, "role_unknown"),
        (6, "subgroup_too_long"),
        (7, "standing_unknown"),
        (8, "yes_or_no"),
        (9, "vote_contradicts"),
        (12, "number_twice"),
        (13, "name_twice"),
    ]
    assert [(row.line, row.name, row.number) for row in read(*rows).rows] == [(11, "王芳", "5"), (14, "王芳", "6")]


def test_a_table_without_a_name_or_too_long_is_refused() -> None:
    with pytest.raises(rosters.NoHeading):
        rosters.read([["编号"], ["1"]])
    with pytest.raises(rosters.TooManyRows):
        rosters.read([["姓名"], *[["李明"]] * (rosters.MOST_ROWS + 1)])


@given(st.lists(st.lists(st.text(max_size=50), max_size=8), max_size=20))
def test_whatever_stands_there_each_row_is_read_or_wrong_once(cells: list[list[str]]) -> None:
    found = rosters.read([HEADINGS, *cells])
    lines = [row.line for row in found.rows] + [each.line for each in found.wrong]
    assert len(lines) == len(set(lines))
    assert all(row.name and len(row.name) <= rosters.LONGEST_NAME for row in found.rows)
