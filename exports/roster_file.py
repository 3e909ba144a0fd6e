"""A roster in a file: read from XLSX, XLS, ODS or CSV whatever its encoding, and written to be read again."""

import codecs
import csv
import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from domain import rosters
from domain.people import Standing
from domain.rosters import Roster, Row, Wrong
from exports.csv_file import csv_file
from exports.sheet import Column, Sheet
from exports.xlsx import xlsx
from texts import Words, words

LARGEST: Final = 2_000_000
"""Bytes of a file that is taken."""

LARGEST_UNPACKED: Final = 40_000_000
"""Bytes that the parts of a workbook may unpack to."""

WIDEST: Final = 40
"""Columns that are looked at."""


class Unreadable(ValueError):
    """It is no table that we can read."""


def read(content: bytes) -> bytes:
    """The roster of a file as JSON, so that another process can do it; see `told`. Raises nothing."""
    try:
        found = rosters.read(table(content))
    except (Unreadable, rosters.NoHeading, rosters.TooManyRows) as refused:
        return json.dumps({"refused": type(refused).__name__}).encode()
    return json.dumps({"rows": [asdict(row) for row in found.rows], "wrong": [asdict(w) for w in found.wrong]}).encode()


def told(content: bytes) -> Roster:
    """What `read` said. Raises Unreadable, NoHeading, TooManyRows."""
    said = json.loads(content)
    match said.get("refused"):
        case "Unreadable":
            raise Unreadable
        case "NoHeading":
            raise rosters.NoHeading
        case "TooManyRows":
            raise rosters.TooManyRows
    return Roster(tuple(row_of(row) for row in said["rows"]), tuple(Wrong(**wrong) for wrong in said["wrong"]))


def row_of(said: dict[str, object]) -> Row:
    """A row from its JSON."""
    standing = said["standing"]
    return Row(**{**said, "standing": Standing(str(standing)) if standing else None})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody in a roster's file."""

    name: str
    number: str
    role: str
    subgroup: str
    standing: Standing
    committee: bool


def write(people: Sequence[Listed], group: str, file_format: str, language: str) -> bytes:
    """The file of a roster. Raises ValueError for a format that we do not write."""
    spoken = words(language)
    sheet = _sheet(people, group, spoken)
    match file_format:
        case "xlsx":
            return xlsx([sheet])
        case "csv":
            return csv_file(sheet)
    raise ValueError(f"no roster is written as {file_format!r}")


def _sheet(people: Iterable[Listed], group: str, spoken: Words) -> Sheet:
    columns = tuple(
        Column(spoken(f"roster_files.column_{column}"), 16 if column == "name" else 12) for column in rosters.COLUMNS
    )
    rows = (
        (
            each.name,
            each.number,
            spoken(f"role.{each.role}"),
            each.subgroup,
            spoken(f"export.standing.{each.standing}"),
            _yes(each.standing.votes, spoken),
            _yes(each.committee, spoken),
        )
        for each in people
    )
    return Sheet(spoken("roster_files.sheet"), columns, rows)


def _yes(said: bool, spoken: Words) -> str:
    return spoken("data.is_true" if said else "data.is_false")


def table(content: bytes) -> list[list[str]]:
    """The cells of a file as texts. Raises Unreadable."""
    if len(content) > LARGEST:
        raise Unreadable
    if content.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        return _workbook(content)
    return _csv(content)


def _workbook(content: bytes) -> list[list[str]]:
    """The first sheet that has anything in it."""
    import python_calamine  # loaded with the first workbook

    try:
        if content.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                if sum(part.file_size for part in packed.infolist()) > LARGEST_UNPACKED:
                    raise Unreadable
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in book.sheet_names:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=rosters.MOST_ROWS + 20)
            if rows:
                return [[_text(cell) for cell in row[:WIDEST]] for row in rows]
    except (python_calamine.CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
        raise Unreadable from error
    raise Unreadable


def _text(cell: object) -> str:
    """A cell as somebody reads it: a staff number typed as a number has no decimals."""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return _plain(str(cell))


def _csv(content: bytes) -> list[list[str]]:
    text = _decoded(content)
    if "\0" in text:
        raise Unreadable
    first = text.split("\n", 1)[0]
    separator = max(",;\t，", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise Unreadable from error
    return [[_plain(cell) for cell in row[:WIDEST]] for row in rows]


def _decoded(content: bytes) -> str:
    """Office in China writes GB18030, everybody else UTF-8, some UTF-16 with its mark."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings: Sequence[str] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable


def _plain(text: str) -> str:
    """Without the mark that our own CSV puts before what a spreadsheet might run."""
    return text[1:] if len(text) > 1 and text[0] == "'" and text[1] in "=+-@" else text
