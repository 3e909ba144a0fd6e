"""The workbook, read back cell by cell with another library, says what the ledger says."""

import io
from datetime import datetime, time
from typing import Any

import openpyxl
import pytest
from ledger_of_a_month import EVIL_NAME, LEDGER, ORIGIN

from exports.ledger import sheets
from exports.sheet import Column, Form, Sheet
from exports.xlsx import MOST_TEXT, xlsx
from services.point_rules import STARTER, read_point_rules
from texts import words

NO = None


@pytest.fixture(scope="module")
def book() -> Any:
    made = xlsx(sheets(LEDGER, read_point_rules(STARTER), ORIGIN, words("zh-CN")))
    return openpyxl.load_workbook(io.BytesIO(made))


def local(text: str) -> datetime:
    """A date or time as a cell holds it: without a zone."""
    return datetime.fromisoformat(text)


def rows(page: Any) -> list[tuple[Any, ...]]:
    return list(page.iter_rows(values_only=True))


def test_the_sheets_and_their_order(book: Any) -> None:
    assert book.sheetnames == ["场次", "签到明细", "人员", "说明"]


def test_sessions_with_their_sums(book: Any) -> None:
    heading, first, second, totals = rows(book["场次"])
    assert heading == (
        *("序号", "单位", "小组", "类型", "主题", "日期", "开始", "结束", "地点", "主讲/领学人", "状态"),
        *("应到", "实到", "出勤", "迟到", "早退", "请假", "缺勤", "未登记", "列席", "出勤率", "缺席人员及原因"),
    )
    place = ("机关党委", "第一学习小组", "党课", "+党课：学习原著")
    times = (time(19, 0), time(20, 30), "三楼会议室")
    assert first == (
        *(1, *place, local("2026-11-04"), *times, "李明", "已结束"),
        *(3, 1, 1, 0, 0, 1, 1, 0, 1, 0.5, f"王芳（病假）、{EVIL_NAME}"),
    )
    assert second[5:11] == (local("2026-11-11"), *times, NO, "待结束")
    assert second[11:] == (2, 1, 0, 1, 0, 0, 0, 1, 0, NO, NO)
    assert totals[1] == "合计"
    assert totals[11:] == (5, 2, 1, 1, 0, 1, 1, 1, 1, 0.5, NO)


def test_records_with_real_dates_and_times(book: Any) -> None:
    heading, *lines = rows(book["签到明细"])
    assert heading[-5:] == ("签到时间", "方式", "临时加入", "时间待核", "请假原因")
    assert len(lines) == len(LEDGER.records)
    assert lines[0] == (
        *(1, "第一学习小组", local("2026-11-04"), time(19, 0), "+党课：学习原著", "李明", "出勤"),
        *(local("2026-11-04 18:55:07"), "按钮签到", NO, NO, NO),
    )
    assert lines[4][6:] == ("迟到", local("2026-11-11 18:58:07"), "按钮签到", "是", "是", NO)


def test_people_with_points_and_ranks(book: Any) -> None:
    heading, *lines, totals = rows(book["人员"])
    assert heading[-4:] == ("出勤率", "领学次数", "积分", "排名")
    by_name = {line[1]: line[2:] for line in lines}
    # 10 on time + 15 led + 6 late; the rate leaves the session out that is not closed.
    assert by_name["李明"] == ("第一学习小组", 2, 1, 1, 0, 0, 0, 0, 0, 1, 1, 31, 1)
    assert by_name["王芳"] == ("第一学习小组、第二学习小组", 2, 0, 0, 0, 1, 0, 1, 0, NO, 0, 0, NO)
    assert by_name[EVIL_NAME][-4:] == (0, 0, 0, NO)
    assert totals == (NO, "合计", NO, 5, 1, 1, 0, 1, 1, 1, 1, 0.5, 1, 31, NO)


def test_the_note_says_who_when_and_of_what(book: Any) -> None:
    said = dict(rows(book["说明"]))
    assert said["导出人"] == "李明"
    assert said["导出时间"] == "2026-11-24 16:30 (Asia/Shanghai)"
    assert said["日期范围"] == "2026-11-01 – 2026-11-30"
    assert said["小组"] == "第一学习小组"
    assert (said["场次数"], said["人数"], said["明细条数"]) == ("2", "4", "6")


def test_nothing_typed_by_people_is_a_formula_or_a_link(book: Any) -> None:
    for page in book:
        for row in page.iter_rows():
            assert {cell.data_type for cell in row} <= {"s", "n", "d"}
            assert not any(cell.hyperlink for cell in row)


def test_headings_stay_and_pages_are_a4_across(book: Any) -> None:
    for page in book:
        assert page.freeze_panes == "A2"
        assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
        assert page.print_title_rows == "$1:$1"
        assert page.sheet_properties.pageSetUpPr.fitToPage
    assert book["场次"].column_dimensions["E"].width > 30


def test_text_that_is_too_long_is_cut_and_not_left_out() -> None:
    made = xlsx([Sheet("x", (Column("text", 9, Form.TEXT),), [("字" * (MOST_TEXT + 1),)])])
    page = openpyxl.load_workbook(io.BytesIO(made))["x"]
    assert page["A2"].value == "字" * MOST_TEXT


def test_every_heading_exists_in_english() -> None:
    made = xlsx(sheets(LEDGER, read_point_rules(STARTER), ORIGIN, words("en")))
    book = openpyxl.load_workbook(io.BytesIO(made))
    assert book.sheetnames == ["Sessions", "Records", "People", "About"]
    assert rows(book["Sessions"])[1][-1] == f"王芳 (sick), {EVIL_NAME}"
