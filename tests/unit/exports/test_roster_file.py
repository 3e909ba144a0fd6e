"""A roster's file: what is written is read again, whatever program wrote it, and what is no table is refused."""

import io
import zipfile

import pytest

from domain import rosters
from domain.people import Standing
from domain.rosters import Row
from exports import roster_file
from exports.roster_file import Listed

PEOPLE = (
    Listed("李明", "007", "leader", "一小组", Standing.FULL, committee=True),
    Listed("=1+1", "", "deputy", "", Standing.PROBATIONARY, committee=False),
    Listed("Zoë O'Hara", "-5", "member", "二小组", Standing.OUTSIDE, committee=False),
)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("file_format", ["xlsx", "csv"])
def test_what_is_written_is_read_again_the_same(file_format: str, language: str) -> None:
    content = roster_file.write(PEOPLE, "一组", file_format, language)
    found = roster_file.told(roster_file.read(content))
    assert found.wrong == ()
    said = [
        Listed(row.name, row.number, row.role, row.subgroup or "", row.standing or Standing.FULL, bool(row.committee))
        for row in found.rows
    ]
    assert tuple(said) == PEOPLE


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_csv_is_read_whatever_office_wrote_it(encoding: str, separator: str) -> None:
    text = f"姓名{separator}编号\r\n李明{separator}007\r\n"
    assert roster_file.told(roster_file.read(text.encode(encoding))).rows == (Row(2, "李明", "007"),)


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * (roster_file.LARGEST_UNPACKED + 1))
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04 no zip", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 no book", b"\x00\x01\x02", b"a" * 2_000_001, bomb()],
    ids=["zip", "xls", "bytes", "large", "bomb"],
)
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(roster_file.Unreadable):
        roster_file.told(roster_file.read(content))


@pytest.mark.parametrize(("content", "refused"), [(b"a,b\n1,2\n", rosters.NoHeading)])
def test_why_it_is_refused_comes_over_from_the_other_process(content: bytes, refused: type[ValueError]) -> None:
    with pytest.raises(refused):
        roster_file.told(roster_file.read(content))
    with pytest.raises(rosters.TooManyRows):
        roster_file.told(roster_file.read("姓名\n".encode() * 2003))
