"""Writes a table as CSV: UTF-8 with a byte order mark, so that spreadsheets read Chinese right."""

import csv
import io
from datetime import date, datetime, time

from exports.inert import inert
from exports.sheet import Form, Row, Sheet, Value

MARK = "\ufeff"


def csv_file(sheet: Sheet) -> bytes:
    """The headings and rows; totals are left out, because a machine may read the file."""
    out = io.StringIO(newline="")
    out.write(MARK)
    writer = csv.writer(out)
    writer.writerow([inert(column.heading) for column in sheet.columns])
    forms = [column.form for column in sheet.columns]
    writer.writerows(_line(row, forms) for row in sheet.rows)
    return out.getvalue().encode()


def _line(row: Row, forms: list[Form]) -> list[str]:
    return [_cell(value, form) for value, form in zip(row, forms, strict=True)]


def _cell(value: Value, form: Form) -> str:
    match value:
        case None:
            return ""
        case str():
            return inert(value)
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S}"
        case date():
            return value.isoformat()
        case time():
            return f"{value:%H:%M}"
    if form is Form.HOURS:
        return f"{value:.1f}"
    return f"{value:.1%}" if form is Form.RATE else str(value)
