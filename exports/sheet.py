"""A table as every format takes it: columns with headings and forms, rows of real values, totals."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum, auto

Value = str | int | float | date | time | datetime | None
Row = tuple[Value, ...]


class Form(Enum):
    """What a column holds; times are local, without a zone."""

    TEXT = auto()
    NUMBER = auto()
    RATE = auto()  # a share of 1, shown in percent
    HOURS = auto()  # with one decimal
    DATE = auto()
    TIME = auto()
    MOMENT = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `width` is in characters of the standard font."""

    heading: str
    width: int
    form: Form = Form.TEXT


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with a name; the rows are read once, so that they can be made while they are written."""

    name: str
    columns: tuple[Column, ...]
    rows: Iterable[Row]
    totals: Row | None = None
