"""The CSV says what the ledger says, in UTF-8 with a mark, and holds no formula."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st
from ledger_of_a_month import EVIL_NAME, LEDGER

from exports.csv_file import csv_file
from exports.ledger import records_sheet
from exports.sheet import Column, Sheet
from texts import words


def read(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_line_for_each_person_and_session() -> None:
    heading, *lines = read(csv_file(records_sheet(LEDGER, words("zh-CN"))))
    assert heading[:8] == ["序号", "小组", "日期", "开始", "主题", "姓名", "出勤情况", "签到时间"]
    assert [(line[5], line[6]) for line in lines] == [
        ("李明", "出勤"),
        ("王芳", "请假"),
        ("'" + EVIL_NAME, "缺勤"),
        ("赵强", "列席"),
        ("李明", "迟到"),
        ("王芳", "未登记"),
    ]
    assert lines[0][:5] == ["1", "第一学习小组", "2026-11-04", "19:00", "'+党课：学习原著"]
    assert lines[4][7:] == ["2026-11-11 18:58:07", "按钮签到", "是", "是", ""]
    assert lines[1][7:] == ["", "结束时登记", "", "", "病假"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))))
def test_any_text_comes_back_as_it_was_or_behind_an_apostrophe(texts: list[str]) -> None:
    made = csv_file(Sheet("x", (Column("text", 9),), ((text,) for text in texts)))
    _, *lines = read(made)
    cells = [line[0] if line else "" for line in lines]
    assert [cell.removeprefix("'") for cell in cells] == [text.removeprefix("'") for text in texts]
    assert not any(cell.startswith(tuple("=+-@\t\r\n")) for cell in cells)
