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
    assert book.sheetnames == ["会议台账", "签到明细", "人员", "计划完成情况", "说明"]


def by_heading(page: Any) -> list[dict[str, Any]]:
    heading, *lines = rows(page)
    return [dict(zip(heading, line, strict=True)) for line in lines]


def test_sessions_with_their_sums(book: Any) -> None:
    assert rows(book["会议台账"])[0] == (
        *("序号", "单位", "小组", "类型", "主题", "日期", "开始", "结束", "地点"),
        *("主持人", "主讲/领学人", "记录人", "状态", "应到", "实到", "有表决权应到", "有表决权实到"),
        *("出勤", "迟到", "早退", "请假", "缺勤", "未登记", "列席", "出勤率"),
        *("缺席人员及原因", "议题", "决议", "补学应补", "补学已补", "佐证", "审核人"),
    )
    first, second, totals = by_heading(book["会议台账"])
    assert first == {
        "序号": 1,
        "单位": "机关党委",
        "小组": "第一学习小组",
        "类型": "党课",
        "主题": "+党课：学习原著",
        "日期": local("2026-11-04"),
        "开始": time(19, 0),
        "结束": time(20, 30),
        "地点": "三楼会议室",
        "主持人": "王芳",
        "主讲/领学人": "李明",
        "记录人": "赵强",
        "状态": "已结束",
        "应到": 3,
        "实到": 1,
        "有表决权应到": 2,
        "有表决权实到": 1,
        "出勤": 1,
        "迟到": 0,
        "早退": 0,
        "请假": 1,
        "缺勤": 1,
        "未登记": 0,
        "列席": 1,
        "出勤率": 0.5,
        "缺席人员及原因": f"王芳（病假）、{EVIL_NAME}",
        "议题": "=1+1",
        "决议": "同意",
        "补学应补": 2,
        "补学已补": 1,
        "佐证": "2 个文件",
        "审核人": "王芳",
    }
    assert [second[name] for name in ("日期", "状态", "应到", "实到", "出勤率", "主持人", "佐证")] == [
        *(local("2026-11-11"), "待结束", 2, 1, NO, NO, NO),
    ]
    assert totals["单位"] == "合计"
    assert [totals[name] for name in ("应到", "实到", "有表决权应到", "出勤", "出勤率", "补学应补", "补学已补")] == [
        *(5, 2, 3, 1, 0.5, 2, 1),
    ]


def test_the_plan_with_reasons_and_sums(book: Any) -> None:
    first, second, totals = by_heading(book["计划完成情况"])
    assert first == {
        "序号": 1,
        "单位": "机关党委",
        "小组": "第一学习小组",
        "类型": "党小组会",
        "党小组": "第一党小组",
        "周期": "2026年11月",
        "应开": 1,
        "已开": 0,
        "已排": 0,
        "待开/逾期": 1,
        "完成率": 0,
        "状态": "逾期",
        "原因": "工作冲突",
        "备注": "@年中考核",
    }
    assert (second["周期"], second["完成率"], second["原因"]) == ("2026年第4季度", 1, NO)
    assert [totals[name] for name in ("应开", "已开", "已排", "待开/逾期", "完成率")] == [2, 2, 0, 1, 0.5]


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
    assert rows(book["人员"])[0] == (
        *("序号", "姓名", "身份", "小组", "应参加", "出勤", "迟到", "早退", "请假", "缺勤", "未登记", "列席", "补学"),
        *("出勤率", "学时", "领学次数", "笔记篇数", "测试成绩", "积分", "排名", "备注"),
    )
    *lines, totals = by_heading(book["人员"])
    people = {line["姓名"]: line for line in lines}
    # 10 on time + 15 led + 6 late; the rate leaves the session out that is not closed.
    li = people["李明"]
    assert [li[name] for name in ("身份", "小组", "应参加", "出勤", "迟到", "出勤率", "学时", "领学次数", "积分")] == [
        *("正式", "第一学习小组", 2, 1, 1, 1, 3, 1, 31),
    ]
    wang = people["王芳"]
    assert [wang[name] for name in ("身份", "小组", "请假", "未登记", "补学", "积分", "排名")] == [
        *("预备", "第一学习小组、第二学习小组", 1, 1, 1, 6, 2),
    ]
    assert [people[EVIL_NAME][name] for name in ("出勤率", "学时", "积分", "排名", "笔记篇数")] == [0, 0, 0, NO, NO]
    assert [totals[name] for name in ("应参加", "出勤", "补学", "学时", "积分", "出勤率")] == [5, 1, 1, 3, 37, 0.5]


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
    assert book["会议台账"].column_dimensions["E"].width > 25


def test_text_that_is_too_long_is_cut_and_not_left_out() -> None:
    made = xlsx([Sheet("x", (Column("text", 9, Form.TEXT),), [("字" * (MOST_TEXT + 1),)])])
    page = openpyxl.load_workbook(io.BytesIO(made))["x"]
    assert page["A2"].value == "字" * MOST_TEXT


def test_every_heading_exists_in_english() -> None:
    made = xlsx(sheets(LEDGER, read_point_rules(STARTER), ORIGIN, words("en")))
    book = openpyxl.load_workbook(io.BytesIO(made))
    assert book.sheetnames == ["Sessions", "Records", "People", "Plan", "About"]
    assert by_heading(book["Sessions"])[0]["Not there, and why"] == f"王芳 (sick), {EVIL_NAME}"
