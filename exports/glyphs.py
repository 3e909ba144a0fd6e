"""Reads from a font file which characters it has and how wide they are, so that text is measured before it is drawn."""

import struct
from functools import cache
from pathlib import Path

_COLLECTION = b"ttcf"
_WHOLE_UNICODE, _FIRST_PLANE = 12, 4  # the two forms of a character map that fonts use today


class Typeface:
    """The characters of one OpenType or TrueType file (of a collection, its first face)."""

    def __init__(self, data: bytes) -> None:
        """Raises ValueError where `data` is no font."""
        try:
            tables = _tables(data)
            self._glyphs = _characters(data, tables["cmap"])
            self._widths = _widths(data, tables)
        except (struct.error, KeyError, IndexError) as error:
            raise ValueError("this is no font that can be read") from error

    def __contains__(self, character: str) -> bool:
        return self._glyphs.get(ord(character), 0) > 0

    def width(self, character: str) -> float:
        """How far a character moves the pen, as a share of the font size; kerning and joining are left aside."""
        glyph = self._glyphs.get(ord(character), 0)
        return self._widths[min(glyph, len(self._widths) - 1)]


@cache
def typeface(path: Path) -> Typeface:
    """The face of a file, read once. Raises OSError, or ValueError where the file is no font."""
    return Typeface(path.read_bytes())


def _tables(data: bytes) -> dict[str, int]:
    """Where each table begins."""
    start = struct.unpack_from(">I", data, 12)[0] if data[:4] == _COLLECTION else 0
    (count,) = struct.unpack_from(">H", data, start + 4)
    records = (struct.unpack_from(">4sIII", data, start + 12 + 16 * index) for index in range(count))
    return {tag.decode("latin-1"): offset for tag, _, offset, _ in records}


def _widths(data: bytes, tables: dict[str, int]) -> list[float]:
    (units,) = struct.unpack_from(">H", data, tables["head"] + 18)
    (count,) = struct.unpack_from(">H", data, tables["hhea"] + 34)
    pairs = struct.unpack_from(f">{2 * count}H", data, tables["hmtx"])
    return [width / units for width in pairs[::2]]


def _characters(data: bytes, cmap: int) -> dict[int, int]:
    """Glyph by code point, from the widest map that the font has."""
    (count,) = struct.unpack_from(">H", data, cmap + 2)
    maps: dict[int, int] = {}
    for index in range(count):
        platform, _, offset = struct.unpack_from(">HHI", data, cmap + 4 + 8 * index)
        if platform in (0, 3):  # Unicode and Windows
            (form,) = struct.unpack_from(">H", data, cmap + offset)
            maps[form] = cmap + offset
    if _WHOLE_UNICODE in maps:
        return _whole_unicode(data, maps[_WHOLE_UNICODE])
    return _first_plane(data, maps[_FIRST_PLANE])


def _whole_unicode(data: bytes, start: int) -> dict[int, int]:
    (count,) = struct.unpack_from(">I", data, start + 12)
    glyphs: dict[int, int] = {}
    for first, last, glyph in struct.iter_unpack(">III", data[start + 16 : start + 16 + 12 * count]):
        glyphs.update(zip(range(first, last + 1), range(glyph, glyph + last - first + 1), strict=True))
    return glyphs


def _first_plane(data: bytes, start: int) -> dict[int, int]:
    """Segments of code points; each counts its glyphs on from a delta or lists them (OpenType, cmap format 4)."""
    (double,) = struct.unpack_from(">H", data, start + 6)
    columns = (start + 14, start + 16 + double, start + 16 + 2 * double, start + 16 + 3 * double)
    ends, firsts, deltas, offsets = (struct.unpack_from(f">{double // 2}H", data, column) for column in columns)
    glyphs: dict[int, int] = {}
    for index, (first, end, delta, offset) in enumerate(zip(firsts, ends, deltas, offsets, strict=True)):
        place = columns[3] + 2 * index + offset
        for code in range(first, min(end, 0xFFFE) + 1):
            glyph = code
            if offset:
                (glyph,) = struct.unpack_from(">H", data, place + 2 * (code - first))
            if glyph or not offset:
                glyphs[code] = (glyph + delta) & 0xFFFF
    return glyphs
