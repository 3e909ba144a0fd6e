"""Writes tables as an XLSX workbook, row by row, so that memory does not grow with the rows."""

import io
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from exports.sheet import Form, Row, Sheet

A4: Final = 9
# Right for every day from March 1900 on: before it, spreadsheets count a leap day that never was.
DAY_NOUGHT: Final = datetime.fromisoformat("1899-12-30")
A_DAY: Final = timedelta(days=1)
MOST_TEXT: Final = 32_767
"""Characters a cell holds; longer text would be left out altogether."""

_NUMBER_FORMATS: Final = {
    Form.TEXT: "@",
    Form.NUMBER: "0",
    Form.RATE: "0.0%",
    Form.HOURS: "0.0",
    Form.DATE: "yyyy-mm-dd",
    Form.TIME: "hh:mm",
    Form.MOMENT: "yyyy-mm-dd hh:mm:ss",
}


def xlsx(sheets: Iterable[Sheet]) -> bytes:
    """The workbook. Text stays text: nothing in it becomes a formula, a link or a number."""
    import xlsxwriter  # only the process that makes a file loads it

    out = io.BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as workbook:
        styles = _Styles(workbook)
        for sheet in sheets:
            _write(workbook.add_worksheet(sheet.name), sheet, styles)
    return out.getvalue()


class _Styles:
    """The formats of a workbook, made once."""

    def __init__(self, workbook: Any) -> None:
        self.heading = workbook.add_format(
            {"bold": True, "bg_color": "#E8EDF3", "bottom": 1, "text_wrap": True, "valign": "vcenter"}
        )
        self.cells = {
            form: workbook.add_format({"num_format": code, "valign": "top", "text_wrap": form is Form.TEXT})
            for form, code in _NUMBER_FORMATS.items()
        }
        self.totals = {
            form: workbook.add_format({"num_format": code, "bold": True, "top": 1})
            for form, code in _NUMBER_FORMATS.items()
        }


def _write(page: Any, sheet: Sheet, styles: _Styles) -> None:
    _set_up(page, sheet)
    for index, column in enumerate(sheet.columns):
        page.set_column(index, index, column.width)
        page.write_string(0, index, column.heading, styles.heading)
    forms = [column.form for column in sheet.columns]
    line = 0
    for line, row in enumerate(sheet.rows, start=1):
        _write_row(page, line, row, forms, styles.cells)
    if line:
        page.autofilter(0, 0, line, len(forms) - 1)
    if sheet.totals is not None:
        _write_row(page, line + 1, sheet.totals, forms, styles.totals)


def _set_up(page: Any, sheet: Sheet) -> None:
    """Frozen headings; on paper A4 across, as wide as the page, headings on every sheet, pages numbered."""
    page.freeze_panes(1, 0)
    page.set_paper(A4)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    page.set_footer("&L&A&R&P / &N")


def _write_row(page: Any, line: int, row: Row, forms: list[Form], styles: dict[Form, Any]) -> None:
    for index, (value, form) in enumerate(zip(row, forms, strict=True)):
        if isinstance(value, str):
            page.write_string(line, index, value[:MOST_TEXT], styles[form])
        elif value is not None:
            page.write_number(line, index, _number(value), styles[form])


def _number(value: int | float | date | time | datetime) -> float:
    """A value as a cell stores it: a moment is the days since the spreadsheet's day nought, a time a part of one.

    Done here, because the library's own conversion is what takes longest in a big export.
    """
    match value:
        case datetime():
            return (value - DAY_NOUGHT) / A_DAY
        case date():
            return value.toordinal() - DAY_NOUGHT.toordinal()
        case time():
            return (value.hour * 3600 + value.minute * 60 + value.second) / 86_400
    return value
